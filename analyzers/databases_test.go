package analyzers

import (
	"testing"

	"mailflow/evidence"
)

// TestOneStore: the mailbox database or server is named where nearly all late messages
// were for one, and other mail was on time.
func TestOneStore(t *testing.T) {
	to := func(late int, peers, databases []evidence.Peer) evidence.HopTraffic {
		return evidence.HopTraffic{Server: "EX01", To: evidence.ToMailboxes, Late: late, Peers: peers, Databases: databases}
	}
	elsewhere := to(20, []evidence.Peer{{Name: "mx1", Count: 20, Late: 20}, {Name: "mx2", Count: 90}}, nil)
	elsewhere.To = "Internet"
	for name, story := range map[string]struct {
		h    evidence.HopTraffic
		want string
	}{
		"one server":                {to(20, []evidence.Peer{{Name: "mbx2", Count: 30, Late: 20}, {Name: "mbx1", Count: 90}}, nil), "20 of the 20 late ones were for mailboxes of mbx2, and 90 of 90 for other servers were on time"},
		"one database":              {to(20, nil, []evidence.Peer{{Name: "DB2", Count: 19, Late: 19}, {Name: "DB1", Count: 1, Late: 1}}), "19 of the 20 late ones were for the mailbox database DB2"},
		"two databases":             {to(20, nil, []evidence.Peer{{Name: "DB2", Count: 12, Late: 12}, {Name: "DB1", Count: 8, Late: 8}}), ""},
		"half without a database":   {to(20, nil, []evidence.Peer{{Name: "DB2", Count: 10, Late: 10}}), ""},
		"both servers":              {to(20, []evidence.Peer{{Name: "mbx2", Count: 30, Late: 11}, {Name: "mbx1", Count: 90, Late: 9}}, nil), ""},
		"the only server":           {to(20, []evidence.Peer{{Name: "mbx2", Count: 30, Late: 20}}, nil), ""},
		"hardly any to the other":   {to(20, []evidence.Peer{{Name: "mbx2", Count: 30, Late: 20}, {Name: "mbx1", Count: 1}}, nil), ""},
		"the other is as bad, less": {to(20, []evidence.Peer{{Name: "mbx2", Count: 90, Late: 18}, {Name: "mbx1", Count: 4, Late: 2}}, nil), ""},
		"too few":                   {to(2, []evidence.Peer{{Name: "mbx2", Count: 30, Late: 2}, {Name: "mbx1", Count: 90}}, nil), ""},
		"another way":               {elsewhere, ""},
	} {
		if got := lateFor(story.h); got != story.want {
			t.Errorf("%s: %q, not %q", name, got, story.want)
		}
	}
}

// TestQueuesToMailboxes: what the next hop of a queue is depends on how it delivers.
func TestQueuesToMailboxes(t *testing.T) {
	for kind, want := range map[string]string{"SmtpDeliveryToMailbox": "the mailbox database db02", "MapiDelivery": "mailboxes of db02", "DnsConnectorDelivery": "", "": ""} {
		if got := mailboxesOf(evidence.Queue{Type: kind, NextHop: "db02"}); got != want {
			t.Errorf("%s: %q, not %q", kind, got, want)
		}
	}
	if got := mailboxesOf(evidence.Queue{Type: "SmtpDeliveryToMailbox"}); got != "" {
		t.Errorf("a queue without a next hop: %q", got)
	}
	q := queued{QueueListing: evidence.QueueListing{Queues: []evidence.Queue{{Type: "SmtpDeliveryToMailbox", NextHop: "DB02"}}}}
	if got := q.mailboxesOf(evidence.QueueGroup{By: evidence.ByQueue, Name: "db02"}); got != "a mailbox database" {
		t.Errorf("by next hop: %q", got)
	}
	if got := q.mailboxesOf(evidence.QueueGroup{By: evidence.ByDomain, Name: "db02"}); got != "" {
		t.Errorf("by domain: %q", got)
	}
}
