package queuelist

import (
	"bytes"
	"strings"

	"mailflow/internal/charset"
)

// Sniff tells from the start of a file, a few kilobytes of it, which listing it
// is, and "" for anything else. Prompts may stand above it. An empty queue of
// postqueue -j and exim -bp is an empty file and has no format.
func Sniff(start []byte) Format {
	text := charset.Head(start)
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if f := sniffLine(bytes.TrimRight(line, "\r"), text); f != "" {
			return f
		}
	}
	return ""
}

// sniffLine knows the lines that only one format has.
func sniffLine(line, behind []byte) Format {
	text := bytes.TrimSpace(line)
	if len(text) == 0 {
		return ""
	}
	if text[0] == '{' || text[0] == '[' {
		return sniffJSON(text, behind)
	}
	quiet := &parser{yield: func(*Message) bool { return true }}
	postfix, sendmail, exim := &postfixList{quiet}, &sendmailList{parser: quiet}, &eximList{quiet}
	switch {
	case postfix.head(line) && strings.Count(quiet.message.ArrivedText, ":") == 2, postfix.foot(text):
		return PostfixMailq
	case sendmail.head(line) && quiet.message != nil, isSendmailHeading(text):
		return SendmailMailq
	case exim.head(text) && quiet.message.AgeSeconds >= 0:
		return EximBP
	}
	return ""
}

// isSendmailHeading knows what stands above the messages, and what says that there
// are none. "Mail queue is empty" is also what Sendmail 8.9 said; it is told from
// Postfix by nothing, and the two mean the same.
func isSendmailHeading(text []byte) bool {
	return text[0] == '-' && bytes.Contains(text, []byte("-Q-ID-")) ||
		bytes.HasPrefix(text, []byte("Total requests: ")) ||
		text[0] == '/' && bytes.HasSuffix(text, []byte(" is empty"))
}

// sniffJSON looks for the names of a message's first fields. jq has them on the
// lines behind the bracket.
func sniffJSON(text, behind []byte) Format {
	near := append(bytes.Clone(text), behind[:min(len(behind), 1<<10)]...)
	if bytes.Contains(near, []byte(`"queue_id"`)) && bytes.Contains(near, []byte(`"queue_name"`)) {
		return PostqueueJSON
	}
	return ""
}
