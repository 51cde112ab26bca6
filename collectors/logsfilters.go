package collectors

import (
	"bytes"

	"mailflow/evidence"
	"mailflow/internal/maillog"
)

// unavailable is what Postfix tells a client where one of its mail filters gives no
// answer (postconf(5): milter_default_action, tempfail). Filters that put mail off of
// their own will say something else.
const unavailable = "4.7.1 Service unavailable - try again later"

// atTheDoor takes what Postfix says of its mail filters, and of clients that it sent
// away for them.
func (t *mailLog) atTheDoor(m *maillog.Event) {
	putOff := m.What == maillog.Rejected && m.Temporary && bytes.Contains(m.Reason, []byte(unavailable))
	if !putOff && m.What != maillog.Unfiltered || t.follow != nil || len(m.Host) == 0 {
		return
	}
	at := t.writer(m.Host)
	if at == none {
		return
	}
	s, moment := t.servers[at], utc(t.time(m))
	if s.filter == nil {
		s.filter = &evidence.FilterOutage{First: moment, Last: moment, Where: t.where(place{file: t.file, line: int32(m.Line)})}
	}
	f := s.filter
	if f.Last.Before(moment) {
		f.Last = moment
	}
	switch {
	case !putOff:
		if f.Failed++; f.Service == "" {
			f.Service, f.Reason = clipped(m.Relay, maxLabel), clipped(m.Reason, maxReason)
		}
	default:
		if f.PutOff++; f.Reply == "" {
			reply, _, _ := bytes.Cut(m.Reason, []byte(";"))
			f.Reply = clipped(reply, maxReason)
		}
	}
}
