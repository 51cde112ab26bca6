package smtpprobe

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// How much of what a server says is kept, and how much is listened to at all.
// RFC 5321 4.5.3.1.5 allows a reply line 512 octets; no EHLO has 512 lines.
const (
	maxLine    = 4 << 10   // kept of a line
	maxLines   = 512       // kept of a reply
	maxKept    = 64 << 10  // kept of a reply
	maxSession = 1 << 20   // kept of a session
	maxReply   = 256 << 10 // listened to: what is longer is no reply
)

// reply reads one reply into the step. It ends at the first line with a code
// that a hyphen does not follow; the text may be missing (RFC 5321 4.2), the CR
// too. The last line's code counts. Lines without a code are let pass within a
// reply, as in RFC 959 4.2, but not at its start.
func (w *wire) reply() error {
	left := maxReply
	for first := true; ; first = false {
		line, size, err := w.line(left)
		left -= size
		w.keep(line, size)
		if err != nil {
			return err
		}
		code, last := codeOf(line)
		if code == 0 && first {
			w.keepRest()
			return &fault{FaultProtocol, fmt.Sprintf("%s says %.80q, which is no SMTP reply", w.session.Addr, line)}
		}
		if code != 0 && last {
			w.step.Code = code
			return nil
		}
	}
}

// codeOf is the code of a reply line, 0 if it has none, and whether the line is
// the last of its reply.
func codeOf(line string) (code int, last bool) {
	if len(line) < 3 {
		return 0, false
	}
	for _, c := range []byte(line[:3]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		code = code*10 + int(c-'0')
	}
	if code < 100 || code > 599 || len(line) > 3 && !strings.ContainsRune(" \t-", rune(line[3])) {
		return 0, false
	}
	return code, len(line) == 3 || line[3] != '-'
}

// line reads one line of at most left bytes, and returns the first maxLine bytes
// of it without its end, and its whole size. What came before an error is
// returned with it.
func (w *wire) line(left int) (line string, size int, err error) {
	var kept []byte
	for {
		if len(w.ahead) == 0 {
			if err := w.fill(); err != nil {
				return string(kept), size, err
			}
		}
		part, _, ended := bytes.Cut(w.ahead, []byte("\n"))
		if ended {
			part = w.ahead[:len(part)+1]
		}
		w.ahead = w.ahead[len(part):]
		size += len(part)
		kept = append(kept, part[:min(len(part), maxLine-len(kept))]...)
		if size > left {
			return string(kept), size, &fault{FaultProtocol, fmt.Sprintf("%s says more than %d bytes, which is no SMTP reply", w.session.Addr, maxReply)}
		}
		if ended {
			return trimEnd(kept), size, nil
		}
	}
}

func trimEnd(line []byte) string {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return string(bytes.TrimSuffix(line, []byte("\r")))
}

// fill waits for more.
func (w *wire) fill() error {
	for range 100 { // as in bufio: a Read of nothing is allowed, but not for ever
		n, err := w.rw.Read(w.buf[:])
		if n > 0 {
			w.mark()
			w.ahead = w.buf[:n]
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// keep adds a line of that size to the record as far as there is room. The first
// line of a reply is always kept: it has the code.
func (w *wire) keep(line string, size int) {
	if size == 0 {
		return
	}
	n := len(w.step.Reply)
	if n > 0 && (n >= maxLines || w.kept+len(line) > maxKept || len(line) > w.room) {
		w.step.CutBytes += int64(size)
		return
	}
	w.kept += len(line)
	w.room -= len(line)
	w.step.Reply = append(w.step.Reply, Line(line))
	if size > len(line)+len("\r\n") {
		w.step.CutBytes += int64(size - len(line))
	}
}

// keepRest keeps what has come with a line that is no reply: the rest of the
// HTTP response tells the operator what he talks to.
func (w *wire) keepRest() {
	for len(w.ahead) > 0 {
		line, _, _ := bytes.Cut(w.ahead, []byte("\n"))
		size := min(len(line)+1, len(w.ahead))
		w.keep(trimEnd(line), size)
		w.ahead = w.ahead[size:]
	}
}
