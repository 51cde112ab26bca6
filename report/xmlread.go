package report

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"mailflow/diag"
)

// An xmlReader reads a report that anybody may have made: it takes no document
// type (so no entities), and bounds size, depth and the length of one token.
type xmlReader struct {
	dec   *xml.Decoder
	in    *bounded
	depth int
}

// readXML reads the events in the record of an XML report. The other sections
// only say what those amount to and are skipped.
func readXML(in *bounded) ([]diag.Event, error) {
	x := &xmlReader{dec: xml.NewDecoder(in), in: in}
	events, err := x.report()
	if err != nil {
		line, _ := x.dec.InputPos()
		return nil, fmt.Errorf("line %d: %w", line, err)
	}
	return events, nil
}

func (x *xmlReader) report() ([]diag.Event, error) {
	root, err := x.child()
	if err != nil {
		return nil, err
	}
	if root == nil || root.Name != (xml.Name{Space: namespace, Local: "report"}) {
		return nil, errors.New("not a mailflow report: the root element is not report of " + namespace)
	}
	if version, _ := attribute(*root, "version"); version != xmlVersion {
		return nil, fmt.Errorf("a report of version %q; this program reads version %s", Visible(version), xmlVersion)
	}
	events, err := x.sections()
	if err != nil {
		return nil, err
	}
	switch _, err := x.child(); err {
	case io.EOF:
		return events, nil
	case nil:
		return nil, errors.New("something stands after the report")
	default:
		return nil, err
	}
}

func (x *xmlReader) sections() ([]diag.Event, error) {
	var events []diag.Event
	found := false
	for {
		section, err := x.child()
		if err != nil {
			return nil, err
		}
		if section == nil {
			break
		}
		if section.Name != (xml.Name{Space: namespace, Local: "record"}) {
			if err := x.skip(); err != nil {
				return nil, err
			}
			continue
		}
		if found {
			return nil, errors.New("a second record")
		}
		found = true
		if events, err = x.record(); err != nil {
			return nil, err
		}
	}
	if len(events) == 0 {
		return nil, errors.New("no event in its record")
	}
	return events, nil
}

func (x *xmlReader) record() ([]diag.Event, error) {
	var events []diag.Event
	for {
		start, err := x.child()
		if err != nil || start == nil {
			return events, err
		}
		if start.Name != (xml.Name{Space: namespace, Local: "event"}) {
			return nil, fmt.Errorf("%s is no event", Visible(start.Name.Local))
		}
		ev, err := x.event()
		if err != nil {
			return nil, err
		}
		if len(events) == 0 && (ev.Opened == nil || ev.Opened.Schema != diag.SchemaVersion) {
			return nil, fmt.Errorf("the first event does not open a case of version %s", diag.SchemaVersion)
		}
		if events = append(events, ev); len(events) > maxEvents {
			return nil, errors.New("more events than a report holds")
		}
	}
}

func (x *xmlReader) event() (diag.Event, error) {
	var ev diag.Event
	b, err := x.container(nil, '{', '}')
	if err != nil {
		return ev, err
	}
	if err := json.Unmarshal(b, &ev); err != nil {
		return ev, fmt.Errorf("not an event of a case: %w", err)
	}
	set := 0
	for _, there := range []bool{ev.Opened != nil, ev.Started != nil, ev.Noted != nil, ev.Gathered != nil, ev.Judged != nil, ev.Closed != nil} {
		if there {
			set++
		}
	}
	if set != 1 {
		return ev, fmt.Errorf("not an event of a case: it is %d things at once", set)
	}
	return ev, nil
}

// container appends the rest of an object, an array or an event as JSON.
func (x *xmlReader) container(b []byte, open, shut byte) ([]byte, error) {
	b = append(b, open)
	for first := true; ; first = false {
		start, err := x.child()
		if err != nil {
			return nil, err
		}
		if start == nil {
			return append(b, shut), nil
		}
		if !first {
			b = append(b, ',')
		}
		if open == '{' {
			name, err := unescape(named(*start))
			if err != nil {
				return nil, err
			}
			key, _ := json.Marshal(name)
			b = append(append(b, key...), ':')
		}
		if b, err = x.value(b, *start); err != nil {
			return nil, err
		}
	}
}

func named(start xml.StartElement) string {
	name, _ := attribute(start, "name")
	return name
}

// value appends one value as JSON.
func (x *xmlReader) value(b []byte, start xml.StartElement) ([]byte, error) {
	if start.Name.Space != namespace {
		return nil, fmt.Errorf("%s is not of %s", Visible(start.Name.Local), namespace)
	}
	switch kind := start.Name.Local; kind {
	case "object":
		return x.container(b, '{', '}')
	case "array":
		return x.container(b, '[', ']')
	case "string":
		return x.str(b, start)
	case "number", "true", "false", "null":
		text, err := x.text()
		if err != nil {
			return nil, err
		}
		if kind != "number" && text == "" {
			return append(b, kind...), nil
		}
		if kind != "number" || !isNumber(text) {
			return nil, fmt.Errorf("%s cannot be %q", kind, clip(text, 20))
		}
		return append(b, text...), nil
	default:
		return nil, fmt.Errorf("%s is no value", Visible(kind))
	}
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789+-.eE") == "" && json.Valid([]byte(s))
}

func (x *xmlReader) str(b []byte, start xml.StartElement) ([]byte, error) {
	text, err := x.text()
	if err != nil {
		return nil, err
	}
	switch escaped, is := attribute(start, "escaped"); {
	case is && escaped != "backslash":
		return nil, fmt.Errorf("escaped cannot be %q", clip(escaped, 20))
	case is:
		if text, err = unescape(text); err != nil {
			return nil, err
		}
	}
	quoted, err := json.Marshal(text)
	return append(b, quoted...), err
}

func attribute(start xml.StartElement, name string) (string, bool) {
	for _, a := range start.Attr {
		if a.Name == (xml.Name{Local: name}) {
			return a.Value, true
		}
	}
	return "", false
}
