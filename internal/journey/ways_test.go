package journey

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// read makes sightings of lines such as "10:00:00 hub01 came q1 peer=edge01 next=q2":
// time, server, what, id in the queue. Lines that are no such are left out.
func read(text string) []evidence.Sighting {
	var all []evidence.Sighting
	for n, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) < 3 {
			continue
		}
		at, err := time.Parse("15:04:05", words[0])
		if err != nil {
			continue
		}
		s := evidence.Sighting{Message: "a@example.com", Server: words[1], Source: tracking, What: strings.ReplaceAll(words[2], "_", " "),
			At: time.Date(2026, 1, 5, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC), Where: evidence.Where{File: words[1], Line: n + 1}}
		for _, w := range words[3:] {
			s = set(s, w)
		}
		if strings.HasPrefix(s.What, "log ") {
			s.Message, s.Queue = "", ""
		}
		all = append(all, s)
	}
	return all
}

func set(s evidence.Sighting, word string) evidence.Sighting {
	key, value, named := strings.Cut(word, "=")
	if !named {
		s.Queue = word
	}
	switch key {
	case "id":
		s.Message = value
	case "peer":
		s.Peer = value
	case "next":
		s.Next = value
	case "to":
		s.To = strings.Split(value, ",")
	case "n":
		s.Count, _ = strconv.Atoi(value)
	case "source":
		s.Source = value
	case "text":
		s.Text = strings.ReplaceAll(value, "_", " ")
	case "file":
		s.Where.File = value
	case "net":
		s.Network = value
	case "session":
		s.Session = value
	case "took":
		took, _ := strconv.ParseFloat(value, 64)
		s.Took = evidence.Duration(took)
	}
	return s
}

// tellingly tells a journey in a few lines.
func tellingly(j evidence.Journey) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %v s\n", j.State, j.Total)
	for _, s := range j.Stops {
		fmt.Fprintf(&b, "%s from %d: %v s, %s\n", s.Server, s.From, s.Wait, s.Outcome)
	}
	for _, m := range j.Missing {
		fmt.Fprintf(&b, "missing %s, %s to %s: %s. %s\n", m.Server, m.From.Format("15:04"), m.To.Format("15:04"), m.Why, m.Get)
	}
	for _, n := range j.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}

// TestWays: what a few rows say of the way of one message.
func TestWays(t *testing.T) {
	for name, story := range map[string]struct{ rows, want string }{
		"nothing is known of the next": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:01 hub01 left 1 peer=hub02 n=1 text=250_2.6.0_<a>_[InternalId=77]_Queued_mail_for_delivery`, `
			log ended, 1 s
			hub01 from -1: 1 s, left
			missing hub02, 10:00 to 11:00: hub01 handed it over at 10:00:01, and no log of hub02 is here. on hub02: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*20260105*.log, from 2026-01-05 10:00 to 2026-01-05 11:00 UTC
			`},
		"an older server, by its words": {`
			10:58:00 hub01 came 1 peer=mx.example.com n=1
			10:58:01 hub01 left 1 peer=ex03a n=1 text=250_2.6.0_<a>_Queued_mail_for_delivery`, `
			log ended, 1 s
			hub01 from -1: 1 s, left
			missing ex03a, 10:00 to 12:00: hub01 handed it over at 10:58:01, and no log of ex03a is here. \\EX03A\EX03A.log\20260105.log, from 2026-01-05 10:00 to 2026-01-05 12:00 UTC
			`},
		"the log of the next is of other hours": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:01 hub01 left 1 peer=hub02 n=1 next=5
			14:00:00 hub02 log_begins
			15:00:00 hub02 log_ends`, `
			log ended, 1 s
			hub01 from -1: 1 s, left
			missing hub02, 10:00 to 11:00: hub01 handed it over at 10:00:01, and no log of hub02 covers that (the nearest goes from 2026-01-05 14:00 to 2026-01-05 15:00). on hub02: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*20260105*.log, from 2026-01-05 10:00 to 2026-01-05 11:00 UTC
			`},
		"the log of the next does not have it": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:01 hub01 left 1 peer=hub02 n=1 next=5
			09:00:00 hub02 log_begins
			15:00:00 hub02 log_ends`, `
			log ended, 1 s
			hub01 from -1: 1 s, left
			note: hub01 handed it to hub02 at 10:00:01, whose log covers that time and does not have it
			`},
		"the log of the next begins a minute before, and does not have it": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:01 hub01 left 1 peer=hub02 n=1 next=5
			09:59:00 hub02 log_begins
			15:00:00 hub02 log_ends`, `
			log ended, 1 s
			hub01 from -1: 1 s, left
			note: hub01 handed it to hub02 at 10:00:01, whose log covers that time and does not have it; the clocks may differ by 5 min, and so much is not covered
			`},
		"between two servers stands one whose log is here and does not have it": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:01 hub01 left 1 peer=scan01 n=1
			09:00:00 scan01 log_begins
			15:00:00 scan01 log_ends
			10:00:02 hub02 came 5 peer=scan01 n=1
			10:00:03 hub02 delivered 5 n=1`, `
			arrived, 3 s
			hub01 from -1: 1 s, left
			hub02 from 0: 1 s, delivered
			note: the clocks of hub01 and hub02 could not be compared: the time from one to the other is as their logs have it
			note: hub01 handed it to scan01 at 10:00:01, whose log covers that time and does not have it
			`},
		"in a circle within a second, through a server without ids": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1 to=x@example.com
			10:00:01 hub01 left 1 peer=ex03 n=1 to=x@example.com
			10:00:01 ex03 came peer=hub01 to=x@example.com
			10:00:01 ex03 left peer=hub01 to=x@example.com
			10:00:01 hub01 came 2 peer=ex03 n=1 to=x@example.com
			10:00:01 hub01 left 2 peer=ex03 n=1 to=x@example.com
			10:00:01 ex03 came peer=hub01 to=x@example.com
			10:00:01 ex03 left peer=hub01 to=x@example.com
			10:00:01 hub01 came 3 peer=ex03 n=1 to=x@example.com
			10:00:02 hub01 delivered 3 n=1 to=x@example.com`, `
			arrived, 2 s
			hub01 from -1: 1 s, left
			ex03 from 0: 0 s, left
			hub01 from 1: 0 s, left
			ex03 from 2: 0 s, left
			hub01 from 3: 1 s, delivered
			`},
		"outside": {`
			10:00:00 out.contoso.com came AAAAAA1 peer=hub01.contoso.com source=postfix
			10:00:01 out.contoso.com left AAAAAA1 peer=mx.example.com source=postfix text=250_2.0.0_Ok:_queued_as_4F1D33
			10:00:01 out.contoso.com done AAAAAA1 source=postfix`, `
			left, 1 s
			out.contoso.com from -1: 1 s, left
			missing mx.example.com, 10:00 to 11:00: out.contoso.com handed it over at 10:00:01, and no log of mx.example.com is here. ask its postmaster what became of it: queue id 4F1D33, 2026-01-05 10:00:01 UTC. If it is yours: add its log of that hour
			`},
		"waiting, and its log goes on": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:01 hub01 put_off 1 text=451_4.4.0
			10:05:01 hub01 put_off 1 text=451_4.4.0
			09:00:00 hub01 log_begins
			11:00:00 hub01 log_ends`, `
			waiting, 3600 s
			hub01 from -1: 3600 s, put off
			`},
		"waiting, and its log ends": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:05:01 hub01 put_off 1 text=451_4.4.0
			09:00:00 hub01 log_begins
			10:05:02 hub01 log_ends`, `
			log ended, 301 s
			hub01 from -1: 302 s, put off
			missing hub01, 10:00 to 11:00: it was at hub01 when the log of it ended at 10:05:02. on hub01: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*20260105*.log, from 2026-01-05 10:00 to 2026-01-05 11:00 UTC
			`},
		"split, and one part waits": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=2
			10:00:01 hub01 split 1 next=2 n=1
			10:00:02 hub01 delivered 1 n=1
			10:00:03 hub01 put_off 2 n=1
			09:00:00 hub01 log_begins
			11:00:00 hub01 log_ends`, `
			partly, 3600 s
			hub01 from -1: 2 s, delivered
			hub01 from 0: 3599 s, put off
			`},
		"a group of three, of which one is elsewhere": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:01 hub01 expanded 1 n=3
			10:00:02 hub01 delivered 1 n=2
			10:00:03 hub01 left 1 peer=hub02 next=7 n=1
			10:00:03 hub02 came 7 peer=hub01 n=1
			10:00:04 hub02 delivered 7 n=1`, `
			arrived, 4 s
			hub01 from -1: 3 s, left
			hub02 from 0: 1 s, delivered
			`},
		"two copies of one log": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:02 hub01 delivered 1 n=1
			10:00:02 hub01 delivered 1 n=1`, `
			arrived, 2 s
			hub01 from -1: 2 s, delivered
			`},
		"over a relay without a log, by its name": {`
			10:00:00 edge01 came 1 peer=mx.example.com n=1
			10:00:01 edge01 left 1 peer=scan n=1
			10:30:00 hub01 came 9 peer=scan n=1
			10:30:01 hub01 delivered 9 n=1`, `
			arrived, 1801 s
			edge01 from -1: 1 s, left
			hub01 from 0: 1 s, delivered
			missing scan, 10:00 to 11:00: edge01 handed it over at 10:00:01 and hub01 had it from scan at 10:30:00; no log tells what was between. on scan: its log of mail, from 2026-01-05 10:00 to 2026-01-05 11:00 UTC. Exchange 2007 and later: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*20260105*.log; Exchange 2000/2003: \\SCAN\SCAN.log\20260105.log; others: mail.log
			note: the clocks of edge01 and hub01 could not be compared: the time from one to the other is as their logs have it
			note: from edge01 to hub01 the clocks tell 29 min 59 s: how much of it is the way and how much the clocks cannot be told
			`},
		"returned": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:02 hub01 failed 1 n=1 text=550_5.1.1`, `
			failed, 2 s
			hub01 from -1: 2 s, failed
			`},
		"an older server has it twice": {`
			10:00:00 ex03a came
			10:00:01 ex03a left peer=ex03b
			10:00:01 ex03b came
			10:00:02 ex03b left peer=ex03a
			10:00:02 ex03a came
			10:00:03 ex03a delivered`, `
			arrived, 3 s
			ex03a from -1: 1 s, left
			ex03b from 0: 1 s, left
			ex03a from 1: 1 s, delivered
			`},
	} {
		checkWay(t, name, story.rows, story.want)
	}
}

// checkWay holds what rows say of one message against how it should be told.
func checkWay(t *testing.T, name, text, want string) {
	t.Helper()
	rows := read(text)
	all := Assemble(rows, Offsets(rows))
	if len(all) != 1 {
		t.Errorf("%s: %d journeys", name, len(all))
		return
	}
	if got, want := tellingly(all[0]), strings.ReplaceAll(strings.TrimLeft(want, "\n"), "\t", ""); got != want {
		t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
	}
}

// FuzzAssemble: whatever the rows say, it ends, keeps to its bounds, and points to
// stops that are there.
func FuzzAssemble(f *testing.F) {
	f.Add("10:00:00 hub01 came 1 peer=edge n=1\n10:00:01 hub01 left 1 peer=hub02 next=2 took=0.5\n10:00:01 hub02 came 2 peer=hub01\n10:00:02 hub02 delivered 2")
	f.Add("10:00:00 a left 1 peer=b next=1\n10:00:00 b left 1 peer=a next=1\n10:00:00 a came 1 peer=b\n10:00:00 b came 1 peer=a\n09:00:00 a log_ends\n08:00:00 a log_begins")
	f.Add("10:00:00 a came 1 peer=localhost\n10:00:00 a left 1 peer=127.0.0.1\n10:00:00 a came 2 peer=localhost\n10:00:00 a split 2 next=1\n10:00:00 a.b came 2\n10:00:00 a.c came 2")
	f.Fuzz(func(t *testing.T, text string) {
		rows := read(text)
		offsets := Offsets(rows)
		for _, o := range offsets {
			if o.Bounded && (o.Low > o.High || o.Ahead < o.Low || o.Ahead > o.High) || o.Server == o.Against {
				t.Fatalf("%+v", o)
			}
		}
		for _, j := range Assemble(rows, offsets) {
			if len(j.Stops) > maxStops || len(j.Missing) > maxMissing || len(j.Notes) > maxNotes || j.Total < 0 || j.State == "" {
				t.Fatalf("%+v", j)
			}
			for i, s := range j.Stops {
				if s.From >= i || s.From < -1 || s.Wait < 0 || s.Travel < 0 || s.Error < 0 {
					t.Fatalf("stop %d: %+v", i, s)
				}
			}
		}
	})
}
