package collectors

import (
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

func queueAt(state string, velocity float64) evidence.Queue {
	next := time.Date(2010, 7, 20, 9, 15, 0, 0, time.UTC)
	return evidence.Queue{Name: `EX07HUB\12`, Server: "EX07HUB", State: state, Messages: 60, NextTry: evidence.Instant{Time: &next}, Velocity: &velocity}
}

func listingWith(ids ...string) []evidence.QueueListing {
	var l evidence.QueueListing
	for i, id := range ids {
		at := time.Date(2010, 7, 20, 8, i, 0, 0, time.UTC)
		l.Oldest = append(l.Oldest, evidence.QueuedMail{ID: id, Since: &at})
	}
	return []evidence.QueueListing{l}
}

func TestForecastOfAQueue(t *testing.T) {
	const hour = 3600
	set := func(s float64) *evidence.Duration { return new(evidence.Duration(s)) }
	own := evidence.Org{Servers: []evidence.Server{{Name: "ex07hub", Retry: &evidence.RetryTimes{DelayNotice: set(hour), Expiry: set(12 * hour)}}}}
	for name, c := range map[string]struct {
		q       evidence.Queue
		mail    []evidence.QueueListing
		org     evidence.Org
		gives   string
		drains  evidence.Duration
		grows   bool
		unknown string
	}{
		"defaults":               {queueAt(evidence.QueueRetrying, 0), listingWith(`EX07HUB\1\7`, `EX07HUB\12\9`), evidence.Org{}, "2010-07-22 08:01", 0, false, ""},
		"settings of the server": {queueAt(evidence.QueueRetrying, 0), listingWith(`EX07HUB\12\9`), own, "2010-07-20 20:00", 0, false, ""},
		"of another queue whose name begins alike": {queueAt(evidence.QueueRetrying, 0), listingWith(`EX07HUB\121\9`), own, "", 0, false, "Get-Message -Queue"},
		"it drains":            {queueAt(evidence.QueueActive, 2), listingWith(`EX07HUB\12\9`), own, "2010-07-20 20:00", 30, false, ""},
		"more comes than goes": {queueAt(evidence.QueueActive, -0.5), listingWith(`EX07HUB\12\9`), own, "2010-07-20 20:00", 0, true, ""},
		"held mail is moved by nobody, whatever timer": {queueAt(evidence.QueueHeld, 0), listingWith(`EX07HUB\12\9`), own, "2010-07-20 20:00", 0, false, "it is held"},
	} {
		f := ofQueue(0, c.q, c.mail, c.org)
		gives := ""
		if f.GivesUp != nil {
			gives = f.GivesUp.Format("2006-01-02 15:04")
		}
		if gives != c.gives || f.Drains != c.drains || f.Grows != c.grows || !strings.Contains(strings.Join(f.Unknown, ";"), c.unknown) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// Each message stands in one column of its domain's row, and none is lost where
// there are more domains than rows.
func TestAgesCountEachMessageOnce(t *testing.T) {
	newest := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var a ages
	for i := range 500 {
		at := newest.Add(-time.Duration(i*i) * time.Second)
		a.add(evidence.QueuedMail{To: "x@d" + strings.Repeat("i", i%70) + ".example.com", Since: &at})
	}
	a.add(evidence.QueuedMail{To: "y@exim.example.com", Age: 25 * 3600})
	rows := a.table(newest)
	total := 0
	for _, r := range rows {
		sum := 0
		for _, n := range r.Counts {
			sum += n
		}
		if sum != r.Total || len(r.Counts) != len(evidence.AgeEdges())+1 {
			t.Errorf("%+v", r)
		}
		total += sum
	}
	if total != 501 || len(rows) != maxAgeRows+1 || rows[maxAgeRows].Domain != evidence.OtherDomains {
		t.Errorf("%d messages in %d rows, the last %+v", total, len(rows), rows[len(rows)-1])
	}
}
