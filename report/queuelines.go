package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"mailflow/evidence"
)

// Bounds of what text shows of a listing of queues.
const (
	mostListings  = 6
	mostQueues    = 12
	mostReasons   = 5
	mostAgeRows   = 8
	narrowestName = 12 // of a domain in an age table
	mostUnknown   = 3
)

// QueueLines tells listings of queues: what waits in each, what becomes of it if
// attempts go on failing, for what reasons, and how old it is. No line is wider
// than width, which is at least 40.
func QueueLines(listings []evidence.QueueListing, forecasts []evidence.Forecast, t Times, width int) []string {
	return queueText(traced{times: t, listings: listings, forecasts: forecasts}, max(width, leastWidth))
}

func queueText(t traced, width int) []string {
	var lines []string
	for i, l := range t.listings {
		if i == mostListings {
			return append(lines, "  and "+count(len(t.listings)-i, "more listing"))
		}
		lines = append(lines, hang("  ", "    ", listingTitle(l), width)...)
		rows, empty := t.queueRows(i)
		lines = append(lines, queueTable(rows, empty, t.times, width)...)
		for k, e := range firstOf(reasonsBeside(l, rows), mostReasons) {
			lines = append(lines, hang([]string{"  why:  ", "        "}[min(k, 1)], "          ", ReasonLine(e), width)...)
		}
		lines = append(lines, AgeLines(l.Ages, width)...)
	}
	return lines
}

// listingTitle says what a listing has.
func listingTitle(l evidence.QueueListing) string {
	waiting := 0
	for _, q := range l.Queues {
		waiting += max(0, q.Messages)
	}
	queues := ""
	if len(l.Queues) > 0 {
		queues = messages(waiting) + " in " + some(len(l.Queues), "queue")
	}
	listed := ""
	if l.Messages > 0 {
		listed = messages(l.Messages) + " one by one"
	}
	return joined(": ", joined(" ", l.Export.Path, inBrackets(l.Export.Format)), joined(", ", queues, listed))
}

func firstOf[T any](all []T, most int) []T { return all[:min(len(all), most)] }

func queueTable(rows []queueRow, empty int, t Times, width int) []string {
	var lines []string
	for i, q := range rows {
		if i == mostQueues {
			lines = append(lines, "    and "+count(len(rows)-i, "more queue"))
			break
		}
		lines = append(lines, q.lines(t, width)...)
	}
	if empty > 0 {
		lines = append(lines, "    and "+count(empty, "empty queue"))
	}
	return lines
}

// lines are about one queue: how many wait and how they stand in columns, then
// what comes next, and why.
func (q queueRow) lines(t Times, width int) []string {
	first, title := fmt.Sprintf("  %9s %-9s ", grouped(q.Messages), cut(Visible(q.State), 9)), q.title(t)
	if utf8.RuneCountInString(first) > width/2 {
		first, title = "  ", joined(": ", q.Name, joined(", ", messages(q.Messages), q.State, strings.TrimPrefix(title, q.Name+", ")))
	}
	rest := strings.Repeat(" ", utf8.RuneCountInString(first))
	lines := hang(first, rest+"  ", title, width)
	lines = append(lines, paragraph(rest, ForecastLine(q.forecast, t), width)...)
	for _, s := range q.forecast.Unknown[:min(len(q.forecast.Unknown), mostUnknown)] {
		lines = append(lines, paragraph(rest, "not known: "+s, width)...)
	}
	return append(lines, paragraph(rest, prefixed("last error: ", q.Error), width)...)
}

// title is the queue, what it is and how it fares.
func (q queueRow) title(t Times) string {
	oldest := ""
	if q.forecast.Oldest != nil {
		oldest = "oldest of " + t.Minute(*q.forecast.Oldest)
	}
	return joined(", ", joined(" ", q.Name, inBrackets(q.about())), oldest, prefixed("last attempt ", InstantText(q.LastTry, t)), q.nextTry(t), Speed(q.Velocity))
}

// nextTry is the next attempt as the listing has it, where no forecast tells it.
func (q queueRow) nextTry(t Times) string {
	if q.forecast.Next != nil {
		return ""
	}
	return prefixed("next attempt ", InstantText(q.NextTry, t))
}

func paragraph(indent, s string, width int) []string {
	if s == "" {
		return nil
	}
	return hang(indent, indent+"  ", s, width)
}

// AgeLines is an age table: how many messages for each domain are up to so many
// minutes old. Where that is wider than width it is told in words.
func AgeLines(rows []evidence.AgeRow, width int) []string {
	if len(rows) == 0 {
		return nil
	}
	heads := append([]string{"total"}, AgeColumns()...)
	shown := rows[:min(len(rows), mostAgeRows)]
	widths, all := ageWidths(heads, shown)
	name := min(width-2-all, 40)
	if name < narrowestName {
		return ageWords(shown, width)
	}
	lines := []string{"  " + fmt.Sprintf("%-*s", name, cut("messages by age, minutes", name)) + cells(heads, widths)}
	for _, r := range shown {
		lines = append(lines, "  "+padded(r.Domain, name)+cells(ageCells(r), widths))
	}
	if more := len(rows) - len(shown); more > 0 {
		lines = append(lines, "  and "+count(more, "more domain"))
	}
	return lines
}

// ageCells are the total of a row and its counts, as many as there are columns.
func ageCells(r evidence.AgeRow) []string {
	all := []string{fmt.Sprint(r.Total)}
	for i := range AgeColumns() {
		text := ""
		if i < len(r.Counts) && r.Counts[i] != 0 {
			text = fmt.Sprint(r.Counts[i])
		}
		all = append(all, text)
	}
	return all
}

// ageWidths is how wide each column is, and all of them.
func ageWidths(heads []string, rows []evidence.AgeRow) (widths []int, all int) {
	for _, h := range heads {
		widths = append(widths, len(h)+1)
	}
	for _, r := range rows {
		for i, c := range ageCells(r) {
			widths[i] = max(widths[i], len(c)+1)
		}
	}
	for _, w := range widths {
		all += w
	}
	return widths, all
}

func cells(all []string, widths []int) string {
	row := ""
	for i, c := range all {
		row += fmt.Sprintf("%*s", widths[i], c)
	}
	return row
}

// padded is a name in a column; one that is too long keeps its end, which tells
// domains apart.
func padded(s string, width int) string {
	runes := []rune(Visible(clip(s, maxShown)))
	if len(runes) > width {
		runes = append([]rune("..."), runes[len(runes)-width+3:]...)
	}
	return string(runes) + strings.Repeat(" ", width-len(runes))
}

func ageWords(rows []evidence.AgeRow, width int) []string {
	heads := AgeColumns()
	var lines []string
	for _, r := range rows {
		var words []string
		for i, c := range ageCells(r)[1:] {
			if c != "" {
				words = append(words, c+ageOf(heads, i))
			}
		}
		lines = append(lines, hang("  ", "    ", r.Domain+": "+messages(r.Total)+prefixed(", by age: ", strings.Join(words, ", ")), width)...)
	}
	return lines
}

// ageOf is a column in words.
func ageOf(heads []string, i int) string {
	if i == len(heads)-1 {
		return " older"
	}
	return " up to " + heads[i] + " min"
}
