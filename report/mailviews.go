package report

import (
	"slices"

	"mailflow/diag"
	"mailflow/evidence"
)

// A traced is what the evidence says of mail on its way and mail that waits.
type traced struct {
	times     Times
	journeys  []evidence.Journey
	clocks    []evidence.ClockOffset
	rhythms   []evidence.HopRhythm
	hops      []evidence.HopTraffic // in the order of rhythms
	waiting   []hopRhythm           // those of rhythms that have something to chart
	listings  []evidence.QueueListing
	forecasts []evidence.Forecast
}

// A hopRhythm is the rhythm of a hop, with the clock by which it is told.
type hopRhythm struct {
	evidence.HopRhythm
	times Times
}

func tracedOf(r *diag.Report) traced {
	t := traced{times: TimesOf(r)}
	t.journeys, _ = diag.Value(r, evidence.Journeys)
	t.clocks, _ = diag.Value(r, evidence.Clocks)
	t.rhythms, _ = diag.Value(r, evidence.Rhythms)
	t.listings, _ = diag.Value(r, evidence.QueueListings)
	t.forecasts, _ = diag.Value(r, evidence.Forecasts)
	t.hops, _ = diag.Value(r, evidence.Traffic)
	for i, h := range t.rhythms {
		if h.Waited > 0 {
			t.waiting = append(t.waiting, hopRhythm{h, t.clockOf(i)})
		}
	}
	return t
}

// clockOf is the clock by which a rhythm is told.
func (t traced) clockOf(rhythm int) Times {
	if rhythm < len(t.hops) {
		return HopTimes(t.times, t.hops[rhythm])
	}
	return t.times
}

// A queueRow is a queue, or the mail for a domain where its server has no queues,
// with what is to become of it.
type queueRow struct {
	evidence.Queue
	forecast evidence.Forecast
}

// queueRows are the queues of a listing that have messages, those with most
// first, and how many are empty.
func (t traced) queueRows(listing int) (rows []queueRow, empty int) {
	l := t.listings[listing]
	of := map[string]evidence.Forecast{}
	for _, f := range t.forecasts {
		if f.Listing == listing {
			of[f.Queue] = f
		}
	}
	for _, q := range l.Queues {
		if q.Messages <= 0 {
			empty++
			continue
		}
		rows = append(rows, queueRow{q, of[q.Name]})
		delete(of, q.Name)
	}
	for _, e := range l.Reasons {
		if f, ok := of[e.Domain]; ok {
			rows = append(rows, queueRow{evidence.Queue{Name: e.Domain, State: e.State, Messages: e.Count, Error: e.Text, Line: e.Line}, f})
			delete(of, e.Domain)
		}
	}
	slices.SortStableFunc(rows, func(a, b queueRow) int { return b.Messages - a.Messages })
	return rows, empty
}

// reasonsBeside are the reasons of a listing that are not told as the last error
// of one of its rows.
func reasonsBeside(l evidence.QueueListing, rows []queueRow) []evidence.QueueError {
	shown := map[[2]string]bool{}
	for _, q := range rows {
		shown[[2]string{q.Name, q.Error}] = true
	}
	return slices.DeleteFunc(slices.Clone(l.Reasons), func(e evidence.QueueError) bool { return shown[[2]string{e.Domain, e.Text}] })
}

// about says what sort of queue it is and where it leads.
func (q queueRow) about() string {
	return joined(", over ", joined(" to ", q.Type, q.NextHop), q.Connector)
}
