package lab

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"time"
)

// maxLine is how much of a command line a host keeps.
const maxLine = 4096

// A session is a host's side of one connection. Its goroutine ends with the
// connection, with the world, or when its script closes.
type session struct {
	host   *host
	name   string // the host's own, by the zones
	nth    int    // of the connections to this address, from 1
	certs  certificates
	raw    *conn
	conn   net.Conn // raw, or TLS over it
	in     *bufio.Reader
	tls    bool
	drip   time.Duration
	tail   string // the last reply line begins so
	rcpts  int    // accepted since MAIL
	closed bool
}

// serve runs the session from the moment at which the host hears of it.
func (s *session) serve() {
	defer s.raw.Close()
	s.conn, s.in = s.raw, bufio.NewReader(s.raw)
	if !s.raw.sleep(s.raw.delay) || !s.play(s.stepsFor("greeting")) {
		return
	}
	for {
		line, err := s.readLine()
		if err != nil || !s.command(line) {
			break
		}
	}
	if !s.closed {
		s.conn.Close()
	}
}

// readLine reads a line without its end; what is beyond maxLine is dropped.
func (s *session) readLine() (string, error) {
	var kept []byte
	for {
		part, more, err := s.in.ReadLine()
		if err != nil {
			return "", err
		}
		kept = append(kept, part[:min(len(part), maxLine-len(kept))]...)
		if !more {
			return string(kept), nil
		}
	}
}

// command answers one command; it says whether the session goes on.
func (s *session) command(line string) bool {
	key := keyOf(line)
	verb, _, _ := strings.Cut(key, " ")
	if !s.play(s.stepsFor(key)) {
		return false
	}
	good := strings.HasPrefix(s.tail, "2")
	switch verb {
	case "EHLO", "HELO", "MAIL", "RSET":
		s.rcpts = 0
	case "RCPT":
		if good {
			s.rcpts++
		}
	case "STARTTLS":
		return !good || s.tls || s.startTLS()
	case "DATA":
		return !strings.HasPrefix(s.tail, "354") || s.body()
	case "QUIT":
		return !good
	}
	return true
}

// keyOf is the key under which a script answers a command line.
func keyOf(line string) string {
	verb, args, _ := strings.Cut(strings.TrimSpace(line), " ")
	verb = strings.ToUpper(verb)
	if verb != "MAIL" && verb != "RCPT" {
		return verb
	}
	_, args, _ = strings.Cut(args, ":")
	args = strings.TrimSpace(args)
	if end := strings.IndexAny(args, "> "); end >= 0 {
		args = args[:end]
	}
	return verb + " " + address(args)
}

// body takes the message and answers its final dot.
func (s *session) body() bool {
	for {
		line, err := s.readLine()
		if err != nil {
			return false
		}
		if line == "." {
			s.rcpts = 0
			return s.play(s.stepsFor("body"))
		}
	}
}

// stepsFor is what the host does at a key: its script, or what any host does.
func (s *session) stepsFor(key string) []step {
	verb, _, _ := strings.Cut(key, " ")
	if s.tls && verb == "EHLO" && s.host.first(s.nth, []string{"EHLO-TLS"}) == nil {
		return withoutSTARTTLS(s.plain(key))
	}
	if s.tls && verb == "STARTTLS" && s.host.first(s.nth, []string{"STARTTLS-TLS"}) == nil {
		return replies("503 5.5.1 TLS is active already")
	}
	return s.plain(key)
}

func (s *session) plain(key string) []step {
	if steps := s.host.script(s.nth, key, s.tls); steps != nil {
		return steps
	}
	if lines := s.habit(key); lines != nil {
		return replies(lines...)
	}
	if steps := s.host.script(s.nth, "other", s.tls); steps != nil {
		return steps
	}
	return replies("500 5.5.2 Command unrecognized")
}

// habit is what a host answers that has no script for a key; nil for a command
// that it does not know.
func (s *session) habit(key string) []string {
	verb, _, _ := strings.Cut(key, " ")
	switch verb {
	case "greeting":
		return []string{"220 " + s.name + " ESMTP"}
	case "EHLO":
		lines := []string{"250-" + s.name + " Hello", "250-PIPELINING", "250-SIZE 36700160", "250-8BITMIME", "250-ENHANCEDSTATUSCODES"}
		if s.host.offersTLS() {
			lines = append(lines, "250-STARTTLS")
		}
		lines[len(lines)-1] = strings.Replace(lines[len(lines)-1], "-", " ", 1)
		return lines
	case "HELO":
		return []string{"250 " + s.name + " Hello"}
	case "MAIL":
		return []string{"250 2.1.0 Sender OK"}
	case "RCPT":
		return []string{"250 2.1.5 Recipient OK"}
	case "DATA":
		if s.rcpts == 0 {
			return []string{"503 5.5.2 Need RCPT command"}
		}
		return []string{"354 Start mail input; end with <CRLF>.<CRLF>"}
	case "body":
		return []string{"250 2.6.0 Queued mail for delivery"}
	case "RSET", "NOOP":
		return []string{"250 2.0.0 OK"}
	case "QUIT":
		return []string{"221 2.0.0 Service closing transmission channel"}
	case "STARTTLS":
		if s.host.offersTLS() {
			return []string{"220 2.0.0 SMTP server ready"}
		}
	}
	return nil
}

func replies(lines ...string) []step {
	var steps []step
	for _, l := range lines {
		steps = append(steps, step{do: "send", text: l + "\r\n", times: 1, reply: true})
	}
	return steps
}

// withoutSTARTTLS is an EHLO reply as it is inside TLS: that line is gone with
// its waits, and the line that is last now is written as the last.
func withoutSTARTTLS(steps []step) []step {
	var left []step
	begin := 0 // of the line, among those left
	for _, st := range steps {
		if st.isSTARTTLS() {
			left = left[:begin]
			continue
		}
		left = append(left, st)
		if st.reply {
			begin = len(left)
		}
	}
	if begin > 0 && len(left) < len(steps) {
		last := &left[begin-1]
		last.text = last.text[:3] + strings.Replace(last.text[3:4], "-", " ", 1) + last.text[4:]
	}
	return left
}

// play does the steps one after the other; it says whether the session goes
// on.
func (s *session) play(steps []step) bool {
	s.drip, s.tail = 0, ""
	for _, st := range steps {
		if !s.step(st) {
			return false
		}
	}
	return true
}

func (s *session) step(st step) bool {
	switch st.do {
	case "wait":
		return s.raw.sleep(st.wait)
	case "drip":
		s.drip = st.wait
	case "send":
		return s.send(st)
	case "silent":
		s.raw.hang()
		return false
	case "fail": // fatal alert, handshake_failure
		_, _ = io.WriteString(s.raw, "\x15\x03\x03\x00\x02\x02\x28")
		return false
	case "garbage":
		_, _ = io.WriteString(s.raw, "220 this is no handshake\r\n")
		return false
	case "close":
		s.closed = true // no parting words of TLS
		return false
	case "reset":
		s.closed = true
		s.raw.reset()
		return false
	}
	return true
}

func (s *session) send(st step) bool {
	s.tail = st.text[:min(len(st.text), 4)]
	if s.drip > 0 {
		return s.dripOut(st)
	}
	// Long texts go in larger pieces than they are made of.
	each := max(1, min(st.times, 4096/max(1, len(st.text))))
	piece := []byte(strings.Repeat(st.text, each))
	for left := st.times; left > 0; left -= each {
		if left < each {
			piece = piece[:left*len(st.text)]
		}
		if _, err := s.conn.Write(piece); err != nil {
			return false
		}
	}
	return true
}

// dripOut sends byte by byte, each after its pause.
func (s *session) dripOut(st step) bool {
	for range st.times {
		for i := range len(st.text) {
			if !s.raw.sleep(s.drip) {
				return false
			}
			if _, err := io.WriteString(s.conn, st.text[i:i+1]); err != nil {
				return false
			}
		}
	}
	return true
}

// startTLS shakes hands as the script says, from the moment at which the
// client begins.
func (s *session) startTLS() bool {
	if _, err := s.in.Peek(1); err != nil {
		return false
	}
	cert := s.certs.of(s.host.certOf(s.nth), s.name)
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}, SessionTicketsDisabled: true}
	for _, st := range s.host.script(s.nth, "handshake", false) {
		if st.do == "version" {
			cfg.MinVersion, cfg.MaxVersion = tlsVersions[st.text], tlsVersions[st.text]
		} else if !s.step(st) {
			return false
		}
	}
	t := tls.Server(buffered{s.raw, s.in}, cfg)
	if err := t.Handshake(); err != nil {
		return false
	}
	s.conn, s.in, s.tls = t, bufio.NewReader(t), true
	return true
}

// A buffered conn has a part of what is to be read in a buffer already.
type buffered struct {
	*conn
	in *bufio.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.in.Read(p) }
