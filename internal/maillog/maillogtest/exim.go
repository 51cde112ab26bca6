package maillogtest

import (
	"fmt"
	"io"
	"time"
)

// The slow hop in what Exim writes: SlowHost puts each message off with 451 at its
// first attempt. Exim works through its queue at each full and half hour
// (-q30m), and tries a message again when EximRetry is over. The host then takes it,
// so that such mail leaves just behind a full or half hour.
const (
	EximRun   = 30 * time.Minute
	EximRetry = 15 * time.Minute
)

// Exim writes at least size bytes of a main log of Exim 4.96, with the selectors
// that are on by default.
func Exim(w io.Writer, seed uint64, size int64) (Counts, error) {
	e := &exim{clockwork: newClockwork(w, seed)}
	e.each(true, time.Second, e.receive)
	e.each(true, 20*time.Second, e.noise)
	e.each(false, EximRun, e.runQueue)
	return e.run(size)
}

type exim struct {
	*clockwork
	waiting []message
}

func (e *exim) log(format string, args ...any) { e.line("2006-01-02 15:04:05 ", format, args...) }

func (e *exim) receive() {
	m := e.message()
	m.id = e.id()
	name, addr := e.client()
	e.log("%s <= %s H=%s [%s]:%d P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no S=%d id=%x.%s@mail.example.com",
		m.id, m.from, name, addr, 1024+e.rnd.IntN(60000), m.size, e.rnd.Uint32(), m.id)
	e.Received++
	e.after(e.about(2*time.Second), func() {
		if m.domain == SlowDomain {
			e.putOff(m)
		} else {
			e.deliver(m)
		}
	})
}

func (e *exim) putOff(m message) {
	e.log("%s == %s R=dnslookup T=remote_smtp defer (-44) H=%s [%s]: SMTP error from remote mail server after RCPT TO:<%s>: 451 4.7.1 Greylisted, please come again", m.id, m.to, SlowHost, slowAddr, m.to)
	e.Deferred++
	m.again = e.at.Add(EximRetry)
	e.waiting = append(e.waiting, m)
}

func (e *exim) deliver(m message) {
	name, addr := exchanger(m.domain)
	e.log("%s => %s R=dnslookup T=remote_smtp H=%s [%s]:25 X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C=\"250 2.0.0 Ok: queued as %010X\"", m.id, m.to, name, addr, e.rnd.Uint64N(1<<40))
	e.Sent++
	e.log("%s Completed", m.id)
	e.Removed++
	if m.domain == SlowDomain {
		e.Late++
	}
}

// runQueue looks at what waits, one message after the other.
func (e *exim) runQueue() {
	pid := 2000 + e.rnd.IntN(60000)
	e.log("Start queue run: pid=%d", pid)
	wait := time.Duration(0)
	left := e.waiting[:0]
	for _, m := range e.waiting {
		if m.again.After(e.at) {
			e.after(wait, func() {
				e.log("%s == %s R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host for '%s'", m.id, m.to, SlowDomain)
				e.Postponed++
			})
			left = append(left, m)
			continue
		}
		wait += 50*time.Millisecond + e.about(200*time.Millisecond)
		e.after(wait, func() { e.deliver(m) })
	}
	e.waiting = left
	e.after(wait, func() { e.log("End queue run: pid=%d", pid) })
}

func (e *exim) noise() {
	name, addr := e.client()
	switch e.rnd.IntN(3) {
	case 0:
		e.log("H=(%s) [203.0.113.%d] F=<a@contoso.com> rejected RCPT <user%d@example.com>: relay not permitted", name, 1+e.rnd.IntN(250), e.rnd.IntN(5000))
		e.Rejected++
	case 1:
		e.log("no host name found for IP address 203.0.113.%d", 1+e.rnd.IntN(250))
	case 2:
		e.log("SMTP connection from %s [%s] closed by QUIT", name, addr)
	}
}

// id is a message id of before 4.97: time, process, and its part of a second.
func (e *exim) id() string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base62 := func(n uint64, length int) string {
		b := make([]byte, length)
		for i := length - 1; i >= 0; i-- {
			b[i], n = digits[n%62], n/62
		}
		return string(b)
	}
	e.next++
	return fmt.Sprintf("%s-%s-%s", base62(uint64(e.at.Unix()), 6), base62(2000+e.next%60000, 6), base62(uint64(e.at.Nanosecond()/500_000), 2))
}
