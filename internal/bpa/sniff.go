package bpa

import (
	"bytes"
	"encoding/xml"
	"strings"
	"time"

	"mailflow/internal/charset"
)

// Sniff tells from its first kilobytes whether a file is a data file of the
// engine: a Configuration or a Run with a version and the time it began, or an
// Object with an Instance in it, under a root of any name. A configuration file of
// the engine, which has rules and no results, is none.
func Sniff(start []byte) bool {
	in := &cleaner{in: charset.NewReader(bytes.NewReader(start[:min(len(start), charset.BufferSize)])), left: charset.BufferSize * 4}
	d := decoder(in)
	begun, object := false, false // an element came; the last one was an Object of the engine
	for {
		t, err := d.RawToken()
		if err != nil {
			return false
		}
		switch e := t.(type) {
		case xml.CharData:
			if !begun && len(bytes.TrimSpace(e)) > 0 {
				return false // words before the root: no XML
			}
		case xml.StartElement:
			if dated(e) || object && e.Name.Local == "Instance" {
				return true
			}
			begun, object = true, e.Name.Local == "Object" && attr(e, "Type") != ""
		}
	}
}

// dated recognises the elements that say when the tool ran.
func dated(e xml.StartElement) bool {
	if e.Name.Local != "Configuration" && e.Name.Local != "Run" {
		return false
	}
	if attr(e, "ConfigVersion") == "" && attr(e, "AppVersion") == "" && attr(e, "ConfigName") == "" {
		return false
	}
	began := strings.NewReplacer(".", "/", "-", "/").Replace(attr(e, "StartTime"))
	_, err := time.Parse("01/02/2006 15:04:05", began)
	return err == nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
