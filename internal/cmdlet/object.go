// Package cmdlet reads what PowerShell makes of Exchange objects: Export-Clixml,
// Export-Csv and the text of Format-List. All three give the same objects, one
// after the other and in bounded memory. It is lenient, because an export is
// evidence: damage is reported, and reading goes on behind it where it can.
//
// CLIXML is the only one of them that loses nothing (knowledge/evidence-formats.md,
// section 7). Format-List cuts long lists short, Export-Csv writes the name of a
// type instead of a list; Prop.Lost marks both.
package cmdlet

import (
	"fmt"
	"io"
	"iter"
	"strings"
)

// Bounds on what one file may ask for, whoever wrote it.
const (
	maxObject   = 4 << 20 // bytes of an object, and so of a line or a text; the largest known connector has 300 KiB of XML
	maxValues   = 10_000  // values of a property
	maxProps    = 2000    // properties of an object; Get-OrganizationConfig has some 200
	maxDepth    = 32      // elements inside of each other; Export-Clixml itself stops at two objects by default
	maxProblems = 1000    // problems reported one by one
)

// Object is one object of an export.
type Object struct {
	// Type is what the cmdlet that wrote the object calls it, in lower case:
	// "sendconnector" of Get-SendConnector, whose class is
	// Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig.
	// It is "" where the export does not say: CSV without a #TYPE line, list text
	// without the prompt, objects that Select-Object made anew.
	Type  string
	Line  int    // the line it begins on, counted from 1
	Props []Prop // in the order of the file
}

// Prop is one property of an object. The texts are alike in all formats:
// "true" and "false"; a time with a zone as RFC 3339 in UTC, without one as
// written; a time span as "2.00:00:00" (see Duration). An empty text is no value.
// A directory object is its short text; CLIXML has its full name besides, as the
// property "Name.DistinguishedName" with as many values ("" for one without).
type Prop struct {
	Name   string
	Values []string // of a list several; the last is "..." where Truncated
	Null   bool     // CLIXML says that there is no value; or, if Lost, text names a type instead
	Lost   bool     // more was there than the export kept: absence proves nothing
}

// Problem is something that a reader left out, or that it doubts.
type Problem struct {
	Line int // counted from 1
	What string
}

// Format is how an export is written.
type Format string

// The formats that Objects reads.
const (
	CLIXML Format = "clixml" // Export-Clixml
	CSV    Format = "csv"    // Export-Csv
	FL     Format = "list"   // Format-List into a file or from a console
)

// Objects reads an export. An object is the caller's to keep. Reading that fails
// is a problem, too: what came before it stays good. problems may be nil.
func Objects(r io.Reader, f Format, problems func(Problem)) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		j := &journal{report: problems}
		switch f {
		case CLIXML:
			readCLIXML(r, j, yield)
		case CSV:
			readCSV(r, j, yield)
		case FL:
			readList(r, j, yield)
		default:
			j.add(1, fmt.Sprintf("%q is no format that can be read", string(f)))
		}
	}
}

// Get gives the values of a property. Upper and lower case are the same.
func (o *Object) Get(name string) []string {
	if p := o.prop(name); p != nil {
		return p.Values
	}
	return nil
}

// Text is the first value of a property, or "".
func (o *Object) Text(name string) string {
	if p := o.prop(name); p != nil && len(p.Values) > 0 {
		return p.Values[0]
	}
	return ""
}

// Has says that the export names the property, whether it has a value or not.
func (o *Object) Has(name string) bool { return o.prop(name) != nil }

// Lost says that the property has more to it than the export kept.
func (o *Object) Lost(name string) bool {
	p := o.prop(name)
	return p != nil && p.Lost
}

// prop finds a property by its name.
func (o *Object) prop(name string) *Prop {
	for i := range o.Props {
		if strings.EqualFold(o.Props[i].Name, name) {
			return &o.Props[i]
		}
	}
	return nil
}

// journal hands problems on, but not without end: a file of another kind has
// one on every line.
type journal struct {
	report func(Problem)
	count  int
}

func (j *journal) add(line int, what string) {
	j.count++
	if j.report != nil && j.count <= maxProblems {
		j.report(Problem{line, what})
	}
}

// close says how many problems were not reported.
func (j *journal) close(line int) {
	if more := j.count - maxProblems; j.report != nil && more > 0 {
		j.report(Problem{line, fmt.Sprintf("%d more problems up to here are not listed", more)})
	}
}
