package exlogtest

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// The slow hop in what Receive writes: the messages of SlowClient are acknowledged
// this late, and the log says why (DelayedAck). Exchange 2010 does so to clients
// without shadow redundancy; others are answered at once.
const (
	SlowClient   = "203.0.113.9"
	Acknowledged = 9 * time.Second
)

// The slow hop in what Send writes: GreyHost puts each pair of sender and recipient
// off, and takes it at the next attempt, so much later.
const (
	GreyHost  = "203.0.113.25:25"
	GreyAgain = 10 * time.Minute
)

const fieldsProtocol = "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\r\n"

// exchangeHead makes the header of a log of Exchange 2007 or later.
func exchangeHead(kind, fields string) func(time.Time) string {
	return func(at time.Time) string {
		return "#Software: Microsoft Exchange Server\r\n#Version: 14.0.0.0\r\n#Log-type: " + kind + "\r\n#Date: " + at.Format(stamp) + "\r\n" + fields
	}
}

// Receive writes at least size bytes of a protocol log of the sessions that others
// open with one hub.
func Receive(w io.Writer, seed uint64, size int64) (Counts, error) {
	f := newFlow(seed, time.Second)
	f.head = exchangeHead("SMTP Receive Protocol Log", fieldsProtocol)
	f.begin = func() {
		client := fmt.Sprintf("198.51.100.%d", 1+f.rand.IntN(200))
		late := f.rand.IntN(20) == 0
		if late {
			client = SlowClient
		}
		s := &talk{flow: f, at: f.now, connector: `HUB1\Default HUB1`, local: "192.0.2.11:25", remote: fmt.Sprintf("%s:%d", client, 1024+f.rand.IntN(60000)), late: late}
		s.name()
		s.received()
	}
	return f.write(w, size)
}

// Send writes at least size bytes of a protocol log of the sessions that one hub
// opens with a hundred and twenty hosts.
func Send(w io.Writer, seed uint64, size int64) (Counts, error) {
	f := newFlow(seed, time.Second)
	f.head = exchangeHead("SMTP Send Protocol Log", fieldsProtocol)
	f.begin = func() {
		s := &talk{flow: f, at: f.now, connector: "To Internet", remote: fmt.Sprintf("198.51.100.%d:25", 1+f.rand.IntN(120))}
		from, to := f.insider(), f.stranger()
		switch f.rand.IntN(20) {
		case 0: // the slow hop
			s.remote = GreyHost
			s.name()
			s.sent(from, to, "451 4.7.1 <"+to+">: Recipient address rejected: Greylisted, come again later")
			s.at = s.at.Add(GreyAgain)
			s.late = true
		case 1:
			s.name()
			s.sent(from, to, "550 5.1.1 <"+to+">: Recipient address rejected: User unknown")
			return
		}
		s.name()
		s.sent(from, to, "")
	}
	return f.write(w, size)
}

// talk is a session while it is made.
type talk struct {
	*flow
	at            time.Time
	connector, id string
	local, remote string
	row           int
	late          bool // of the slow hop
}

// taken counts a message that was taken over.
func (t *talk) taken() []*int64 {
	if t.late {
		return []*int64{&t.Messages, &t.Late}
	}
	return []*int64{&t.Messages}
}

// refused counts a temporary refusal.
func (t *talk) refused(reply string) []*int64 {
	if reply[0] == '4' {
		return []*int64{&t.Refused}
	}
	return nil
}

// name begins another session.
func (t *talk) name() {
	t.id, t.row = fmt.Sprintf("08DE%012X", t.rand.Uint64N(1<<48)), 0
}

// log writes a row, a moment after the one before.
func (t *talk) log(event, data, context string, counts ...*int64) {
	text := strings.Join([]string{t.at.Format(stamp), t.connector, t.id, fmt.Sprint(t.row), t.local, t.remote, event, quoted(data), quoted(context)}, ",")
	t.put(t.at, text+"\r\n", counts)
	t.row++
	t.at = t.at.Add(time.Duration(1+t.rand.IntN(20)) * time.Millisecond)
}

// received is a session that a client opens.
func (t *talk) received() {
	server, client := ">", "<"
	keywords := "Hello [" + t.remote + "] SIZE PIPELINING DSN ENHANCEDSTATUSCODES STARTTLS X-ANONYMOUSTLS AUTH X-EXPS GSSAPI NTLM 8BITMIME BINARYMIME CHUNKING XEXCH50 XRDST XSHADOW"
	t.log("+", "", "", &t.Sessions)
	t.log("*", "SMTPSubmit SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender AcceptRoutingHeaders", "Set Session Permissions")
	t.log(server, "220 hub1.contoso.com Microsoft ESMTP MAIL Service ready at "+t.at.Format(time.RFC1123Z), "")
	t.log(client, "EHLO out.example.com", "")
	t.log(server, "250  hub1.contoso.com "+keywords, "")
	for range 1 + t.rand.IntN(3) {
		from, to := t.stranger(), t.insider()
		size := 2000 + t.rand.IntN(90000)
		t.log(client, fmt.Sprintf("MAIL FROM:<%s> SIZE=%d", from, size), "")
		t.log("*", t.id+";"+t.at.Format(stamp)+";1", "receiving message")
		t.log(client, "RCPT TO:<"+to+">", "")
		t.log(server, "250 2.1.0 Sender OK", "")
		t.log(server, "250 2.1.5 Recipient OK", "")
		t.log(client, fmt.Sprintf("BDAT %d LAST", size), "")
		if t.late {
			t.at = t.at.Add(Acknowledged)
			t.log("*", fmt.Sprintf("Tarpit for '0.00:00:%06.3f' due to 'DelayedAck'", Acknowledged.Seconds()), "Delivered")
		}
		t.log(server, fmt.Sprintf("250 2.6.0 <%x@mail.example.com> Queued mail for delivery", t.rand.Uint64()), "", t.taken()...)
	}
	t.log(client, "QUIT", "")
	t.log(server, "221 2.0.0 Service closing transmission channel", "")
	t.log("-", "", "Local")
}

// sent is a session that the hub opens. With a refusal its recipient is refused.
func (t *talk) sent(from, to, refusal string) {
	t.local = ""
	t.log("*", "", "attempting to connect", &t.Sessions)
	t.local = fmt.Sprintf("192.0.2.11:%d", 1024+t.rand.IntN(60000))
	t.at = t.at.Add(t.about(30 * time.Millisecond))
	t.log("+", "", "")
	t.hello()
	t.log(">", fmt.Sprintf("MAIL FROM:<%s> SIZE=%d", from, 2000+t.rand.IntN(90000)), "")
	t.log(">", "RCPT TO:<"+to+">", "")
	t.log("<", "250 2.1.0 Ok", "")
	if refusal != "" {
		t.log("<", refusal, "", t.refused(refusal)...)
	} else {
		t.log("<", "250 2.1.5 Ok", "")
		t.log(">", "DATA", "")
		t.log("<", "354 End data with <CR><LF>.<CR><LF>", "")
		t.at = t.at.Add(t.about(300 * time.Millisecond))
		t.log("<", fmt.Sprintf("250 2.0.0 Ok: queued as %010X", t.rand.Uint64N(1<<40)), "", t.taken()...)
	}
	t.log(">", "QUIT", "")
	t.log("<", "221 2.0.0 Bye", "")
	t.log("-", "", "Local")
}

// hello is the greeting, and what the host offers.
func (t *talk) hello() {
	name := "mx" + t.remote[strings.LastIndexByte(t.remote, '.')+1:strings.IndexByte(t.remote, ':')] + ".example.com"
	t.log("<", "220 "+name+" ESMTP", "")
	t.log(">", "EHLO hub1.contoso.com", "")
	t.log("<", "250-"+name, "")
	t.log("<", "250-PIPELINING", "")
	t.log("<", "250-SIZE 36700160", "")
	t.log("<", "250-ENHANCEDSTATUSCODES", "")
	t.log("<", "250 8BITMIME", "")
}
