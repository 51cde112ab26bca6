package mailworld_test

import (
	"fmt"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/mailworld"
)

// short is how worlds name a server.
func short(name string) string {
	if strings.HasPrefix(name, mailworld.SubjectOfExim) {
		return mailworld.SubjectOfExim
	}
	name, _, _ = strings.Cut(name, ".")
	return name
}

// exims counts servers whose logs do not say who they are: of two, nothing can be held
// to the truth.
func exims(w mailworld.World) int { return strings.Count(w.Told, ": exim,") }

// wrongClocks are clocks that are told to differ, and by another amount.
func wrongClocks(w mailworld.World, r *diag.Report) []string {
	offsets, _ := diag.Value(r, evidence.Clocks)
	var all []string
	for _, o := range offsets {
		mine, known := w.Ahead[short(o.Server)]
		theirs, knownToo := w.Ahead[short(o.Against)]
		if !o.Bounded || o.Steps || !known || !knownToo || exims(w) > 1 {
			continue
		}
		truth := (mine - theirs).Seconds()
		if slack := 1.5; truth < float64(o.Low)-slack || truth > float64(o.High)+slack {
			all = append(all, fmt.Sprintf("the clock of %s is told to be %.1f to %.1f s ahead of that of %s, and is %.1f s", o.Server, o.Low, o.High, o.Against, truth))
		}
	}
	return all
}

// wrongTraffic are servers of which more or fewer messages are told to be late than
// were. Those that waited for nearly two minutes may be either.
func wrongTraffic(w mailworld.World, r *diag.Report) []string {
	least, most := map[string]int{}, map[string]int{}
	for _, s := range w.Stays {
		wait := s.Left.Sub(s.Came)
		if !s.Logged || wait < evidence.LateFrom-2*time.Second {
			continue
		}
		most[s.Server]++
		if wait > evidence.LateFrom+2*time.Second {
			least[s.Server]++
		}
	}
	told, seen := map[string]int{}, map[string]bool{}
	traffic, _ := diag.Value(r, evidence.Traffic)
	for _, h := range traffic {
		told[short(h.Server)] += h.Late
		seen[short(h.Server)] = true
	}
	var all []string
	for server := range seen {
		_, steady := w.Ahead[server]
		if n := told[server]; steady && exims(w) < 2 && whole(w, server) && (n < least[server] || n > most[server]) {
			all = append(all, fmt.Sprintf("%s is told to have kept %d messages for longer than two minutes, and kept %d to %d", server, n, least[server], most[server]))
		}
	}
	return all
}

// whole says whether a server's log has no gap.
func whole(w mailworld.World, server string) bool {
	for _, s := range w.Stays {
		if s.Server == server && s.Logged {
			return true
		}
	}
	return false
}

// astray are journeys that tell of a message that it was somewhere for another time
// than it was, or on its way for long.
func astray(w mailworld.World, r *diag.Report) []string {
	journeys, _ := diag.Value(r, evidence.Journeys)
	stays, blind := map[string][]mailworld.Stay{}, map[string]bool{}
	for _, s := range w.Stays {
		_, steady := w.Ahead[s.Server]
		blind[s.Message] = blind[s.Message] || !s.Logged || !steady // on the way from such a server it may have been anywhere
		stays[s.Message+" "+s.Server] = append(stays[s.Message+" "+s.Server], s)
	}
	var all []string
	for _, j := range journeys {
		for _, stop := range j.Stops {
			here := stays[j.Message+" "+short(stop.Server)]
			if len(here) != 1 || exims(w) > 1 {
				continue
			}
			if why := off(here[0], stop, blind[j.Message]); why != "" {
				all = append(all, fmt.Sprintf("%s at %s: %s", j.Message, stop.Server, why))
			}
		}
	}
	return all
}

// off says what a stop has wrong. No message of these worlds is long between servers.
func off(s mailworld.Stay, stop evidence.Stop, blind bool) string {
	const slack = 3 // seconds
	wait := s.Left.Sub(s.Came).Seconds()
	switch {
	case s.Logged && !blind && stop.Came != nil && stop.Left != nil && (wait-float64(stop.Wait) > slack || float64(stop.Wait)-wait > slack):
		return fmt.Sprintf("waited %.1f s, and it was %.1f s", stop.Wait, wait)
	case !blind && float64(stop.Travel) > slack+2*float64(stop.Error):
		return fmt.Sprintf("was %.1f s on its way there, and it was none", stop.Travel)
	}
	return ""
}
