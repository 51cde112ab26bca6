package results

import (
	"mailflow/evidence"
)

// A journeyTable is the widths of the columns of the list of journeys; the last
// is where the time went.
type journeyTable struct {
	all                            int
	total, state, id, fromTo, most int
}

func newJourneyTable(w int) journeyTable {
	t := journeyTable{all: w, total: 11, state: 9}
	rest := max(w-t.total-t.state-4*2, 12)
	t.most = min(rest*40/100, 40)
	t.id = (rest - t.most) * 36 / 100
	t.fromTo = rest - t.most - t.id
	return t
}

const gap = "  "

func (t journeyTable) head() line {
	return say(faint, gap+padLeft("total", t.total)+gap+pad("state", t.state)+gap+pad("message", t.id)+gap+pad("from -> to", t.fromTo)+gap+"most of it").fit(t.all + 2)
}

// line is one journey.
func (t journeyTable) line(j evidence.Journey) line {
	k := lookOfJourney(j)
	rest := k
	if k == alarm {
		rest = plain
	}
	l := say(k, padLeft(lasts(j.Total), t.total)+gap+t.column(j.State, t.state))
	return l.and(faint, t.column(j.Message, t.id)).and(rest, t.envelope(j)+gap+cut(clean(clip(mostWords(j))), t.most)).fit(t.all)
}

func (t journeyTable) column(s string, w int) string { return pad(clean(clip(s)), w) + gap }

// envelope gives sender and recipient the same room; what one does not need the
// other has.
func (t journeyTable) envelope(j evidence.Journey) string {
	const arrow = " -> "
	from, to := clean(clip(j.Sender)), ""
	if len(j.Recipients) > 0 {
		to = clean(clip(j.Recipients[0]))
	}
	if n := max(j.Count, len(j.Recipients)); n > 1 {
		to = joined(" ", to, "+"+grouped(n-1))
	}
	room := t.fromTo - len(arrow)
	from = cut(from, max(room/2, room-cells(to)))
	return pad(from+arrow+to, t.fromTo)
}

// journeysPage lists the ways of single messages, those that took longest first.
// Lines are made as they are drawn: there may be 50,000.
func (m Model) journeysPage() page {
	w := m.inner()
	ways := m.facts.journeys()
	shown := ways.with(m.state, m.only[journeys])
	if len(shown) == 0 {
		return page{list: emptyTab(w, m.noJourneys(ways))}
	}
	table := newJourneyTable(w)
	l := list{lines: make([]line, len(shown)), rows: make([]row, len(shown)), source: shown}
	for n, i := range shown {
		l.rows[n] = row{ways.ids[i], n, n + 1}
	}
	l.late = func(n int) line { return table.line(ways.all[shown[n]]) }
	return page{head: []line{table.head()}, list: l}
}

func (m Model) noJourneys(ways *ways) string {
	switch {
	case !ways.read:
		return "The journeys cannot be read from this evidence."
	case len(ways.all) == 0:
		return "The logs do not show the way of any message: message tracking, or the mail log, of each server that it passed would (a)."
	}
	return "None of " + grouped(len(ways.all)) + " journeys is like that."
}
