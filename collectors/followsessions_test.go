package collectors

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"mailflow/diag"
	"mailflow/evidence"
)

// sessionsAt tells the sessions of a message at each server.
func sessionsAt(t *testing.T, files map[string][]byte, message string) string {
	t.Helper()
	var b strings.Builder
	for _, j := range journeysOf(t, files, message) {
		for _, s := range j.Stops {
			for _, x := range s.Sessions {
				if j.Message == message {
					fmt.Fprintf(&b, "%s %s %v, %v until %s, %d of %d (%s)\n", s.Server, x.Log, x.Took, x.Silence, x.Until, x.Refused, x.Messages, x.Where)
				}
			}
		}
	}
	return b.String()
}

// TestSessionsOfStories: the stories of sessions say what they are there for.
func TestSessionsOfStories(t *testing.T) {
	for name, want := range map[string]string{
		"journey-session":      "hub01.contoso.com receive 30.046, 30.006 until > 250 2.6.0 <order-11@contoso.com> [InternalId=9011] Queued mail for delivery, 0 of 1 (RECV20260105-1.log line 168)\n",
		"journey-session-near": "",
	} {
		text, err := os.ReadFile("../testdata/cases/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, f := range txtar.Parse(text).Files {
			if file, found := strings.CutPrefix(f.Name, "file "); found {
				files[file] = f.Data
			}
		}
		if got := sessionsAt(t, files, "order-11@contoso.com"); got != want || len(files) != 3 {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// An exchange is one session with one message, as its log has it. The reply to
// the end of the message comes after the wait.
type exchange struct {
	at         string // when it begins
	id         string
	connector  string
	out        bool
	hello      string // the name in EHLO of what is sent, in the greeting of what comes
	reply      string
	wait       int
	then       string // a message before it in the same session, with this reply
	from, with string // the ends
}

func (x exchange) log() []byte {
	var b strings.Builder
	head, said, heard := sessionHeader, ">", "<"
	if !x.out {
		head, said, heard = strings.Replace(sessionHeader, "Send", "Receive", 1), "<", ">"
	}
	b.WriteString(head)
	at, _ := time.Parse(time.TimeOnly, x.at)
	n := 0
	say := func(wait int, event, text string) {
		at = at.Add(time.Duration(wait)*time.Second + 10*time.Millisecond)
		fmt.Fprintf(&b, "2026-01-05T%s.000Z,%s,%s,%d,%s,%s,%s,%s,\r\n", at.Format(time.TimeOnly), x.connector, x.id, n, x.from, x.with, event, text)
		n++
	}
	say(0, "+", "")
	greeting, hello := "mx.example.com", x.hello
	if !x.out {
		greeting, hello = x.hello, "mx.example.com"
	}
	say(0, heard, "220 "+greeting+" ESMTP")
	say(0, said, "EHLO "+hello)
	say(0, heard, "250 ok")
	for _, reply := range []string{x.then, x.reply} {
		if reply == "" {
			continue
		}
		for _, line := range []string{"MAIL FROM:<a@contoso.com>", "RCPT TO:<b@example.com>", "DATA"} {
			say(0, said, line)
			say(0, heard, map[bool]string{true: "354 go", false: "250 ok"}[line == "DATA"])
		}
		if reply == x.reply {
			say(x.wait, heard, reply)
		} else {
			say(0, heard, reply)
		}
	}
	say(0, said, "QUIT")
	say(0, "-", "")
	return []byte(b.String())
}

// TestSessionsJoin: a session is taken for that of a row by id and server and
// time together, and by what the other side replied where its log names no server.
func TestSessionsJoin(t *testing.T) {
	rows := tracked(`
		10:00:00,mx.example.com,hub1.contoso.com,08DC000000000001;x;0,hub1\Default,SMTP,RECEIVE,31,<a@example.com>,bob@contoso.com
		10:00:20,hub1.contoso.com,mx.example.net,08DC000000000002;250 2.0.0 Ok: queued as 7F3A2C1B0D,To Internet,SMTP,SEND,31,<a@example.com>,bob@contoso.com
		10:30:00,mx.example.com,hub2.contoso.com,08DC000000000009;x;0,hub2\Default,SMTP,RECEIVE,77,<z@example.com>,bob@contoso.com
		10:30:01,hub2.contoso.com,mx.example.net,08DC00000000000A;250 2.0.0 Ok: queued as 7F3A2C1B0E,To Internet,SMTP,SEND,77,<z@example.com>,bob@contoso.com`)
	came := exchange{at: "09:59:50", id: "08DC000000000001", connector: `HUB1\Default`, hello: "hub1.contoso.com", reply: "250 2.6.0 queued", wait: 9, from: "192.0.2.1:25", with: "198.51.100.7:2000"}
	left := exchange{at: "10:00:10", id: "08DC000000000002", connector: "To Internet", out: true, hello: "hub1.contoso.com", reply: "250 2.0.0 Ok: queued as 7F3A2C1B0D", wait: 9, from: "192.0.2.1:4711", with: "198.51.100.8:25"}
	with := func(x exchange, change func(x *exchange)) map[string][]byte {
		change(&x)
		return map[string][]byte{"log": x.log()}
	}
	const cameTold, leftTold = "hub1.contoso.com receive 9,", "hub1.contoso.com send 9,"
	for name, story := range map[string]struct {
		logs map[string][]byte
		want string
	}{
		"its own":                   {with(came, func(x *exchange) {}), cameTold},
		"the log of another server": {with(came, func(x *exchange) { x.connector = `HUB2\Default` }), ""},
		"of one without a name":     {with(came, func(x *exchange) { x.connector, x.hello = "Default", "mail.contoso.com" }), ""},
		"of one without, with the id": {with(came, func(x *exchange) {
			x.connector, x.hello, x.reply = "Default", "mail.contoso.com", "250 2.6.0 <a@example.com> [InternalId=31] Queued"
		}), cameTold},
		"used again hours later":          {with(came, func(x *exchange) { x.at = "13:00:00" }), ""},
		"its beginning two minutes later": {with(came, func(x *exchange) { x.at = "10:02:00" }), ""},
		"a send log for one that came":    {with(came, func(x *exchange) { x.out = true }), ""},
		"one that left":                   {with(left, func(x *exchange) {}), leftTold},
		"by what was replied":             {with(left, func(x *exchange) { x.hello = "mail.contoso.com" }), leftTold},
		"another reply, of nobody known":  {with(left, func(x *exchange) { x.hello, x.reply = "mail.contoso.com", "250 2.0.0 Ok: queued as 0000000000" }), ""},
		"EHLO as the other server":        {with(left, func(x *exchange) { x.hello = "hub2.contoso.com" }), ""},
		"its part of a session":           {with(left, func(x *exchange) { x.then, x.at = "250 2.0.0 Ok: queued as 1111111111", "10:00:10" }), leftTold},
		"two that would do":               {map[string][]byte{"a": came.log(), "b": exchange{came.at, came.id, came.connector, false, came.hello, came.reply, 5, "", came.from, "198.51.100.7:2001"}.log()}, ""},
	} {
		files := maps.Clone(story.logs)
		files["track"] = rows
		got := sessionsAt(t, files, "a@example.com")
		if story.want == "" && got != "" || !strings.HasPrefix(got, story.want) || strings.Count(got, "\n") > 1 {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestSessionsOfConnections: a connectivity log names no server, so that the other
// side has to be the same.
func TestSessionsOfConnections(t *testing.T) {
	rows := tracked(`
		10:00:00,mx.example.com,hub1.contoso.com,08DC000000000001;x;0,hub1\Default,SMTP,RECEIVE,31,<a@example.com>,bob@contoso.com
		10:00:45,hub1.contoso.com,mx.example.net,08DC000000000002;250 2.0.0 Ok: queued as 7F3A2C1B0D,To Internet,SMTP,SEND,31,<a@example.com>,bob@contoso.com`)
	log := func(host string) []byte {
		head := "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: Transport Connectivity Log\r\n#Fields: date-time,session,source,Destination,direction,description\r\n"
		for _, l := range []string{"00,SMTP,example.net,+,DnsConnectorDelivery 4711;QueueLength=1", "01,SMTP,example.net,>,other.example.net[198.51.100.7] " + host + "[198.51.100.8]", "43,SMTP,example.net,>,Established connection to 198.51.100.8", "45,SMTP,example.net,-,Messages: 1 Bytes: 4711 ()"} {
			second, rest, _ := strings.Cut(l, ",")
			head += "2026-01-05T10:00:" + second + ".000Z,08DC000000000002," + rest + "\r\n"
		}
		return []byte(head)
	}
	if got := sessionsAt(t, map[string][]byte{"track": rows, "log": log("mx.example.net")}, "a@example.com"); got != "hub1.contoso.com connectivity 45, 42 until > Established connection to 198.51.100.8, 0 of 1 (log line 6)\n" {
		t.Error(got)
	}
	if got := sessionsAt(t, map[string][]byte{"track": rows, "log": log("mx.fabrikam.com")}, "a@example.com"); got != "" {
		t.Error(got)
	}
}

// TestSessionsReplay: sightings with their sessions read back as they were.
func TestSessionsReplay(t *testing.T) {
	x := exchange{at: "09:59:50", id: "08DC000000000001", connector: `HUB1\Default`, hello: "hub1.contoso.com", reply: "250 2.6.0 queued", wait: 9, from: "192.0.2.1:25", with: "198.51.100.7:2000"}
	named := map[string][]byte{"log": x.log(), "track": tracked(`
		10:00:00,mx.example.com,hub1.contoso.com,08DC000000000001;x;0,hub1\Default,SMTP,RECEIVE,31,<a@example.com>,bob@contoso.com
		10:00:02,hub1.contoso.com,mbx1,,,STOREDRIVER,DELIVER,31,<a@example.com>,bob@contoso.com`)}
	r := reported(t, worldOf(named), map[string]string{"evidence": strings.Join(slices.Sorted(maps.Keys(named)), "\n")}, evidence.Sightings)
	rows, _ := diag.Value(r, evidence.Sightings)
	at := slices.IndexFunc(rows, func(s evidence.Sighting) bool { return len(s.Talks) == 1 })
	if at < 0 || rows[at].What != evidence.SawCame || rows[at].Talks[0].Awaited != evidence.LoggedBody || rows[at].Talks[0].Torn {
		t.Errorf("%+v", rows)
	}
}
