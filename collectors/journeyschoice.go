package collectors

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
)

// How many messages are followed.
const (
	mostWaiting = 100
	mostLate    = 200
	mostPrompt  = 500 // that were not late: clocks are compared by them
)

// toFollow lists the messages to follow: the one that the operator asks for, those
// that wait, those that waited longest, and some that did not, each hop in turn so
// that all are represented.
func toFollow(traffic []evidence.HopTraffic, asked string) []string {
	c := &choice{have: map[string]bool{}}
	c.add(bareID(asked))
	var open, late, prompt [][]string
	for _, h := range traffic {
		var waiting []string
		for _, o := range h.Open {
			waiting = append(waiting, o.ID)
		}
		slow, quick := sorted(h.Passages)
		open, late, prompt = append(open, waiting), append(late, slow), append(prompt, quick)
	}
	c.turns(open, mostWaiting)
	c.turns(late, mostLate)
	c.turns(prompt, mostPrompt)
	return c.ids
}

// bareID is a message id as logs have it, without what stands around it. They cut
// long ones.
func bareID(id string) string {
	id = strings.Trim(strings.TrimSpace(id), "<>")
	return id[:min(len(id), maxID)]
}

// sorted gives the ids of late messages, the latest first, and of the others.
func sorted(all []evidence.Passage) (late, prompt []string) {
	type named struct {
		wait time.Duration
		id   string
	}
	list := make([]named, 0, len(all)) // passages are large, and those of prompt mail mostly nameless
	for _, p := range all {
		if p.ID != "" {
			list = append(list, named{p.Left.Sub(p.Came), p.ID})
		}
	}
	slices.SortFunc(list, func(a, b named) int { return cmp.Or(cmp.Compare(b.wait, a.wait), strings.Compare(a.id, b.id)) })
	for _, p := range list {
		if p.wait > evidence.LateFrom {
			late = append(late, p.id)
		} else {
			prompt = append(prompt, p.id)
		}
	}
	return late, prompt
}

type choice struct {
	ids  []string
	have map[string]bool
}

// add takes a message; false means that it gives none, or one that is there.
func (c *choice) add(id string) bool {
	if id == "" || c.have[id] {
		return false
	}
	c.have[id] = true
	c.ids = append(c.ids, id)
	return true
}

// turns takes up to so many messages, one of each list in turn.
func (c *choice) turns(lists [][]string, most int) {
	for n, some := 0, true; some && n < most; {
		some = false
		for i := range lists {
			for len(lists[i]) > 0 && n < most {
				id := lists[i][0]
				lists[i] = lists[i][1:]
				some = true
				if c.add(id) {
					n++
					break
				}
			}
		}
	}
}
