package sessionlog

import "bytes"

// A verb is what a reply answers.
type verb uint8

const (
	noVerb verb = iota
	vUnasked
	vGreeting
	vHello
	vStartTLS
	vAnonymousTLS
	vHandshake
	vAuth
	vExps
	vMail
	vRcpt
	vData
	vBody
	vBdat
	vBdatLast
	vReset
	vQuit
	vOther
	vPause // of the client, between a reply and its next command
	verbs
)

// The names of what a reply answers, where they are more than the command.
const (
	Unasked   = "unasked"   // a reply that nothing asked for
	Greeting  = "greeting"  // the first reply of a session
	Handshake = "handshake" // TLS, behind the reply to STARTTLS
	Body      = "body"      // a message behind DATA, and the reply to its end
	BDATLast  = "BDAT LAST" // the last part of a message, and the reply to its end
	Pause     = "pause"     // no reply: the client waits before its next command
)

func (v verb) String() string {
	return [...]string{"", Unasked, Greeting, "EHLO", "STARTTLS", "X-ANONYMOUSTLS", Handshake, "AUTH", "X-EXPS", "MAIL", "RCPT", "DATA", Body, "BDAT", BDATLast,
		"RSET", "QUIT", "other", Pause}[v]
}

// Commands of four letters as numbers.
const (
	wEHLO = 'E' | 'H'<<8 | 'L'<<16 | 'O'<<24
	wHELO = 'H' | 'E'<<8 | 'L'<<16 | 'O'<<24
	wMAIL = 'M' | 'A'<<8 | 'I'<<16 | 'L'<<24
	wRCPT = 'R' | 'C'<<8 | 'P'<<16 | 'T'<<24
	wDATA = 'D' | 'A'<<8 | 'T'<<16 | 'A'<<24
	wBDAT = 'B' | 'D'<<8 | 'A'<<16 | 'T'<<24
	wRSET = 'R' | 'S'<<8 | 'E'<<16 | 'T'<<24
	wQUIT = 'Q' | 'U'<<8 | 'I'<<16 | 'T'<<24
	wAUTH = 'A' | 'U'<<8 | 'T'<<16 | 'H'<<24
)

const lower = 0x20202020 // what makes small letters of capital ones

// command recognises a command line.
func command(line []byte) verb {
	if len(line) == 4 || len(line) > 4 && line[4] == ' ' {
		w := uint32(line[0]) | uint32(line[1])<<8 | uint32(line[2])<<16 | uint32(line[3])<<24
		switch w &^ lower {
		case wEHLO, wHELO:
			return vHello
		case wMAIL:
			return vMail
		case wRCPT:
			return vRcpt
		case wDATA:
			return vData
		case wBDAT:
			if last(line) {
				return vBdatLast
			}
			return vBdat
		case wRSET:
			return vReset
		case wQUIT:
			return vQuit
		case wAUTH:
			return vAuth
		}
	}
	word, _, _ := bytes.Cut(line, []byte(" "))
	switch {
	case bytes.EqualFold(word, []byte("STARTTLS")):
		return vStartTLS
	case bytes.EqualFold(word, []byte("X-ANONYMOUSTLS")):
		return vAnonymousTLS
	case bytes.EqualFold(word, []byte("X-EXPS")):
		return vExps
	}
	return vOther
}

// last recognises the part of a message that is the last (RFC 3030 section 2).
func last(line []byte) bool {
	line = bytes.TrimRight(line, " ")
	return len(line) > 9 && bytes.EqualFold(line[len(line)-5:], []byte(" LAST"))
}

// code is the code of a reply line, 0 where it is none, and whether the reply
// ends with it (RFC 5321 section 4.2).
func code(line []byte) (n int, ends bool) {
	if len(line) < 3 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return 0, false
	}
	for _, c := range line[:3] {
		if c-'0' > 9 {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, len(line) == 3 || line[3] == ' '
}

// address is what stands between the angle brackets of MAIL and RCPT.
func address(line []byte) []byte {
	from := bytes.IndexByte(line, '<')
	if from < 0 {
		return nil
	}
	to := bytes.IndexByte(line[from:], '>')
	if to < 0 {
		return nil
	}
	return line[from+1 : from+to]
}

// size is the number that a MAIL command gives as the size of its message (RFC
// 1870), 0 for none.
func size(line []byte) int64 {
	_, rest, found := bytes.Cut(line, []byte(" SIZE="))
	if !found {
		return 0
	}
	return number(rest)
}

// number reads the digits that a text begins with.
func number(b []byte) (n int64) {
	for i := 0; i < len(b) && i < 15 && b[i]-'0' <= 9; i++ {
		n = 10*n + int64(b[i]-'0')
	}
	return n
}

// behind is a line without its first bytes.
func behind(line []byte, n int) []byte { return line[min(n, len(line)):] }
