package analyzers

import (
	"regexp"
	"strings"
)

// An eventMeaning is what an event goes with.
type eventMeaning struct {
	source string // in lower case; a family where it ends with *
	id     int    // 0 for each that is an error
	words  *regexp.Regexp
	means  string
	read   bool // its text quotes a reply or an error
	memory bool // known from memory
}

var (
	protocolWords = regexp.MustCompile(`(?i)smtp.?proto[ck]|x-?exps|xexch50|x-link2state`)
	lookupWords   = regexp.MustCompile(`\bDNS\b`)
)

// eventMeanings lists the events that are quoted. A number may mean different
// things in Exchange 2003 and 2010 (7004 is a slow start there), so that some have
// words, which are names and not translated.
func eventMeanings() []eventMeaning {
	const transport = "msexchangetransport*"
	return []eventMeaning{
		{source: transport, id: 15001, means: "the use of a resource changed its level; if it rose, the server takes less mail (TechNet bb217718): SMTP-BACK-PRESSURE"},
		{source: transport, id: 2016, means: "the log-on to the next server fails (TechNet ff983191)"},
		{source: transport, id: 2017, means: "the log-on to the next server fails (TechNet ff982082)"},
		{source: transport, id: 2000, words: lookupWords, means: "look-ups fail for a send connector (TechNet ff981205): run this on that server with --input recipient=ADDRESS, and the cause among the DNS ones is named"},
		{source: transport, id: 16023, means: "it names no or unknown DNS servers: compare the DNS settings of the server and of its transport service", memory: true},
		{source: transport, id: 16025, means: "it names no or unknown DNS servers: compare the DNS settings of the server and of its transport service", memory: true},
		{source: "msexchange*", id: 7009, means: "a component of the server is not active, as in maintenance mode, and takes no mail until Set-ServerComponentState changes that (KB 2866822)"},
		{source: "msexchangetransport", id: 4006, means: "an attempt to send to another server failed (Exchange 2003; KB 919091)", read: true},
		{source: "msexchangetransport", id: 7002, words: protocolWords, means: "another server answered an SMTP command with an error (Exchange 2003)", read: true},
		{source: "msexchangetransport", id: 7004, words: protocolWords, means: "another server answered an SMTP command with an error (Exchange 2003; KB 843106)", read: true},
		{source: "msexchangetransport", id: 7010, words: protocolWords, means: "another server was answered with an error to its SMTP command (Exchange 2003; KB 843106)", read: true},
		{source: "exps", id: 1706, means: "servers could not log on to each other (Exchange 2003; KB 914137): SMTP-EXCHANGE-AUTH"},
		{source: "msexchangetransport", id: 958, means: "the routing group master is missing (Exchange 2003): ROUTING-MASTER-GONE"},
		{source: "smtpsvc", id: 429, means: "a folder of the SMTP virtual server is wrong, and it does not start (Exchange 2003)"},
		{source: "disk", means: "a disk reports errors: if the queue or a database is on it, it slows mail", memory: true},
		{source: "ntfs", means: "a disk reports errors: if the queue or a database is on it, it slows mail", memory: true},
		{source: "microsoft-windows-ntfs", means: "a disk reports errors: if the queue or a database is on it, it slows mail", memory: true},
	}
}

// goesWith finds what a group of events goes with.
func goesWith(g remembered) (eventMeaning, bool) {
	source := strings.ToLower(g.Source)
	for _, m := range eventMeanings() {
		family, any := strings.CutSuffix(m.source, "*")
		named := source == m.source || any && strings.HasPrefix(source, family)
		bad := g.Levels["error"]+g.Levels["critical"] > 0
		if named && (m.id == g.ID || m.id == 0 && bad) && (m.words == nil || m.words.MatchString(g.text())) {
			return m, true
		}
	}
	return eventMeaning{}, false
}
