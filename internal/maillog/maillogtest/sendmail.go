package maillogtest

import (
	"fmt"
	"io"
	"time"
)

// The slow hop in what Sendmail writes: SlowHost answers nobody in the first part of
// each hour, SendmailDown. Sendmail works through its queue at each quarter of an
// hour (-q15m), and each attempt in that time waits SendmailGivesUp.
const (
	SendmailRun     = 15 * time.Minute
	SendmailDown    = 25 * time.Minute
	SendmailGivesUp = time.Minute
)

// Sendmail writes at least size bytes of the log of a Sendmail server, by syslog, in
// a time without a year.
func Sendmail(w io.Writer, seed uint64, size int64) (Counts, error) {
	s := &sendmail{clockwork: newClockwork(w, seed)}
	s.each(true, time.Second, s.receive)
	s.each(true, 20*time.Second, s.noise)
	s.each(false, SendmailRun, s.runQueue)
	return s.run(size)
}

type sendmail struct {
	*clockwork
	waiting []message
}

func (s *sendmail) log(pid int, format string, args ...any) {
	s.line(time.Stamp, fmt.Sprintf(" mx1 sm-mta[%d]: ", pid)+format, args...)
}

func (s *sendmail) receive() {
	m := s.message()
	pid := 2000 + s.rnd.IntN(60000)
	m.id = s.id(pid)
	name, addr := s.client()
	s.log(pid, "%s: from=<%s>, size=%d, class=0, nrcpts=1, msgid=<%x.%s@mail.example.com>, proto=ESMTPS, daemon=MTA, relay=%s [%s]", m.id, m.from, m.size, s.rnd.Uint32(), m.id, name, addr)
	s.Received++
	s.after(s.about(2*time.Second), func() { s.try(m) })
}

// try tries to deliver, and says so when it is known how it went.
func (s *sendmail) try(m message) {
	if m.domain == SlowDomain && s.at.Sub(s.at.Truncate(time.Hour)) < SendmailDown {
		s.after(SendmailGivesUp, func() { s.putOff(m) })
		return
	}
	pid := 2000 + s.rnd.IntN(60000)
	name, addr := exchanger(m.domain)
	took := s.about(time.Second)
	s.log(pid, "STARTTLS=client, relay=%s., version=TLSv1.3, verify=OK, cipher=TLS_AES_256_GCM_SHA384, bits=256/256", name)
	s.after(took, func() {
		s.log(pid, "%s: to=<%s>, ctladdr=<%s> (33/33), delay=%s, xdelay=%s, mailer=esmtp, pri=%d, relay=%s. [%s], dsn=2.0.0, stat=Sent (Ok: queued as %010X)",
			m.id, m.to, m.from, hours(s.at.Sub(m.arrived)), hours(took), 120000+m.size, name, addr, s.rnd.Uint64N(1<<40))
		s.Sent++
		if m.domain == SlowDomain {
			s.Late++
		}
	})
}

func (s *sendmail) putOff(m message) {
	s.log(2000+s.rnd.IntN(60000), "%s: to=<%s>, ctladdr=<%s> (33/33), delay=%s, xdelay=%s, mailer=esmtp, pri=%d, relay=%s. [%s], dsn=4.0.0, stat=Deferred: Connection timed out with %s.",
		m.id, m.to, m.from, hours(s.at.Sub(m.arrived)), hours(SendmailGivesUp), 120000+m.size, SlowHost, slowAddr, SlowHost)
	s.Deferred++
	s.waiting = append(s.waiting, m)
}

// runQueue looks at what waits, several messages at a time.
func (s *sendmail) runQueue() {
	wait := time.Duration(0)
	for _, m := range s.waiting {
		s.after(wait, func() { s.try(m) })
		wait += s.about(100 * time.Millisecond)
	}
	s.waiting = nil
}

func (s *sendmail) noise() {
	pid := 2000 + s.rnd.IntN(60000)
	name, addr := s.client()
	if s.rnd.IntN(2) == 0 {
		s.log(pid, "%s: ruleset=check_rcpt, arg1=<user%d@example.com>, relay=host%d.contoso.com [203.0.113.%d], reject=550 5.7.1 Relaying denied", s.id(pid), s.rnd.IntN(5000), s.rnd.IntN(99), 1+s.rnd.IntN(250))
		s.Rejected++
		return
	}
	s.log(pid, "STARTTLS=server, relay=%s [%s], version=TLSv1.3, verify=NO, cipher=TLS_AES_256_GCM_SHA384, bits=256/256", name, addr)
}

// hours writes a time as Sendmail does.
func hours(d time.Duration) string {
	n := int(d.Seconds())
	days := ""
	if n >= 86400 {
		days = fmt.Sprintf("%d+", n/86400)
	}
	return fmt.Sprintf("%s%02d:%02d:%02d", days, n/3600%24, n/60%60, n%60)
}

// id is a queue id: eight characters of the time and a counter, and the process.
func (s *sendmail) id(pid int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	s.next++
	b := []byte("5AG00000")
	for n, i := s.next, 7; i > 2; i-- {
		b[i], n = digits[n%62], n/62
	}
	return fmt.Sprintf("%s%06d", b, pid)
}
