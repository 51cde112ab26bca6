package sessionlog

import (
	"bytes"
	"strings"
)

// Bounds on the rows of a session that are kept until they may be needed.
const (
	keptRows  = 8   // before a silence or a refusal
	keptBytes = 100 // of each
)

// A Row is what a log says at one moment of a session.
type Row struct {
	At    int64  // nanoseconds since 1970
	Event string // as the log writes it: ">" is said by the server that logs, "<" is said to it
	Text  string
}

// rows are the last ones of a session.
type rows struct {
	list  [keptRows]row
	count int // of all
}

type row struct {
	at    int64
	event byte
	cut   bool
	len   uint8
	text  [keptBytes]byte
}

// keep notes a row.
func (r *rows) keep(at int64, event byte, text []byte) {
	k := &r.list[r.count%keptRows]
	r.count++
	k.at, k.event, k.cut = at, event, len(text) > keptBytes
	k.len = uint8(copy(k.text[:], text))
}

// newest is the text of the row before, as far as it is kept.
func (r *rows) newest() []byte {
	if r.count == 0 {
		return nil
	}
	k := &r.list[(r.count-1)%keptRows]
	return k.text[:k.len]
}

// excerpt lists them.
func (r *rows) excerpt() []Row {
	var all []Row
	for i := max(0, r.count-keptRows); i < r.count; i++ {
		k := &r.list[i%keptRows]
		text := fit(k.text[:k.len])
		if k.cut {
			text += "..."
		}
		all = append(all, Row{k.at, string(k.event), discreet(text)})
	}
	return all
}

// fit makes text that can be kept of what a log says.
func fit(b []byte) string {
	return strings.ToValidUTF8(string(bytes.TrimSpace(b[:min(len(b), maxText)])), "\uFFFD")
}

// discreet leaves out what a logon says: names and passwords may be in it.
// Exchange does not log them; others that write this layout may.
func discreet(text string) string {
	word, rest, _ := strings.Cut(text, " ")
	if !strings.EqualFold(word, "AUTH") && !strings.EqualFold(word, "X-EXPS") {
		return text
	}
	mechanism, secret, _ := strings.Cut(rest, " ")
	if secret == "" {
		return text
	}
	return word + " " + mechanism + " (not kept)"
}
