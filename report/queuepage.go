package report

import (
	"mailflow/evidence"
)

// Bounds of what the page shows of queues.
const (
	pagedQueues  = 50
	pagedReasons = 20
	shades       = 5
)

// A listingPage is a listing of queues as tables.
type listingPage struct {
	Title   string
	Queues  []queueLine
	Left    string // queues that are not shown
	Reasons []string
	More    int // reasons that are not shown
	Columns []string
	Ages    []ageLine
	MoreAge int
}

type queueLine struct {
	Name, About, State, Messages, Oldest, Next, Notice, GivesUp, Speed string
	Error                                                              string
	Notes                                                              []string // what it follows from, and what is not known
}

type ageLine struct {
	Domain string
	Total  int
	Cells  []ageCell
}

// An ageCell is a number with how dark it is shaded, from 0 to shades.
type ageCell struct {
	Text  string
	Shade int
}

func newListingPages(t traced) (pages []listingPage, left int) {
	for i, l := range firstOf(t.listings, mostListings) {
		pages = append(pages, newListingPage(t, i, l))
	}
	return pages, max(0, len(t.listings)-mostListings)
}

func newListingPage(t traced, i int, l evidence.QueueListing) listingPage {
	rows, empty := t.queueRows(i)
	reasons := reasonsBeside(l, rows)
	p := listingPage{Title: listingTitle(l), More: max(0, len(reasons)-pagedReasons), MoreAge: max(0, len(l.Ages)-pagedQueues)}
	for _, q := range firstOf(rows, pagedQueues) {
		p.Queues = append(p.Queues, q.page(t.times))
	}
	p.Left = joined(" and ", some(max(0, len(rows)-pagedQueues), "more queue"), some(empty, "empty queue"))
	for _, e := range firstOf(reasons, pagedReasons) {
		p.Reasons = append(p.Reasons, ReasonLine(e))
	}
	if len(l.Ages) > 0 {
		p.Columns, p.Ages = AgeColumns(), agePage(firstOf(l.Ages, pagedQueues))
	}
	return p
}

func (q queueRow) page(t Times) queueLine {
	f := q.forecast
	l := queueLine{Name: q.Name, About: q.about(), State: QueueState(q.Queue), Messages: grouped(q.Messages), Next: t.due(f.Next), Notice: t.due(f.Notice), GivesUp: t.due(f.GivesUp),
		Speed: joined("; ", Speed(q.Velocity), prefixed("empty in ", drains(f.Drains))), Error: q.Error}
	if f.Oldest != nil {
		l.Oldest = t.Minute(*f.Oldest)
	}
	if f.Next == nil {
		l.Next = InstantText(q.NextTry, t)
	}
	if f.Grows && l.Speed == "" {
		l.Speed = "grows"
	}
	for _, s := range firstOf(f.By, mostUnknown) {
		l.Notes = append(l.Notes, "by "+s)
	}
	for _, s := range firstOf(f.Unknown, mostUnknown) {
		l.Notes = append(l.Notes, "not known: "+s)
	}
	return l
}

// agePage shades the cells of an age table by how many messages they count.
func agePage(rows []evidence.AgeRow) []ageLine {
	highest := 0
	for _, r := range rows {
		highest = max(highest, most(r.Counts))
	}
	var lines []ageLine
	for _, r := range rows {
		line := ageLine{Domain: r.Domain, Total: r.Total}
		for i, text := range ageCells(r)[1:] {
			cell := ageCell{Text: text}
			if i < len(r.Counts) && r.Counts[i] > 0 {
				cell.Shade = 1 + int(float64(r.Counts[i]-1)/float64(highest)*shades)
			}
			line.Cells = append(line.Cells, cell)
		}
		lines = append(lines, line)
	}
	return lines
}
