package queuelist

import (
	"bytes"
)

// postfixList reads what postqueue -p and mailq of Postfix print.
type postfixList struct{ *parser }

// maxSpread bounds the lines that a reason is put together from, when the text
// was folded on its way.
const maxSpread = 8

func (p *postfixList) line(line []byte) {
	text := bytes.TrimSpace(line)
	switch {
	case len(text) == 0:
		p.gap()
	case p.head(line):
	case p.foot(text):
	case p.message != nil && p.goesOn(line, text):
	case p.message != nil && text[0] == '(':
		p.waits(text)
	case p.message != nil && p.isRecipient(line, text):
		p.recipient(Recipient{Address: string(text)})
	default:
		p.stray(line)
	}
}

// isRecipient takes an indented line for one, and of others only what is surely
// an address.
func (p *postfixList) isRecipient(line, text []byte) bool {
	if blank(line[0]) {
		return isAddress(text)
	}
	return isPlainAddress(text)
}

// head reads the first line of a message: id and marks, size, time, sender.
// A "#" says that it expires at once (postsuper -e); here that is left out.
func (p *postfixList) head(line []byte) bool {
	id, rest := cutRun(line)
	if len(id) < 5 || len(id) > 64 { // five digits are microseconds, then comes the inode
		return false
	}
	marks := rest[:len(rest)-len(bytes.TrimLeft(rest, "*!#"))]
	rest = rest[len(marks):]
	if len(rest) == 0 || !blank(rest[0]) {
		return false
	}
	size, rest, ok := cutNumber(rest)
	date, rest, dated := cutDate(rest)
	if !ok || !dated {
		return false
	}
	m := p.begin(string(id))
	m.Size, m.ArrivedText, m.SenderCut = size, string(date), p.torn
	m.Sender = string(bytes.TrimSpace(rest))
	m.Queue = postfixQueue(marks)
	return true
}

func postfixQueue(marks []byte) string {
	switch {
	case bytes.IndexByte(marks, '*') >= 0:
		return "active"
	case bytes.IndexByte(marks, '!') >= 0:
		return "hold"
	}
	return ""
}

// foot knows the lines that belong to no message.
func (p *postfixList) foot(text []byte) bool {
	if bytes.HasPrefix(text, []byte("-- ")) {
		return p.sum(text[3:])
	}
	switch {
	case bytes.Equal(text, []byte("Mail queue is empty")):
		p.totals(0, 0)
	case text[0] == '-' && bytes.Contains(text, []byte("-Queue ID-")):
		p.gap()
	default:
		return false
	}
	return true
}

// sum reads "23 Kbytes in 5 Requests."
func (p *postfixList) sum(text []byte) bool {
	kib, rest, ok := cutNumber(text)
	_, rest = cutWord(rest) // Kbytes
	_, rest = cutWord(rest) // in
	n, rest, counted := cutNumber(rest)
	if !ok || !counted || kib > 1<<50 || !bytes.HasPrefix(trimLeft(rest), []byte("Request")) {
		return false
	}
	p.totals(int(n), kib<<10)
	return true
}

// waits reads the reason of the recipients that follow.
func (p *postfixList) waits(text []byte) {
	p.unclosed()
	if inner, ok := bytes.CutSuffix(text[1:], []byte(")")); ok {
		p.because(inner)
	} else {
		p.because(text[1:])
		p.open, p.spread = p.number, 1
	}
	if p.reason == "reason unavailable" { // stands for none after a recipient that has one
		p.reason = ""
	}
}

// goesOn reads a further line of a reason that is not closed.
func (p *postfixList) goesOn(line, text []byte) bool {
	if p.open == 0 {
		return false
	}
	if p.spread++; p.spread > maxSpread || text[0] == '(' || blank(line[0]) && isPlainAddress(text) {
		p.unclosed()
		return false
	}
	inner, ok := bytes.CutSuffix(text, []byte(")"))
	p.because([]byte(p.reason + " " + string(inner)))
	if ok {
		p.open = 0
	}
	return true
}

// unclosed reports a reason without its end.
func (p *parser) unclosed() {
	if p.open > 0 {
		p.add(p.open, "the reason has no closing parenthesis; its end may be missing")
	}
	p.open = 0
}
