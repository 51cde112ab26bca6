package analyzers

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/latency"
)

var (
	agentSlow = &diag.Cause{
		Code: "AGENT-SLOW", Title: "A transport agent takes the time", Severity: diag.Delayed,
		Text:   "{subject}: the {agent} {took}[; {because}] ({where})",
		Ruled:  "{subject}: no transport agent took half of the time of late messages",
		About:  "Transport agents (rules, antivirus, disclaimers, archiving, data loss prevention) see each message while the server works on it, and the message waits until they are done. One that is slow, or that waits for a service elsewhere, delays all mail of the server.",
		Read:   "The latency tree that Exchange writes to message tracking when a late message leaves (message-info): the server's own measurement. Found where one agent took at least half of the time of late messages, and with at least three of them. Or event 1050 of MSExchange Extensibility, which Exchange logs for an agent that takes longer than a limit with one message: confirmed where it is logged three times or more.",
		Remedy: "Get-TransportAgent lists the agents. For the Transport Rule Agent look for rules with \"matches patterns\" and replace them by \"contains words\"; for one of another maker ask its maker, and see what it connects to. To prove it, disable the agent for a few minutes at a quiet hour (Disable-TransportAgent, restart of the transport service).",
		Refs:   []string{"KB 3145489", "TechNet ff983025 (MSExchange Extensibility 1050)"},
	}
	categorizerSlow = &diag.Cause{
		Code: "CATEGORIZER-SLOW", Title: "The categorizer takes the time", Severity: diag.Delayed,
		Text:   "{subject}: the categorizer {took}, most of it {part}[; {because}] ({where})",
		Ruled:  "{subject}: the categorizer took less than half of the time of late messages",
		About:  "Before a message is routed its recipients are looked up, groups expanded, contents converted and agents run. A slow global catalogue, very large groups or a busy server delay all mail here.",
		Read:   "The latency tree of late messages, as for AGENT-SLOW: all that is inside of CAT, where no single agent took half. Which component a name stands for is known from memory for most, and then it is never more than suspected.",
		Remedy: "Check the global catalogue servers in reach of this server and their answer times, large or dynamic distribution groups among the recipients, and the load at these hours.",
		Refs:   []string{"KB 3145489", "Exchange Server documentation: Mail flow and the transport pipeline"},
		Behind: []*diag.Cause{agentSlow},
	}
	deliverySlow = &diag.Cause{
		Code: "DELIVERY-SLOW", Title: "Delivery to mailboxes takes the time", Severity: diag.Delayed,
		Text:   "{subject}: delivery to mailboxes {took}, most of it {part}[; {because}] ({where})",
		Ruled:  "{subject}: delivery to mailboxes took less than half of the time of late messages",
		About:  "Messages wait in the delivery queue of a database, or while they are written to mailboxes: a slow disk, a database that is mounted elsewhere or not at all, throttling of one mailbox that gets very much.",
		Read:   "The latency tree of late messages, as for AGENT-SLOW: the queue to mailboxes (QDM) and the store driver (SDD). Which component a name stands for is known from memory, so that it is never more than suspected.",
		Remedy: "Look at the delivery queues (Get-Queue, DeliveryType MapiDelivery or SmtpDeliveryToMailbox) and their last error, at the databases (Get-MailboxDatabaseCopyStatus) and at disk latency of the mailbox server.",
		Refs:   []string{"KB 3145489", "Exchange Server documentation: Queues"},
	}
)

// components judges which part of a server took the time of late messages.
func components() *diag.Analyzer {
	return &diag.Analyzer{Name: "components",
		Doc:    "Judges which part of a server took the time of late messages, by the server's own measurement.",
		Needs:  []diag.AnyKey{evidence.Traffic},
		Causes: []*diag.Cause{agentSlow, categorizerSlow, deliverySlow},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for i, h := range evidence.Traffic.In(e) {
				if h.Measured > 0 {
					found = append(found, anatomyOf(h, ref(evidence.Traffic.Kind().Name, i)).findings()...)
				}
			}
			return sift(found, "hops")
		}}
}

// fewLate is how many late messages say nothing of a component.
const fewLate = 3

// An anatomy is where the time of the late messages of one hop went.
type anatomy struct {
	hop       evidence.HopTraffic
	from      string
	all       evidence.Duration
	agents    map[string]*share
	divisions map[latency.Division]*share
}

// A share is what one of them took.
type share struct {
	total evidence.Duration
	sure  evidence.Duration   // of that, what parts took whose names are documented
	count int                 // messages, at least
	most  evidence.LatentPart // the part that took most of it
}

func (s *share) add(p evidence.LatentPart) {
	s.total += p.Total
	s.count = max(s.count, p.Count)
	if _, sure := latency.Words(p.Name); sure {
		s.sure += p.Total
	}
	if p.Total > s.most.Total {
		s.most = p
	}
}

func anatomyOf(h evidence.HopTraffic, from string) anatomy {
	a := anatomy{hop: h, from: from, agents: map[string]*share{}, divisions: map[latency.Division]*share{latency.Categorizer: {}, latency.Delivery: {}}}
	for _, p := range h.Slow {
		a.all += p.Total
		if agent, _, ok := latency.Agent(p.Name); ok {
			if a.agents[agent] == nil {
				a.agents[agent] = &share{}
			}
			a.agents[agent].add(p)
		}
		if s := a.divisions[latency.In(append(strings.Split(p.Within, "|"), p.Name)...)]; s != nil {
			s.add(p)
		}
	}
	return a
}

// guilty says whether somebody took at least half of the time, and with enough
// messages.
func (a anatomy) guilty(s *share) bool {
	return a.all > 0 && 2*s.total >= a.all && s.count >= fewLate
}

// free says whether somebody took less than that.
func (a anatomy) free(s *share) bool { return a.all > 0 && 2*s.total < a.all }

// findings names who took half of the time. An agent within a part of the server
// is the closer word for it.
func (a anatomy) findings() []diag.Finding {
	var found []diag.Finding
	agents := &share{} // the one that took most
	for _, name := range slices.Sorted(maps.Keys(a.agents)) {
		if s := a.agents[name]; s.total > agents.total {
			agents = s
		}
	}
	text, _ := latency.Words(agents.most.Name)
	found = append(found, a.judge(agentSlow, agents, false, diag.Text("agent", clip(text, 120)))...)
	byAgent := a.guilty(agents)
	for _, d := range []struct {
		cause *diag.Cause
		of    latency.Division
	}{{categorizerSlow, latency.Categorizer}, {deliverySlow, latency.Delivery}} {
		s := a.divisions[d.of]
		found = append(found, a.judge(d.cause, s, byAgent, diag.Text("part", spelledOut(s.most.Name)))...)
	}
	return found
}

// judge blames a share, or says that it is free of blame. What an agent took is
// not laid on the part of the server that it ran in, too.
func (a anatomy) judge(c *diag.Cause, s *share, byAgent bool, who diag.Arg) []diag.Finding {
	switch {
	case a.free(s):
		return []diag.Finding{a.on(c)}
	case a.guilty(s) && !byAgent:
		return []diag.Finding{a.blame(c, s, who)}
	}
	return nil
}

func (a anatomy) on(c *diag.Cause) diag.Finding {
	return diag.Finding{Code: c.Code, Subject: hopName(a.hop), From: []string{a.from}}
}

func (a anatomy) blame(c *diag.Cause, s *share, who diag.Arg) diag.Finding {
	f := a.on(c)
	f.Verdict, f.Wait = diag.Confirmed, longest(a.hop.Passages)
	f.Args = []diag.Arg{who, diag.Text("took", a.took(s)), diag.Text("where", a.hop.Where.String())}
	switch {
	case 2*s.sure < a.all:
		f = lessSure(f, "what such names stand for ("+clip(s.most.Name, 60)+") is known from memory", "from memory")
	case s.most.Whole:
		f = lessSure(f, "the server wrote whole seconds, in a form that is known from memory", "from memory")
	case 2*a.hop.Measured < a.hop.Late:
		f = lessSure(f, fmt.Sprintf("the server says so of %d of the %d late messages only", a.hop.Measured, a.hop.Late), "")
	}
	return f
}

func (a anatomy) took(s *share) string {
	return fmt.Sprintf("took %d %% of the time that %d late messages spent in the server (%s in all)",
		int(100*s.total/a.all), a.hop.Measured, diag.Seconds(s.total.Duration().Round(time.Second)))
}

// spelledOut is a component with what its name means, as far as that is known.
func spelledOut(name string) string {
	text, sure := latency.Words(name)
	name = clip(name, 60)
	switch {
	case text == "":
		return name
	case sure:
		return clip(text, 120) + " (" + name + ")"
	}
	return name + " (by what is remembered of its name: " + clip(text, 120) + ")"
}

// slowest names the component that took most of the time of late messages, if one
// took half.
func slowest(h evidence.HopTraffic) string {
	var all evidence.Duration
	for _, p := range h.Slow {
		all += p.Total
	}
	if len(h.Slow) == 0 || all <= 0 {
		return ""
	}
	most := slices.MaxFunc(h.Slow, func(a, b evidence.LatentPart) int { return cmp.Compare(a.Total, b.Total) })
	if 2*most.Total < all {
		return ""
	}
	return fmt.Sprintf("%s, %d %%", spelledOut(most.Name), int(100*most.Total/all))
}
