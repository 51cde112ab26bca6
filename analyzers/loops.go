package analyzers

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var messageLoop = &diag.Cause{
	Code: "MESSAGE-LOOP", Title: "Messages go in a circle", Severity: diag.Stopped,
	Text:   "{subject}[: {count} messages were there again and again][, one of them {visits} times: {path}][; a message was given up: {reply}][; {because}] ({where})",
	Ruled:  "{subject}: none of {count} came back to a server that it had left",
	About:  "Two servers each hold the other responsible for a recipient, or one sends to itself under another name. A message goes circle until a limit on hops ends it, and is then returned.",
	Read:   "The way of each message by the logs of the servers. Confirmed where it was at one server three times or more, each time under a new id, and went on to the same next one each time, or where a server refused it for having been there (5.4.6, too many hops). To a content filter on the same host and back is no circle; to one on another host and back is none either, unless it goes there again.",
	Remedy: "Compare who each server holds responsible for the recipient's domain: accepted domains and their type (authoritative, internal relay), send connectors and smart hosts, relay_domains and transport maps, forwarding of the mailbox.",
	Refs:   []string{"RFC 5321 section 6.3", "RFC 3463 section 3.5 (X.4.6)"},
}

// loopWords is how servers say that a message came back too often.
var loopWords = regexp.MustCompile(`(?i)(?:^|\b5\d\d[- ])5\.4\.(?:6|14)\b|hop count exceeded|too many hops|loops? back to|mail loop|routing loop`)

// messageLoops judges whether messages go in a circle.
func messageLoops() *diag.Analyzer {
	return &diag.Analyzer{Name: "loops",
		Doc:    "Judges whether messages come back to servers that they had left.",
		Needs:  []diag.AnyKey{evidence.Journeys},
		Causes: []*diag.Cause{messageLoop},
		Run: func(e diag.Evidence) []diag.Finding {
			all := evidence.Journeys.In(e)
			rounds := map[string][]circle{}
			for i, j := range all {
				if r, ok := circleOf(j); ok {
					r.at = i
					rounds[r.server] = append(rounds[r.server], r)
				}
			}
			if len(rounds) == 0 {
				return noneOf(messageLoop, all)
			}
			var found []diag.Finding
			for _, list := range rounds {
				found = append(found, looped(list))
			}
			return found
		}}
}

// noneOf excludes a cause for all messages that were followed over several
// servers.
func noneOf(c *diag.Cause, all []evidence.Journey) []diag.Finding {
	n := 0
	for _, j := range all {
		if len(j.Stops) > 1 {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []diag.Finding{{Code: c.Code, Subject: followed, From: []string{ref(evidence.Journeys.Kind().Name, 0)}, Args: []diag.Arg{diag.Number("count", n)}}}
}

// A circle is a message that was at a server more than once.
type circle struct {
	at     int
	server string
	visits int
	path   []string
	reply  string
	sure   bool
	j      evidence.Journey
}

// circleOf finds the longest circle of a message.
func circleOf(j evidence.Journey) (circle, bool) {
	best := circle{j: j}
	refused := false
	for at := range j.Stops {
		path := chain(j.Stops, at)
		if server, n := mostSeen(path); n > 0 && n >= best.visits { // of equals the longer
			best.server, best.visits, best.path = server, n, path
		}
	}
	for _, s := range j.Stops {
		if s.Outcome == evidence.SawFailed && loopWords.MatchString(s.Reason) {
			best.server, best.reply, refused = cmp.Or(best.server, s.Server), s.Reason, true
		}
	}
	stuck := j.State == evidence.JourneyWaiting || j.State == evidence.JourneyFailed || j.State == evidence.JourneyLost
	others := slices.ContainsFunc(best.path, func(p string) bool { return p != best.server })
	turns := rounds(best.path)
	best.sure = refused && best.visits >= 2 || best.visits >= 3 && (turns >= 3 || turns == 2 && stuck)
	return best, best.sure || refused || best.visits >= 2 && (turns >= 2 && (others || stuck) || stuck && others)
}

// chain lists the servers on the way to a stop. What a content filter on the same
// host sent back, or what was split off there, has not left it.
func chain(stops []evidence.Stop, at int) []string {
	var path []string
	for n := 0; at >= 0 && n <= len(stops); n++ {
		s := stops[at]
		inside := s.From >= 0 && stops[s.From].Server == s.Server && !itself(stops[s.From].Peer, s.Server)
		if !inside {
			path = append(path, placeOf(s))
		}
		at = s.From
	}
	slices.Reverse(path)
	return path
}

// placeOf is the server of a stop. One that its log does not name is told from
// others by the file.
func placeOf(s evidence.Stop) string {
	if strings.Contains(s.Server, " ") {
		return s.Server + " of " + s.Where.File
	}
	return s.Server
}

// itself says whether a peer is the server itself under its own name.
func itself(peer, server string) bool {
	a, _, _ := strings.Cut(strings.ToLower(peer), ".")
	b, _, _ := strings.Cut(strings.ToLower(server), ".")
	return a == b && a != ""
}

func mostSeen(path []string) (server string, n int) {
	seen := map[string]int{}
	for _, p := range path {
		if seen[p]++; seen[p] > n {
			server, n = p, seen[p]
		}
	}
	if n < 2 {
		return "", 0
	}
	return server, n
}

// rounds is how often a way goes on from one server to the same other. To several
// content filters, one after the other and each time back, is no circle.
func rounds(path []string) (most int) {
	seen := map[string]int{}
	for i := 1; i < len(path); i++ {
		leg := path[i-1] + "\x00" + path[i]
		seen[leg]++
		most = max(most, seen[leg])
	}
	return most
}

func looped(list []circle) diag.Finding {
	worst := slices.MaxFunc(list, func(a, b circle) int {
		return cmp.Or(compareBool(a.sure, b.sure), cmp.Compare(a.visits, b.visits), cmp.Compare(b.at, a.at))
	})
	f := diag.Finding{Code: messageLoop.Code, Verdict: diag.Confirmed, Subject: clip(worst.server, 80), Message: worst.j.Message,
		From: []string{ref(evidence.Journeys.Kind().Name, worst.at)}, Wait: &diag.Span{From: worst.j.Began, To: worst.j.Ended},
		Args: []diag.Arg{diag.Text("where", whereOf(worst.j).String())}}
	if worst.visits > 0 {
		f.Args = append(f.Args, diag.Number("count", len(list)), diag.Number("visits", worst.visits), diag.Text("path", shortPath(worst.path)))
	}
	if worst.reply != "" {
		f.Args = append(f.Args, diag.Text("reply", fmt.Sprintf("%q", clip(worst.reply, 200))))
	}
	if !worst.sure && worst.reply != "" {
		return lessSure(f, "the circle may be behind the next server: the logs here show none", "")
	}
	if !worst.sure {
		return lessSure(f, "it may as well have been sent on and back on purpose, by content filters or a gateway", "")
	}
	return f
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func whereOf(j evidence.Journey) evidence.Where {
	if len(j.Stops) == 0 {
		return evidence.Where{}
	}
	return j.Stops[0].Where
}

// shortPath is the way in words, cut where it goes on as before.
func shortPath(path []string) string {
	const most = 7
	text := strings.Join(path[:min(len(path), most)], " > ")
	if len(path) > most {
		text += fmt.Sprintf(" and so on, %d in all", len(path))
	}
	return clip(text, 400)
}
