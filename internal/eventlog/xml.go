package eventlog

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
	"strings"

	"mailflow/internal/charset"
	"mailflow/internal/walltime"
)

// record is the part of the event schema that is read
// (http://schemas.microsoft.com/win/2004/08/events/event).
type record struct {
	System struct {
		Provider struct {
			Name   string `xml:"Name,attr"`
			Source string `xml:"EventSourceName,attr"` // the name that Event Viewer shows, where both are there
		} `xml:"Provider"`
		EventID     int    `xml:"EventID"`
		Level       string `xml:"Level"`
		TimeCreated struct {
			SystemTime string `xml:"SystemTime,attr"`
		} `xml:"TimeCreated"`
		Channel  string `xml:"Channel"`
		Computer string `xml:"Computer"`
	} `xml:"System"`
	Data      []string `xml:"EventData>Data"`
	Rendering struct {
		Message string `xml:"Message"`
		Level   string `xml:"Level"`
	} `xml:"RenderingInfo"`
}

// readXML reads events one by one, so that damage costs one, and none can be
// larger than its bound. wevtutil writes them without a root element.
func readXML(r io.Reader, j *journal, yield func(*Event) bool) {
	c := &cutter{in: charset.NewReader(r), line: 1}
	for c.next() {
		if c.bad != "" {
			j.add(c.at, c.bad)
			continue
		}
		e, why := recorded(c.text)
		if e == nil {
			j.add(c.at, why)
			continue
		}
		e.Line = c.at
		if !yield(e) {
			return
		}
	}
	if c.err != io.EOF {
		j.add(c.line, "reading stopped: "+c.err.Error())
	}
}

func recorded(text []byte) (*Event, string) {
	var x record
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := d.Decode(&x); err != nil {
		return nil, "an event that is damaged (" + err.Error() + "): left out"
	}
	e := &Event{Server: field(x.System.Computer), Log: field(x.System.Channel), Source: field(or(x.System.Provider.Source, x.System.Provider.Name)), ID: x.System.EventID & 0xFFFF}
	var ok bool
	if e.Time, ok = walltime.Read(x.System.TimeCreated.SystemTime); !ok || e.Source == "" {
		return nil, "an event without a time or a source: left out"
	}
	if e.Level, ok = levelNumber(strings.TrimSpace(x.System.Level)); !ok {
		e.Level = levelOf(x.Rendering.Level)
	}
	if e.Text = oneLine(x.Rendering.Message); e.Text == "" {
		e.Text = oneLine(strings.Join(x.Data, " | "))
	}
	return e, ""
}

// A cutter cuts a file into elements <Event ...> ... </Event>.
type cutter struct {
	in    *bufio.Reader
	line  int // of what is read next
	err   error
	text  []byte
	at    int
	bad   string
	start []byte // of the next one, where it was met inside of one without an end
	begun int
}

// next reads one. What stands between them is passed over.
func (c *cutter) next() bool {
	c.text, c.at, c.bad = append(c.text[:0], c.start...), c.begun, ""
	inside := len(c.start) > 0
	for c.start = c.start[:0]; c.err == nil; {
		piece, err := c.in.ReadSlice('>')
		if err != nil && err != bufio.ErrBufferFull {
			c.err = err
		}
		if at := eventStart(piece); at >= 0 {
			line := c.line + bytes.Count(piece[:at], []byte("\n"))
			c.line += bytes.Count(piece, []byte("\n"))
			if inside {
				c.start, c.begun, c.bad = append(c.start, piece[at:]...), line, "an event without an end: left out"
				return true
			}
			c.text, c.at, inside = append(c.text[:0], piece[at:]...), line, true
			continue
		}
		c.line += bytes.Count(piece, []byte("\n"))
		if !inside {
			continue
		}
		if c.text = append(c.text, piece...); len(c.text) > maxEvent {
			c.bad = "an event longer than 256 KiB: left out"
			return true
		}
		if bytes.HasSuffix(c.text, []byte("</Event>")) {
			return true
		}
	}
	c.bad = "the file ends inside of this event: it is left out"
	return inside
}

// eventStart finds the start tag of an event in a piece that ends with its ">".
func eventStart(piece []byte) int {
	at := bytes.LastIndexByte(piece, '<')
	if at >= 0 && (bytes.HasPrefix(piece[at:], []byte("<Event ")) || bytes.HasPrefix(piece[at:], []byte("<Event>"))) {
		return at
	}
	return -1
}
