package queuelist

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// eximList reads what exim -bp prints, in any order of the messages.
type eximList struct{ *parser }

func (p *eximList) line(line []byte) {
	text := bytes.TrimSpace(line)
	switch {
	case len(text) == 0:
		p.gap()
	case p.head(text):
	case p.message != nil && bytes.HasPrefix(text, []byte("*** spool ")):
		p.unreadable(text)
	case p.message != nil && p.take(line, text):
	default:
		p.stray(line)
	}
}

// take reads a recipient: "D" before it says that it is delivered, "+D" that it
// is and that it came from another address (-bpa).
func (p *eximList) take(line, text []byte) bool {
	address := text
	if rest, ok := bytes.CutPrefix(address, []byte("+")); ok && bytes.HasPrefix(rest, []byte("D ")) {
		address = rest
	}
	address, delivered := bytes.CutPrefix(address, []byte("D "))
	address = trimLeft(address)
	if !isAddress(address) || !blank(line[0]) && !isPlainAddress(address) {
		return false
	}
	p.recipient(Recipient{Address: string(address), Delivered: delivered})
	return true
}

// unreadable knows a message whose spool file is damaged.
func (p *eximList) unreadable(text []byte) {
	what, frozen := bytes.CutSuffix(text, []byte(frozenMark))
	if frozen {
		p.message.Queue = "frozen"
	}
	p.add(p.number, fmt.Sprintf("the server could not read this message: %.200s", bytes.Trim(what, "* ")))
}

const frozenMark = "*** frozen ***"

// head reads the first line of a message: age, size, id, sender, a login in
// parentheses, "*** frozen ***". All but the id can be missing.
func (p *eximList) head(text []byte) bool {
	age, grain, rest := cutAge(text)
	size, rest := cutSize(rest)
	id, rest := cutWord(rest)
	if !isEximID(id) {
		return false
	}
	rest = bytes.TrimSpace(rest)
	if len(rest) > 0 && rest[0] != '<' && rest[0] != '*' {
		return false
	}
	m := p.begin(string(id))
	m.AgeSeconds, m.AgeGrain, m.Size, m.Arrived = age, grain, size, eximTime(m.ID)
	if rest, ok := bytes.CutSuffix(rest, []byte(frozenMark)); ok {
		m.Queue = "frozen"
		m.Sender, m.SenderCut = eximSender(bytes.TrimSpace(rest))
		return true
	}
	m.Sender, m.SenderCut = eximSender(rest)
	return true
}

// eximSender reads "<sender>" or "<sender> (login)". The login is that of a local
// user who set the sender.
func eximSender(text []byte) (string, bool) {
	if at := bytes.LastIndex(text, []byte("> (")); at >= 0 {
		text = text[:at+1]
	}
	text, ok := bytes.CutPrefix(text, []byte("<"))
	text, closed := bytes.CutSuffix(text, []byte(">"))
	return string(text), ok && !closed
}

// cutAge takes "25m", "3h" or "4d". A clock that was set back makes it "-2m",
// which says nothing of the age.
func cutAge(text []byte) (seconds int64, grain time.Duration, rest []byte) {
	word, rest := cutWord(text)
	if n := len(word) - 1; n > 0 {
		switch word[n] {
		case 'm':
			grain = time.Minute
		case 'h':
			grain = time.Hour
		case 'd':
			grain = 24 * time.Hour
		}
		count, err := strconv.ParseInt(string(word[:n]), 10, 32)
		switch {
		case grain > 0 && err == nil && count < 0:
			return -1, 0, rest
		case grain > 0 && err == nil:
			return count * int64(grain/time.Second), grain, rest
		}
	}
	return -1, 0, text
}

// cutSize takes "812", "2.9K" or "1.2M" (string_format_size). There is none where
// it is 0 or unknown.
func cutSize(text []byte) (int64, []byte) {
	word, rest := cutWord(text)
	number := word
	unit := 1.0
	if n := len(word) - 1; n > 0 {
		switch word[n] {
		case 'K':
			number, unit = word[:n], 1<<10
		case 'M':
			number, unit = word[:n], 1<<20
		case 'G':
			number, unit = word[:n], 1<<30
		}
	}
	size, err := strconv.ParseFloat(string(number), 64)
	if err != nil || !(size >= 0 && size < 1<<20) || len(bytes.Trim(number, "0123456789.")) > 0 {
		return -1, text
	}
	return int64(size * unit), rest
}

// isEximID knows ids of 6-6-2 characters, and 6-11-4 since Exim 4.97.
func isEximID(s []byte) bool {
	if len(s) != 16 && len(s) != 23 {
		return false
	}
	for i, c := range s {
		dash := i == 6 || i == len(s)-3 && len(s) == 16 || i == len(s)-5 && len(s) == 23
		if dash != (c == '-') || !dash && !alphanumeric(c) {
			return false
		}
	}
	return true
}

// eximTime reads the time in a message id: its first six characters are the
// seconds since 1970, to base 62. On systems whose file names have no case they
// are to base 36 and begin with S or a later letter in this century; the time of
// these is not read. Source: the Exim specification, "Message identification".
func eximTime(id string) time.Time {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	if id[0] != '1' && id[0] != '2' { // 1999 to 2057
		return time.Time{}
	}
	seconds := int64(0)
	for i := range 6 {
		seconds = seconds*62 + int64(bytes.IndexByte([]byte(digits), id[i]))
	}
	return time.Unix(seconds, 0).UTC()
}
