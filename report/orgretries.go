package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// glitchesOf is GlitchRetrySeconds of the machines whose registry is in the
// evidence, by their names in lower case.
func glitchesOf(r *diag.Report) map[string]time.Duration {
	registry, _ := diag.Value(r, evidence.OrgRegistry)
	all := map[string]time.Duration{}
	for _, m := range registry.Glitch() {
		if m.Set && m.Machine != "" {
			all[strings.ToLower(m.Machine)] = time.Duration(min(m.Value, 1<<31)) * time.Second
		}
	}
	return all
}

// A retrier is a server, or a virtual server, that tries again.
type retrier struct {
	name  string
	words string // when, and how certain that is
	where evidence.Where
}

// retries tells when servers try again what failed, those that do alike together.
func (t *teller) retries() Branch {
	var legacy, modern []retrier
	for i := range t.o.Servers {
		s := &t.o.Servers[i]
		switch {
		case s.Modern() && queues(s):
			modern = append(modern, modernRetrier(s))
		case !s.Modern():
			for _, v := range s.Virtual {
				legacy = append(legacy, t.legacyRetrier(s, v))
			}
		}
	}
	var first []string
	if len(legacy) > 0 {
		first = append(first, "Exchange 2000 and 2003 try three times before their list counts, GlitchRetrySeconds apart: a minute, unless the registry says otherwise")
	}
	if len(modern) > 0 {
		first = append(first, "Exchange 2007 and later try four times a minute apart before their settings count")
	}
	return part("retries: when a server tries again, counted from the first attempt that failed",
		t.ladders(legacy, "SMTP virtual servers"), t.ladders(modern, "servers of Exchange 2007 and later"), leaves(first...))
}

// queues says whether a server of 2007 or later may have a queue: one with the
// Hub or Edge Transport role up to 2010, each Mailbox server from 2013 on, and
// one whose roles are not known (msExchCurrentServerRoles, knowledge/exchange.md 2.3.7).
func queues(s *evidence.Server) bool {
	const mailbox, hub, edge = 2, 32, 64
	need := mailbox | hub | edge
	if s.Generation == "exchange-2007" || s.Generation == "exchange-2010" {
		need = hub | edge
	}
	return s.Roles == nil || *s.Roles&need != 0
}

func (t *teller) legacyRetrier(s *evidence.Server, v evidence.VirtualServer) retrier {
	glitch, first := t.glitch(s)
	l := v.Ladder(glitch)
	sure, where := "configured: "+l.Setting, v.Where
	switch {
	case l.Certainty == evidence.Configured:
	case v.Retries == "":
		sure, where = l.Setting+" is not in the evidence: its default, from memory", evidence.Where{}
	default:
		sure = l.Setting + " has a form that cannot be read (" + v.Retries + "): the default, from memory"
	}
	name := s.Name
	if len(s.Virtual) > 1 {
		name += " (SMTP virtual server " + v.Name + ")"
	}
	return retrier{name, ladderWords(l) + " (" + sure + first + ")", where}
}

// glitch is GlitchRetrySeconds of a server, and words that say so; 0 where it is
// not known, and a moment where it is none.
func (t *teller) glitch(s *evidence.Server) (time.Duration, string) {
	for _, name := range []string{s.Name, s.FQDN} {
		if d, set := t.glitches[strings.ToLower(name)]; set {
			return max(d, 1), "; the first three by GlitchRetrySeconds in its registry"
		}
	}
	return 0, ""
}

func modernRetrier(s *evidence.Server) retrier {
	l, r := s.Ladder(), s.Retry
	sure, where := "default by Microsoft's documentation: what is set is not in the evidence", evidence.Where{}
	switch {
	case l.Certainty == evidence.Configured:
		sure, where = "configured: "+l.Setting, r.Where
	case r != nil && (r.TransientCount != nil || r.Transient != nil || r.Outbound != nil):
		sure, where = "configured as far as it is in the evidence, else default by Microsoft's documentation", r.Where
	}
	return retrier{s.Name, ladderWords(l) + " (" + sure + ")", where}
}

// ladders tells of each way to try again who does so; of are they all.
func (t *teller) ladders(all []retrier, of string) []Branch {
	alike := map[string][]retrier{}
	for _, r := range all {
		alike[r.words] = append(alike[r.words], r)
	}
	var groups [][]retrier
	for _, g := range alike {
		slices.SortStableFunc(g, func(a, b retrier) int { return strings.Compare(a.name, b.name) })
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b []retrier) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a[0].words, b[0].words))
	})
	return few(groups, t.most, func(g []retrier) Branch { return t.ladder(g, len(g) == len(all), of) })
}

func (t *teller) ladder(g []retrier, all bool, of string) Branch {
	names, read := make([]string, len(g)), []string(nil)
	for i, r := range g {
		names[i] = r.name
		if in := readIn(r.where); in != "" && len(g) > 1 {
			read = append(read, r.name+": "+in)
		} else if in != "" {
			read = append(read, in)
		}
	}
	who := listing(names) + " try"
	switch {
	case len(g) == 1:
		who = names[0] + " tries"
	case all:
		who = "all " + grouped(len(g)) + " " + of + " try"
	}
	return Branch{Text: who + " again after " + g[0].words, Kids: few(read, t.inner, leaf)}
}

// ladderWords says when the attempts come: "1, 2, 3, 13, 28 min, then every 15 min".
func ladderWords(l evidence.Ladder) string {
	const most = 24                       // Exchange 2007 and later have 20 at most
	const longest = 3660 * 24 * time.Hour // what is longer is nonsense, and must not overflow
	var sum time.Duration
	var minutes, exact []string
	even := true
	for _, step := range l.Steps[:min(len(l.Steps), most)] {
		sum += min(max(step, 0), longest).Round(time.Second)
		even = even && sum%time.Minute == 0
		minutes = append(minutes, fmt.Sprint(int64(sum/time.Minute)))
		exact = append(exact, lasting(evidence.Duration(sum.Seconds())))
	}
	words := strings.Join(exact, ", ")
	if even {
		words = strings.Join(minutes, ", ") + " min"
	}
	if len(l.Steps) > most {
		words += " and so on"
	}
	if len(l.Steps) == 0 {
		return words
	}
	return words + ", then every " + lasting(evidence.Duration(l.Steps[len(l.Steps)-1].Seconds()))
}
