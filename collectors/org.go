package collectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/ldif"
)

// Bounds on what is kept of an export: the case file holds it in one line.
const (
	maxKept         = 56 << 20 // bytes in the case file, in the entries or in the model made of them
	maxShown        = 50       // problems of one export
	maxLinksOfOne   = 2000     // values of one attribute
	maxBytesOfValue = 4 << 10
)

// directory reads the exports of Active Directory among the evidence.
func directory() *diag.Collector {
	col := diag.NewCollector("directory export", "reads the LDIF and CSVDE files that you named", evidence.OrgEntries,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) (evidence.Directory, error) {
			k := keeper{wanted: evidence.Attributes()}
			for _, f := range evidence.Files.In(e) {
				if f.Format == formatLDIF || f.Format == formatCSVDE {
					k.export(ctx, w, f)
				}
			}
			return k.directory, k.verdict()
		})
	col.Offline = true
	return col
}

// organization makes the model of the export.
func organization() *diag.Collector {
	return diag.Derive("organization", evidence.Organization, []diag.AnyKey{evidence.OrgEntries}, nil,
		func(e diag.Evidence) (evidence.Org, error) { return evidence.NewOrg(evidence.OrgEntries.In(e)), nil })
}

// A keeper takes out of exports what mail flow is configured by.
type keeper struct {
	directory evidence.Directory
	wanted    []string
	bytes     int
}

// verdict is why there is nothing, where there is nothing.
func (k *keeper) verdict() error {
	var without []string
	for _, x := range k.directory.Exports {
		why := fmt.Sprintf("%s has %d objects, and none of them configures Exchange", x.Path, x.Objects)
		if len(x.Problems) > 0 {
			why += fmt.Sprintf(" (line %d: %s)", x.Problems[0].Line, x.Problems[0].Text)
		}
		without = append(without, why)
	}
	switch {
	case len(k.directory.Entries) > 0:
		return nil
	case len(without) > 0:
		return errors.New(strings.Join(without, "; "))
	}
	return errors.New("none of the evidence files is an LDIF or CSVDE export")
}

// export reads one file. What is damaged is left out and said.
func (k *keeper) export(ctx context.Context, w diag.World, file evidence.File) {
	k.directory.Exports = append(k.directory.Exports, evidence.Export{Path: file.Path, Format: file.Format})
	at := len(k.directory.Exports) - 1
	x := &k.directory.Exports[at]
	f, err := w.Open(file.Path)
	if err != nil {
		x.Problems = append(x.Problems, evidence.Problem{Text: err.Error()})
		return
	}
	defer f.Close()
	defer func() {
		if n := len(x.Problems) + x.More; n > 0 {
			w.Note(fmt.Sprintf("%s could not be read in %d places, the first is line %d: %s", file.Path, n, x.Problems[0].Line, x.Problems[0].Text))
		}
	}()
	for entry := range entries(file.Format, &stoppable{ctx, f}, func(p ldif.Problem) { note(x, p.Line, p.What) }) {
		x.Objects++
		if evidence.Class(texts(entry.Get("objectClass")), entry.Text("objectCategory")) == "" {
			continue
		}
		if len(entry.DN) > maxBytesOfValue {
			note(x, entry.Line, "a name longer than any in a directory: left out")
			continue
		}
		if k.bytes > maxKept {
			note(x, entry.Line, "too much configuration for one case: what follows is left out")
			return
		}
		x.Kept++
		k.directory.Entries = append(k.directory.Entries, k.entry(entry, at, x))
	}
}

func entries(format string, r io.Reader, problems func(ldif.Problem)) iter.Seq[*ldif.Entry] {
	if format == formatCSVDE {
		return ldif.CSV(r, problems)
	}
	return ldif.Entries(r, problems)
}

func note(x *evidence.Export, line int, what string) {
	if len(x.Problems) == maxShown {
		x.More++
		return
	}
	x.Problems = append(x.Problems, evidence.Problem{Line: line, Text: what})
}

// entry copies what the model reads of an object.
func (k *keeper) entry(from *ldif.Entry, export int, x *evidence.Export) evidence.Entry {
	e := evidence.Entry{DN: strings.ToValidUTF8(from.DN, "\uFFFD"), Export: export, Line: from.Line}
	k.bytes += 100 + 4*cost(e.DN) // the model says it up to four times
	ranged := false
	for desc, value := range from.All() {
		name := strings.ToLower(ldif.Base(string(desc)))
		if !slices.Contains(k.wanted, name) {
			continue
		}
		ranged = ranged || len(desc) > len(name)
		if len(value) > maxBytesOfValue || !k.add(&e, ldif.Base(string(desc)), value) {
			note(x, from.Line, "too much in "+name+": left out")
		}
	}
	for _, name := range k.wanted {
		if ranged && from.Partial(name) {
			note(x, from.Line, "the server gave only a part of "+name)
		}
	}
	return e
}

// add keeps one value, as text where it is some.
func (k *keeper) add(e *evidence.Entry, name string, value []byte) bool {
	i := slices.IndexFunc(e.Attrs, func(a evidence.Attribute) bool { return strings.EqualFold(a.Name, name) })
	if i < 0 {
		i = len(e.Attrs)
		e.Attrs = append(e.Attrs, evidence.Attribute{Name: name})
	}
	a := &e.Attrs[i]
	if len(a.Values)+len(a.Bytes) >= maxLinksOfOne {
		return false
	}
	k.bytes += 30 + len(name) + 2*len(value)
	if isText(value) {
		k.bytes += cost(string(value)) - 2*len(value)
		a.Values = append(a.Values, string(value))
	} else {
		a.Bytes = append(a.Bytes, slices.Clone(value))
	}
	return true
}

// cost is how long a text is in a case file, which escapes some characters.
func cost(text string) int {
	n := 2
	for _, r := range text {
		switch {
		case strings.ContainsRune("<>&", r), diag.Unprintable(r):
			n += 12
		case r == '"', r == '\\':
			n += 2
		default:
			n += utf8.RuneLen(r)
		}
	}
	return n
}

// isText says whether a value reads as text. The name of a deleted object has a
// line feed in it.
func isText(value []byte) bool {
	if !utf8.Valid(value) {
		return false
	}
	return !slices.ContainsFunc(value, func(c byte) bool { return c < ' ' && c != '\n' && c != '\t' || c == 0x7f })
}

func texts(values [][]byte) []string {
	var all []string
	for _, v := range values {
		all = append(all, string(v))
	}
	return all
}
