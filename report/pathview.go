package report

import (
	"strconv"
	"time"

	"mailflow/evidence"
)

// pathView is the path of a message as data.
type pathView struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	Size     int64     `json:"size_bytes"`
	At       string    `json:"at"`
	Zone     string    `json:"zone"`
	Outcome  string    `json:"outcome"`
	Why      string    `json:"why"`
	Summary  string    `json:"summary"`
	Cost     int       `json:"cost"`
	Wait     waitView  `json:"wait"`
	Legs     []legView `json:"legs"`
	NotTaken []detour  `json:"not_taken"`
	Unsure   []string  `json:"unsure"`
}

type legView struct {
	Kind      string   `json:"kind"`
	From      []string `json:"from"`
	FromGroup string   `json:"from_group"`
	To        []string `json:"to"`
	ToGroup   string   `json:"to_group"`
	Connector string   `json:"connector"`
	Link      string   `json:"link"`
	Cost      int      `json:"cost"`
	Limit     *int64   `json:"limit_bytes"` // null: none known
	Opens     string   `json:"opens"`
	Wait      waitView `json:"wait"`
	Closed    bool     `json:"closed"`
	Notes     []string `json:"notes"`
	Where     string   `json:"where"`
}

type waitView struct {
	Now     seconds `json:"now_seconds"`
	Longest seconds `json:"longest_seconds"`
	Mean    seconds `json:"mean_seconds"`
	Until   *string `json:"until"` // null: at once, or never
}

type detour struct {
	Over []string `json:"over"`
	Cost int      `json:"cost"`
	Why  string   `json:"why"`
}

// orgView counts what the organization has; all of it is in the record.
type orgView struct {
	Name          string `json:"name"`
	AdminGroups   int    `json:"admin_groups"`
	RoutingGroups int    `json:"routing_groups"`
	Servers       int    `json:"servers"`
	Connectors    int    `json:"connectors"`
	Receive       int    `json:"receive_connectors"`
	Sites         int    `json:"sites"`
	SiteLinks     int    `json:"site_links"`
	Problems      int    `json:"problems"`
}

func newOrgView(o evidence.Org) *orgView {
	return &orgView{o.Name, len(o.AdminGroups), len(o.RoutingGroups), len(o.Servers), len(o.Connectors), len(o.Receive), len(o.Sites), len(o.SiteLinks), len(o.Problems)}
}

// organization writes the counts, if there is an organization.
func (x *xmlWriter) organization(o *orgView) {
	if o == nil {
		return
	}
	x.empty("organization", attr{"name", o.Name}, attr{"admin_groups", strconv.Itoa(o.AdminGroups)}, attr{"routing_groups", strconv.Itoa(o.RoutingGroups)},
		attr{"servers", strconv.Itoa(o.Servers)}, attr{"connectors", strconv.Itoa(o.Connectors)}, attr{"receive_connectors", strconv.Itoa(o.Receive)},
		attr{"sites", strconv.Itoa(o.Sites)}, attr{"site_links", strconv.Itoa(o.SiteLinks)}, attr{"problems", strconv.Itoa(o.Problems)})
}

func newPathView(p evidence.Path) *pathView {
	v := pathView{From: p.From, To: p.To, Size: p.SizeBytes, At: utc(&p.At), Zone: p.Zone, Outcome: p.Outcome, Why: p.Why, Summary: PathSummary(p),
		Cost: p.Cost, Wait: newWaitView(p.Wait), Legs: []legView{}, NotTaken: []detour{}, Unsure: unsure(p)}
	for _, l := range p.Legs {
		v.Legs = append(v.Legs, newLegView(l))
	}
	for _, d := range p.Others {
		v.NotTaken = append(v.NotTaken, detour{append([]string{}, d.Over...), d.Cost, d.Why})
	}
	return &v
}

func newLegView(l evidence.Leg) legView {
	v := legView{Kind: l.Kind, From: append([]string{}, l.From...), FromGroup: l.FromGroup, To: append([]string{}, l.To...), ToGroup: l.ToGroup,
		Connector: l.Connector, Link: l.Link, Cost: l.Cost, Opens: l.Opens, Wait: newWaitView(l.Wait), Closed: l.Closed, Notes: append([]string{}, l.Notes...)}
	if l.LimitBytes > 0 {
		v.Limit = &l.LimitBytes
	}
	if l.Where != nil {
		v.Where = l.Where.String()
	}
	return v
}

func newWaitView(w evidence.Wait) waitView {
	v := waitView{Now: spanOf(w.Now), Longest: spanOf(w.Longest), Mean: spanOf(w.Mean)}
	if w.Until != nil {
		until := utc(w.Until)
		v.Until = &until
	}
	return v
}

// spanOf is a wait in Go's units; what no week holds is cut off.
func spanOf(d evidence.Duration) seconds {
	const most = 3660 * 86400
	return seconds(evidence.Duration(min(max(float64(d), 0), most)).Duration() / time.Microsecond * time.Microsecond)
}

// path writes the path, if there is one.
func (x *xmlWriter) path(p *pathView) {
	if p == nil {
		return
	}
	x.open("path", with([]attr{{"outcome", p.Outcome}, {"cost", strconv.Itoa(p.Cost)}, {"size_bytes", strconv.FormatInt(p.Size, 10)}},
		attr{"at", p.At}, attr{"zone", p.Zone})...)
	x.text("from", p.From)
	x.text("to", p.To)
	x.text("summary", p.Summary)
	x.optional("why", p.Why)
	x.wait(p.Wait)
	for _, l := range p.Legs {
		x.leg(l)
	}
	for _, d := range p.NotTaken {
		x.open("not_taken", attr{"cost", strconv.Itoa(d.Cost)})
		x.list("over", d.Over)
		x.text("why", d.Why)
		x.shut("not_taken")
	}
	x.list("unsure", p.Unsure)
	x.shut("path")
}

func (x *xmlWriter) leg(l legView) {
	limit := ""
	if l.Limit != nil {
		limit = strconv.FormatInt(*l.Limit, 10)
	}
	x.open("leg", with([]attr{{"kind", l.Kind}, {"cost", strconv.Itoa(l.Cost)}}, attr{"connector", l.Connector}, attr{"link", l.Link}, attr{"from_group", l.FromGroup},
		attr{"to_group", l.ToGroup}, attr{"limit_bytes", limit}, attr{"closed", yes(l.Closed)})...)
	x.list("from", l.From)
	x.list("to", l.To)
	x.optional("opens", l.Opens)
	x.wait(l.Wait)
	x.list("note", l.Notes)
	x.optional("where", l.Where)
	x.shut("leg")
}

func (x *xmlWriter) wait(w waitView) {
	until := ""
	if w.Until != nil {
		until = *w.Until
	}
	x.empty("wait", with([]attr{{"now_seconds", exact(time.Duration(w.Now))}, {"longest_seconds", exact(time.Duration(w.Longest))},
		{"mean_seconds", exact(time.Duration(w.Mean))}}, attr{"until", until})...)
}
