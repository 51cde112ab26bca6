package sessionlog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

const (
	sendHead = "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: SMTP Send Protocol Log\r\n#Date: 2026-01-05T00:00:00.000Z\r\n" +
		"#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\r\n"
	receiveHead = "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: SMTP Receive Protocol Log\r\n#Date: 2026-01-05T00:00:00.000Z\r\n" +
		"#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\r\n"
)

// A logRow is one row of a made log.
type logRow struct {
	at      time.Time
	session int
	text    string
}

// A talker makes the rows of sessions.
type talker struct {
	*rand.Rand
	connector, local string
	out              bool
	rows             []logRow
	sessions         int
}

// session makes one, with a reply to each command after the pause it names:
// "+", "< 220 x", "> EHLO x", "5s < 250 ok", "*", "-". Signs are those of the
// server that opened it, and turned round in a receive log.
func (m *talker) session(at time.Time, remote string, lines ...string) time.Time {
	m.sessions++
	id := fmt.Sprintf("08DC%012X", m.sessions)
	for i, line := range lines {
		if d, rest, found := strings.Cut(line, " "); found {
			if pause, err := time.ParseDuration(d); err == nil {
				at, line = at.Add(pause), rest
			}
		}
		event, data, _ := strings.Cut(line, " ")
		context := ""
		switch {
		case event == "-":
			data, context = "", data
		case event == "*":
			data, context, _ = strings.Cut(data, "|")
		case !m.out:
			event = map[string]string{"<": ">", ">": "<", "+": "+"}[event]
		}
		local := m.local
		if strings.HasPrefix(context, "attempting") || strings.HasPrefix(context, "Failed to connect") {
			local = ""
		}
		data, context = quoted(data), quoted(context)
		m.rows = append(m.rows, logRow{at, m.sessions, fmt.Sprintf("%s,%s,%s,%d,%s,%s,%s,%s,%s\r\n",
			at.Format("2006-01-02T15:04:05.000Z"), m.connector, id, i, local, remote, event, data, context)})
		at = at.Add(time.Duration(1+m.IntN(30)) * time.Millisecond)
	}
	return at
}

// quoted writes a value as Exchange does.
func quoted(s string) string {
	if !strings.ContainsAny(s, ",\"") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// text is the log in the order of time. Rows of one moment of different sessions
// are shuffled; those of one session stay in order.
func (m *talker) text(head string) string {
	rows := slices.Clone(m.rows)
	keys := map[string]int{}
	slices.SortStableFunc(rows, func(a, b logRow) int {
		if c := a.at.Compare(b.at); c != 0 || a.session == b.session {
			return c
		}
		return m.rank(keys, a) - m.rank(keys, b)
	})
	var out strings.Builder
	out.WriteString(head)
	for _, r := range rows {
		out.WriteString(r.text)
	}
	return out.String()
}

// rank gives a session a place of its own at each moment.
func (m *talker) rank(keys map[string]int, r logRow) int {
	key := fmt.Sprint(r.at.UnixNano(), r.session)
	if _, known := keys[key]; !known {
		keys[key] = m.IntN(1 << 30)
	}
	return keys[key]
}

// busy makes a log of many sessions of all sorts, of at least size bytes.
func busy(seed uint64, out bool, size int) string {
	m := &talker{Rand: rand.New(rand.NewPCG(seed, 2)), connector: "Internet", local: "192.0.2.9:41000", out: out}
	head := sendHead
	if !out {
		m.connector, m.local, head = `EX01\Default EX01`, "192.0.2.9:25", receiveHead
	}
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	bytes := 0
	for n := 0; bytes < size; n++ {
		from := len(m.rows)
		at = at.Add(time.Duration(m.IntN(400)) * time.Millisecond)
		port := 25
		if !out {
			port = 1024 + n%60000
		}
		m.session(at, fmt.Sprintf("198.51.100.%d:%d", m.IntN(40), port), m.sort(n)...)
		for _, r := range m.rows[from:] {
			bytes += len(r.text)
		}
	}
	return m.text(head)
}

// sort gives the lines of one session.
func (m *talker) sort(n int) []string {
	hello := []string{"* |attempting to connect", "+", "< 220 mx.example.com ESMTP", "> EHLO ex01.contoso.com", "< 250-mx.example.com Hello", "< 250-SIZE 36700160", "< 250-PIPELINING", "< 250-ENHANCEDSTATUSCODES", "< 250 8BITMIME"}
	mail := []string{fmt.Sprintf("* %s,%d|sending message with RecordId 4711 and InternetMessageId <m%d@contoso.com>", "08DC", n, n), fmt.Sprintf("> MAIL FROM:<s%d@contoso.com> SIZE=%d", n%97, 1000+n%50000),
		fmt.Sprintf("> RCPT TO:<r%d@example.com>", n%89)}
	bye := []string{"> QUIT", "< 221 2.0.0 Bye", "- Local"}
	say := func(parts ...[]string) []string { return slices.Concat(parts...) }
	switch m.IntN(40) {
	case 0:
		return say(hello[:3], bye)
	case 1:
		return say(hello, mail, []string{"< 250 2.1.0 Ok", "< 450 4.7.1 <r@example.com>: Greylisted, see http://example.com"}, bye)
	case 2:
		return say(hello, mail, []string{"< 250 2.1.0 Ok", "< 250 2.1.5 Ok", "> BDAT 4711 LAST", "300s - Remote(SocketError)"})
	case 3:
		return []string{"* |attempting to connect", "21s * |Failed to connect. Winsock error code: 10060, Win32 error code: 10060, Destination domain: example.com, Error Message: timed out"}
	case 4:
		return say(hello, mail, []string{"< 250 2.1.0 Ok", "< 550 5.1.1 <r@example.com>: unknown"}, bye)
	case 5:
		return say(hello, mail, []string{"< 250 2.1.0 Ok", "< 250 2.1.5 Ok", "> DATA", "< 354 go ahead", "* Tarpit for '0.00:00:09.675' due to 'DelayedAck'|Delivered", "10s < 250 2.0.0 queued as 4711"}, bye)
	default:
		return say(hello, mail, []string{"< 250 2.1.0 Ok", "< 250 2.1.5 Ok", "> DATA", "< 354 End data with <CR><LF>.<CR><LF>", fmt.Sprintf("300ms < 250 2.0.0 Ok: queued as %012X", n)}, bye)
	}
}
