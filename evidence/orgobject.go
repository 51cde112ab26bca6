package evidence

import (
	"slices"
	"strings"
)

// An object is an entry with its attributes by name.
type object struct {
	dn, key, class string
	where          Where
	attrs          map[string]Attribute
}

func newObject(d Directory, i int) object {
	e := d.Entries[i]
	o := object{dn: e.DN, key: keyDN(e.DN), where: Where{Line: e.Line, Entry: i}, attrs: map[string]Attribute{}}
	if e.Export >= 0 && e.Export < len(d.Exports) {
		o.where.File = d.Exports[e.Export].Path
	}
	for _, a := range e.Attrs {
		name := strings.ToLower(a.Name)
		was := o.attrs[name]
		o.attrs[name] = Attribute{Name: a.Name, Values: append(was.Values, a.Values...), Bytes: append(was.Bytes, a.Bytes...), Cut: was.Cut || a.Cut}
	}
	o.class = Class(o.attrs["objectclass"].Values, o.text("objectCategory"))
	return o
}

func (o object) list(name string) []string {
	return slices.DeleteFunc(slices.Clone(o.attrs[strings.ToLower(name)].Values), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// all is a list of which every item counts: nil where some were left out.
func (o object) all(name string) []string {
	if o.attrs[strings.ToLower(name)].Cut {
		return nil
	}
	return o.list(name)
}

func (o object) text(name string) string {
	if all := o.list(name); len(all) > 0 {
		return strings.TrimSpace(all[0])
	}
	return ""
}

func (o object) number(name string) *int { return numberOf(o.text(name)) }

func (o object) flag(name string) *bool { return flagOf(o.text(name)) }

// whole says whether the object was exported with all its attributes: every
// object has an instanceType, and who chose attributes did not choose that.
func (o object) whole() bool { return o.text("instanceType") != "" }

func (o object) timetable(style, schedule string) Timetable {
	t := Timetable{Style: o.number(style)}
	a, ok := o.attrs[strings.ToLower(schedule)]
	if !ok || len(a.Bytes)+len(a.Values) == 0 {
		return t
	}
	var raw []byte
	if raw = []byte(strings.Join(a.Values, "")); len(a.Bytes) > 0 {
		raw = a.Bytes[0]
	}
	s, err := ParseSchedule(raw)
	if err != nil {
		t.Fault = err.Error()
		return t
	}
	t.Schedule = &s
	return t
}
