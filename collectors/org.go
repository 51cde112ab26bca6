package collectors

import (
	"context"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/ldif"
)

// directoryExport reads the exports of Active Directory among the evidence.
func directoryExport() *diag.Collector {
	col := diag.NewCollector("directory export", "reads the LDIF and CSVDE files that you named", evidence.OrgEntries,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) (evidence.Directory, error) {
			k := keeper{wanted: evidence.Attributes()}
			shelf := newExports(ctx, w)
			defer shelf.close()
			for _, f := range evidence.Files.In(e) {
				if f.Format == formatLDIF || f.Format == formatCSVDE {
					shelf.read(f, func(x *evidence.Export, r io.Reader) { k.export(x, len(shelf.list)-1, r) })
				}
			}
			k.directory.Exports = shelf.list
			return k.directory, shelf.verdict(len(k.directory.Entries), "objects", "configures Exchange", "an LDIF or CSVDE export")
		})
	col.Offline = true
	return col
}

// organizations make the model: of the directory, beside what cmdlets say, and
// where there is no directory of the cmdlets alone.
func organizations() []*diag.Collector {
	return []*diag.Collector{
		diag.Derive("organization", evidence.Organization, []diag.AnyKey{evidence.OrgEntries}, []diag.AnyKey{evidence.OrgCmdlets},
			func(e diag.Evidence) (evidence.Org, error) {
				cmdlets, _ := evidence.OrgCmdlets.Lookup(e)
				return evidence.NewOrg(evidence.OrgEntries.In(e), cmdlets), nil
			}),
		diag.Derive("organization by cmdlets", evidence.Organization, []diag.AnyKey{evidence.OrgCmdlets}, nil,
			func(e diag.Evidence) (evidence.Org, error) {
				return evidence.NewOrg(evidence.Directory{}, evidence.OrgCmdlets.In(e)), nil
			}),
	}
}

// A keeper takes out of the directory what mail flow is configured by.
type keeper struct {
	directory evidence.Directory
	wanted    []string
	bytes     int
}

// export takes what a file holds of it.
func (k *keeper) export(x *evidence.Export, at int, r io.Reader) {
	for entry := range entries(x.Format, r, func(p ldif.Problem) { note(x, p.Line, p.What) }) {
		if !k.take(x, at, evidence.Entry{DN: entry.DN, Line: entry.Line}, entry) {
			return
		}
	}
}

// An object is what an export or a server says of one: an *ldif.Entry.
type object interface {
	All() iter.Seq2[[]byte, []byte]
	Get(name string) [][]byte
	Partial(name string) bool
}

// take keeps an object if mail flow is configured by it; false ends the export.
func (k *keeper) take(x *evidence.Export, at int, e evidence.Entry, o object) bool {
	x.Objects++
	category := append(texts(o.Get("objectCategory")), "")
	if evidence.Class(texts(o.Get("objectClass")), category[0]) == "" {
		return true
	}
	if len(e.DN) > maxBytesOfValue {
		note(x, e.Line, "a name longer than any in a directory: left out")
		return true
	}
	if k.bytes > maxKept {
		note(x, e.Line, tooMuch)
		return false
	}
	x.Kept++
	e.DN, e.Export = strings.ToValidUTF8(e.DN, "\uFFFD"), at
	k.fill(&e, x, o)
	k.directory.Entries = append(k.directory.Entries, e)
	return true
}

func entries(format string, r io.Reader, problems func(ldif.Problem)) iter.Seq[*ldif.Entry] {
	if format == formatCSVDE {
		return ldif.CSV(r, problems)
	}
	return ldif.Entries(r, problems)
}

// fill copies what the model reads of an object.
func (k *keeper) fill(e *evidence.Entry, x *evidence.Export, from object) {
	k.bytes += 100 + 4*cost(e.DN) // the model says it up to four times
	ranged := false
	for desc, value := range from.All() {
		name := strings.ToLower(ldif.Base(string(desc)))
		if !slices.Contains(k.wanted, name) {
			continue
		}
		ranged = ranged || len(desc) > len(name)
		if !k.add(e, ldif.Base(string(desc)), value) {
			note(x, e.Line, "too much in "+name+": left out")
		}
	}
	for _, name := range k.wanted {
		if ranged && from.Partial(name) {
			note(x, e.Line, "the server gave only a part of "+name)
			attribute(e, name).Cut = true
		}
	}
}

// add keeps one value, as text where it is some.
func (k *keeper) add(e *evidence.Entry, name string, value []byte) bool {
	a := attribute(e, name)
	if len(a.Values)+len(a.Bytes) >= maxLinksOfOne || len(value) > maxBytesOfValue {
		a.Cut = true // without it those that are kept would look like all
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

// attribute is the attribute of that name, which there is from then on.
func attribute(e *evidence.Entry, name string) *evidence.Attribute {
	i := slices.IndexFunc(e.Attrs, func(a evidence.Attribute) bool { return strings.EqualFold(a.Name, name) })
	if i < 0 {
		i = len(e.Attrs)
		e.Attrs = append(e.Attrs, evidence.Attribute{Name: name})
	}
	return &e.Attrs[i]
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
