package mailworld

import (
	"fmt"
	"strings"
	"time"
)

// longID is a queue id of Postfix with enable_long_queue_ids.
func longID(s *sim, n int) string {
	const digits = "0123456789BCDFGHJKLMNPQRSTVWXY"
	id := []byte("4Xk0000000z0000")
	for i := 9; i > 2; i-- {
		id[i] = digits[n%len(digits)]
		n /= len(digits)
	}
	for i := 11; i < len(id); i++ {
		id[i] = digits[s.IntN(len(digits))]
	}
	return string(id)
}

// eximID is an id of Exim, before 4.97 or since.
func eximID(s *sim, n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	code := func(n, length int) string {
		b := make([]byte, length)
		for i := length - 1; i >= 0; i-- {
			b[i] = digits[n%len(digits)]
			n /= len(digits)
		}
		return string(b)
	}
	if s.modern {
		return "1tU" + code(n*31, 3) + "-" + code(n*7, 11) + "-" + code(n*13, 4)
	}
	return "1Nq" + code(n*31, 3) + "-" + code(n*7, 6) + "-" + code(n%3844, 2)
}

// line writes a line of syslog.
func (x *server) line(at time.Time, process, format string, args ...any) {
	local := x.local(at).In(x.zone)
	when := local.Format(time.Stamp)
	if x.stamped {
		when = local.Format("2006-01-02T15:04:05.000000-07:00")
		if x.coarse {
			when = local.Format(time.RFC3339)
		}
	}
	x.write("mail", at, fmt.Sprintf("%s %s postfix/%s: ", when, x.short(), process)+fmt.Sprintf(format, args...)+"\n")
}

// postfix writes what Postfix logs of a trip.
func (x *server) postfix(s *sim, t *trip) {
	from, fromIP := t.cameFrom()
	daemon := fmt.Sprintf("smtpd[%d]", 2000+s.IntN(30000))
	begin := t.came.Add(-s.between(10*time.Millisecond, 200*time.Millisecond))
	x.line(begin, daemon, "connect from %s[%s]", from, fromIP)
	x.line(begin, daemon, "%s: client=%s[%s]", t.queue, from, fromIP)
	x.line(t.came, fmt.Sprintf("cleanup[%d]", 900+s.IntN(90)), "%s: message-id=<%s>", t.queue, t.id)
	x.line(t.came, "qmgr[811]", "%s: from=<%s>, size=%d, nrcpt=%d (queue active)", t.queue, t.from, t.size, len(t.all()))
	x.line(t.came, daemon, "disconnect from %s[%s] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5", from, fromIP)
	if t.step == 0 && t.here != "" {
		at := t.came.Add(s.between(5*time.Millisecond, 80*time.Millisecond))
		x.line(at, "local[4411]", "%s: to=<%s>, relay=local, delay=0.05, delays=0.02/0/0/0.03, dsn=2.0.0, status=sent (delivered to mailbox)", t.queue, t.here)
	}
	to, toIP := t.goesTo()
	smtp := fmt.Sprintf("smtp[%d]", 3000+s.IntN(400))
	for i, f := range t.fails {
		if i > 0 {
			x.line(f.at, "qmgr[811]", "%s: from=<%s>, size=%d, nrcpt=%d (queue active)", t.queue, t.from, t.size, len(t.all()))
		}
		x.delivery(s, t, f.at, smtp, to, toIP, "deferred", f.reason)
	}
	if t.left.IsZero() {
		return
	}
	if len(t.fails) > 0 {
		x.line(t.left.Add(-300*time.Millisecond), "qmgr[811]", "%s: from=<%s>, size=%d, nrcpt=%d (queue active)", t.queue, t.from, t.size, len(t.all()))
	}
	if t.failed != "" {
		x.delivery(s, t, t.left, smtp, to, toIP, "bounced", t.failed)
	} else {
		x.delivery(s, t, t.left, smtp, to, toIP, "sent", t.reply())
	}
	x.line(t.left.Add(time.Millisecond), "qmgr[811]", "%s: removed", t.queue)
}

// delivery is the line of one attempt.
func (x *server) delivery(s *sim, t *trip, at time.Time, smtp, to, ip, status, text string) {
	waited := at.Sub(t.came).Seconds()
	took := min(waited, 0.05+0.4*s.Float64())
	code, relay := "2.0.0", fmt.Sprintf("%s[%s]:25", to, ip)
	switch status {
	case "deferred":
		code = "4.4.1"
		if strings.HasPrefix(text, "connect to") {
			relay = "none"
			text = fmt.Sprintf("connect to %s[%s]:25: Connection timed out", to, ip)
		} else {
			text = fmt.Sprintf("host %s[%s] said: %s (in reply to RCPT TO command)", to, ip, text)
		}
	case "bounced":
		code, text = "5.4.6", fmt.Sprintf("host %s[%s] said: %s (in reply to end of DATA command)", to, ip, text)
	}
	for _, whom := range t.to {
		x.line(at, smtp, "%s: to=<%s>, relay=%s, delay=%s, delays=%s/0.01/0.05/%s, dsn=%s, status=%s (%s)", t.queue, whom, relay, digits2(waited), digits2(waited-took), digits2(took), code, status, text)
	}
}

// digits2 prints seconds with two digits where they are few, as Postfix does.
func digits2(seconds float64) string {
	switch {
	case seconds >= 10:
		return fmt.Sprintf("%.0f", seconds)
	case seconds >= 1:
		return fmt.Sprintf("%.1f", seconds)
	}
	return fmt.Sprintf("%.2f", max(0, seconds))
}

// exim writes what Exim logs of a trip.
func (x *server) exim(s *sim, t *trip) {
	line := func(at time.Time, format string, args ...any) {
		local := x.local(at).In(x.zone)
		when := local.Format(time.DateTime)
		if x.stamped {
			when = local.Format("2006-01-02 15:04:05.000 -0700")
		}
		x.write("mail", at, when+" "+t.queue+" "+fmt.Sprintf(format, args...)+"\n")
	}
	from, fromIP := t.cameFrom()
	line(t.came, "<= %s H=%s [%s] P=esmtp S=%d id=%s", t.from, from, fromIP, t.size, t.id)
	if t.step == 0 && t.here != "" {
		line(t.came.Add(20*time.Millisecond), "=> %s R=localuser T=local_delivery", t.here)
	}
	for _, whom := range t.to {
		x.eximAttempts(t, whom, line)
	}
	if t.left.IsZero() {
		return
	}
	line(t.left.Add(time.Millisecond), "Completed")
}

// eximAttempts are the lines about one recipient.
func (x *server) eximAttempts(t *trip, whom string, line func(at time.Time, format string, args ...any)) {
	to, ip := t.goesTo()
	for _, f := range t.fails {
		if strings.HasPrefix(f.reason, "connect to") {
			line(f.at, "== %s R=dnslookup T=remote_smtp defer (110): Connection timed out H=%s [%s]", whom, to, ip)
		} else {
			line(f.at, "== %s R=dnslookup T=remote_smtp defer (-44) H=%s [%s]: SMTP error from remote mail server after RCPT TO:<%s>: %s", whom, to, ip, whom, f.reason)
		}
	}
	switch {
	case t.left.IsZero():
	case t.failed != "":
		line(t.left, "** %s R=dnslookup T=remote_smtp H=%s [%s]: SMTP error from remote mail server after end of data: %s", whom, to, ip, t.failed)
	default:
		line(t.left, "=> %s R=dnslookup T=remote_smtp H=%s [%s] C=\"%s\"", whom, to, ip, t.reply())
	}
}
