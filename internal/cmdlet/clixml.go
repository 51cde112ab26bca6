package cmdlet

import (
	"fmt"
	"io"
	"strings"

	"mailflow/internal/charset"
)

// clixml reads Export-Clixml: Objs holds objects, an object holds its class (TN,
// or TNRef to one that came before), a text (ToString), a list (LST, IE, STK,
// QUE, DCT) or a number, and properties (Props, and MS for those that PowerShell
// added). Source: MS-PSRP 2.2.5 and knowledge/evidence-formats.md, section 7.
type clixml struct {
	tags
	journal *journal
	draft   draft
	classes map[string]string // RefId of a TN to its first class
	kept    table             // what a Ref may name
	yield   func(*Object) bool
	roots   int
	inside  bool // of Objs
	open    int  // the line of the object that is being read, or 0
	deep    bool // the object has more levels than are read
	dangles bool // the object refers to something that is not there
	layout  bool // Format-List was exported instead of objects
	ended   bool // nobody wants more
}

// maxClasses bounds the classes that a TNRef may name. An export has some dozens.
const maxClasses = 10_000

// outputMark stands above the objects that powershell.exe -OutputFormat XML writes.
const outputMark = "#< CLIXML"

func readCLIXML(r io.Reader, j *journal, yield func(*Object) bool) {
	c := &clixml{tags: tags{in: charset.NewReader(r), line: 1}, journal: j, draft: draft{journal: j}, classes: map[string]string{}, yield: yield}
	if head, _ := c.in.Peek(len(outputMark)); string(head) == outputMark {
		_, _ = c.in.Discard(len(outputMark))
	}
	for !c.ended && c.next() {
		switch {
		case string(c.name) == "Objs":
			c.inside = !c.closes && !c.empty
			c.roots++
			c.kept, c.classes = table{}, map[string]string{} // numbers begin anew
		case c.closes:
		case c.inside && string(c.name) == "Obj":
			c.top(1)
		default: // a text or a number is no object
			c.skip()
		}
	}
	if !c.ended {
		c.end()
	}
	j.close(c.line)
}

// end tells how reading ended.
func (c *clixml) end() {
	what := c.why()
	switch {
	case c.bad == "" && c.err == io.EOF && c.roots == 0:
		c.journal.add(1, "no <Objs>: not what Export-Clixml writes")
	case c.open > 0:
		c.journal.add(c.line, fmt.Sprintf("%s in the middle of the object that begins on line %d: it and what follows is left out", what, c.open))
	case c.inside || c.bad != "" || c.err != io.EOF:
		c.journal.add(c.line, what+", without </Objs>: what follows is missing")
	}
}

// closed says that an end tag belongs to the element that is being read.
func (c *clixml) closed(name string) bool {
	if string(c.name) != name {
		c.bad = fmt.Sprintf("</%s> instead of </%s>", shown(string(charset.UTF8(c.name))), shown(string(charset.UTF8([]byte(name)))))
	}
	return c.bad == ""
}

// top reads an object of the export; an exported list gives each of its items.
// Like all below, it is called behind the opening tag, reads up to the closing
// one, and returns false when there is no more to read.
func (c *clixml) top(depth int) bool {
	if s := string(c.stream); c.empty || s != "" && !strings.EqualFold(s, "output") {
		return c.skip() // a progress bar or a warning
	}
	ref := string(c.ref)
	c.open, c.deep, c.dangles = c.at, false, false
	c.draft.begin(c.at)
	var v said
	class, list := "", false
	for c.next() {
		ok := false
		switch name := string(c.name); {
		case c.closes:
			return c.closed("Obj") && (list || c.hand(class, ref, v))
		case list:
			ok = c.skip()
		case name == "TN" || name == "TNRef":
			class, ok = c.class()
		case name == "ToString":
			v, ok = c.scalar()
		case name == "Props" || name == "MS":
			ok = c.props(name, depth, c.add)
		case name == "DCT":
			ok = c.entries(depth, c.add)
		case isList(name) && depth < maxDepth:
			list, ok = true, c.tops(name, depth)
		default:
			ok = c.skip()
		}
		if !ok {
			return false
		}
	}
	return false
}

// tops reads the items of an exported list.
func (c *clixml) tops(name string, depth int) bool {
	if c.empty {
		return true
	}
	for c.next() {
		if c.closes {
			c.open = 0
			return c.closed(name)
		}
		ok := true
		if string(c.name) == "Obj" {
			ok = c.top(depth + 1)
		} else {
			ok = c.skip()
		}
		if !ok || c.ended {
			return false
		}
	}
	return false
}

// hand gives a whole object away.
func (c *clixml) hand(class, ref string, v said) bool {
	c.open = 0
	c.keep(ref, v)
	if strings.Contains(class, ".Internal.Format.") {
		if !c.layout {
			c.journal.add(c.draft.object.Line, "what Format-List or Format-Table made, not objects: export again without it")
		}
		c.layout = true
		return true
	}
	if o := c.draft.finish(); o != nil {
		o.Type = typeName(class)
		c.ended = !c.yield(o)
	}
	return !c.ended
}

// add puts a property into the object.
func (c *clixml) add(name string, v said) {
	c.draft.add(Prop{Name: name, Values: v.values, Null: v.null, Lost: v.lost})
	if v.names != nil {
		c.draft.add(Prop{Name: name + ".DistinguishedName", Values: v.names, Lost: v.lost})
	}
	for _, m := range v.members {
		m.Name = name + "." + m.Name
		c.draft.add(m)
	}
}

// class reads TN and TNRef. The first class is the most special one.
func (c *clixml) class() (string, bool) {
	ref := string(c.ref)
	if string(c.name) == "TNRef" {
		return c.classes[ref], c.skip()
	}
	class := ""
	if c.empty {
		return class, true
	}
	for c.next() {
		if c.closes {
			if len(c.classes) < maxClasses {
				c.classes[ref] = class
			}
			return class, c.closed("TN")
		}
		text, ok := c.leaf()
		if !ok {
			return "", false
		}
		if class == "" && len(text) <= 1024 {
			class = text
		}
	}
	return "", false
}

// props reads the properties of an object.
func (c *clixml) props(end string, depth int, add func(string, said)) bool {
	if c.empty {
		return true
	}
	for c.next() {
		if c.closes {
			return c.closed(end)
		}
		if len(c.n) == 0 || string(c.n) == "SerializationData" { // the object once more, for .NET
			if !c.skip() {
				return false
			}
			continue
		}
		name := c.draft.name(c.n)
		v, ok := c.value(depth)
		if !ok {
			return false
		}
		add(name, v)
	}
	return false
}

// entries reads the keys and values of a dictionary.
func (c *clixml) entries(depth int, add func(string, said)) bool {
	if c.empty {
		return true
	}
	for c.next() {
		if c.closes {
			return c.closed("DCT")
		}
		key := ""
		ok := c.props("En", depth, func(part string, v said) {
			switch {
			case part == "Key" && len(v.values) > 0:
				key = v.values[0]
			case part == "Value" && key != "":
				add(key, v)
			}
		})
		if !ok {
			return false
		}
	}
	return false
}

// items reads the items of a list.
func (c *clixml) items(end string, depth int) (v said, ok bool) {
	if c.empty {
		return v, true
	}
	for c.next() {
		if c.closes {
			return v, c.closed(end)
		}
		item, ok := c.value(depth)
		if !ok {
			return v, false
		}
		v.join(item)
	}
	return v, false
}

// value reads any element.
func (c *clixml) value(depth int) (said, bool) {
	switch string(c.name) {
	case "Obj":
		if depth >= maxDepth {
			return said{lost: true}, c.tooDeep()
		}
		return c.object(depth + 1)
	case "Ref":
		return c.reference(), c.skip()
	case "Nil":
		return said{null: true}, c.skip()
	}
	return c.scalar()
}

func (c *clixml) tooDeep() bool {
	if !c.deep {
		c.journal.add(c.at, fmt.Sprintf("more than %d objects inside of each other: the inner ones are left out", maxDepth))
	}
	c.deep = true
	return c.skip()
}

// object reads an object inside of another.
func (c *clixml) object(depth int) (v said, ok bool) {
	ref := string(c.ref)
	if !c.empty && !c.parts(&v, depth) {
		return v, false
	}
	if v.text {
		v.members = nil
	} else {
		v.names = nil // one of the members
	}
	v.lost = v.lost || c.draft.over != ""
	c.keep(ref, v)
	return v, true
}

func (c *clixml) parts(v *said, depth int) bool {
	for class := ""; c.next(); {
		if c.closes {
			return c.closed("Obj")
		}
		if !c.part(v, &class, depth) {
			return false
		}
	}
	return false
}

// part reads an element of an object inside of another.
func (c *clixml) part(v *said, class *string, depth int) (ok bool) {
	switch name := string(c.name); {
	case name == "TN" || name == "TNRef":
		*class, ok = c.class()
	case name == "ToString":
		var text said
		if text, ok = c.scalar(); len(text.values) == 0 || text.values[0] != *class && !isClass(text.values[0]) {
			v.values, v.text = text.values, true
		}
	case name == "Props" || name == "MS":
		ok = c.props(name, depth, v.member)
	case name == "DCT":
		v.text = true
		ok = c.entries(depth, func(key string, entry said) { v.join(entry.under(key)) })
	case isList(name):
		var list said
		list, ok = c.items(name, depth)
		v.values, v.names, v.lost, v.text = list.values, list.names, list.lost, true
	default:
		var text said
		if text, ok = c.scalar(); !v.text {
			v.values, v.text = text.values, true
		}
	}
	return ok
}

func isList(name string) bool {
	return name == "LST" || name == "IE" || name == "STK" || name == "QUE"
}
