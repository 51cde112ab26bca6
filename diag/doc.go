// Package diag is the model and the engine of a diagnosis: touch, read, judge, tell.
//
// A Symptom is what the operator came with. It names the Analyzers that bear
// on it. An Analyzer judges Evidence and touches nothing; a Collector gets
// evidence and is the only thing that touches the world, through one World
// value. Run turns a Case and a Catalog into a stream of Events; a Report is
// the one place where that stream is turned into conclusions. Every screen and
// every file format is a view of a Report.
//
// The package knows nothing of mail and imports the standard library only.
package diag
