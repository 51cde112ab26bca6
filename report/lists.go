package report

import (
	"cmp"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

// Bounds of the lists for people: a case may have thousands of servers, files and
// hops. JSON and XML have all.
const (
	mostListed = 30 // lines of a list on the page, and files that were not read
	mostAlike  = 6  // things that differ by little but their name
	mostNamed  = 12 // names in one line
)

// beyond is the number of things that a list of at most so many leaves out.
func beyond[T any](list []T, most int) int { return max(0, len(list)-most) }

// andMore says how many things a list leaves out.
func andMore(n int) string { return "and " + grouped(n) + " more (all in the JSON and XML)" }

// A gapGroup is everything that one lack of evidence leaves open.
type gapGroup struct {
	What     []string
	Why, How string // both empty where the rest of many is counted
	Bug      bool
	code     string // of the one cause that it is about, at some subject
}

// Named are the things that are open. Of the subjects of one cause the first of
// many, and its code once.
func (g gapGroup) Named() string {
	if g.code == "" {
		return strings.Join(g.What, ", ")
	}
	names := slices.Clone(g.What[:min(len(g.What), mostNamed)])
	for i := len(names) - 1; i > 0; i-- {
		if code, subject, _ := strings.Cut(names[i], " at "); strings.HasPrefix(names[i-1], code+" at ") {
			names[i] = subject
		}
	}
	if n := beyond(g.What, mostNamed); n > 0 {
		return strings.Join(names, ", ") + " " + andMore(n)
	}
	return strings.Join(names, ", ")
}

// gapGroups puts what is open for the same reason together, faults of this
// program first. Of the subjects of one cause only a few are told.
func gapGroups(gaps []gapView) []gapGroup {
	list := fewOfEach(sameReason(gaps))
	slices.SortStableFunc(list, func(a, b gapGroup) int { return -cmp.Compare(yes(a.Bug), yes(b.Bug)) })
	return list
}

func sameReason(gaps []gapView) []gapGroup {
	type reason struct {
		why, how string
		bug      bool
	}
	var list []gapGroup
	at, seen := map[reason]int{}, map[thing]bool{}
	for _, g := range gaps {
		g.Why = strings.TrimPrefix(g.Why, "could not tell: ")
		key := reason{g.Why, g.How, g.Bug}
		i, known := at[key]
		if !known {
			i = len(list)
			at[key] = i
			list = append(list, gapGroup{Why: g.Why, How: g.How, Bug: g.Bug, code: codeOf(g)})
		}
		if what := (thing{i, g.What}); !seen[what] {
			seen[what] = true
			list[i].What = append(list[i].What, g.What)
		}
	}
	return list
}

// A thing is what is open, in a group.
type thing struct {
	group int
	what  string
}

// codeOf is the cause that could not be told at a subject; "" where an analyzer
// lacks its evidence.
func codeOf(g gapView) string {
	if len(g.Codes) == 1 && strings.HasPrefix(g.What, g.Codes[0]+" at ") {
		return g.Codes[0]
	}
	return ""
}

// fewOfEach keeps a few groups of each cause, and counts the rest behind them.
func fewOfEach(all []gapGroup) []gapGroup {
	var list []gapGroup
	told, rest := map[string]int{}, map[string]int{}
	for _, g := range all {
		if g.code == "" {
			list = append(list, g)
			continue
		}
		if told[g.code]++; told[g.code] <= mostAlike {
			list = append(list, g)
		} else {
			rest[g.code] += len(g.What)
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		code := list[i].code
		if n := rest[code]; n > 0 && code != "" {
			list = slices.Insert(list, i+1, gapGroup{What: []string{code + " at " + grouped(n) + " more (all in the JSON and XML)"}})
			delete(rest, code)
		}
	}
	return list
}

// An UnreadGroup is files that were not read for the same reason.
type UnreadGroup struct {
	Why   string
	Files []evidence.File // the first few
	More  int             // that are not among them
}

// All is how many files that are.
func (g UnreadGroup) All() int { return len(g.Files) + g.More }

// UnreadGroups are the evidence files of a report that were not read: each by
// itself, or where they are many a few for each reason, the rarest first, as a log
// among a thousand other files is. more are those of further reasons.
func UnreadGroups(r *diag.Report) (groups []UnreadGroup, more int) {
	var list []evidence.File
	all, _ := diag.Value(r, evidence.Files)
	for _, f := range all {
		if f.Unread != "" {
			f.Path, f.Unread = kept(f.Path), kept(f.Unread)
			list = append(list, f)
		}
	}
	if len(list) <= mostListed {
		for _, f := range list {
			groups = append(groups, UnreadGroup{f.Unread, []evidence.File{f}, 0})
		}
		return groups, 0
	}
	groups = byReason(list)
	for _, g := range groups[min(len(groups), mostListed):] {
		more += g.All()
	}
	return groups[:min(len(groups), mostListed)], more
}

func byReason(list []evidence.File) (groups []UnreadGroup) {
	at := map[string]int{}
	for _, f := range list {
		i, known := at[f.Unread]
		if !known {
			i = len(groups)
			at[f.Unread] = i
			groups = append(groups, UnreadGroup{Why: f.Unread})
		}
		if len(groups[i].Files) < mostAlike {
			groups[i].Files = append(groups[i].Files, f)
		} else {
			groups[i].More++
		}
	}
	slices.SortStableFunc(groups, func(a, b UnreadGroup) int { return a.All() - b.All() })
	return groups
}

// unread tells the files that were not read.
func (t *textWriter) unread(r *diag.Report) {
	groups, more := UnreadGroups(r)
	if len(groups) > 0 {
		t.heading("NOT READ")
	}
	for _, g := range groups {
		if g.All() == 1 {
			t.para("  - ", fileSized(g.Files[0])+": "+g.Why)
			continue
		}
		t.para("  - ", some(g.All(), "file")+": "+g.Why)
		for _, f := range g.Files {
			t.para("      ", fileSized(f))
		}
		if g.More > 0 {
			t.para("      ", andMore(g.More))
		}
	}
	if more > 0 {
		t.para("  - ", andMore(more))
	}
}

// fileSized is a file with its size.
func fileSized(f evidence.File) string {
	return f.Path + " (" + cmp.Or(some(int(f.Bytes), "byte"), "0 bytes") + ")"
}
