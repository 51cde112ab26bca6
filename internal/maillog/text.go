package maillog

import (
	"bytes"
	"time"
)

// has says whether s begins with a prefix.
func has(s []byte, prefix string) bool {
	return len(s) >= len(prefix) && string(s[:len(prefix)]) == prefix
}

// cut splits s in front of and behind the first separator. Without one, all of s
// is in front, and the rest is nil.
func cut(s []byte, separator string) (value, rest []byte, ok bool) {
	if i := bytes.Index(s, []byte(separator)); i >= 0 {
		return s[:i:i], s[i+len(separator):], true
	}
	return s, nil, false
}

// angle reads "<address>" and gives what is behind it. An address that begins
// with a quotation mark is read up to the one that closes it first: the quoted
// part may hold anything.
func angle(s []byte) (address, rest []byte, ok bool) {
	if len(s) < 2 || s[0] != '<' {
		return nil, s, false
	}
	from := 1
	if s[1] == '"' {
		from = pastQuoted(s, 1)
	}
	i := bytes.IndexByte(s[from:], '>')
	if i < 0 {
		return nil, s, false
	}
	return s[1 : from+i : from+i], s[from+i+1:], true
}

// pastQuoted gives the end of the text in quotation marks that begins at s[i],
// with backslashes before those inside. One that is not closed is not quoted.
func pastQuoted(s []byte, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return i
}

// number reads digits at the beginning of s, as many as an int64 holds for sure.
func number(s []byte) (sum int64, n int) {
	for n < len(s) && n < 18 && s[n]-'0' < 10 {
		sum = sum*10 + int64(s[n]-'0')
		n++
	}
	return sum, n
}

// maxSeconds keeps a time in the range of a Duration: some thirty years.
const maxSeconds = 1_000_000_000

// seconds reads "426" or "0.02" at the beginning of s.
func seconds(s []byte) (time.Duration, int) {
	sum, n := number(s)
	if n == 0 || sum > maxSeconds {
		return 0, 0
	}
	n, part := fraction(s, n)
	return time.Duration(sum*second + part), n
}

// clockTime reads "2+15:56:56" or "00:00:02" of Sendmail, the whole of s.
func clockTime(s []byte) (time.Duration, bool) {
	days := int64(0)
	if d, n := number(s); n > 0 && n < len(s) && s[n] == '+' {
		days, s = d, s[n+1:]
	}
	if len(s) != 8 || days > maxSeconds/86400 {
		return 0, false
	}
	at, ok := timeOfDay(s)
	if !ok {
		return 0, false
	}
	return time.Duration(days*day + at), true
}

// unitTime reads "3d4h5m6s", "0.123s" or "1w2d" of Exim, the whole of s.
func unitTime(s []byte) (sum time.Duration, ok bool) {
	for len(s) > 0 {
		part, n := seconds(s)
		if n == 0 || n == len(s) {
			return 0, false
		}
		unit := unitOf(s[n])
		if unit == 0 || int64(part) > maxSeconds*second/unit {
			return 0, false
		}
		sum += part * time.Duration(unit)
		if sum > time.Duration(maxSeconds*second) {
			return 0, false
		}
		s, ok = s[n+1:], true
	}
	return sum, ok
}

// unitOf is how many seconds a letter stands for, 0 for none.
func unitOf(letter byte) int64 {
	switch letter {
	case 's':
		return 1
	case 'm':
		return 60
	case 'h':
		return 3600
	case 'd':
		return 86400
	case 'w':
		return 7 * 86400
	}
	return 0
}

// statusCode gives an enhanced status code such as 4.4.1 at the beginning of s
// (RFC 3463), nil when there is none.
func statusCode(s []byte) []byte {
	if len(s) < 5 || s[1] != '.' || s[0] != '2' && s[0] != '4' && s[0] != '5' {
		return nil
	}
	_, n := number(s[2:min(len(s), 5)])
	if n == 0 || len(s) < 2+n+2 || s[2+n] != '.' {
		return nil
	}
	from := 2 + n + 1
	_, n = number(s[from:min(len(s), from+3)])
	if n == 0 {
		return nil
	}
	return s[: from+n : from+n]
}

// replyCode gives the SMTP reply code at the beginning of s, 0 when there is none,
// and what stands behind it.
func replyCode(s []byte) (int, []byte) {
	if len(s) < 3 || s[0] < '2' || s[0] > '5' || s[1]-'0' > 5 || s[2]-'0' > 9 {
		return 0, s
	}
	if len(s) > 3 && s[3] != ' ' && s[3] != '-' {
		return 0, s
	}
	return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0'), s[min(len(s), 4):]
}

// Code is the SMTP reply code in Reason, 0 when it has none: at its beginning, or
// behind the words with which a server quotes the other side.
func (e *Event) Code() int {
	if code, _ := replyCode(e.Reason); code > 0 {
		return code
	}
	for _, before := range [...]string{" said: ", " talk to me: ", "SMTP error from remote mail server after "} {
		if i := bytes.Index(e.Reason, []byte(before)); i >= 0 {
			return codeBehind(e.Reason[i+len(before):])
		}
	}
	return 0
}

// codeBehind finds a reply code at the beginning of s or behind one of its first
// colons: Exim names the command and its address before it.
func codeBehind(s []byte) int {
	for range 4 {
		if code, _ := replyCode(s); code > 0 {
			return code
		}
		_, rest, ok := cut(s, ": ")
		if !ok {
			return 0
		}
		s = rest
	}
	return 0
}

// queuedAs finds the queue id that a server gives in its reply to a message it has
// taken: Postfix, Exim, Sendmail, and Exchange (its internal message id). Postfix
// also says so of its own, when a message is forwarded.
func queuedAs(reply []byte) []byte {
	if i := bytes.LastIndexByte(reply, ' ') + 1; i > 0 && bytes.HasSuffix(reply[:i], []byte("queued as ")) {
		return idAt(reply[i:]) // nearly always
	}
	for _, before := range [...]string{"ueued as ", "OK id=", "InternalId=", "forwarded as "} {
		if i := bytes.Index(reply, []byte(before)); i >= 0 {
			return idAt(reply[i+len(before):])
		}
	}
	if i := bytes.Index(reply, []byte(" Message accepted for delivery")); i > 0 {
		return idAt(reply[bytes.LastIndexByte(reply[:i], ' ')+1 : i])
	}
	return nil
}

// idAt gives the queue id at the beginning of s: letters, digits and hyphens.
func idAt(s []byte) []byte {
	for i := 0; ; i++ {
		if i == len(s) || !isIDByte(s[i]) {
			if i == 0 || i > maxQueueID {
				return nil
			}
			return s[:i:i]
		}
	}
}

func isIDByte(c byte) bool {
	return c-'0' < 10 || (c|0x20)-'a' < 26 || c == '-'
}
