// Package maillogtest writes mail logs for tests and measurements. The same seed
// gives the same file.
package maillogtest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// Counts is what a log holds, for the reader to be checked against.
type Counts struct {
	Bytes, Lines, Sent, Deferred, Rejected, Removed int64

	Received, Postponed, Late int64 // of Exim and Sendmail; Late are those of Sent that went over the slow hop
}

// begin is the time of the first line, in the zone of the server.
func begin() time.Time { return time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC) }

type generator struct {
	w     *bufio.Writer
	rnd   *rand.Rand
	at    time.Time
	stamp string
	sec   int64
	next  uint64
	retry []message // deferred, in the order in which they are tried again
	Counts
}

type message struct {
	id, from, to, domain string
	arrived              time.Time
	size                 int
	again                time.Time
}

// Postfix writes the log of a Postfix server with long queue ids and BSD stamps,
// of about size bytes: sessions, deliveries to some hundred domains, one in twenty
// deferred and tried again at growing intervals, connection failures, greylisting
// and the noise of a real server.
func Postfix(w io.Writer, seed uint64, size int64) (Counts, error) {
	g := &generator{w: bufio.NewWriterSize(w, 1<<20), rnd: rand.New(rand.NewPCG(seed, 1)), at: begin(), next: 0x4b1f3a2c9}
	for g.Bytes < size {
		g.step()
	}
	return g.Counts, g.w.Flush()
}

func (g *generator) step() {
	g.at = g.at.Add(time.Duration(g.rnd.ExpFloat64() * float64(300*time.Millisecond)))
	for len(g.retry) > 0 && g.retry[0].again.Before(g.at) {
		m := g.retry[0]
		g.retry = g.retry[1:]
		g.line("qmgr[811]", "%s: from=<%s>, size=%d, nrcpt=1 (queue active)", m.id, m.from, m.size)
		g.attempt(m)
	}
	switch n := g.rnd.IntN(100); {
	case n < 6:
		g.reject()
	case n < 10:
		g.noise()
	default:
		g.message()
	}
}

func (g *generator) message() {
	pid := 2000 + g.rnd.IntN(60000)
	client := fmt.Sprintf("mail%d.example.com[192.0.2.%d]", g.rnd.IntN(40), 1+g.rnd.IntN(250))
	m := message{
		id: g.id(), from: fmt.Sprintf("user%d@example.com", g.rnd.IntN(5000)), arrived: g.at, size: 900 + g.rnd.IntN(90000),
		domain: fmt.Sprintf("dest%d.contoso.com", int(g.rnd.ExpFloat64()*40)),
	}
	m.to = fmt.Sprintf("recipient%d@%s", g.rnd.IntN(9000), m.domain)
	smtpd := fmt.Sprintf("smtpd[%d]", pid)
	g.line(smtpd, "connect from %s", client)
	g.line(smtpd, "%s: client=%s", m.id, client)
	g.line(fmt.Sprintf("cleanup[%d]", pid+1), "%s: message-id=<%d.%s@mail.example.com>", m.id, g.rnd.Uint32(), m.id)
	g.line("qmgr[811]", "%s: from=<%s>, size=%d, nrcpt=1 (queue active)", m.id, m.from, m.size)
	g.line(smtpd, "disconnect from %s ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5", client)
	g.attempt(m)
}

// attempt is one delivery, with its end in the queue.
func (g *generator) attempt(m message) {
	smtp := fmt.Sprintf("smtp[%d]", 3000+g.rnd.IntN(200))
	relay := fmt.Sprintf("mx1.%s[198.51.100.%d]", m.domain, 1+len(m.domain)*7%250)
	waited := g.at.Sub(m.arrived).Seconds()
	if g.rnd.IntN(20) == 0 && waited < 86400 {
		g.deferred(m, smtp, relay, waited)
		return
	}
	took := 0.2 + g.rnd.ExpFloat64()
	g.line(smtp, "%s: to=<%s>, relay=%s:25, delay=%.2g, delays=%.2g/0.01/0.12/%.2g, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as %s)", m.id, m.to, relay, fixed(waited+took), fixed(waited), took, g.id())
	g.line("qmgr[811]", "%s: removed", m.id)
	g.Sent++
	g.Removed++
}

// fixed keeps %.2g from writing an exponent, as Postfix does not.
func fixed(seconds float64) float64 { return min(seconds, 99) }

func (g *generator) deferred(m message, smtp, relay string, waited float64) {
	reason := fmt.Sprintf("host %s said: 450 4.2.0 <%s>: Recipient address rejected: try again later (in reply to RCPT TO command)", relay, m.to)
	name := relay + ":25"
	if g.rnd.IntN(3) == 0 {
		g.line(smtp, "connect to %s:25: Connection timed out", relay)
		reason, name = fmt.Sprintf("connect to %s:25: Connection timed out", relay), "none"
	}
	g.line(smtp, "%s: to=<%s>, relay=%s, delay=%.0f, delays=%.0f/0.02/0.3/0.1, dsn=4.2.0, status=deferred (%s)", m.id, m.to, name, waited, waited, reason)
	g.Deferred++
	m.again = g.at.Add(max(5*time.Minute, min(g.at.Sub(m.arrived), 4000*time.Second)))
	if n := len(g.retry); n > 0 && m.again.Before(g.retry[n-1].again) {
		m.again = g.retry[n-1].again
	}
	g.retry = append(g.retry, m)
}

func (g *generator) reject() {
	client := fmt.Sprintf("unknown[203.0.113.%d]", 1+g.rnd.IntN(250))
	smtpd := fmt.Sprintf("smtpd[%d]", 2000+g.rnd.IntN(60000))
	to := fmt.Sprintf("user%d@example.com", g.rnd.IntN(5000))
	g.line(smtpd, "connect from %s", client)
	g.line(smtpd, "NOQUEUE: reject: RCPT from %s: 450 4.7.1 <%s>: Recipient address rejected: Greylisted; from=<a%d@contoso.com> to=<%s> proto=ESMTP helo=<mail.contoso.com>", client, to, g.rnd.IntN(99), to)
	g.line(smtpd, "disconnect from %s ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4", client)
	g.Rejected++
}

func (g *generator) noise() {
	switch g.rnd.IntN(3) {
	case 0:
		g.line(fmt.Sprintf("smtpd[%d]", 2000+g.rnd.IntN(60000)), "warning: hostname host%d.contoso.com does not resolve to address 203.0.113.%d: Name or service not known", g.rnd.IntN(99), g.rnd.IntN(250))
	case 1:
		g.line("anvil[815]", "statistics: max connection rate 4/60s for (smtp:192.0.2.%d) at Nov 16 00:00:00", g.rnd.IntN(250))
	case 2:
		g.line("smtp[3100]", "Trusted TLS connection established to mx1.dest%d.contoso.com[198.51.100.7]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)", g.rnd.IntN(99))
	}
}

func (g *generator) line(process, format string, args ...any) {
	if sec := g.at.Unix(); sec != g.sec {
		g.sec, g.stamp = sec, g.at.Format(time.Stamp)
	}
	head, _ := fmt.Fprintf(g.w, "%s mx1 postfix/%s: ", g.stamp, process)
	text, _ := fmt.Fprintf(g.w, format, args...)
	g.w.WriteByte('\n') // an error stays with the writer until Flush
	g.Bytes += int64(head + text + 1)
	g.Lines++
}

// id is a long queue id: digits and consonants, "z" in the middle.
func (g *generator) id() string {
	const digits = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy"
	g.next += 1 + uint64(g.rnd.IntN(1<<20))
	id := []byte("4Xk00000000z0000")
	for n, i := g.next, 10; i > 2; i-- {
		id[i] = digits[n%uint64(len(digits))]
		n /= uint64(len(digits))
	}
	for i := 12; i < 16; i++ {
		id[i] = digits[g.rnd.IntN(len(digits))]
	}
	return string(id)
}
