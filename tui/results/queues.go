package results

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailflow/evidence"
	"mailflow/report"
)

// A waiting is one row of the table of queues: a queue of a server or, in a list
// of messages without queues, the mail for a domain.
type waiting struct {
	id       string
	queue    evidence.Queue
	domain   bool
	forecast evidence.Forecast
}

// The ids of the rows of the tab: headings fold, queues open.
const (
	headingID = "heading\x00"
	queueID   = "queue\x00"
)

func isQueue(id string) bool { return strings.HasPrefix(id, queueID) }

// waits lists the queues of a listing, those with most messages first, and then
// the domains whose mail waits.
func (f *facts) waits(listing int) []waiting {
	l := f.queueListings()[listing]
	told, domains := f.foretold(listing)
	var rows []waiting
	seen := map[string]int{}
	add := func(q evidence.Queue, domain bool, c evidence.Forecast) {
		id := queueID + strconv.Itoa(listing) + "\x00" + q.Server + "\x00" + q.Name
		rows = append(rows, waiting{id + "\x00" + strconv.Itoa(seen[id]), q, domain, c})
		seen[id]++
	}
	for _, q := range l.Queues {
		add(q, false, told[q.Name])
	}
	for _, c := range domains {
		add(ofDomain(l, c), true, c)
	}
	slices.SortStableFunc(rows, func(a, b waiting) int { return cmp.Compare(b.queue.Messages, a.queue.Messages) })
	return rows
}

// foretold finds what is forecast of the queues of a listing by their names, and
// what is forecast of no queue but of a domain.
func (f *facts) foretold(listing int) (told map[string]evidence.Forecast, domains []evidence.Forecast) {
	told = map[string]evidence.Forecast{}
	queues := map[string]bool{}
	for _, q := range f.queueListings()[listing].Queues {
		queues[q.Name] = true
	}
	all, _ := f.forecasts.of(f.report, evidence.Forecasts)
	for _, c := range all {
		switch {
		case c.Listing != listing:
		case queues[c.Queue]:
			told[c.Queue] = c
		default:
			domains = append(domains, c)
		}
	}
	return told, domains
}

// ofDomain is the mail for a domain as if it were a queue.
func ofDomain(l evidence.QueueListing, c evidence.Forecast) evidence.Queue {
	q := evidence.Queue{Name: c.Queue, Server: c.Server}
	for _, r := range l.Reasons {
		if r.Domain == c.Queue && q.Error == "" {
			q.State, q.Messages, q.Error, q.Line = r.State, r.Count, r.Text, r.Line
		}
	}
	for _, r := range l.Ages {
		if r.Domain == c.Queue {
			q.Messages = r.Total
		}
	}
	return q
}

func (f *facts) queueListings() []evidence.QueueListing {
	all, _ := f.listings.of(f.report, evidence.QueueListings)
	return all
}

// queuesPage shows what waits on the servers: queues, how old their mail is, why
// it waits, and the oldest. Each part folds.
func (m Model) queuesPage() page {
	var l list
	listings := m.facts.queueListings()
	for i := range listings {
		m.addQueues(&l, i)
		m.addPart(&l, i, "ages", "Messages by age, minutes", true, m.ageLines(listings[i].Ages))
		m.addPart(&l, i, "reasons", "Why it waits", true, m.reasonLines(listings[i].Reasons))
		m.addPart(&l, i, "oldest", "The oldest messages", false, m.oldestLines(listings[i].Oldest))
	}
	if len(l.rows) == 0 {
		l = emptyTab(m.inner(), m.noQueues())
	}
	return page{list: l}
}

func (m Model) noQueues() string {
	switch {
	case !m.facts.listings.there:
		return "The listings of the queues cannot be read from this evidence."
	case m.only[queues] != "":
		return "Nothing in the queues has that text."
	}
	return "The queues were empty when they were listed: a listing that is made while mail waits would fill this (a)."
}

// addQueues adds the table of queues of a listing.
func (m Model) addQueues(l *list, listing int) {
	w := m.inner()
	var rows []waiting
	mail, empty := 0, 0
	for _, r := range m.facts.waits(listing) {
		switch {
		case !m.shows(r.queue.Name, r.queue.NextHop, r.queue.Connector, r.queue.Error, r.queue.State, r.queue.Said):
		case r.queue.Messages == 0:
			empty++
		default:
			rows = append(rows, r)
			mail += max(r.queue.Messages, 0)
		}
	}
	if len(rows)+empty == 0 {
		return
	}
	what := "queue"
	if len(rows) > 0 && rows[0].domain {
		what = "domain"
	}
	of := m.facts.queueListings()[listing]
	mails := grouped(mail) + " messages in "
	if what == "domain" && of.Messages > mail && m.only[queues] == "" { // the others are told with their ages, and why they wait
		mails = grouped(mail) + " of " + grouped(of.Messages) + " messages, in "
	}
	about := joined(", ", mails+count(len(rows), what), words(empty > 0, grouped(empty)+" empty"))
	if len(rows) == 0 {
		about = "nothing waits, " + count(empty, what) + " empty"
	}
	if !m.addHeading(l, listing, "queues", of.Export.Path+": "+about, true) || len(rows) == 0 {
		return
	}
	t := newQueueTable(w, what)
	l.add(w, t.head())
	for _, r := range rows {
		l.addRow(r.id, w, t.lines(r, m.facts.times)...)
	}
}

// addHeading adds a row that folds what follows it.
func (m Model) addHeading(l *list, listing int, part, text string, first bool) (open bool) {
	id := headingID + strconv.Itoa(listing) + part
	open = m.unfolded(id, first)
	sign := map[bool]string{true: "- ", false: "+ "}[open]
	l.addRow(id, m.inner(), say(strong, sign+clip(text)))
	return open
}

// addPart adds a part whose lines are no rows: they belong to its heading.
func (m Model) addPart(l *list, listing int, part, text string, first bool, lines []line) {
	if len(lines) == 0 {
		return
	}
	if all := m.facts.queueListings(); len(all) > 1 {
		text = all[listing].Export.Path + ": " + text
	}
	if m.addHeading(l, listing, part, text, first) {
		l.add(m.inner(), lines...)
		l.rows[len(l.rows)-1].to = len(l.lines)
	}
}

// shows says whether what is filtered for is in one of the texts.
func (m Model) shows(texts ...string) bool {
	only := strings.ToLower(m.only[m.tab])
	return only == "" || slices.ContainsFunc(texts, func(s string) bool { return contains(clean(clip(s)), only) })
}

// A queueTable is the widths of the columns of the table of queues. Names and
// errors take what is left. A narrow one has no columns for times: they stand
// below.
type queueTable struct {
	w, name int
	what    string
	narrow  bool
}

const (
	queueState = 9
	queueMail  = 8
	queueTime  = 12
	queueCells = queueState + queueMail + 2*len(gap)
	timeCells  = 3 * (queueTime + len(gap))
	queueName  = 12 // at least
)

func newQueueTable(w int, what string) queueTable {
	t := queueTable{w: w, what: what, name: w - 2 - queueCells - timeCells}
	if t.narrow = t.name < queueName; t.narrow {
		t.name = max(w-2-queueCells, queueName)
	}
	return t
}

func (t queueTable) head() line {
	head := "  " + pad(t.what, t.name) + gap + pad("state", queueState) + gap + padLeft("messages", queueMail)
	if !t.narrow {
		head += gap + pad("oldest", queueTime) + gap + pad("next attempt", queueTime) + gap + "gives up"
	}
	return say(faint, head)
}

// lines are one queue, and under it where it leads to and its last error.
func (t queueTable) lines(r waiting, at report.Times) []line {
	k := plain
	if r.queue.State == evidence.QueueRetrying || r.queue.State == evidence.QueueHeld {
		k = alarm
	}
	head := say(plain, "  "+pad(clean(clip(r.queue.Name)), t.name)+gap).and(k, pad(clean(clip(r.queue.State)), queueState)+gap)
	head = head.and(plain, padLeft(grouped(r.queue.Messages), queueMail))
	below := []string{joined(": ", prefixed("to ", joined(" over ", r.queue.NextHop, r.queue.Connector)), r.queue.Error)}
	if t.narrow {
		below = append(below, report.ForecastLine(r.forecast, at))
	} else {
		head = head.and(plain, r.moments(at))
	}
	lines := []line{head}
	for _, s := range below {
		if s != "" {
			lines = append(lines, say(faint, "      "+cut(clean(clip(s)), t.w-6)))
		}
	}
	return lines
}

// moments are the columns of the times of a queue. One that an export has as
// text alone stands in its detail.
func (r waiting) moments(at report.Times) string {
	tell := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return at.Minute(*t)
	}
	next := cmp.Or(tell(r.forecast.Next), tell(r.queue.NextTry.Time), words(r.queue.NextTry.Text != "", "unsure"))
	return gap + pad(tell(r.forecast.Oldest), queueTime) + gap + pad(next, queueTime) + gap + tell(r.forecast.GivesUp)
}
