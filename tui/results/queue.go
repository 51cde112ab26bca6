package results

import (
	"strings"

	"mailflow/report"
)

// queueDetail is all about a queue.
func (m Model) queueDetail(id string) (list, bool) {
	for i := range m.facts.queueListings() {
		for _, r := range m.facts.waits(i) {
			if r.id == id {
				p := newProse(m.inner())
				p.queue(r, m.facts)
				return p.list(), true
			}
		}
	}
	return list{}, false
}

func (p *prose) queue(r waiting, f *facts) {
	q, t := r.queue, f.times
	p.para(strong, "", joined(" at ", joined(" ", words(r.domain, "Mail for"), q.Name), q.Server))
	p.para(plain, "", joined(", ", report.QueueState(q), count(q.Messages, "message"), report.Speed(q.Velocity)))
	p.heading("What becomes of it if attempts go on failing (" + t.Name(t.Day) + ")")
	if said := report.ForecastLine(r.forecast, t); said != "" {
		p.para(plain, "  ", said)
	}
	for _, s := range r.forecast.By {
		p.para(faint, "  by ", s)
	}
	for _, s := range r.forecast.Unknown {
		p.para(plain, "  not known: ", s)
	}
	p.heading("What its server says")
	retries := ""
	if q.Retries != nil {
		retries = grouped(*q.Retries)
	}
	for _, x := range [][2]string{{"last error", q.Error}, {"next hop", q.NextHop}, {"connector", q.Connector}, {"type", q.Type},
		{"last try", report.InstantText(q.LastTry, t)}, {"next try", report.InstantText(q.NextTry, t)}, {"retries", retries}} {
		if x[1] != "" {
			p.para(plain, "  "+pad(x[0], 11), x[1])
		}
	}
	p.oldest(r, f)
}

// oldest are the messages whose names begin with that of the queue.
func (p *prose) oldest(r waiting, f *facts) {
	var lines []string
	m := Model{facts: f}
	for _, l := range f.queueListings() {
		for _, q := range l.Oldest {
			ofQueue := strings.HasPrefix(strings.ToLower(q.ID), strings.ToLower(r.queue.Name)+`\`)
			ofDomain := r.domain && strings.HasSuffix(strings.ToLower(q.To), "@"+strings.ToLower(r.queue.Name))
			if ofQueue || ofDomain {
				lines = append(lines, m.mailLine(q))
			}
		}
	}
	p.points("Its oldest messages", lines)
}
