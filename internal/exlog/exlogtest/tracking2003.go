package exlogtest

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Release2003 is the rhythm of the one slow connector in what Tracking2003 writes:
// mail to SlowPartner leaves at each full half hour, and no attempt is made before.
// The rest leaves, or is delivered, within seconds.
const Release2003 = 30 * time.Minute

// SlowPartner is the bridgehead at the other end of that connector.
const SlowPartner = "hub1.contoso.com"

// Header2003 begins each part of a message tracking log of Exchange 2000 and 2003.
const Header2003 = "# Message Tracking Log File\r\n# Exchange System Attendant Version 6.5.7638.1\r\n" +
	"# Date\tTime\tclient-ip\tClient-hostname\tPartner-Name\tServer-hostname\tserver-IP\tRecipient-Address\tEvent-ID\tMSGID\tPriority\t" +
	"Recipient-Report-Status\ttotal-bytes\tNumber-Recipients\tOrigination-Time\tEncryption\tservice-Version\tLinked-MSGID\tMessage-Subject\tSender-Address\r\n"

// Tracking2003 writes at least size bytes of a message tracking log of Exchange
// 2003, of one server with mailboxes, a gateway to the internet and a connector to
// the part of the organisation that has moved on.
func Tracking2003(w io.Writer, seed uint64, size int64) (Counts, error) {
	f := newFlow(seed, 3*time.Second)
	f.head = func(time.Time) string { return Header2003 }
	f.begin = func() { (&mail2003{flow: f, at: f.now, n: f.number}).travel() }
	return f.write(w, size)
}

// mail2003 is a message on its way through the server.
type mail2003 struct {
	*flow
	n        int64
	at       time.Time
	came     string // its time of origin
	from     string
	to       []string
	size     int
	subject  string
	client   string // that handed it over
	clientIP string
	late     bool
}

func (m *mail2003) travel() {
	m.from, m.to, m.size = m.insider(), []string{m.insider()}, 2000+m.rand.IntN(90000)
	m.subject = m.among("Minutes", "Re: Invoice 4711", `"Order confirmed"`, "Grüße aus Köln", "AW: Lunch?", "-")
	for m.rand.IntN(5) == 0 {
		m.to = append(m.to, m.insider())
	}
	m.client, m.clientIP, m.came = "-", "-", seconds2003(m.at)
	switch m.rand.IntN(10) {
	case 0, 1:
		m.to = []string{m.stranger()}
		m.come("1027", "1019")
		m.leave("mx.example.com")
	case 2, 3: // the slow hop
		m.late = true
		m.come("1027", "1019")
		m.route()
		m.at = m.at.Truncate(Release2003).Add(Release2003).Add(m.about(5 * time.Second))
		m.send(SlowPartner)
	case 4, 5:
		m.from, m.client, m.clientIP = m.stranger(), "out.example.com", "203.0.113.7"
		m.come("1019")
		m.deliver()
	default:
		m.come("1027", "1019")
		m.deliver()
	}
}

// come is what is written of each message before it is known where it goes.
func (m *mail2003) come(events ...string) {
	count := []*int64{&m.Messages}
	for _, event := range append(events, "1025", "1024", "1033") {
		for _, to := range m.to {
			m.row(event, "-", to, count...)
			count = nil
		}
		m.at = m.at.Add(m.about(100 * time.Millisecond))
	}
}

// route queues it for a remote host, which is said without the host.
func (m *mail2003) route() { m.each("1034", "-") }

func (m *mail2003) leave(partner string) {
	m.route()
	m.at = m.at.Add(m.about(800 * time.Millisecond))
	m.send(partner)
}

func (m *mail2003) send(partner string) {
	m.each("1020", partner)
	m.at = m.at.Add(50*time.Millisecond + m.about(200*time.Millisecond))
	count := []*int64(nil)
	if m.late {
		count = []*int64{&m.Late}
	}
	for _, to := range m.to {
		m.row("1031", partner, to, count...)
		count = nil
	}
}

func (m *mail2003) deliver() {
	for _, event := range []string{"1036", "1023", "1028"} {
		m.each(event, "-")
		m.at = m.at.Add(m.about(400 * time.Millisecond))
	}
}

// each writes a row for each recipient.
func (m *mail2003) each(event, partner string) {
	for _, to := range m.to {
		m.row(event, partner, to)
	}
}

func (m *mail2003) row(event, partner, to string, counts ...*int64) {
	m.at = m.at.Add(time.Millisecond)
	date, clock, _ := strings.Cut(seconds2003(m.at), " ")
	m.put(m.at, strings.Join([]string{date, clock, m.clientIP, m.client, partner, "EX03A", "192.0.2.30", to, event,
		fmt.Sprintf("%08X%08X@ex03a.contoso.com", m.n*2654435761&0xffffffff, m.n), "0", "0", fmt.Sprint(m.size), fmt.Sprint(len(m.to)), m.came, "0",
		"Version: 6.0.3790.4675", "-", " " + m.subject, m.from, "-"}, "\t")+"\r\n", counts)
}

// seconds2003 writes a time as these logs do: nothing is padded but minutes and
// seconds (seen).
func seconds2003(at time.Time) string { return at.Format("2006-1-2 15:04:05 GMT") }
