// Package results shows what a run found: the likeliest causes, every finding,
// where the time went, the evidence as a tree, the SMTP dialogues and what was
// not checked, each on a tab of its own; where the evidence has them also the
// Exchange organization, the path that a message would take, the journeys that
// messages took by the logs, the rhythm of each hop, and the queues.
//
// It is a view of a diag.Report and decides nothing. Every text goes through
// report.Visible on its way into a line, in one place (say), so that nothing a
// server said can act on the terminal. A tab is laid out when it is first
// shown, and again when the size or the report changes; View only cuts the
// window out of what is laid out.
package results
