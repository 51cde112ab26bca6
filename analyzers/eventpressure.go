package analyzers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// isPressure tells the events of back pressure (TechNet bb201658 for 15004 to
// 15007, bb218336 for 15002 of 2007): a rise, or an end.
func (g remembered) isPressure() (up, over bool) {
	return g.is(15002, 15004, 15006, 15007), g.is(15005)
}

// pressureLong is how long it has to last to delay mail for sure: senders try
// again after 5 to 15 minutes, so that a shorter one costs one attempt.
const pressureLong = 10 * time.Minute

// A strain is a time under back pressure.
type strain struct {
	from, to time.Time
	open     bool // nothing says that it ended
}

// pressures judges the events of back pressure of each server together: a rise
// ends with the next fall.
func (h history) pressures() []diag.Finding {
	byHost := map[string][]remembered{}
	var hosts []string
	for i := range h.Groups {
		g := remembered{h.Groups[i], ref(evidence.Events.Kind().Name+".groups", i)}
		if up, over := g.isPressure(); !up && !over {
			continue
		}
		key := strings.ToLower(g.host())
		if byHost[key] == nil {
			hosts = append(hosts, key)
		}
		byHost[key] = append(byHost[key], g)
	}
	var found []diag.Finding
	for _, host := range hosts {
		if f, ok := h.pressed(byHost[host]); ok {
			found = append(found, f)
		}
	}
	return found
}

func (h history) pressed(groups []remembered) (diag.Finding, bool) {
	all := strains(groups, h.lastOf(groups[0].EventGroup))
	if len(all) == 0 {
		return diag.Finding{}, false // it only says that it is over
	}
	worst := slices.MaxFunc(all, func(a, b strain) int { return cmp.Compare(a.to.Sub(a.from), b.to.Sub(b.from)) })
	length := worst.to.Sub(worst.from)
	first := groups[slices.IndexFunc(groups, func(g remembered) bool { up, _ := g.isPressure(); return up })]
	f := first.on(pressureCause, diag.Confirmed, diag.Text("events", strained(all, worst, first)))
	for _, g := range groups {
		if g.from != first.from {
			f.From = append(f.From, g.from)
		}
	}
	if length >= time.Minute {
		f.Wait = &diag.Span{From: worst.from, To: worst.to}
	}
	var begins []time.Time
	for _, s := range all {
		begins = append(begins, s.from)
	}
	switch {
	case strings.Contains(strings.ToLower(first.text()), "no components disabled"):
		f = lessSure(f, "by its own word nothing was switched off for it", "")
	case length >= pressureLong || dense(begins):
	case worst.open:
		f = lessSure(f, "the log ends soon after", "")
	default:
		f = lessSure(f, "it was short, and is over", "")
	}
	return f, true
}

func strained(all []strain, worst strain, g remembered) string {
	s := fmt.Sprintf("its event log says so %s, %s", times(len(all)), stretch(all[0].from, all[len(all)-1].to, g.Local))
	if d := worst.to.Sub(worst.from); d >= time.Minute {
		s += ", the longest for " + diag.Seconds(d.Round(time.Minute))
		if worst.open {
			s += " and until the log ends"
		}
	}
	if text := g.text(); text != "" {
		s += fmt.Sprintf(" (%s %d: \"%s\")", clip(g.Source, 60), g.ID, clip(text, 300))
	}
	return s
}

// lastOf is when the export of a server ends.
func (h history) lastOf(g evidence.EventGroup) time.Time {
	last := g.Last
	for _, s := range h.Covers {
		if s.File == g.Where.File && strings.EqualFold(s.Server, g.Server) && s.Last.After(last) {
			last = s.Last
		}
	}
	return last
}

// strains pairs each first rise with the last fall before the next rise.
func strains(groups []remembered, end time.Time) []strain {
	type move struct {
		at time.Time
		up bool
	}
	var moves []move
	for _, g := range groups {
		up, _ := g.isPressure()
		for _, t := range g.Times {
			moves = append(moves, move{t, up})
		}
	}
	slices.SortStableFunc(moves, func(a, b move) int { return a.at.Compare(b.at) })
	var all []strain
	falling := true
	for _, m := range moves {
		switch {
		case m.up && falling:
			all = append(all, strain{m.at, m.at, true})
			falling = false
		case !m.up && len(all) > 0:
			all[len(all)-1].to, all[len(all)-1].open = m.at, false
			falling = true
		case m.up:
			all[len(all)-1].to = m.at
		}
	}
	if n := len(all); n > 0 && all[n-1].open {
		all[n-1].to = end
	}
	return all
}
