package queuelist

import (
	"bytes"
	"fmt"
	"strconv"
)

// sendmailList reads what mailq of Sendmail prints, also with -v.
type sendmailList struct {
	*parser
	wide    bool // the message is listed with -v, in wider columns
	pending int  // messages that the headings announced, up to the next total
	partial bool // not all of them are printed
}

// The characters that print_single_queue prints of a sender and of a recipient.
const (
	senderWidth        = 39
	recipientWidth     = 38
	longSenderWidth    = 78
	longRecipientWidth = 71
)

func (p *sendmailList) line(line []byte) {
	text := bytes.TrimSpace(line)
	switch {
	case len(text) == 0:
		p.gap()
	case p.message != nil && p.detail(text): // before head, to which 8BITMIME is an id
	case p.head(line):
	case p.heading(text):
	case p.message != nil && p.take(line, text):
	default:
		p.stray(line)
	}
}

// take reads a recipient.
func (p *sendmailList) take(line, text []byte) bool {
	address, cut := p.address(text, recipientWidth, longRecipientWidth)
	if !isPlainAddress(text) && !(blank(line[0]) && isAddress([]byte(address))) {
		return false
	}
	p.recipient(Recipient{Address: address, Cut: cut})
	return true
}

// head reads the first line of a message: id and mark, size, with -v a priority,
// time, sender.
func (p *sendmailList) head(line []byte) bool {
	id, mark, rest := cutMark(trimLeft(line))
	if !isID(id) {
		return false
	}
	if text := bytes.TrimSpace(rest); len(text) > 0 && text[0] == '(' {
		return p.gone(id, text)
	}
	size, rest, ok := cutNumber(rest)
	if !ok {
		return false
	}
	_, after, long := cutNumber(rest) // the priority
	if long {
		rest = bytes.TrimPrefix(after, []byte("+")) // a warning was sent
	}
	date, rest, dated := cutDate(rest)
	if !dated {
		return false
	}
	p.wide = long
	m := p.begin(string(id))
	m.Size, m.ArrivedText, m.Queue = size, string(date), sendmailQueue(mark)
	m.Sender, m.SenderCut = p.address(bytes.TrimSpace(rest), senderWidth, longSenderWidth)
	m.SenderCut = m.SenderCut || p.torn
	return true
}

// cutMark takes an id and the mark behind it. An id ends with the digits of a
// process id, so that an X there is a mark. Nothing parts it from a size of eight
// digits, but an id is 14 characters long (assign_queueid).
func cutMark(line []byte) (id []byte, mark byte, rest []byte) {
	id, rest = cutRun(line)
	at := bytes.LastIndexByte(id, 'X')
	if at > 0 && (at == len(id)-1 || at >= 14 && len(bytes.Trim(id[at+1:], "0123456789")) == 0) {
		return id[:at], 'X', line[at+1:]
	}
	if len(rest) > 0 && bytes.IndexByte([]byte("*-?"), rest[0]) >= 0 {
		return id, rest[0], rest[1:]
	}
	return id, ' ', rest
}

// gone knows a message that is in the listing without its data: "(job completed)"
// and "(no control file)".
func (p *sendmailList) gone(id, text []byte) bool {
	if text[len(text)-1] != ')' {
		return false
	}
	p.gap()
	p.seen++
	p.untold = true
	p.add(p.number, fmt.Sprintf("of message %s the server prints only %.80q", id, text))
	return true
}

// sendmailQueue says what the mark behind an id means: mailq(1) and, for "?",
// print_single_queue.
func sendmailQueue(mark byte) string {
	switch mark {
	case '*':
		return "active"
	case '-':
		return "too young"
	case 'X':
		return "load too high"
	case '?':
		return "lost"
	}
	return ""
}

// address takes the brackets off an address and says whether it may be cut: one
// that begins with a bracket ends with one, and another fills its column.
func (p *sendmailList) address(text []byte, width, longWidth int) (string, bool) {
	if p.wide {
		width = longWidth
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		width -= 3 // an escape that has no room is left out whole
	}
	cut := len(text) >= width
	if inner, ok := bytes.CutPrefix(text, []byte("<")); ok {
		text, ok = bytes.CutSuffix(inner, []byte(">"))
		cut = !ok
	}
	return unescape(text), cut
}

// unescape undoes prtstr: a backslash is doubled, and what is not printable ASCII
// is three octal digits behind one.
func unescape(s []byte) string {
	if bytes.IndexByte(s, '\\') < 0 {
		return string(s)
	}
	plain := make([]byte, 0, len(s))
	for len(s) > 0 {
		if s[0] == '\\' && len(s) >= 2 && s[1] == '\\' {
			plain, s = append(plain, '\\'), s[2:]
			continue
		}
		if s[0] == '\\' && len(s) >= 4 {
			if code, err := strconv.ParseUint(string(s[1:4]), 8, 8); err == nil {
				plain, s = append(plain, byte(code)), s[4:]
				continue
			}
		}
		plain, s = append(plain, s[0]), s[1:]
	}
	return string(bytes.ToValidUTF8(plain, []byte("\uFFFD")))
}

// detail reads the lines of a message that are no recipients.
func (p *sendmailList) detail(text []byte) bool {
	if why, ok := bytes.CutPrefix(text, []byte("QUARANTINE: ")); ok {
		p.message.Queue = "quarantined"
		p.because(why)
		return true
	}
	for _, body := range []string{"8BITMIME", "7BIT"} { // RFC 6152
		if rest, ok := bytes.CutPrefix(text, []byte(body)); ok && (len(rest) == 0 || blank(rest[0])) {
			text = trimLeft(rest)
		}
	}
	if len(text) == 0 {
		return true
	}
	if text[0] != '(' {
		return false
	}
	if !bytes.HasPrefix(text, []byte("(---")) { // with -v, the user who controls a recipient
		p.waits(text[1:])
	}
	return true
}

// waits reads a reason. It stands above the recipients and is that of the whole
// message; with -v it may stand below the one it is for.
func (p *sendmailList) waits(text []byte) {
	inner, ok := bytes.CutSuffix(text, []byte(")"))
	if !ok {
		p.add(p.number, "the reason has no closing parenthesis; its end may be missing")
	}
	if n := len(p.message.Recipients); n > 0 {
		all := p.reason
		p.because(inner)
		p.message.Recipients[n-1].Reason, p.reason = p.reason, all
		return
	}
	p.because(inner)
}

// heading knows the lines that belong to no message. Every queue directory has
// its own heading; a total follows, except in old versions.
func (p *sendmailList) heading(text []byte) bool {
	if text[0] == '(' {
		return false
	}
	if count, ok := bytes.CutPrefix(text, []byte("Total requests: ")); ok {
		n, _, ok := cutNumber(count)
		if ok {
			p.pending = int(n)
			p.sum()
		}
		return ok
	}
	switch {
	case bytes.HasSuffix(text, []byte(" is empty")):
		p.summary.Said = true
		p.gap()
	case text[0] == '-' && bytes.Contains(text, []byte("Q-ID--")):
		p.gap()
	default:
		return p.announced(text)
	}
	return true
}

// announced reads "/var/spool/mqueue (2 requests, only 1 printed)".
func (p *sendmailList) announced(text []byte) bool {
	at := bytes.LastIndexByte(text, '(')
	if at < 0 {
		return false
	}
	n, rest, ok := cutNumber(text[at+1:])
	if !ok || !bytes.HasPrefix(rest, []byte(" request")) {
		return false
	}
	p.gap()
	p.pending += int(n)
	if bytes.Contains(rest, []byte("only ")) {
		p.add(p.number, "the server printed only a part of this queue (MaxQueueRunSize)")
		p.partial = true
	}
	return true
}

// sum takes the messages announced for a total. A part of a queue cannot agree
// with it, as was said at its heading.
func (p *sendmailList) sum() {
	if p.partial {
		p.seen = p.pending
	}
	p.totals(p.pending, 0)
	p.pending, p.partial = 0, false
}

// total ends a listing of a version that prints no total.
func (p *sendmailList) total() {
	if p.pending > 0 && !p.stopped {
		p.sum()
	}
}
