package collectors

import (
	"cmp"
	"time"

	"mailflow/evidence"
)

// Bounds of an age table.
const (
	maxAged    = 1_000_000 // messages whose age is kept, 8 bytes each
	maxAgeRows = 50
)

// ages keeps when the messages of a listing came, until the newest is known.
type ages struct {
	of    map[string][]int64 // by domain: when they came, or how old they are
	known map[string][]int64
	n     int
	first map[string]time.Time // of each domain: when the oldest came that nobody holds back
}

// add takes a message: when it came, or else its age in seconds.
func (a *ages) add(m evidence.QueuedMail) {
	if a.of == nil {
		a.of, a.known, a.first = map[string][]int64{}, map[string][]int64{}, map[string]time.Time{}
	}
	domain := domainOf(m.To)
	if a.n++; a.n > maxAged || domain == "" {
		return
	}
	switch {
	case m.Since != nil:
		a.of[domain] = append(a.of[domain], m.Since.Unix())
		if first := a.first[domain]; m.State != evidence.QueueHeld && (first.IsZero() || m.Since.Before(first)) {
			a.first[domain] = *m.Since
		}
	case m.Age > 0:
		a.known[domain] = append(a.known[domain], int64(m.Age))
	}
}

// table counts the messages of each domain by age. Ages are those at the newest
// time of the listing.
func (a *ages) table(newest time.Time) []evidence.AgeRow {
	rows := map[string]*evidence.AgeRow{}
	row := func(domain string) *evidence.AgeRow {
		if rows[domain] == nil {
			rows[domain] = &evidence.AgeRow{Domain: domain, Counts: make([]int, len(evidence.AgeEdges())+1)}
		}
		return rows[domain]
	}
	for domain, came := range a.of {
		r := row(domain)
		for _, at := range came {
			r.Add(time.Duration(newest.Unix()-at) * time.Second)
		}
		if first, ok := a.first[domain]; ok {
			r.Oldest = new(first.UTC())
		}
	}
	for domain, all := range a.known {
		for _, age := range all {
			row(domain).Add(time.Duration(age) * time.Second)
		}
	}
	return shortTable(rows)
}

// shortTable lists the domains with most messages, and the rest as one.
func shortTable(rows map[string]*evidence.AgeRow) []evidence.AgeRow {
	list := listed(rows, len(rows), func(a, b evidence.AgeRow) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Domain, b.Domain))
	})
	if len(list) <= maxAgeRows {
		return list
	}
	others := evidence.AgeRow{Domain: evidence.OtherDomains, Counts: make([]int, len(list[0].Counts))}
	for _, r := range list[maxAgeRows:] {
		others.Total += r.Total
		for i, n := range r.Counts {
			others.Counts[i] += n
		}
		if r.Oldest != nil && (others.Oldest == nil || r.Oldest.Before(*others.Oldest)) {
			others.Oldest = r.Oldest
		}
	}
	return append(list[:maxAgeRows], others)
}
