package cmdlet

import (
	"fmt"
	"strings"

	"mailflow/internal/charset"
)

// draft is an object that is being read, held to the bounds.
type draft struct {
	journal *journal
	object  *Object
	size    int    // bytes of its texts
	over    string // which bound it broke
	names   map[string]string
}

// maxNames bounds the property names that are held once for all objects.
const maxNames = 4096

// begin starts an object.
func (d *draft) begin(line int) {
	// Objects of one export are alike: the last one says how many properties come.
	room := 16
	if d.object != nil {
		room = max(room, len(d.object.Props))
	}
	d.object = &Object{Line: line, Props: make([]Prop, 0, room)}
	d.size, d.over = 0, ""
}

// add puts a property at the end. Its values were counted where they were read.
func (d *draft) add(p Prop) {
	if len(d.object.Props) >= maxProps {
		d.over = fmt.Sprintf("more than %d properties", maxProps)
		return
	}
	d.grow(len(p.Name))
	if len(p.Values) > maxValues {
		p.Values, p.Lost = p.Values[:maxValues], true
		d.journal.add(d.object.Line, fmt.Sprintf("%s has more than %d values: the rest is left out", shown(p.Name), maxValues))
	}
	if d.over == "" {
		d.object.Props = append(d.object.Props, p)
	}
}

func (d *draft) grow(n int) {
	if d.size += n + 16; d.size > maxObject {
		d.over = "more than 4 MiB"
	}
}

// finish gives the object, or nil for one that is left out.
func (d *draft) finish() *Object {
	if d.over != "" {
		d.journal.add(d.object.Line, "an object with "+d.over+": left out")
		return nil
	}
	if len(d.object.Props) == 0 {
		return nil
	}
	return d.object
}

// name gives a string for a property name, the same one every time.
func (d *draft) name(s []byte) string {
	if known, ok := d.names[string(s)]; ok {
		return known
	}
	if d.names == nil {
		d.names = map[string]string{}
	}
	key := string(s)
	name := string(charset.UTF8(unescape(s)))
	if len(d.names) < maxNames {
		d.names[key] = name
	}
	return name
}

// fromText makes a property of a text of CSV or a list: with no value, with one,
// or with the items of a list. The name of a class in the place of a value says
// only that there was one; that comes as Null and Lost.
func fromText(name, s string) Prop {
	p := Prop{Name: name}
	if strings.TrimSpace(s) == "" {
		return p
	}
	p.Values = []string{s}
	if body, ok := braced(s); ok {
		p.Values = items(body)
	}
	p.Lost = Truncated(p.Values)
	for i, v := range p.Values {
		if isClass(v) {
			return Prop{Name: name, Null: true, Lost: true}
		}
		p.Values[i] = normal(v)
	}
	return p
}

// shown cuts a name for a message.
func shown(name string) string {
	const most = 64
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + more
	}
	return name
}
