package collectors

import (
	"mailflow/evidence"
)

// followed takes a row of Exchange 2000 or 2003 while messages are followed. A
// message has no id in the queue there: it is one stop at each server.
func (t *tracking2003) followed(e *entry, does deed) {
	if t.again(e) {
		return
	}
	s := evidence.Sighting{To: whom(e.whom), Peer: clipped(t.Field(col03Partner), maxLabel)}
	switch does {
	case deedCame:
		s.What, s.Peer = evidence.SawCame, clipped(t.Field(col03Client), maxLabel)
		if event := string(e.what); event == "1027" || event == "4" {
			s.What, s.Peer = evidence.SawSubmitted, ""
		}
	case deedLeft:
		s.What = evidence.SawLeft
	case deedDelivered:
		s.What, s.Hop = evidence.SawDelivered, mailboxes
	case deedPutOff:
		s.What, s.Text = evidence.SawPutOff, putOff2003(string(e.what))
	case deedEnded:
		s.What, s.Text = evidence.SawFailed, "event "+string(e.what)
	default:
		return
	}
	t.follow.saw(e, s)
}
