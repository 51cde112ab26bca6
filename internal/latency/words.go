package latency

import (
	"strings"
)

// Words says in plain words what a component is that has this name in a tree. sure
// says that the meaning is documented: that is so for CATRT and for what stands
// behind its hyphen, the name of an agent (KB 3145489: "CATRT-Transport Rule
// Agent" is "Categorizer OnRoutedMessage-Transport Rule Agent"). All others are
// from memory and inference (knowledge/evidence-formats.md, section 2). Of a name
// that is none of the known the words are "".
func Words(name string) (text string, sure bool) {
	if agent, stage, ok := Agent(name); ok {
		event, sure := events(stage)
		if event == "" {
			return "agent \"" + agent + "\" (stage " + stage + ")", false
		}
		return "agent \"" + agent + "\" at " + event, sure
	}
	if IsTotal([]byte(name)) {
		return "time that no component accounts for", true // arithmetic, no knowledge
	}
	if event, sure := events(name); event != "" {
		return "the categorizer, around its agents for " + event, sure
	}
	for _, w := range meanings() {
		if w.code == name {
			return w.text, false
		}
	}
	return "", false
}

// Agent takes the name of an agent apart from the stage that it ran in:
// "CATRT-Transport Rule Agent" is "Transport Rule Agent" in CATRT. Stages are in
// capitals; agents have a name for people.
func Agent(name string) (agent, stage string, ok bool) {
	stage, agent, found := strings.Cut(name, "-")
	capitals := stage != "" && strings.Trim(stage, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	if !found || !capitals || stage == "TOTAL" || stage == "X" || strings.ToUpper(agent) == agent {
		return "", "", false
	}
	return agent, stage, true
}

// events says for which event of the categorizer a stage runs its agents. The
// events: "Implementing RoutingAgent Agents" (msdn aa563310); which stage has
// which is documented for CATRT only.
func events(stage string) (event string, sure bool) {
	switch stage {
	case "CATRT":
		return "OnRoutedMessage", true
	case "CATSM":
		return "OnSubmittedMessage", false
	case "CATRS":
		return "OnResolvedMessage", false
	case "CATCM":
		return "OnCategorizedMessage", false
	}
	return "", false
}

type meaning struct{ code, text string }

func meanings() []meaning {
	return []meaning{
		{"SMR", "receiving it over SMTP"}, {"SMRDE", "receiving its data from outside"}, {"SMRC", "storing it on arrival"}, {"SMRPI", "receiving it through a front end"},
		{"CAT", "the categorizer"}, {"CATOS", "the categorizer, before it looks anything up"}, {"CATRESL", "the categorizer, looking up recipients"},
		{"CATORES", "the categorizer, once recipients are looked up"}, {"CATORT", "the categorizer, once the next hop is known"},
		{Outside, "waiting in the queue to the next server"}, {"QDM", "waiting in the queue to mailboxes"},
		{"SMS", "sending it over SMTP"}, {"SMSC", "connecting to the next server"}, {"SMSMBXD", "handing it over for delivery to mailboxes"},
		{"SDD", "delivery to mailboxes (store driver)"}, {"SDDPM", "delivery to mailboxes, around its agents"},
		{"SUB", "taking it out of a mailbox"}, {"SA", "taking it out of a mailbox"}, {"MTSS", "submission from a mailbox"},
	}
}

// Outside is the queue to other servers. Time in it is the next hop's, or its
// timer's.
const Outside = "QDE"

// In tells the part of a server that a component is of, by the names on its way
// down from the total.
func In(names ...string) Division {
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, "CAT"):
			return Categorizer
		case name == Outside:
			return Waiting
		case name == "QDM" || name == "SMSMBXD" || strings.HasPrefix(name, "SDD"):
			return Delivery
		}
	}
	return Elsewhere
}

// A Division is a part of a server that works on messages.
type Division string

// The divisions that causes tell apart.
const (
	Categorizer Division = "categorizer"
	Delivery    Division = "delivery to mailboxes"
	Waiting     Division = "queue to other servers"
	Elsewhere   Division = ""
)
