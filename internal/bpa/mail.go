package bpa

import (
	"strings"
	"unicode"
)

// Mail says whether an issue is about mail flow, by the words in its name, title,
// setting, group and text. It errs towards no: an issue about anything else is
// for another case. Of the text, which mentions much, only words count that have
// no other meaning.
func Mail(i Issue) bool {
	head := words(i.Name) + "." + words(i.Title) + "." + words(i.Setting) + "." + words(i.Group)
	return says(head, plain) || says(head, doubtful) || says(words(i.Text), plain)
}

// phrases are lists of words in lower case, without plurals in -s.
type phrases int

const (
	plain    phrases = iota // about mail flow wherever they stand
	doubtful                // about mail flow in a name or a heading
	foreign                 // hold one of the others and are about something else
)

func (p phrases) list() []string {
	switch p {
	case plain:
		return []string{
			"smtp", "esmtp", "smtpsvc", "mail flow", "mailflow", "message flow", "bridgehead", "link state", "linkstate", "link2state",
			"smart host", "smarthost", "back pressure", "backpressure", "message tracking", "mx record", "starttls", "start tls", "exps", "xexch50",
			"routing group", "routing master", "routing engine", "tarpit", "glitch retry", "edgesync", "edge sync",
			"categorizer", "categoriser", "non delivery", "nondelivery", "delivery delay", "port 25",
		}
	case doubtful:
		return []string{
			"queue", "queuing", "queueing", "connector", "routing", "transport", "dns", "mx", "mta", "x400", "x 400", "tls", "ndr", "dsn",
			"relay", "delivery", "fully qualified domain name",
		}
	}
	return []string{
		"smtp address", "smtp addresse", "smtp proxy", "primary smtp", "smtp template", "disk queue", "processor queue", "rpc queue", "print queue", "thread queue",
		"request queue", "message queuing", "output queue", "active directory connector", "routing and remote access", "rpc transport",
		"outlook connector", "dns suffix", "odbc dsn",
	}
}

// says looks for one of the phrases in words, after those of another meaning
// were taken out.
func says(text string, p phrases) bool {
	for _, phrase := range foreign.list() {
		text = strings.ReplaceAll(text, " "+phrase+" ", " . ")
	}
	for _, phrase := range p.list() {
		if strings.Contains(text, " "+phrase+" ") {
			return true
		}
	}
	return false
}

// words puts a blank around each word of a text, in lower case, without the -s
// of a plural. Names such as msExchSmtpSmartHost and DNSServers are parted where
// the capitals are.
func words(text string) string {
	var b strings.Builder
	b.WriteByte(' ')
	all := []rune(text)
	for start := 0; start < len(all); {
		end := start
		for end < len(all) && letter(all[end]) && (end == start || !seam(all, end)) {
			end++
		}
		if end == start {
			start++
			continue
		}
		b.WriteString(singular(strings.ToLower(string(all[start:end]))))
		b.WriteByte(' ')
		start = end
	}
	return b.String()
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// seam says whether a new word of a name begins at i, which is not the first:
// the S in exchSmtp, the second S in DNSServer.
func seam(s []rune, i int) bool {
	if !unicode.IsUpper(s[i]) || !letter(s[i-1]) {
		return false
	}
	return unicode.IsLower(s[i-1]) || i+1 < len(s) && unicode.IsUpper(s[i-1]) && unicode.IsLower(s[i+1])
}

// singular takes off the -s of queues and records, but not of dns and tls, and
// not of status.
func singular(word string) string {
	if len(word) > 4 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us") {
		return word[:len(word)-1]
	}
	return word
}
