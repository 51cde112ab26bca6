package collectors

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/queuelist"
)

// TestForecastTimes: when the sender is told, when mail is returned, and by what; the
// settings are those of the queue's own server, and count only where both are known.
func TestForecastTimes(t *testing.T) {
	set := func(h float64) *evidence.Duration { return new(evidence.Duration(3600 * h)) }
	server := func(name string, notice, expiry *evidence.Duration) evidence.Server {
		return evidence.Server{Name: name, Retry: &evidence.RetryTimes{DelayNotice: notice, Expiry: expiry}}
	}
	const defaults = "2010-07-20 12:00, 2010-07-22 08:00 by NextRetryTime; the defaults of Exchange 2007 and later: notice after 4 hours, given up after 2 days"
	for name, story := range map[string]struct {
		servers []evidence.Server
		want    string
	}{
		"nothing known":    {nil, defaults},
		"no settings":      {[]evidence.Server{{Name: "EX07HUB"}}, defaults},
		"another server":   {[]evidence.Server{server("EX08", set(1), set(12))}, defaults},
		"one of them":      {[]evidence.Server{server("EX07HUB", set(1), nil)}, defaults},
		"the other":        {[]evidence.Server{server("EX07HUB", nil, set(12))}, defaults},
		"both":             {[]evidence.Server{server("ex07hub", set(1), set(12))}, "2010-07-20 09:00, 2010-07-20 20:00 by NextRetryTime; DelayNotificationTimeout and MessageExpirationTimeout of ex07hub"},
		"both, of several": {[]evidence.Server{server("EX07HUB", set(1), set(12)), server("EX08", set(2), set(24))}, "2010-07-20 09:00, 2010-07-20 20:00 by NextRetryTime; DelayNotificationTimeout and MessageExpirationTimeout of EX07HUB"},
	} {
		f := ofQueue(3, queueAt(evidence.QueueRetrying, 0), listingWith(`ex07hub\12\9`), evidence.Org{Servers: story.servers})
		got := fmt.Sprintf("%s, %s by %s", f.Notice.Format("2006-01-02 15:04"), f.GivesUp.Format("2006-01-02 15:04"), strings.Join(f.By, "; "))
		if got != story.want || f.Listing != 3 || f.Next == nil || f.Next.Hour() != 9 {
			t.Errorf("%s: %s, next %v, want %s", name, got, f.Next, story.want)
		}
	}
}

// TestForecastOldest: the oldest of a queue is the first of its own messages, whatever
// stands first in whichever listing; without a time it says nothing.
func TestForecastOldest(t *testing.T) {
	early, late := time.Date(2010, 7, 20, 7, 0, 0, 0, time.UTC), time.Date(2010, 7, 20, 8, 0, 0, 0, time.UTC)
	mail := func(id string, since *time.Time) evidence.QueueListing {
		return evidence.QueueListing{Oldest: []evidence.QueuedMail{{ID: id, Since: since}}}
	}
	one := mail(`EX07HUB\12\1`, &late)
	one.Oldest = append(one.Oldest, evidence.QueuedMail{ID: `EX07HUB\12\2`, Since: &early}, evidence.QueuedMail{ID: `EX07HUB\12\3`, Since: &late})
	nameless := queueAt(evidence.QueueActive, 0)
	nameless.Name = ""
	for name, story := range map[string]struct {
		q    evidence.Queue
		all  []evidence.QueueListing
		want *time.Time
	}{
		"in one listing":     {queueAt(evidence.QueueActive, 0), []evidence.QueueListing{one}, &early},
		"in two":             {queueAt(evidence.QueueActive, 0), []evidence.QueueListing{mail(`EX07HUB\12\1`, &late), mail(`EX07HUB\12\2`, &early)}, &early},
		"in two, turned":     {queueAt(evidence.QueueActive, 0), []evidence.QueueListing{mail(`EX07HUB\12\2`, &early), mail(`EX07HUB\12\1`, &late)}, &early},
		"without a time":     {queueAt(evidence.QueueActive, 0), []evidence.QueueListing{mail(`EX07HUB\12\2`, nil), mail(`EX07HUB\12\1`, &late)}, &late},
		"then without":       {queueAt(evidence.QueueActive, 0), []evidence.QueueListing{mail(`EX07HUB\12\1`, &late), mail(`EX07HUB\12\2`, nil)}, &late},
		"of a nameless one":  {nameless, []evidence.QueueListing{mail(`\12\2`, &early)}, nil},
		"of another's queue": {queueAt(evidence.QueueActive, 0), []evidence.QueueListing{mail(`EX07HUB\13\2`, &early)}, nil},
	} {
		if got := oldestOf(story.q, story.all); (got == nil) != (story.want == nil) || got != nil && !got.Equal(*story.want) {
			t.Errorf("%s: %v, want %v", name, got, story.want)
		}
	}
}

// TestForecastNext: what is known of the next attempt, and what would tell.
func TestForecastNext(t *testing.T) {
	for name, story := range map[string]struct {
		state string
		next  evidence.Instant
		want  string
	}{
		"in words":            {evidence.QueueRetrying, evidence.Instant{Text: "20.7.2010 9:15"}, `"20.7.2010 9:15" by the server's own clock`},
		"not told":            {evidence.QueueRetrying, evidence.Instant{}, "does not say when the next attempt comes"},
		"none, as it is sent": {evidence.QueueActive, evidence.Instant{}, ""},
	} {
		q := queueAt(story.state, 0)
		q.NextTry = story.next
		f := ofQueue(0, q, listingWith(`EX07HUB\12\9`), evidence.Org{})
		if got := strings.Join(f.Unknown, "; "); (story.want == "") != (got == "") || !strings.Contains(got, story.want) || f.Next != nil {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}

// TestForecastSpeed: at less than a message in a thousand seconds a queue neither
// drains nor grows.
func TestForecastSpeed(t *testing.T) {
	for velocity, want := range map[float64]evidence.Forecast{0.001: {}, 0.002: {Drains: 30000}, -0.001: {}, -0.002: {Grows: true}} {
		if f := ofQueue(0, queueAt(evidence.QueueActive, velocity), nil, evidence.Org{}); f.Drains != want.Drains || f.Grows != want.Grows {
			t.Errorf("%v: drains %v, grows %v", velocity, f.Drains, f.Grows)
		}
	}
}

// TestForecastOfMessages: each domain that waits after an attempt failed, by the
// defaults of the server that made the list; a list of another makes none.
func TestForecastOfMessages(t *testing.T) {
	came := time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC)
	for format, want := range map[queuelist.Format]string{
		queuelist.PostqueueJSON: "b.example.com none, 2026-02-08 09:00", queuelist.PostfixMailq: "b.example.com none, 2026-02-08 09:00",
		queuelist.EximBP: "b.example.com 2026-02-04 09:00, 2026-02-07 09:00", queuelist.SendmailMailq: "b.example.com 2026-02-03 13:00, 2026-02-08 09:00", "another": "",
	} {
		l := evidence.QueueListing{Export: evidence.Export{Format: string(format)}, Ages: []evidence.AgeRow{{Domain: "b.example.com", Oldest: &came}, {Domain: "c.example.com", Oldest: new(came.Add(-time.Hour))}},
			Reasons: []evidence.QueueError{{Domain: "a.example.com", State: evidence.QueueHeld}, {State: evidence.QueueRetrying}, {Domain: "b.example.com", State: evidence.QueueRetrying}, {Domain: "d.example.com", State: evidence.QueueRetrying}}}
		list, got := ofDomains(2, l), ""
		if len(list) == 2 {
			f, notice := list[0], "none"
			if f.Notice != nil {
				notice = f.Notice.Format("2006-01-02 15:04")
			}
			got = f.Queue + " " + notice + ", " + f.GivesUp.Format("2006-01-02 15:04")
			if f.Listing != 2 || !f.Oldest.Equal(came) || !strings.Contains(strings.Join(f.Unknown, "; "), "when the next attempt comes") {
				t.Errorf("%s: %+v", format, f)
			}
			if f := list[1]; f.GivesUp != nil || f.Notice != nil || !strings.Contains(strings.Join(f.Unknown, "; "), "when its oldest message came") {
				t.Errorf("%s: of an unknown age: %+v", format, f)
			}
		}
		if got != want || want == "" && len(list) > 0 {
			t.Errorf("%s: %q, want %q: %+v", format, got, want, list)
		}
	}
}

// TestAgesOfHeldMail: the oldest that is told is the oldest that nobody holds back.
func TestAgesOfHeldMail(t *testing.T) {
	at := func(h int) *time.Time { return new(time.Date(2026, 2, 3, h, 0, 0, 0, time.UTC)) }
	var a ages
	for _, m := range []evidence.QueuedMail{{To: "x@b.example.com", Since: at(6), State: evidence.QueueHeld}, {To: "x@b.example.com", Since: at(9)}, {To: "x@b.example.com", Since: at(8)}, {To: "x@b.example.com", Since: at(10)},
		{To: "x@c.example.com", Since: at(6), State: evidence.QueueHeld}, {Since: at(1)}, {To: "x@d.example.com"}} {
		a.add(m)
	}
	rows := a.table(*at(12))
	if len(rows) != 2 || rows[0].Domain != "b.example.com" || rows[0].Total != 4 || !rows[0].Oldest.Equal(*at(8)) || rows[1].Domain != "c.example.com" || rows[1].Oldest != nil {
		t.Errorf("%+v", rows)
	}
}

// TestMessagesToFollow: the one that is asked for, then those that wait, those that
// were late, the latest first, and others, each hop in turn and none twice.
func TestMessagesToFollow(t *testing.T) {
	passed := func(id string, minutes int) evidence.Passage {
		return evidence.Passage{ID: id, Came: time.Unix(0, 0), Left: time.Unix(int64(60*minutes), 0)}
	}
	one := evidence.HopTraffic{Open: []evidence.OpenMessage{{ID: "o1"}, {ID: "o2"}, {}}, Passages: []evidence.Passage{passed("l1", 5), passed("p1", 1), passed("l2", 9), passed("p2", 2), passed("", 99)}}
	two := evidence.HopTraffic{Open: []evidence.OpenMessage{{ID: "o3"}, {ID: "o1"}}, Passages: []evidence.Passage{passed("l3", 3), passed("l2", 9), passed("p3", 1)}}
	if got := strings.Join(toFollow([]evidence.HopTraffic{one, two}, " <p3> "), " "); got != "p3 o1 o3 o2 l2 l3 l1 p2 p1" {
		t.Error(got)
	}
	var many []evidence.HopTraffic
	for hop := range 3 {
		h := evidence.HopTraffic{}
		for i := range 300 {
			h.Open = append(h.Open, evidence.OpenMessage{ID: fmt.Sprint("o", hop, "-", i)})
			h.Passages = append(h.Passages, passed(fmt.Sprint("l", hop, "-", i), 5), passed(fmt.Sprint("p", hop, "-", i), 0))
		}
		many = append(many, h)
	}
	counts := map[byte]int{}
	for _, id := range toFollow(many, "") {
		counts[id[0]]++
	}
	if counts['o'] != mostWaiting || counts['l'] != mostLate || counts['p'] != mostPrompt {
		t.Errorf("%v", counts)
	}
}

// TestForecastsOfAList: queues with messages are foretold, and domains of a list of
// messages, each in the order of its listing.
func TestForecastsOfAList(t *testing.T) {
	const queue = "\nIdentity         : EX07HUB\\%d\nDeliveryType     : SmtpRelayToTiRg\nNextHopDomain    : ex03a.contoso.com\nStatus           : Retry\nMessageCount     : %d\nLastError        : \nLastRetryTime    : \nNextRetryTime    : \n"
	w := worldOf(map[string][]byte{"queues.txt": []byte("[PS] C:\\>Get-Queue -Server EX07HUB | fl\n" + fmt.Sprintf(queue, 12, 3) + fmt.Sprintf(queue, 13, 0)),
		"mailq.json": []byte(`{"queue_name": "deferred", "queue_id": "1A2B", "arrival_time": 1770109200, "message_size": 9, "sender": "a@example.com", "recipients": [{"address": "x@b.example.com", "delay_reason": "451 later"}]}` + "\n")})
	r := reported(t, w, map[string]string{"evidence": "queues.txt\nmailq.json"}, evidence.Forecasts)
	list, _ := diag.Value(r, evidence.Forecasts)
	var all []string
	for _, f := range list {
		all = append(all, fmt.Sprint(f.Listing, " ", f.Queue))
	}
	if got := strings.Join(all, ", "); got != `0 EX07HUB\12, 1 b.example.com` {
		t.Errorf("%q", got)
	}
}
