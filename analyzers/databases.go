package analyzers

import (
	"fmt"
	"slices"
	"strings"

	"mailflow/evidence"
)

// lateFor names the mailbox database, or the mailbox server, for which nearly all late
// messages of a server were: one bad store makes mail late for its own mailboxes.
func lateFor(h evidence.HopTraffic) string {
	if h.To != evidence.ToMailboxes || h.Late < often {
		return ""
	}
	late := func(p evidence.Peer) bool { return 10*p.Late >= 9*h.Late }
	if len(h.Databases) > 0 && late(h.Databases[0]) {
		return fmt.Sprintf("%d of the %d late ones were for the mailbox database %s", h.Databases[0].Late, h.Late, clip(h.Databases[0].Name, 80))
	}
	if len(h.Peers) < 2 || !late(h.Peers[0]) {
		return ""
	}
	others, onTime := 0, 0
	for _, p := range h.Peers[1:] {
		others, onTime = others+p.Count, onTime+p.Count-p.Late
	}
	if 10*onTime < h.Late || 10*onTime < 9*others { // hardly any went elsewhere, so that it says nothing
		return ""
	}
	return fmt.Sprintf("%d of the %d late ones were for mailboxes of %s, and %d of %d for other servers were on time", h.Peers[0].Late, h.Late, clip(h.Peers[0].Name, 80), onTime, others)
}

// mailboxesOf says that a queue leads to mailboxes, and to which. NextHopDomain of
// SmtpDeliveryToMailbox (2013 and later) is a database (Exchange Server documentation:
// Queues); of MapiDelivery it need not be.
func mailboxesOf(x evidence.Queue) string {
	switch next := clip(x.NextHop, 100); {
	case next == "":
		return ""
	case strings.EqualFold(x.Type, "SmtpDeliveryToMailbox"):
		return "the mailbox database " + next
	case strings.EqualFold(x.Type, "MapiDelivery"):
		return "mailboxes of " + next
	}
	return ""
}

// mailboxesOf is the same for what is counted by next hop.
func (q queued) mailboxesOf(g evidence.QueueGroup) string {
	i := slices.IndexFunc(q.Queues, func(x evidence.Queue) bool { return strings.EqualFold(x.NextHop, g.Name) })
	if g.By != evidence.ByQueue || i < 0 || !strings.EqualFold(q.Queues[i].Type, "SmtpDeliveryToMailbox") {
		return ""
	}
	return "a mailbox database"
}
