package maillog

// Action is what a line says has happened.
type Action uint8

// The actions, with the fields that come with them besides Queue. The words in
// brackets are those of the log.
const (
	Received    Action = iota + 1 // taken from Client [client= and uid= of Postfix; <= of Exim and from= of Sendmail, both with From, Size, MessageID]
	Identified                    // MessageID [message-id=]
	Activated                     // Postfix begins an attempt: From, Size, Recipients [queue active]
	Sent                          // to To through Relay; Delay, QueuedAs [status=sent, =>, ->, stat=Sent]
	Deferred                      // will be tried again for To; Reason, Delay [status=deferred, ==, stat=Deferred]
	Postponed                     // not tried before the next queue run; Reason [no immediate delivery, retry time not reached, stat=queued]
	Bounced                       // given up for To; Reason [status=bounced, **, stat=User unknown]
	Expired                       // given up because of its age [status=expired, retry timeout exceeded, Cannot send message for]
	Held                          // waits for an administrator [hold, frozen]
	Released                      // no longer held [released from hold, unfrozen]
	Removed                       // left the queue [removed, Completed, done]
	Discarded                     // dropped without a word to the sender [discard, :blackhole:]
	Rejected                      // not taken from Client; From, To, Reason, DSN, Temporary: greylisting is here [reject, rejected RCPT, ruleset=]
	Attempted                     // one host tried in vain, others may follow: Relay, Reason [said, timed out while, lost connection with]
	Unreachable                   // no connection to one host: Relay, Reason. Postfix names no queue id: the same process does next [connect to]
	Notified                      // the sender is told, in the message QueuedAs; Reason [delay notification, DSN:]
	Probed                        // an address was verified, no mail [status=deliverable, status=undeliverable]
	Connected                     // Client opened a session [connect from]
	Dropped                       // a session with Client broke off; Reason [lost connection after, timeout after]
	QueueRun                      // Exim begins to work through its queue [Start queue run]
	Skimmed                       // of a message that nobody follows: see Reader.Skim
	Requeued                      // goes on as the message QueuedAs of this server [Requeue: of MailScanner, a filter between two queues]
	Unfiltered                    // a mail filter of Postfix, Relay, gave no answer; Reason [warning: connect to Milter service]
)

// String is one lower-case word or two.
func (a Action) String() string {
	words := [...]string{
		"", "received", "identified", "activated", "sent", "deferred", "postponed", "bounced", "expired", "held", "released", "removed",
		"discarded", "rejected", "attempted", "unreachable", "notified", "probed", "connected", "dropped", "queue run", "skimmed", "requeued", "unfiltered",
	}
	if int(a) < len(words) {
		return words[a]
	}
	return ""
}
