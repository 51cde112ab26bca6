package analyzers

import "regexp"

// A reading is what a last error speaks of, and where to look.
type reading struct {
	words *regexp.Regexp
	means string
}

// readings are tried in turn; what names a cause goes before what names only an
// outcome (knowledge/exchange.md 1.9; RFC 3463).
var readings = [...]reading{
	{regexp.MustCompile(`(?i)5\.7\.3|cannot achieve exchange server authentication|4\.7\.0 temporary authentication|need to authenticate|authentication (failed|unsuccessful)`), "the servers cannot log on to each other: SMTP-EXCHANGE-AUTH"},
	{regexp.MustCompile(`(?i)4\.3\.1|insufficient system (resources|storage)`), "the next server takes no mail for lack of resources: SMTP-BACK-PRESSURE"},
	{regexp.MustCompile(`(?i)4\.3\.2|too many (concurrent )?(connections|sessions)|connection (limit|rate)`), "the next server limits connections: SMTP-CONNECTION-LIMIT"},
	{regexp.MustCompile(`(?i)gr[ae]y.?list`), "the next server puts off what it does not know: SMTP-GREYLISTED"},
	{regexp.MustCompile(`(?i)dns query failed|name (service error|resolution)|host (or domain name )?not found|no such host|NXDOMAIN|SERVFAIL|all host lookups`), "the name of the next server cannot be looked up: ask the DNS servers of that server for it"},
	{regexp.MustCompile(`(?i)\btls\b|certificate|handshake`), "encryption fails: SMTP-TLS-FAILS, or the certificate of the next server"},
	{regexp.MustCompile(`(?i)refused`), "the next server, or something before it, refuses the connection: TCP-REFUSED, ADDRESS-DEAD"},
	{regexp.MustCompile(`(?i)4\.4\.2|lost connection|connection (dropped|reset|closed)|conversation with|broken pipe`), "sessions begin and are cut off: SMTP-SESSION-CUT, PATH-MTU, a filter on the way"},
	{regexp.MustCompile(`(?i)4\.4\.1|timed? ?out|no route to host|unreachable`), "no connection comes about: TCP-TIMEOUT, ADDRESS-DEAD; try every address of the next server"},
	{regexp.MustCompile(`(?i)4\.2\.2|mailbox (is )?full|quota`), "the mailbox is full: the recipient has to make room"},
	{filterWords, "a mail filter (milter) of the next server gives no answer, as Postfix says it: look there whether it runs"},
	{regexp.MustCompile(`(?i)4\.7\.`), "the next server refuses for its policy, or because of who sends"},
}

// speaksOf says what a last error speaks of; "" where it is none of the known.
func speaksOf(text string) string {
	for _, r := range readings {
		if r.words.MatchString(text) {
			return r.means
		}
	}
	return ""
}
