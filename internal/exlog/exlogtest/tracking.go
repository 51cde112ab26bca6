// Package exlogtest makes Exchange logs for tests and measurements. Nothing in
// them was ever on a server.
package exlogtest

import (
	"bufio"
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"
)

// Release is the rhythm of the one slow connector in what Tracking writes: it
// lets mail go at each full quarter of an hour.
const Release = 15 * time.Minute

// SlowConnector is the name of that connector.
const SlowConnector = "To Exchange 2003, Main Site"

// Header begins each part of a message tracking log of Exchange 2016 and later.
const Header = "#Software: Microsoft Exchange Server\r\n#Version: 15.01.2507.039\r\n#Log-type: Message Tracking Log\r\n#Date: %s\r\n" +
	"#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id," +
	"message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference," +
	"message-subject,sender-address,return-path,message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data," +
	"transport-traffic-type,log-id,schema-version\r\n"

const stamp = "2006-01-02T15:04:05.000Z"

// Tracking writes at least size bytes of a message tracking log of the
// generation of 2016, in the order of time, and ends with a whole row. Four
// servers log into it: as if their files had been merged. The same seed gives the
// same bytes. It returns the number of rows.
func Tracking(w io.Writer, seed uint64, size int64) (rows int64, err error) {
	const part = 10 << 20 // bytes of a log file, behind which a new one begins
	out := bufio.NewWriterSize(w, 1<<20)
	m := &mill{rand: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
	left := int64(0)
	for written := int64(0); written < size; rows++ {
		at, row := m.next()
		if left <= 0 {
			n, _ := fmt.Fprintf(out, Header, at.Format(stamp))
			written, left = written+int64(n), part
		}
		n, err := out.WriteString(row)
		if err != nil {
			return rows, err
		}
		written, left = written+int64(n), left-int64(n)
	}
	return rows, out.Flush()
}

// mill makes messages and gives their rows in the order of time.
type mill struct {
	rand  *rand.Rand
	now   time.Time
	count int64
	rows  rows
}

type row struct {
	at     time.Time
	text   string
	counts []*int64 // that grow by one with the row
}

type rows []row

func (r rows) Len() int           { return len(r) }
func (r rows) Less(i, j int) bool { return r[i].at.Before(r[j].at) }
func (r rows) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *rows) Push(x any)        { *r = append(*r, x.(row)) }
func (r *rows) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}

// next gives the next row. Messages begin until one begins behind it.
func (m *mill) next() (time.Time, string) {
	for len(m.rows) == 0 || !m.rows[0].at.Before(m.now) {
		m.now = m.now.Add(time.Duration(m.rand.ExpFloat64() * float64(600*time.Millisecond)))
		m.message()
	}
	first := heap.Pop(&m.rows).(row)
	return first.at, first.text
}

type server struct{ name, ip string }

// mail is a message on its way.
type mail struct {
	*mill
	n       int64
	at      time.Time
	sender  string
	to      string
	subject string
	size    int
	path    []server // where it was before
}

func (m *mill) message() {
	m.count++
	first := []string{"anna", "bob", "chen", "dora", "emil", "fay"}[m.rand.IntN(6)]
	subject := []string{"Minutes", "Re: Invoice 4711", `"Order, confirmed"`, `"The ""new"" plan, part 2"`, "Grüße aus Köln", "AW: Lunch?", ""}[m.rand.IntN(7)]
	x := &mail{mill: m, n: m.count, at: m.now, subject: subject, size: 2000 + m.rand.IntN(90000),
		sender: first + "@example.com", to: fmt.Sprintf("user%d@contoso.com", m.rand.IntN(4000))}
	switch hub := hubs()[m.rand.IntN(2)]; m.rand.IntN(10) {
	case 0, 1: // towards the internet
		x.sender, x.to = x.to, x.sender
		x.submit(hub)
		x.leave(hub, server{"mx.example.com", "203.0.113.25"}, "To Internet", "SENDEXTERNAL")
	case 2: // to the part of the organisation that has not moved yet
		x.submit(hub)
		x.at = x.at.Truncate(Release).Add(Release)
		x.leave(hub, server{"ex2003.contoso.com", "192.0.2.30"}, SlowConnector, "SEND")
	case 3:
		x.submit(hub)
		x.deliver(hub)
	default:
		x.receive(edge(), server{"out.example.com", "203.0.113.7"}, "edge1\\Default internet")
		x.leave(edge(), hub, "EdgeSync - Inbound to Main-Site", "SEND")
		x.receive(hub, edge(), hub.name+`\Default `+hub.name)
		x.deliver(hub)
	}
}

func hubs() []server {
	return []server{{"hub1.contoso.com", "192.0.2.11"}, {"hub2.contoso.com", "192.0.2.12"}}
}
func edge() server { return server{"edge1.contoso.com", "198.51.100.5"} }

// wait lets time go by, of this order.
func (x *mail) wait(scale time.Duration) {
	x.at = x.at.Add(time.Duration(x.rand.ExpFloat64() * float64(scale)))
}

func (x *mail) submit(hub server) {
	box := server{"mbx1.contoso.com", "192.0.2.21"}
	context := `"MDB:5b0c2d1e-0000-4000-8000-00000000abcd, Mailbox:7d1f0000-0000-4000-8000-0000000000ff, MessageClass:IPM.Note, ClientType:MOMT"`
	x.row(box, hub, context, "", "STOREDRIVER", "SUBMIT", "", "", "")
	x.wait(80 * time.Millisecond)
	x.row(box, hub, "08DE0A5C6D7E8F90;2026-01-05T00:00:00.000Z;0", hub.name+`\Default `+hub.name, "SMTP", "RECEIVE", "", "04I: ", "S:IncludeInSla=True")
	x.path = append(x.path, hub)
}

func (x *mail) receive(here, from server, connector string) {
	x.row(from, here, "08DE0A5C6D7E8F90;2026-01-05T00:00:00.000Z;0", connector, "SMTP", "RECEIVE", "", "0cA: ", "S:FirstForestHop="+here.name+";S:DeliveryPriority=Normal")
	if x.rand.IntN(3) == 0 {
		x.row(here, hubs()[1], "", "Intra-Organization SMTP Send Connector", "SMTP", "HAREDIRECT", "250 2.0.0 Ok", "", "S:DeliveryPriority=Normal")
	}
	x.path = append(x.path, here)
	x.wait(200 * time.Millisecond)
}

// leave sends the mail on, now and then after waiting for another try.
func (x *mail) leave(here, to server, connector, event string) {
	for x.rand.IntN(25) == 0 {
		x.row(here, to, "", connector, "QUEUE", "DEFER", "", "", "S:DeferReason=TransientFailure")
		x.at = x.at.Add(5 * time.Minute)
	}
	x.wait(400 * time.Millisecond)
	status := `"250 2.1.5 Recipient OK, queued"`
	x.row(here, to, "08DE0A5C6D7E8F91;250 2.6.0 <"+x.id()+"> [InternalId=1] Queued mail for delivery", connector, "SMTP", event, status, x.latency(here), "S:E2ELatency=1.250")
	x.wait(30 * time.Millisecond)
}

func (x *mail) deliver(here server) {
	x.wait(300 * time.Millisecond)
	x.row(here, server{"mbx1.contoso.com", "192.0.2.21"}, "08DE0A5C6D7E8F92;2026-01-05T00:00:00.000Z;ClientSubmitTime:", "", "STOREDRIVER", "DELIVER", "",
		x.latency(here), "S:MailboxDatabaseName=DB1;S:Mailboxes=7d1f0000-0000-4000-8000-0000000000ff;S:E2ELatency=1.250")
}

// latency is the tree of components, a branch for each server passed.
func (x *mail) latency(here server) string {
	var b strings.Builder
	b.WriteString(x.at.Format(stamp))
	for i, s := range x.path {
		kind := "SRV="
		if i == len(x.path)-1 && s == here {
			kind = "LSRV="
		}
		a, c, q := x.rand.Float64(), x.rand.Float64()/9, x.rand.Float64()*2
		fmt.Fprintf(&b, ";%s%s:TOTAL-HUB=%.3f|SMR=%.3f(SMRDE=%.3f|SMRC=%.3f)|CAT=%.3f(CATRT=%.3f(CATRT-Transport Rule Agent=%.3f))|QDM=%.3f|SMS=%.3f",
			kind, s.name, a+c+q, a, a/2, a/2, c, c/2, c/3, q, a/4)
	}
	return b.String()
}

func (x *mail) id() string {
	return fmt.Sprintf("%08x.%d@mail.example.com", x.n*2654435761&0xffffffff, x.n)
}

func (x *mail) row(client, server server, context, connector, source, event, status, info, custom string) {
	guid := fmt.Sprintf("%08x-1a2b-4c3d-8e4f-08de%08x", x.n, x.n)
	text := strings.Join([]string{x.at.Format(stamp), client.ip, client.name, server.ip, server.name, context, quoted(connector), source, event,
		fmt.Sprint(85899345920 + x.n), "<" + x.id() + ">", guid, x.to, status, fmt.Sprint(x.size), "1", "", "", x.subject, x.sender, x.sender, info,
		"Incoming", "", "203.0.113.7", "198.51.100.5", custom, "Email", guid, "15.01.2507.039"}, ",")
	heap.Push(&x.rows, row{at: x.at, text: text + "\r\n"})
}

func quoted(s string) string {
	if strings.Contains(s, ",") {
		return `"` + s + `"`
	}
	return s
}
