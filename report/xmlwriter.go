package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Bounds of the XML report. What is written keeps to them, so that whatever
// was written can be read.
const (
	namespace  = "urn:mailflow:report:1"
	xmlVersion = "1"
	maxDepth   = 64        // elements within elements
	maxText    = 8 << 20   // bytes of one text, as escape writes it
	maxToken   = 41 << 20  // bytes that one text may be in XML, its markup escaped
	maxRead    = 256 << 20 // bytes of a report or case file that is read
	maxEvents  = 1 << 20
)

// An attr is an attribute. In an attribute a backslash is always doubled and
// what may not be shown always escaped; in the text of an element only where
// escaped="backslash" says so.
type attr struct{ name, value string }

// with adds the attributes that have a value.
func with(always []attr, attrs ...attr) []attr {
	for _, a := range attrs {
		if a.value != "" {
			always = append(always, a)
		}
	}
	return always
}

// yes is the value of a true or false attribute; "" for false.
func yes(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// An xmlWriter writes indented XML. Errors of w stay in the bufio.Writer until
// it is flushed.
type xmlWriter struct {
	w     *bufio.Writer
	depth int
	err   error // the first thing that an XML report cannot hold
}

func newXMLWriter(w io.Writer) *xmlWriter { return &xmlWriter{w: bufio.NewWriter(w)} }

func (x *xmlWriter) start(name string, attrs []attr, end string) {
	x.w.WriteString(strings.Repeat(" ", x.depth))
	x.w.WriteString("<" + name)
	for _, a := range attrs {
		value, _ := escape(a.value)
		x.checkLength(len(value))
		x.w.WriteString(" " + a.name + `="`)
		xml.EscapeText(x.w, []byte(value))
		x.w.WriteString(`"`)
	}
	x.w.WriteString(end)
}

func (x *xmlWriter) open(name string, attrs ...attr) {
	x.start(name, attrs, ">\n")
	x.depth++
}

func (x *xmlWriter) shut(name string) {
	x.depth--
	x.w.WriteString(strings.Repeat(" ", x.depth) + "</" + name + ">\n")
}

func (x *xmlWriter) empty(name string, attrs ...attr) { x.start(name, attrs, "/>\n") }

// text writes an element that holds text.
func (x *xmlWriter) text(name, value string, attrs ...attr) {
	body, changed := escape(value)
	x.checkLength(len(body))
	if changed {
		attrs = append(attrs[:len(attrs):len(attrs)], attr{"escaped", "backslash"})
	}
	x.start(name, attrs, ">")
	xml.EscapeText(x.w, []byte(body))
	x.w.WriteString("</" + name + ">\n")
}

func (x *xmlWriter) checkLength(n int) {
	if n > maxText && x.err == nil {
		x.err = fmt.Errorf("a text of %d bytes is longer than the %d that an XML report holds", n, maxText)
	}
}

// optional writes a text unless it is empty.
func (x *xmlWriter) optional(name, value string) {
	if value != "" {
		x.text(name, value)
	}
}

func (x *xmlWriter) list(name string, values []string) {
	for _, v := range values {
		x.text(name, v)
	}
}

// utc is how XML writes a time.
func utc(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// exact is a duration in seconds with every nanosecond.
func exact(d time.Duration) string {
	sign, n := "", uint64(d)
	if d < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%09d", sign, n/1e9, n%1e9)
}
