package collectors

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
	"mailflow/internal/exlog/exlogtest"
)

// TestQuantiles: the scale is right within one in a hundred, and never beyond
// the longest.
func TestQuantiles(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 3))
	for _, scale := range []float64{1e6, 1e9, 60e9, 86400e9} {
		h, all := newHop(0, "x"), []int64(nil)
		for range 1001 {
			d := int64(dice.ExpFloat64() * scale)
			all = append(all, d)
			h.pass(passage{came: 0, left: d}, &exit{})
		}
		slices.Sort(all)
		for q, want := range map[float64]int64{0.5: all[500], 0.95: all[950], 1: all[1000]} {
			got := float64(min(h.waits.quantile(q), h.longest))
			if diff := got - float64(want); max(diff, -diff) > 0.0101*float64(want)+1e6 {
				t.Errorf("scale %v, quantile %v: %v, want %v", scale, q, got, want)
			}
		}
		if h.longest != all[1000] {
			t.Error(h.longest)
		}
	}
}

// TestBoundsOfTheLedger: what has no room is dropped from the oldest on and said;
// what is three days old is given up and said; samples grow no further.
func TestBoundsOfTheLedger(t *testing.T) {
	l := newLedger()
	l.most, l.files = 100, []string{"x"}
	s := l.serverOf([]byte("hub1"))
	row := func(i int, at time.Duration) *entry {
		return &entry{server: s, queue: []byte(fmt.Sprint(i)), at: int64(at), to: 1}
	}
	for i := range 500 {
		l.arrive(row(i, time.Duration(i)*time.Second))
	}
	if len(l.open) != 100 || l.servers[s].dropped != 400 || l.servers[s].open != 100 || l.made > 101 {
		t.Fatal(len(l.open), l.servers[s], l.made)
	}
	hop := l.hopTo(s, []byte("C"))
	l.depart(row(0, 600*time.Second), &exit{hop: hop, at: int64(600 * time.Second)}) // long forgotten
	l.depart(row(450, 600*time.Second), &exit{hop: hop, at: int64(600 * time.Second)})
	l.arrive(row(1000, 80*time.Hour))
	if len(l.open) != 1 || l.servers[s].lost == 0 || l.hops[hop].waits.n != 1 {
		t.Fatal(len(l.open), l.servers[s].lost, l.hops[hop].waits.n)
	}
	said := fmt.Sprint(l.servers[s].troubles())
	if !strings.Contains(said, "no room") || !strings.Contains(said, "three days") {
		t.Error(said)
	}
}

// TestAClockSetBackIsSaid with what to do, in a sentence that fits one message and
// many.
func TestAClockSetBackIsSaid(t *testing.T) {
	for _, n := range []int{1, 3} {
		l := newLedger()
		l.files = []string{"x"}
		s := l.serverOf([]byte("hub1"))
		hop := l.hopTo(s, []byte("C"))
		for i := range n {
			e := &entry{server: s, queue: fmt.Append(nil, i), at: int64(time.Hour), to: 1}
			l.arrive(e)
			l.depart(e, &exit{hop: hop, at: int64(30 * time.Minute)})
		}
		said := fmt.Sprint(l.servers[s].troubles())
		for _, want := range []string{fmt.Sprintf("by the same log: %d, whose waits are not known", n), "clock was set back", "time source"} {
			if !strings.Contains(said, want) {
				t.Errorf("%d: no %q in %s", n, want, said)
			}
		}
	}
}

func TestSamplesAreBounded(t *testing.T) {
	l := newLedger()
	l.files = []string{"x"}
	s := l.serverOf([]byte("hub1"))
	for n := range maxPassages + 60_000 {
		hop := l.hopTo(s, fmt.Appendf(nil, "C%d", n%40))
		e := &entry{server: s, queue: fmt.Append(nil, n), at: int64(n) * 1e6, to: 1}
		l.arrive(e)
		wait := int64(time.Second)
		if n%80 < 60 {
			wait = int64(time.Hour)
		}
		l.depart(e, &exit{hop: hop, at: e.at + wait, mail: e.queue})
	}
	kept, count := 0, 0
	for _, h := range l.done() {
		kept, count = kept+len(h.Passages), count+h.Count
	}
	if kept > maxPassages || kept < maxPassages/4 || count != maxPassages+60_000 {
		t.Error(kept, count)
	}
}

// TestHopsAreBounded: beyond so many next hops, and servers, none is told apart.
func TestHopsAreBounded(t *testing.T) {
	l := newLedger()
	l.files = []string{"x"}
	s := l.serverOf([]byte("hub1"))
	for n := range maxHops + 10 {
		l.hopTo(s, fmt.Append(nil, "C", n))
		l.serverOf(fmt.Append(nil, "s", n))
	}
	if len(l.hops) != maxHops+1 || l.hops[maxHops].to != otherHops || len(l.servers) != maxServers {
		t.Error(len(l.hops), len(l.servers))
	}
}

// TestAgainstReference: the collector finds what a plain program does that keeps
// every row in memory.
func TestAgainstReference(t *testing.T) {
	var text bytes.Buffer
	if _, err := exlogtest.Tracking(&text, 3, 8<<20); err != nil {
		t.Fatal(err)
	}
	want := reference(t, text.Bytes())
	all, _ := trafficOf(t, map[string][]byte{"x": text.Bytes()})
	slow := false
	for _, h := range all {
		waits := want[h.Server+" > "+h.To]
		delete(want, h.Server+" > "+h.To)
		late := 0
		for _, w := range waits {
			if w > evidence.LateFrom {
				late++
			}
		}
		if h.To == evidence.NoHopYet || len(waits) == 0 {
			continue // still waiting
		}
		slices.Sort(waits)
		if h.Count != len(waits) || h.Late != late || h.Longest != seconds(int64(waits[len(waits)-1])) {
			t.Errorf("%s > %s: %d, %d late, longest %v; want %d, %d, %v", h.Server, h.To, h.Count, h.Late, h.Longest, len(waits), late, waits[len(waits)-1])
		}
		slow = slow || h.To == exlogtest.SlowConnector && 2*h.Late > h.Count
	}
	if len(want) > 0 || !slow {
		t.Error(want, slow)
	}
}

// reference gives the waits of each server and next hop.
func reference(t *testing.T, text []byte) map[string][]time.Duration {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comment, r.FieldsPerRecord = '#', -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	came, waits := map[string]time.Time{}, map[string][]time.Duration{}
	for _, row := range rows {
		at, err := time.Parse(time.RFC3339Nano, row[0])
		if err != nil {
			t.Fatal(err)
		}
		client, server, connector, event, mail := row[2], row[4], row[6], row[8], row[10]
		hop := client + " > " + connector
		switch event {
		case "RECEIVE":
			came[server+mail] = at
		case "DELIVER":
			hop = client + " > " + mailboxes
			fallthrough
		case "SEND", "SENDEXTERNAL":
			if since, ok := came[client+mail]; ok {
				waits[hop] = append(waits[hop], at.Sub(since))
			}
		}
	}
	return waits
}

// FuzzLogs: whatever a file says, counts fit each other and times are in order.
func FuzzLogs(f *testing.F) {
	f.Add(string(tracked("10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x;y\n10:00:01,hub1,,busy,C,QUEUE,DEFER,1,<a>,x\n10:09:00,hub1,b,,C,SMTP,SEND,1,<a>,x\n10:09:00,,hub1,,,ROUTING,TRANSFER,2,<a>,y,,1")))
	f.Add("Jan  5 10:00:00 mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]\nJan  5 10:09:00 mx postfix/smtp[1]: AAAAAA1: to=<y@contoso.com>, relay=hub[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)\n")
	f.Fuzz(func(t *testing.T, text string) {
		l := newLedger()
		l.files = []string{"x"}
		now := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
		l.tracking(&evidence.Export{}, 0, strings.NewReader(text))
		for _, k := range []string{formatPostfix, formatExim, formatSendmail} {
			l.mail(&evidence.Export{}, 0, mailKind(k), time.UTC, now, strings.NewReader(text))
		}
		for _, h := range l.done() {
			if h.Late > h.Count || h.Median > h.P95 || h.P95 > h.Longest || len(h.Passages) > h.Count || h.Count > 0 && (h.Last.Before(h.First) || h.Where.File == "") {
				t.Fatalf("%+v", h)
			}
			for _, p := range h.Passages {
				if p.Left.Before(p.Came) || p.Depth < 0 {
					t.Fatalf("%+v", p)
				}
			}
		}
		for i, s := range l.servers {
			if s.open < 0 || s.kept < 0 {
				t.Fatal(i, s)
			}
		}
	})
}

// TestAnIdUsedAgainIsSaid: a message whose id another got is not one of which the log
// says nothing for days.
func TestAnIdUsedAgainIsSaid(t *testing.T) {
	l := newLedger()
	l.files = []string{"x"}
	s := l.serverOf([]byte("hub1"))
	for minute, mail := range []string{"a@example.com", "b@example.com"} {
		at := int64(time.Duration(minute) * time.Hour)
		l.arrive(&entry{server: s, queue: []byte("7"), mail: []byte(mail), at: at, to: 1})
		l.servers[s].saw(at)
	}
	l.done()
	said := fmt.Sprint(l.servers[s].troubles())
	if strings.Contains(said, "three days") || !strings.Contains(said, "before their id in the queue is another's: 1") {
		t.Error(said)
	}
}
