package collectors

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/cmdlet"
)

// cmdlets reads what the cmdlets of Exchange 2007 and later gave out.
func cmdlets() *diag.Collector {
	col := diag.NewCollector("cmdlet exports", "reads the outputs of Exchange cmdlets that you named", evidence.OrgCmdlets,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) (evidence.Cmdlets, error) {
			c := newClerk()
			shelf := newExports(ctx, w)
			defer shelf.close()
			for _, f := range evidence.Files.In(e) {
				if format := cmdletFormat(f.Format); format != "" {
					shelf.read(f, func(x *evidence.Export, r io.Reader) { c.export(x, len(shelf.list)-1, format, r) })
				}
			}
			c.cmdlets.Exports = shelf.list
			return c.cmdlets, shelf.verdict(len(c.cmdlets.Objects), "objects", "is about mail flow", "the output of an Exchange cmdlet (Export-Clixml, Export-Csv or Format-List)")
		})
	col.Offline = true
	return col
}

func cmdletFormat(format string) cmdlet.Format {
	switch format {
	case formatCLIXML:
		return cmdlet.CLIXML
	case formatCSV:
		return cmdlet.CSV
	case formatList:
		return cmdlet.FL
	}
	return ""
}

// A clerk takes out of the outputs of cmdlets what is about mail flow.
type clerk struct {
	cmdlets       evidence.Cmdlets
	types, wanted map[string]bool // in lower case
	bytes         int
}

func newClerk() *clerk {
	c := &clerk{types: map[string]bool{}, wanted: map[string]bool{}}
	for _, name := range evidence.CmdletTypes() {
		c.types[strings.ToLower(name)] = true
	}
	for _, name := range evidence.CmdletProps() {
		c.wanted[strings.ToLower(name)] = true
	}
	return c
}

func (c *clerk) export(x *evidence.Export, at int, format cmdlet.Format, r io.Reader) {
	for o := range cmdlet.Objects(r, format, func(p cmdlet.Problem) { note(x, p.Line, p.What) }) {
		x.Objects++
		if c.bytes > maxKept {
			note(x, o.Line, tooMuch)
			return
		}
		kind := typeOf(o)
		switch {
		case kind == "" && queueType(o) != "": // for another collector
		case kind == "":
			note(x, o.Line, "nothing says which cmdlet gave this object: left out. Export-Clixml keeps that")
		case c.types[kind]:
			x.Kept++
			c.cmdlets.Objects = append(c.cmdlets.Objects, c.object(o, kind, at, x))
		}
	}
}

// typeOf is what an object is, by its own word or by the properties that it has.
func typeOf(o *cmdlet.Object) string {
	if o.Type != "" {
		return strings.ToLower(o.Type)
	}
	var names []string
	for _, p := range o.Props {
		names = append(names, p.Name)
	}
	return evidence.CmdletType(names)
}

// object copies what the model reads of an object.
func (c *clerk) object(from *cmdlet.Object, kind string, export int, x *evidence.Export) evidence.CmdletObject {
	o := evidence.CmdletObject{Type: kind, Export: export, Line: from.Line}
	c.bytes += 100
	for _, p := range from.Props {
		if !c.wanted[strings.ToLower(p.Name)] || slices.ContainsFunc(o.Props, func(a evidence.Attribute) bool { return strings.EqualFold(a.Name, p.Name) }) {
			continue
		}
		values, over := c.values(p.Values)
		if over > 0 {
			note(x, from.Line, fmt.Sprintf("%d values of %s are too many or too long: left out", over, p.Name))
		}
		if over > 0 || p.Lost {
			o.Cut = append(o.Cut, p.Name)
		}
		c.bytes += 60 + 2*len(p.Name)
		o.Props = append(o.Props, evidence.Attribute{Name: p.Name, Values: values})
	}
	return o
}

// values copies those that are within the bounds, and says how many are not.
func (c *clerk) values(from []string) (kept []string, over int) {
	for _, v := range from {
		if len(v) > maxBytesOfValue || len(kept) >= maxLinksOfOne {
			over++
			continue
		}
		v = strings.ToValidUTF8(v, "\uFFFD")
		c.bytes += 2 + cost(v)
		kept = append(kept, v)
	}
	return kept, over
}
