// Package report prints a diag.Report: as text, JSON, XML, HTML and as the
// case file, and reads the last two kinds that can be read back.
//
// The views decide nothing: which cause leads, how sure it is and how bad it
// is come from the Report. What they do is choose words and places, and see to
// it that nothing a remote side said can act on the terminal, the page or the
// file that shows it.
package report
