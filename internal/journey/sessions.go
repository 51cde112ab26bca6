package journey

import (
	"slices"

	"mailflow/evidence"
)

// maxSessions bounds the sessions of one stop: that in which a message came, and
// one for each next hop.
const maxSessions = 10

// sessions are those in which a message came to a stop and left it, on the clock
// that the stop's times are on.
func (v *voyage) sessions(s *stop) (all []evidence.SessionTalk) {
	for _, r := range s.rows {
		for _, t := range r.Talks {
			t.Began, t.Ended = v.right(s.server, t.Began), v.right(s.server, t.Ended)
			if !t.Silent.IsZero() {
				t.Silent = v.right(s.server, t.Silent)
			}
			again := slices.ContainsFunc(all, func(o evidence.SessionTalk) bool { // a row for each recipient
				return o.Session == t.Session && o.Log == t.Log && o.Where == t.Where
			})
			if !again && len(all) < maxSessions {
				all = append(all, t)
			}
		}
	}
	return all
}
