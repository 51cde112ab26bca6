package report

import (
	"maps"
	"time"

	"mailflow/evidence"
)

// listingView is a listing of queues as data.
type listingView struct {
	File      string         `json:"file"`
	Format    string         `json:"format"`
	Messages  int            `json:"messages"`
	States    map[string]int `json:"states"`
	Queues    []queueView    `json:"queues"`
	Forecasts []forecastView `json:"forecasts"`
	Reasons   []reasonView   `json:"reasons"`
	Groups    []groupView    `json:"groups"`
	Oldest    []queuedView   `json:"oldest"`
	AgeEdges  []seconds      `json:"age_edges_seconds"`
	Ages      []ageView      `json:"ages"`
}

type queueView struct {
	Name      string      `json:"name"`
	Server    string      `json:"server"`
	Type      string      `json:"type"`
	NextHop   string      `json:"next_hop"`
	Connector string      `json:"connector"`
	State     string      `json:"state"`
	Said      string      `json:"said"`
	Messages  int         `json:"messages"`
	Error     string      `json:"last_error"`
	LastTry   instantView `json:"last_try"`
	NextTry   instantView `json:"next_try"`
	Retries   *int        `json:"retries"`
	Velocity  *float64    `json:"velocity"` // messages a second that leave, less those that come
	Line      int         `json:"line"`
}

// instantView is exact, or only a text of unknown zone.
type instantView struct {
	Time *time.Time `json:"time"`
	Text string     `json:"text"`
}

type forecastView struct {
	Queue   string     `json:"queue"`
	Server  string     `json:"server"`
	Line    string     `json:"sentence"`
	Oldest  *time.Time `json:"oldest"`
	Next    *time.Time `json:"next"`
	Notice  *time.Time `json:"notice"`
	GivesUp *time.Time `json:"gives_up"`
	Drains  *seconds   `json:"drains_in_seconds"` // null: not at the speed it has
	Grows   bool       `json:"grows"`
	By      []string   `json:"by"`
	Unknown []string   `json:"unknown"`
}

type reasonView struct {
	Domain string `json:"domain"`
	Text   string `json:"text"`
	Count  int    `json:"count"`
	State  string `json:"state"`
	Line   int    `json:"line"`
}

type groupView struct {
	By    string `json:"by"`
	Name  string `json:"name"`
	Count int    `json:"count"`
}

type queuedView struct {
	ID     string     `json:"id"`
	State  string     `json:"state"`
	Since  *time.Time `json:"since"`
	Age    seconds    `json:"age_seconds"`
	Sender string     `json:"sender"`
	To     string     `json:"to"`
	Reason string     `json:"reason"`
	Line   int        `json:"line"`
}

type ageView struct {
	Domain string     `json:"domain"`
	Total  int        `json:"total"`
	Counts []int      `json:"counts"`
	Oldest *time.Time `json:"oldest"`
}

func (t traced) listingView(i int) listingView {
	l := t.listings[i]
	v := listingView{File: l.Export.Path, Format: l.Export.Format, Messages: l.Messages, States: map[string]int{}, Queues: []queueView{}, Forecasts: []forecastView{},
		Reasons: []reasonView{}, Groups: []groupView{}, Oldest: []queuedView{}, AgeEdges: []seconds{}, Ages: []ageView{}}
	maps.Copy(v.States, l.States)
	for _, q := range l.Queues {
		v.Queues = append(v.Queues, queueView{q.Name, q.Server, q.Type, q.NextHop, q.Connector, q.State, q.Said, q.Messages, q.Error,
			newInstantView(q.LastTry), newInstantView(q.NextTry), q.Retries, q.Velocity, q.Line})
	}
	for _, f := range t.forecasts {
		if f.Listing == i {
			v.Forecasts = append(v.Forecasts, newForecastView(f, t.times))
		}
	}
	v.counts(l)
	return v
}

// counts adds what a listing says of its messages.
func (v *listingView) counts(l evidence.QueueListing) {
	for _, e := range l.Reasons {
		v.Reasons = append(v.Reasons, reasonView{e.Domain, e.Text, e.Count, e.State, e.Line})
	}
	for _, g := range l.Groups {
		v.Groups = append(v.Groups, groupView{g.By, g.Name, g.Count})
	}
	for _, m := range l.Oldest {
		v.Oldest = append(v.Oldest, queuedView{m.ID, m.State, instant(m.Since), spanOf(m.Age), m.Sender, m.To, m.Reason, m.Line})
	}
	if len(l.Ages) > 0 {
		for _, edge := range evidence.AgeEdges() {
			v.AgeEdges = append(v.AgeEdges, seconds(edge))
		}
	}
	for _, r := range l.Ages {
		v.Ages = append(v.Ages, ageView{r.Domain, r.Total, list(r.Counts), instant(r.Oldest)})
	}
}

func newInstantView(i evidence.Instant) instantView { return instantView{instant(i.Time), i.Text} }

func newForecastView(f evidence.Forecast, t Times) forecastView {
	v := forecastView{Queue: f.Queue, Server: f.Server, Line: ForecastLine(f, t), Oldest: instant(f.Oldest), Next: instant(f.Next), Notice: instant(f.Notice), GivesUp: instant(f.GivesUp),
		Grows: f.Grows, By: list(f.By), Unknown: list(f.Unknown)}
	if f.Drains > 0 {
		v.Drains = new(spanOf(f.Drains))
	}
	return v
}
