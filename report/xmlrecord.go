package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"mailflow/diag"
)

// record writes the events. Their JSON is mapped to elements one to one:
// object, array, string, number, true, false and null, with the name of a
// field as an attribute. What is not a text in JSON, such as a line that is
// not UTF-8, keeps the form that it has there.
func (x *xmlWriter) record(r *diag.Report) error {
	x.open("record")
	for _, ev := range r.Events() {
		if err := x.event(withoutSecrets(ev)); err != nil {
			return fmt.Errorf("the report cannot be written as XML: %w", err)
		}
	}
	x.shut("record")
	return nil
}

func (x *xmlWriter) event(ev diag.Event) error {
	b, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	in := json.NewDecoder(bytes.NewReader(b))
	in.UseNumber()
	if _, err := in.Token(); err != nil { // the object that the event is
		return err
	}
	return x.fields("event", nil, in)
}

// fields writes the rest of an object whose opening brace was read.
func (x *xmlWriter) fields(element string, attrs []attr, in *json.Decoder) error {
	if x.depth >= maxDepth {
		return errors.New("evidence is nested too deep")
	}
	x.open(element, attrs...)
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return err
		}
		if err := x.value(in, attr{"name", name.(string)}); err != nil {
			return err
		}
	}
	x.shut(element)
	_, err := in.Token()
	return err
}

func (x *xmlWriter) elements(attrs []attr, in *json.Decoder) error {
	if x.depth >= maxDepth {
		return errors.New("evidence is nested too deep")
	}
	x.open("array", attrs...)
	for in.More() {
		if err := x.value(in); err != nil {
			return err
		}
	}
	x.shut("array")
	_, err := in.Token()
	return err
}

// value writes the next value of the JSON.
func (x *xmlWriter) value(in *json.Decoder, attrs ...attr) error {
	token, err := in.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return x.fields("object", attrs, in)
		}
		return x.elements(attrs, in)
	case string:
		x.text("string", t, attrs...)
	case json.Number:
		x.text("number", t.String(), attrs...)
	case bool:
		x.empty(fmt.Sprint(t), attrs...)
	default:
		x.empty("null", attrs...)
	}
	return nil
}
