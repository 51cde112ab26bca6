package cmdlet

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"mailflow/internal/charset"
)

// sheet reads Export-Csv: a line "#TYPE class" that can be missing, the names of
// the properties, and a row for each object.
type sheet struct {
	rows
	journal *journal
	draft   draft
	class   string
	names   []string // of the columns, "" for one that is left out
	lossy   []bool   // the column was reported to hold names of classes
	yield   func(*Object) bool
}

func readCSV(r io.Reader, j *journal, yield func(*Object) bool) {
	s := &sheet{rows: rows{in: charset.NewReader(r), separator: ','}, journal: j, draft: draft{journal: j}, yield: yield}
	if s.header() {
		for s.next() && s.row() {
		}
	}
	if s.err != nil && s.err != io.EOF {
		j.add(s.line, "reading stopped: "+s.err.Error())
	}
	j.close(s.line)
}

// header reads what stands above the rows.
func (s *sheet) header() bool {
	for s.next() {
		class, typed := bytes.CutPrefix(bytes.TrimSpace(s.record), []byte("#TYPE "))
		switch {
		case typed:
			s.class = typeName(string(charset.UTF8(class)))
			continue
		case len(bytes.TrimSpace(s.record)) == 0 && !s.long:
			continue
		case s.long || s.open:
			s.journal.add(s.at, "the line with the names of the columns is damaged: nothing can be read")
			return false
		}
		s.columns()
		return true
	}
	s.journal.add(1, "no line with the names of the columns: not what Export-Csv writes")
	return false
}

func (s *sheet) columns() {
	s.separator = separator(s.record)
	s.split()
	for _, field := range s.fields {
		name := strings.TrimSpace(string(charset.UTF8(field)))
		if name == "" || len(s.names) == maxProps {
			s.journal.add(s.at, "a column without a name, or one too many: left out")
			name = ""
		}
		s.names = append(s.names, name)
	}
	if class := viewerList(s.names); class != "" {
		s.class, s.names = class, viewerNames(s.names)
	}
	s.lossy = make([]bool, len(s.names))
}

// separator finds what parts the columns: Export-Csv -UseCulture takes what the
// language of the computer has in lists, often a semicolon.
func separator(header []byte) byte {
	best, most := byte(','), 0
	for _, c := range []byte{',', ';', '\t'} {
		n, inside := 0, false
		for _, b := range header {
			if b == '"' {
				inside = !inside
			} else if b == c && !inside {
				n++
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	return best
}

// row makes an object of a row. False: nobody wants more.
func (s *sheet) row() bool {
	switch {
	case s.long:
		s.journal.add(s.at, "longer than 4 MiB: left out")
		return true
	case s.open:
		s.journal.add(s.at, "a quotation mark is never closed: the object on this line is left out")
		return true
	case len(s.record) == 0:
		return true
	}
	if bytes.HasPrefix(s.record, []byte("#TYPE ")) { // one export behind the other
		s.class, s.names = typeName(string(charset.UTF8(s.record[len("#TYPE "):]))), nil
		return s.header()
	}
	torn := !s.whole && !bytes.HasSuffix(s.record, []byte(`"`))
	s.split()
	if len(s.fields) != len(s.names) {
		s.journal.add(s.at, fmt.Sprintf("%d fields under %d columns: the object is left out", len(s.fields), len(s.names)))
		return true
	}
	if s.heading() {
		return true
	}
	s.draft.begin(s.at)
	s.draft.object.Type = s.class
	for i, name := range s.names {
		if name != "" {
			s.cell(i, name)
		}
	}
	o := s.draft.finish()
	if torn && o != nil {
		s.journal.add(s.at, "the file ends inside this line; its value may be cut short")
		o.Props[len(o.Props)-1].Lost = true
	}
	return o == nil || s.yield(o)
}

// heading says that the names of the columns stand here once more.
func (s *sheet) heading() bool {
	for i, field := range s.fields {
		if name := strings.TrimSpace(string(field)); name != s.names[i] && viewerTitle(name) == "" {
			return false
		}
	}
	return true
}

// cell reads a field.
func (s *sheet) cell(i int, name string) {
	text := string(charset.UTF8(s.fields[i]))
	s.draft.grow(len(text))
	p := fromText(name, text)
	if p.Null && !s.lossy[i] {
		s.journal.add(s.at, fmt.Sprintf("column %s holds the name of a type instead of values: export with Export-Clixml", shown(name)))
		s.lossy[i] = true
	}
	s.draft.add(p)
}
