package routing

import (
	"time"

	"mailflow/evidence"
)

// quarters is how many quarter hours a week has: the bits of a schedule.
const quarters = 7 * 24 * 4

// A week says for each quarter hour of the week how many pass until the next
// that is open; 0 if it is open itself.
type week [quarters]int

// weekOf reads a schedule that is open at some time.
func weekOf(s evidence.Schedule) week {
	var wk week
	gap := 0
	for i := 2*quarters - 1; i >= 0; i-- { // twice round: the gap at the end reaches into the next week
		if gap++; isOpen(s, i%quarters) {
			gap = 0
		}
		wk[i%quarters] = gap
	}
	return wk
}

// isOpen reads a bit: the most significant first, from Sunday 00:00 GMT on
// (knowledge/exchange.md 2.4.1).
func isOpen(s evidence.Schedule, quarter int) bool { return s[quarter/8]&(0x80>>(quarter%8)) != 0 }

// await adds to a leg what the schedule of its connector means for this message;
// true if the connector never opens.
func (w *walk) await(c *evidence.Connector, leg *evidence.Leg) (never bool) {
	t := c.Delivery
	if from := kilobytes(c.ContentKB); from > 0 && w.q.Size >= from && ownTimes(c.Oversize) {
		t = c.Oversize
		leg.Notes = append(leg.Notes, "the times for large messages (from "+size(from)+" on) are taken; that these attributes are meant so is concluded from their names")
		w.unsure("whether the message counts as large for " + c.Name + " (from " + size(from) + " on) is concluded from names of attributes")
	}
	switch {
	case t.Style == nil:
		w.noStyle(c, t)
	case t.Is(evidence.StyleAlways):
	case t.Is(evidence.StyleNever), t.Is(evidence.StyleSelected) && t.Schedule != nil && t.Schedule.Never():
		leg.Opens = "at no time"
		return w.heeds(c, "never opens")
	case t.Is(evidence.StyleSelected) && t.Schedule != nil:
		w.wait(c, *t.Schedule, leg)
	case t.Is(evidence.StyleSelected):
		w.unsure(c.Name + " opens at selected times, which cannot be read from what was given")
	case t.Is(evidence.StyleRemote):
		leg.Opens = "when the other side asks"
		w.unsure(c.Name + " opens when the other side asks for its mail: how long the message waits is not known")
	default:
		w.unsure("when " + c.Name + " opens is not known: its activationStyle means nothing to us")
	}
	return false
}

// noStyle is a connector whose export does not say whether it has a schedule.
// What is not set is at its default, always (knowledge/exchange.md 2.4.2).
func (w *walk) noStyle(c *evidence.Connector, t evidence.Timetable) {
	switch {
	case t.Schedule != nil && !t.Schedule.Always():
		w.unsure("what was given does not tell whether the schedule of " + c.Name + " counts (activationStyle): none is taken")
	case !c.Whole && c.Kind != evidence.SendLink:
		w.unsure("what was given does not tell when " + c.Name + " opens; no cmdlet does: an export by ldifde with all attributes tells it")
	}
}

// heeds says whether who sends over a connector goes by its times. Servers of
// 2007 and later are said not to (PowerShell book).
func (w *walk) heeds(c *evidence.Connector, times string) bool {
	if !w.groups[w.group].modern {
		if times == "never opens" {
			w.unsure("that mail is routed over a connector that never opens, and waits there, is documented for X.400 connectors (KB 890739)")
		}
		return true
	}
	w.unsure(c.Name + " " + times + "; servers of 2007 and later send over it, and are said not to heed that")
	return false
}

// wait holds the message until the connector opens.
func (w *walk) wait(c *evidence.Connector, s evidence.Schedule, leg *evidence.Leg) {
	leg.Opens = s.WordsIn(w.q.Zone, w.q.At)
	until, _ := s.Next(w.now)
	if s.Always() || !w.heeds(c, "opens at selected times only, next "+w.clock(until)) {
		return
	}
	leg.Wait = evidence.Wait{Now: inSeconds(until.Sub(w.now)), Longest: inSeconds(s.Longest()), Mean: inSeconds(s.Mean())}
	if until.After(w.now) {
		leg.Wait.Until = new(until.In(w.q.Zone.Location()))
	} else if !w.now.Equal(w.now.Truncate(evidence.Quarter)) {
		begin, _ := s.Next(w.now.Truncate(evidence.Quarter).Add(evidence.Quarter))
		w.unsure("if " + c.Name + " connects only as a quarter hour begins, which is documented nowhere, the message leaves at " + w.clock(begin))
	}
	w.now = until
	w.weeks = append(w.weeks, weekOf(s))
}

func inSeconds(d time.Duration) evidence.Duration { return evidence.Duration(d.Seconds()) }

func (w *walk) clock(t time.Time) string {
	return t.In(w.q.Zone.Location()).Format("Mon 2006-01-02 15:04 MST")
}

// sumWaits sums the schedules up. A message that waited for one comes to the next
// as that one opens, so that the longest waits do not simply add: the path is
// walked from each quarter hour of the week. Sending itself is taken to need no
// time.
func (w *walk) sumWaits() {
	if len(w.weeks) == 0 {
		return
	}
	var longest, sum int // sum in half quarters
	for start := range quarters {
		at := start
		for i := range w.weeks {
			at += w.weeks[i][at%quarters]
		}
		longest = max(longest, at-start)
		if at > start {
			sum += 2*(at-start) - 1 // those that come during this quarter wait half of it less
		}
	}
	total := evidence.Wait{Now: inSeconds(w.now.Sub(w.q.At)), Longest: inSeconds(time.Duration(longest) * evidence.Quarter)}
	total.Mean = inSeconds(time.Duration(sum) * evidence.Quarter / (2 * quarters))
	if w.now.After(w.q.At) {
		total.Until = new(w.now.In(w.q.Zone.Location()))
	}
	w.path.Wait = total
	w.unsure("sending itself is taken to need no time; a failed connection is retried later")
}
