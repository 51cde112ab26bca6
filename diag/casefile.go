package diag

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of the case-file reader: a line holds one event, and evidence that is
// larger is kept outside the case file by its collector.
const (
	maxLine   = 64 << 20
	maxEvents = 1 << 20
)

// WriteEvent writes one event as one line of JSON. Characters that a terminal
// or an editor would act on are written as \u escapes.
func WriteEvent(w io.Writer, ev Event) error {
	b, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	_, err = w.Write(append(PlainJSON(b), '\n'))
	return err
}

// ReadEvents reads a case file. A torn last line, as a crash leaves it, ends
// the file without an error; anything else that is not an event is one, and
// names its line.
func ReadEvents(from io.Reader) ([]Event, error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var events []Event
	var torn error
	for n := 1; lines.Scan(); n++ {
		if torn != nil {
			return events, torn
		}
		if len(lines.Bytes()) == 0 {
			continue
		}
		var ev Event
		if err := json.Unmarshal(lines.Bytes(), &ev); err != nil || ev.pointers() != 1 {
			torn = fmt.Errorf("line %d is not an event of a case file: %v", n, err)
			continue
		}
		if len(events) == 0 && (ev.Opened == nil || ev.Opened.Schema != SchemaVersion) {
			return nil, fmt.Errorf("line %d: not a case file of version %s", n, SchemaVersion)
		}
		if events = append(events, ev); len(events) > maxEvents {
			return events, errors.New("more events than a case file holds")
		}
	}
	if err := lines.Err(); err != nil {
		return events, err
	}
	if len(events) == 0 {
		return nil, errors.New("not a case file: no event in it")
	}
	return events, nil
}

func (ev Event) pointers() int {
	n := 0
	for _, set := range []bool{ev.Opened != nil, ev.Started != nil, ev.Noted != nil, ev.Gathered != nil, ev.Judged != nil, ev.Closed != nil} {
		n += truth(set)
	}
	return n
}

// PlainJSON rewrites valid JSON so that it holds no character that moves a
// cursor, hides or reorders text: DEL, the C1 controls, zero-width and
// bidirectional marks become \u escapes. They can only stand inside strings,
// so the meaning is the same.
func PlainJSON(b []byte) []byte {
	plain := true
	for _, c := range b {
		if c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return b
	}
	out := make([]byte, 0, len(b)+16)
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1: // no text at all: encoding/json would read it so
			out = append(out, `\ufffd`...)
		case Unprintable(r) && r >= 0x7f:
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		default:
			out = append(out, b[i:i+n]...)
		}
		i += n
	}
	return out
}

// Unprintable says whether a character could change how a terminal or a page
// shows the text around it: controls, format characters, line separators, and
// what is no character at all.
func Unprintable(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0x2028, r == 0x2029:
		return true
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}
