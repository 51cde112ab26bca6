package analyzers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var eventLogCause = &diag.Cause{
	Code: "EVENT-LOG", Title: "The event log of a server speaks of it", Severity: diag.Note,
	Text:   "{subject} logged {source} {id} {times} {when}[: \"{text}\"][; {means}][; {because}] ({where})",
	Ruled:  "{subject} has no event that is known to go with delayed mail",
	About:  "Servers log what goes wrong with connections, authentication, look-ups and disks. Each such event is quoted here with what it is known to go with; it names a time and a place to look at, and proves no delay by itself.",
	Read:   "The sources of events that bear on mail flow, and of these the numbers whose meaning is documented or remembered. Events that name a cause of their own (back pressure, connection limits, authentication between Exchange servers, slow agents, a missing certificate) are under that cause. Never more than suspected.",
	Remedy: "Set the times of the event beside the times at which mail was late. If they fit, follow what the text of the event names.",
	Refs:   []string{"TechNet hh994900 (Exchange 2010: Transport errors and events)", "KB 919091", "KB 843106", "KB 914137", "KB 2866822"},
}

// eventLogs judges what servers wrote to their event logs. Most of it is another
// sign of a cause that sessions or logs show, too.
func eventLogs() *diag.Analyzer {
	return &diag.Analyzer{Name: "event-log",
		Doc:    "Judges what servers wrote to their event logs about mail flow.",
		Needs:  []diag.AnyKey{evidence.Events},
		Causes: []*diag.Cause{eventLogCause, pressureCause, limitCause, exchangeAuthCause, tlsFails, agentSlow},
		Run: func(e diag.Evidence) []diag.Finding {
			return history{evidence.Events.In(e)}.findings()
		}}
}

// A history is what the event logs say.
type history struct{ evidence.EventLogs }

func (h history) findings() []diag.Finding {
	found := h.pressures()
	quoted := map[string]int{}
	for i := range h.Groups {
		g := remembered{h.Groups[i], ref(evidence.Events.Kind().Name+".groups", i)}
		own := g.findings()
		if len(own) == 1 && own[0].Code == eventLogCause.Code {
			if quoted[own[0].Subject]++; quoted[own[0].Subject] > mostQuoted {
				continue
			}
		}
		found = append(found, own...)
	}
	return append(found, h.quiet(found)...)
}

// quiet says which exports have nothing of that kind.
func (h history) quiet(found []diag.Finding) []diag.Finding {
	if len(found) > 0 {
		return nil
	}
	var all []diag.Finding
	for i, x := range h.Exports {
		if x.Objects > 0 && i < mostRuledOut {
			all = append(all, diag.Finding{Code: eventLogCause.Code, Subject: "the event log in " + x.Path, From: []string{ref(evidence.Events.Kind().Name+".exports", i)}})
		}
	}
	return all
}

// A remembered is one group of events.
type remembered struct {
	evidence.EventGroup
	from string
}

// host names the server; Event Viewer leaves it out of what it saves.
func hostOf(server, file string) string {
	if server == "" {
		return "the server of " + clip(file, 100)
	}
	return clip(server, 100)
}

func (g remembered) host() string { return hostOf(g.Server, g.Where.File) }

func (g remembered) on(c *diag.Cause, v diag.Verdict, args ...diag.Arg) diag.Finding {
	return diag.Finding{Code: c.Code, Verdict: v, Subject: g.host(), From: []string{g.from}, Args: args}
}

// text is the most frequent message.
func (g remembered) text() string {
	if len(g.Texts) == 0 {
		return ""
	}
	return g.Texts[0].Text
}

// is says whether the group is this event of the transport service, in whatever
// of its processes.
func (g remembered) is(ids ...int) bool {
	source := strings.ToLower(g.Source)
	return (strings.HasPrefix(source, "msexchangetransport") || strings.HasPrefix(source, "msexchangefrontendtransport")) && slices.Contains(ids, g.ID)
}

// often is from how many events on they are no accident, if they come within soon.
const (
	often = 3
	soon  = 24 * time.Hour
)

// verdict goes by how many events there are: some in a year confirm no delay.
func (g remembered) verdict() diag.Verdict {
	if g.Count >= often && dense(g.Times) {
		return diag.Confirmed
	}
	return diag.Suspected
}

// atOnce says whether all came within minutes, as when a service starts.
func (g remembered) atOnce() bool {
	return len(g.Times) == 0 || g.Times[len(g.Times)-1].Sub(g.Times[0]) < aWhile
}

// dense says whether some of these times, in order, are close to each other.
func dense(all []time.Time) bool {
	for i := often - 1; i < len(all); i++ {
		if all[i].Sub(all[i-often+1]) <= soon {
			return true
		}
	}
	return false
}

// when tells the times of the group.
func (g remembered) when() string { return stretch(g.First, g.Last, g.Local) }

func stretch(first, last time.Time, local bool) string {
	const minute = "2006-01-02 15:04"
	clock := " UTC"
	if local {
		clock = " by the server's clock"
	}
	if last.Sub(first) < time.Minute {
		return "at " + first.UTC().Format(minute) + clock
	}
	return "between " + first.UTC().Format(minute) + " and " + last.UTC().Format(minute) + clock
}

// quote tells the group in one piece: event 1035 of MSExchangeTransport, 12 times
// between ...: "text".
func (g remembered) quote() string {
	s := fmt.Sprintf("event %d of %s, %s %s", g.ID, clip(g.Source, 60), times(g.Count), g.when())
	if text := g.text(); text != "" {
		s += ": \"" + clip(text, 300) + "\""
	}
	return s
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// saying is what of the group has a word in its message: other messages of the
// same number may be of strangers.
func (g remembered) saying(word string) (part remembered, some bool) {
	part = g
	part.Texts, part.Count = nil, 0
	for _, t := range g.Texts {
		if strings.Contains(t.Text, word) {
			part.Texts, part.Count = append(part.Texts, t), part.Count+t.Count
		}
	}
	return part, part.Count > 0
}

func messages(n int) string {
	if n == 1 {
		return "one message"
	}
	return fmt.Sprintf("%d messages", n)
}

// findings reads a group by its number. The texts are translated, but for names
// that are constants of the program (ExchangeAuth).
func (g remembered) findings() []diag.Finding {
	up, over := g.isPressure()
	servers, exchange := g.saying("ExchangeAuth")
	switch {
	case up || over:
		return nil // judged together
	case g.is(1021, 1009): // TechNet bb218300, ff984304
		return []diag.Finding{g.on(limitCause, g.verdict(), diag.Text("reply", g.quote()))}
	case g.is(1035) && exchange: // KB 979174
		return []diag.Finding{g.on(exchangeAuthCause, servers.verdict(), diag.Text("how", "logged that another Exchange server could not log on to it ("+servers.quote()+")"))}
	case g.is(1035): // clients and guessers of passwords
		return nil
	case g.is(2017) && exchange: // TechNet ff982082
		return []diag.Finding{g.on(exchangeAuthCause, servers.verdict(), diag.Text("how", "logged that it could not log on to another Exchange server ("+servers.quote()+")"))}
	case g.is(12014): // TechNet bb510128
		f := g.on(tlsFails, diag.Suspected, diag.Text("how", "it found no certificate for the name of a connector, which offers no STARTTLS then ("+g.quote()+")"),
			diag.Text("because", "only mail of senders that demand TLS waits for that; others send it in the clear"))
		f.Severity = diag.Degraded
		return []diag.Finding{f}
	case strings.EqualFold(g.Source, "MSExchange Extensibility") && g.ID == 1050: // TechNet ff983025
		return g.agents()
	}
	return g.quotation()
}

// quotation quotes an event of which is known what it goes with.
func (g remembered) quotation() []diag.Finding {
	meaning, ok := goesWith(g)
	if !ok {
		return nil
	}
	f := g.on(eventLogCause, diag.Suspected, diag.Text("source", clip(g.Source, 60)), diag.Number("id", g.ID), diag.Number("count", g.Count), diag.Text("times", times(g.Count)), diag.Text("when", g.when()), diag.Text("where", g.Where.String()))
	if text := g.text(); text != "" {
		f.Args = append(f.Args, diag.Text("text", clip(text, 400)))
	}
	says := meaning.means
	if more := speaksOf(g.text()); more != "" && meaning.read {
		says += ": " + more
	}
	f.Args = append(f.Args, diag.Text("means", says))
	if meaning.memory {
		f = lessSure(f, "what this number stands for is known from memory", "from memory")
	}
	return []diag.Finding{f}
}

// agents judges event 1050: an agent took longer than a limit with one message.
func (g remembered) agents() []diag.Finding {
	counts := map[string]int{}
	var order []string
	for _, t := range g.Texts {
		who := agentIn(t.Text)
		if counts[who] == 0 {
			order = append(order, who)
		}
		counts[who] += t.Count
	}
	if len(order) == 0 {
		order, counts["agent that the export does not name"] = []string{"agent that the export does not name"}, g.Count
	}
	var found []diag.Finding
	for _, who := range order {
		f := g.on(agentSlow, diag.Suspected, diag.Text("agent", who), diag.Text("where", g.Where.String()),
			diag.Text("took", fmt.Sprintf("took longer than the server's limit with %s %s (event 1050 of MSExchange Extensibility: \"%s\")", messages(counts[who]), g.when(), clip(g.text(), 200))))
		if counts[who] >= often && !g.atOnce() {
			f.Verdict = g.verdict()
		}
		found = append(found, f)
	}
	return found
}

// agentIn finds the agent and its event between the marks of such a text: 'Transport
// Rule Agent' ... 'OnRoutedMessage'.
func agentIn(text string) string {
	parts := strings.Split(text, "'")
	if len(parts) < 3 || parts[1] == "" {
		return "agent that the text does not name"
	}
	name := "agent \"" + clip(parts[1], 80) + "\""
	for i := 3; i < len(parts); i += 2 {
		if strings.HasPrefix(parts[i], "On") {
			return name + " at " + clip(parts[i], 40)
		}
	}
	return name
}
