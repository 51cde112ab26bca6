// Package bpa reads the data XML that the Exchange Best Practices Analyzer, the
// Exchange Troubleshooting Assistant and other tools on the same engine save: the
// runs, the issues the tool found, and the settings it read that bear on mail
// flow. The shape of the file is that of the engine's own help (knowledge/extra.md
// section 3); no file out of a real tool was at hand. The reader is lenient: what
// it does not know it passes over, and a file cut short gives what it has.
package bpa

import (
	"errors"
	"fmt"
	"io"
)

// Bounds on what one file may ask for, whoever wrote it.
const (
	maxDepth    = 64       // of elements; an Object in an Object takes two, so 30 objects deep
	maxIssues   = 20_000   // ExBPA has about a thousand rules, for each server
	maxFacts    = 20_000   // settings kept
	maxValues   = 100      // of a setting
	maxRuns     = 1000     // a file is analysed again now and then
	maxText     = 8 << 10  // bytes of one field
	maxKept     = 64 << 20 // bytes of all fields
	maxToken    = 4 << 20  // bytes of one tag, text or comment, which the XML reader holds as a whole
	maxProblems = 1000     // problems reported one by one
)

// Withheld stands for the text of an issue about a setting that the file marks
// NotForExport, or that holds a password by its name.
const Withheld = "(not kept: about a setting that is not for export)"

// Document is what a file says. Times in it are MM/dd/yyyy HH:mm:ss as written:
// on the clock of the computer the tool ran on, in a zone the file does not tell.
type Document struct {
	ConfigName, ConfigVersion, Label string

	Runs    []Run
	Issues  []Issue
	Facts   []Fact
	More    int // issues beyond the bound
	Objects int // objects looked at
}

// Run is one time the tool collected or analysed.
type Run struct {
	AppVersion, ConfigName string
	Start, End             string // End is "" where the tool did not come to it
	Completed              string // "OK", "Aborted" (by the user), "Failed" (an error of the tool), "" (killed); OK does not mean that there are no issues
	Operations             string // "collect,analyze"
	DC                     string // the domain controller asked
}

// Issue is a message of a rule that fired, issues in the sense of the tool and
// information alike.
type Issue struct {
	Name        string // of the rule
	Error       string // the class of severity as written: Error, Warning, BestPractice, Baseline, Time, NonDefault, or words of another viewer; None, Info and "" are information
	Sev         string // as written; a number in practice
	Title, Text string
	GUID        string // of the rule's article
	Group       string // the heading it stands under: class and name, as in "Server EX03A"
	Object      string // type and name of each object down to the one it hangs on: "Directory EX03A / Registry Parameters"
	Setting     string
	Line        int
}

// Fact is a setting that the tool read and that bears on mail flow: by its name,
// or because it is the answer of a port, a protocol or a DNS server.
type Fact struct {
	Group    string    // as of an Issue
	Object   string    // the type, in lower case: directory, registry, metabase, wmi, dns, port or protocol
	Instance string    // the name, or the keys where there is no name
	Keys     [5]string // of the instance; port: host; protocol: host, TCP or UDP, port, ms to wait; dns: servers, name, options; registry: host, hive, key
	Setting  string    // one of the names this package looks for, in its own spelling; port: "25 TCP"; protocol: the command; dns: A, MX, ...
	Values   []string  // of port and protocol: ms it took, then the answer in words; none: asked for and not found
	Line     int
}

// Problem is something that the reader left out, or that it doubts.
type Problem struct {
	Line int // counted from 1
	What string
}

// errForeign is a file of another kind.
var errForeign = errors.New("no element of a Best Practices Analyzer in it: give the file *.data.xml that ExBPA or ExTRA saved")

// Read reads a data file in UTF-8 or UTF-16. problems, which may be nil, hears
// what was left out. What could be read is in the document also when there is an
// error: the reader's own, or that this is a file of another kind.
func Read(r io.Reader, problems func(Problem)) (Document, error) {
	p := newParser(r, problems)
	err := p.run()
	p.close(p.line)
	if err != nil {
		return p.doc, fmt.Errorf("reading the data XML stopped on line %d: %w", p.line, err)
	}
	if !p.known {
		return p.doc, errForeign
	}
	return p.doc, nil
}
