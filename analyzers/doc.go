// Package analyzers judges evidence: one file for each analyzer, with the
// causes that it may report. Analyzers are pure: they are given evidence and
// nothing else, so they cannot touch anything.
//
// What an analyzer may say: confirmed, when what must be seen was seen;
// suspected, on one sign of it; excluded, when the evidence speaks against it;
// and could not tell, with the reason. No evidence is never a finding, and a
// refusal that is about us is never a fault of theirs.
package analyzers

import "mailflow/diag"

// notFromExport is what an export of the directory does not tell of routing.
const notFromExport = "the link state that Exchange 2000/2003 servers tell each other (what WinRoute shows)"

// Symptoms lists what an operator may come with, in the order and with the
// wording of the Exchange Troubleshooting Assistant (knowledge/extra.md 1.4),
// and the analyzers that bear on each.
func Symptoms() []*diag.Symptom {
	names := []*diag.Analyzer{mx(), address(), resolver(), zone(), differ(), pointers()}
	reached := reach()
	session := []*diag.Analyzer{reached, pathMTU(), greeting(), masked(), refused(), cut(), deferral(), tarpit(), pressure(), starttls(), certificate(), recipient()}
	exchange := []*diag.Analyzer{verbs(), exchangeAuth(), delayedAck()}
	routing := []*diag.Analyzer{schedules(), bridgeheads(), paths(), connectorLimits(), virtualServers(), retryIntervals(), ownNames(), placement(), editions(),
		linkStates(), sendConnectors(), receiveConnectors(), earlier()}
	all := append(append(append(append([]*diag.Analyzer{}, names...), session...), exchange...), queues(), hopDelays(), failedAttempts(), filterOutages(), components(), eventLogs(), rhythms(), loggedSessions(),
		clockSkews(), messageLoops(), reinjections(), clientSides(), incomplete())
	routed := append(append([]*diag.Analyzer{}, all...), routing...)
	return []*diag.Symptom{
		{Name: "ndr", Title: "Users are receiving unexpected non-delivery reports when sending messages",
			Plain: "My message came back", Analyzers: routed,
			Gaps: []string{"the codes in the report itself (reading delivery reports)"}},
		{Name: "inbound-delayed", Title: "Expected messages from senders are delayed or are not received by some recipients",
			Plain: "I am waiting for a message", Analyzers: routed,
			Gaps: []string{"the route that a message took (headers)"}},
		{Name: "outbound-delayed", Title: "Messages destined to recipients are delayed or are not received by some recipients",
			Plain: "I sent a message and it has not arrived, or arrives only every so often", Analyzers: routed,
			Gaps: []string{notFromExport}},
		{Name: "queues-backing-up", Title: "Messages are backing up in one or more queues on a server",
			Plain: "A queue on the server keeps growing", Analyzers: routed},
		{Name: "pending-submission", Title: "Messages sent by user(s) are pending submission on their Mailbox server(s)",
			Plain: "Messages stay in the outbox or in Drafts as pending", Analyzers: all,
			Gaps: []string{"which hub transport servers the mailbox server may submit to (Active Directory, events)"}},
		{Name: "edge-sync", Title: "You are experiencing problems with Edge Server synchronization with Active Directory",
			Plain: "The Edge server does not know new recipients or settings", Analyzers: append(append([]*diag.Analyzer{}, names...), reached),
			Gaps: []string{"the synchronization itself: credentials, cookie, last run (Test-EdgeSynchronization output)"}},
	}
}
