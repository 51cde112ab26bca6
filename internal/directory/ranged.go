package directory

import (
	"slices"
	"strconv"
	"strings"
)

// A span is the option of an attribute that came in part, such as
// ";range=0-1499": a domain controller gives no more than so many values at
// once (MaxValRange, KB 315071). The last part ends with "*".
type span struct {
	is    bool
	bad   bool // it cannot be understood
	first int
	more  bool
	next  int // the first value of the next part
}

// attribute cuts the options off a name.
func attribute(description string) (name string, s span) {
	name, options, _ := strings.Cut(description, ";")
	for option := range strings.SplitSeq(options, ";") {
		if len(option) > 6 && strings.EqualFold(option[:6], "range=") {
			s = parseSpan(option[6:])
		}
	}
	return name, s
}

func parseSpan(text string) (s span) {
	low, high, ok := strings.Cut(text, "-")
	first, err := strconv.ParseUint(low, 10, 31)
	if !ok || err != nil {
		return span{bad: true}
	}
	s = span{is: true, first: int(first)}
	if high == "*" {
		return s
	}
	last, err := strconv.ParseUint(high, 10, 31)
	if err != nil || last < first {
		return span{bad: true}
	}
	s.more, s.next = true, int(last)+1
	return s
}

// sameName compares names of attributes, in which case means nothing.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }

// attr finds or makes the attribute. A domain controller lists one that comes
// in parts twice: empty, and with the range.
func (e *Entry) attr(name string) *Attr {
	for i := range e.Attrs {
		if sameName(e.Attrs[i].Name, name) {
			return &e.Attrs[i]
		}
	}
	e.Attrs = append(e.Attrs, Attr{Name: name})
	return &e.Attrs[len(e.Attrs)-1]
}

// dropEmpty takes out the attributes without a value.
func (e *Entry) dropEmpty() {
	e.Attrs = slices.DeleteFunc(e.Attrs, func(a Attr) bool { return len(a.Values) == 0 })
}
