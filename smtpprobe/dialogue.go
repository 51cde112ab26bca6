package smtpprobe

import (
	"fmt"

	"github.com/emersion/go-smtp"
)

// A dialogue is what is said on a wire, in which order.
type dialogue struct {
	*wire
	prober *Prober
	client *smtp.Client
	offers map[string]string // by the EHLO that counts; none after HELO
}

// hold holds the session from the greeting on.
func (d *dialogue) hold() {
	defer d.conn.Close()
	defer d.watch()()
	d.begin(Greeting, "")
	d.finish()
	if !d.ok() || !d.hello() || !d.secure() {
		d.leave(QUIT)
		return
	}
	if d.session.To == "" {
		d.leave(QUIT)
		return
	}
	d.transact()
}

// hello says EHLO, or HELO when that is refused (RFC 5321 4.1.1.1).
func (d *dialogue) hello() bool {
	d.client = smtp.NewClient(newTalker(d.wire))
	d.client.Hello(d.session.Name) // how it went is in the record
	d.offers = d.session.Last().offers()
	return d.ok()
}

// secure goes over to TLS if it is offered, and says whether the session can go
// on, be it in the clear (RFC 3207 4.1). What was known before is forgotten, so
// EHLO is said again (RFC 3207 4.2).
func (d *dialogue) secure() bool {
	if _, offered := d.offers[STARTTLS]; !offered || d.prober.NoTLS {
		return true
	}
	d.say(STARTTLS)
	if d.session.Last().Code != 220 {
		return d.alive() && d.session.Last().Code != codeClosing
	}
	return d.handshake(d.prober.Roots) && d.hello()
}

// transact asks whether the mail would be taken.
func (d *dialogue) transact() {
	if !d.mail() {
		d.leave(QUIT)
		return
	}
	if !d.prober.Send {
		d.leave("RCPT TO:<"+d.session.To+">", RSET, QUIT)
		return
	}
	d.client.Rcpt(d.session.To, nil)
	if d.ok() && d.message() {
		d.leave(QUIT)
		return
	}
	d.leave(RSET, QUIT)
}

// mail says MAIL. An address that is not ASCII needs SMTPUTF8 (RFC 6531 3.4).
func (d *dialogue) mail() bool {
	before := len(d.session.Steps)
	utf8 := !isASCII(d.session.From) || !isASCII(d.session.To)
	err := d.client.Mail(d.session.From, &smtp.MailOptions{UTF8: utf8})
	if err != nil && len(d.session.Steps) == before { // the client would not say it
		d.begin(MAIL, "")
		d.end(&fault{FaultLocal, fmt.Sprintf("cannot say MAIL to %s: %v", d.session.Addr, err)})
	}
	return d.ok()
}

// codeClosing says that the server closes the connection, whatever it was asked
// (RFC 5321 3.8).
const codeClosing = 421

// leave says the last commands of a session: in one group if PIPELINING was
// offered, else one by one. QUIT may only be the last of a group (RFC 2920 3.1).
// To a server that is closing only QUIT is said.
func (d *dialogue) leave(commands ...string) {
	if !d.alive() {
		return
	}
	if _, offered := d.offers["PIPELINING"]; offered && d.session.Last().Code != codeClosing {
		d.say(commands...)
		return
	}
	for _, c := range commands {
		if d.alive() && (c == QUIT || d.session.Last().Code != codeClosing) {
			d.say(c)
		}
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
