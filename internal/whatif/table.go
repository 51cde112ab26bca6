package whatif

import (
	"fmt"
	"strings"
	"time"
)

// A cell is a column of the table, from its heading downwards.
type cell []string

func rows() []string {
	return []string{"", "messages", "within a minute", "later", "  half of these within", "  90 %", "  95 %", "  99 %", "  longest", "all: mean", "sender is told after", "returned after", "not through at the end"}
}

// table sets results side by side, behind columns that are ready.
func table(all []Result, columns []cell) []string {
	for i, r := range all {
		head := ""
		if len(all)+len(columns) > 1 {
			head = letter(i)
		}
		c := told(head, r.Count, r.AtOnce, r.Late, r.All.Mean)
		columns = append(columns, append(c, fate(r.Sender.Notice, r.Noticed), fate(r.Sender.GivesUp, r.Returned), fmt.Sprint(r.Open)))
	}
	var lines []string
	for n, name := range rows() {
		line := fmt.Sprintf("  %-27s", name)
		for _, c := range columns {
			if n < len(c) {
				line += pad(c[n], 16)
			}
		}
		if strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	return lines
}

func told(head string, count, atOnce int, late Quantiles, mean time.Duration) cell {
	c := cell{head, fmt.Sprint(count), part(atOnce, count), part(late.Count, count)}
	for _, d := range []time.Duration{late.Median, late.P90, late.P95, late.P99, late.Longest} {
		word := "-"
		if late.Count > 0 {
			word = Length(d)
		}
		c = append(c, word)
	}
	return append(c, Length(mean))
}

func part(n, of int) string {
	if of == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(of))
}

// chart draws how long messages waited that were not delivered at once. A rung is
// when the sender tries again.
func chart(r Result, fails bool, width int) []string {
	bins := r.Bins()
	most := 0
	for _, b := range bins {
		most = max(most, b.Count)
	}
	if most == 0 {
		return nil
	}
	lines := []string{"  waited (> when it is tried again)"}
	if !fails {
		lines[0] = "  waited"
	}
	room := max(10, min(width, 100)-40)
	for _, b := range bins {
		mark := " "
		if fails && len(b.Rungs) > 0 {
			mark = ">"
		}
		bar := strings.Repeat("#", (b.Count*room+most-1)/most)
		span := Length(b.From) + " to " + Length(b.To)
		lines = append(lines, strings.TrimRight(fmt.Sprintf("  %s %s %s  %s", pad(span, 24), mark, pad(fmt.Sprint(b.Count), 7), bar), " "))
	}
	return append(lines, "")
}

// fate is after what time something becomes of mail, and of how much it did.
func fate(after time.Duration, n int) string {
	if after == 0 {
		return "-"
	}
	return fmt.Sprintf("%s: %d", Length(after), n)
}

// cut says which plays were ended before their end.
func cut(all []Result) []string {
	for _, r := range all {
		if r.Cut {
			return []string{"Too many attempts: " + r.Sender.Name + " was not played to the end, and mail that had not passed counts as still waiting."}
		}
	}
	return nil
}
