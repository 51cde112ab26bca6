package bpa

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"mailflow/internal/charset"
)

// parser keeps the elements that are open. It matches tags itself, so that a
// missing one costs little and no depth costs memory.
type parser struct {
	journal
	in   *cleaner
	xml  *xml.Decoder
	line int

	doc   Document
	known bool   // an element of the engine was seen
	whole Run    // what Configuration itself says about the run
	kept  int    // bytes of all fields
	open  []node // from the root inwards, up to maxDepth
	below int    // elements open beyond maxDepth

	text   []byte // of the Message or Value that is open
	long   bool   // and it was longer than maxText
	values []string
}

// node is an open element with those of its attributes that count.
type node struct {
	name string
	line int
	attr map[string]string
}

func newParser(r io.Reader, problems func(Problem)) *parser {
	in := &cleaner{in: charset.NewReader(r)}
	return &parser{in: in, xml: decoder(in), journal: journal{report: problems}, line: 1}
}

// decoder reads what is UTF-8 by now, whatever the file declares.
func decoder(in *cleaner) *xml.Decoder {
	d := xml.NewDecoder(in)
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return d
}

// run reads to the end of the file. Only a reader that fails is an error.
func (p *parser) run() error {
	for {
		p.in.left = maxToken
		t, err := p.xml.RawToken()
		p.line, _ = p.xml.InputPos()
		if err != nil {
			return p.finish(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			p.start(t)
		case xml.EndElement:
			p.end(t.Name.Local)
		case xml.CharData:
			p.chars(t)
		}
	}
}

// finish tells how reading ended and keeps what is open.
func (p *parser) finish(err error) error {
	var syntax *xml.SyntaxError
	damaged := errors.As(err, &syntax) || errors.Is(err, errToken)
	switch {
	case damaged:
		p.add(p.line, "reading stops here, what follows is left out: "+err.Error())
	case err == io.EOF && len(p.open) > 0:
		p.add(p.line, fmt.Sprintf("the file ends inside of <%s>: what followed is missing", p.open[len(p.open)-1].name))
	}
	p.unwind(0)
	if len(p.doc.Runs) == 0 && p.whole.Start != "" {
		p.doc.Runs = append(p.doc.Runs, p.whole)
	}
	if damaged || err == io.EOF {
		return nil
	}
	return err
}

func (p *parser) start(t xml.StartElement) {
	if len(p.open) >= maxDepth {
		if p.below++; p.below == 1 {
			p.add(p.line, "elements more than 64 deep: left out")
		}
		return
	}
	n := node{name: t.Name.Local, line: p.line, attr: p.attributes(t)}
	p.open = append(p.open, n)
	switch n.name {
	case "Configuration":
		p.configuration(n)
	case "Run":
		p.ran(n)
	case "Object":
		p.doc.Objects++
		p.known = true
	case "Setting":
		p.values = nil
	case "Message", "Value":
		p.text, p.long = p.text[:0], false
	}
}

// attributes keeps what counts of those elements that count.
func (p *parser) attributes(t xml.StartElement) map[string]string {
	switch t.Name.Local {
	case "Configuration", "Run", "Object", "Instance", "Setting", "Message":
	default:
		return nil
	}
	m := make(map[string]string, min(len(t.Attr), 16))
	for _, a := range t.Attr {
		if counts(a.Name.Local) {
			m[a.Name.Local] = p.cut(strings.TrimSpace(a.Value))
		}
	}
	return m
}

// counts says which attributes are kept of an element that is open.
func counts(name string) bool {
	switch name {
	case "ConfigName", "ConfigVersion", "Label", "AppVersion", "StartTime", "EndTime", "Completed", "Operations", "DC",
		"Type", "Name", "Class", "GroupingClass", "Key1", "Key2", "Key3", "Key4", "Key5", "DisplayName", "NotForExport",
		"Error", "Sev", "Title", "GUID":
		return true
	}
	return false
}

// end closes the innermost element of that name, and those inside of it whose
// end tags are missing.
func (p *parser) end(name string) {
	if p.below > 0 {
		p.below--
		return
	}
	for i := len(p.open) - 1; i >= 0; i-- {
		if p.open[i].name == name {
			if i < len(p.open)-1 {
				p.add(p.line, fmt.Sprintf("the end of <%s> is missing before that of <%s>", p.open[len(p.open)-1].name, name))
			}
			p.unwind(i)
			return
		}
	}
	p.add(p.line, fmt.Sprintf("an end of <%.64s> without a start", name))
}

// unwind closes elements from the inside, down to so many.
func (p *parser) unwind(to int) {
	for len(p.open) > to {
		n := p.open[len(p.open)-1]
		switch n.name {
		case "Message":
			p.message(n)
		case "Value":
			p.value()
		case "Setting":
			p.setting(n)
		}
		p.open = p.open[:len(p.open)-1]
	}
}

// chars keeps the text of a message or a value.
func (p *parser) chars(s []byte) {
	if len(p.open) == 0 || p.below > 0 {
		return
	}
	switch p.open[len(p.open)-1].name {
	case "Message", "Value":
		room := max(0, maxText+4-len(p.text))
		p.text = append(p.text, s[:min(len(s), room)]...)
	}
}
