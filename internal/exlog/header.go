package exlog

import (
	"bytes"
	"slices"
	"strings"
)

// heading reads a line that begins with a number sign: of a header, or a comment.
func (r *Reader) heading(line []byte) {
	r.heads++
	if len(line) > maxHeader {
		r.doubt(r.line, "a header line of %d bytes is not read", int64(len(line)))
		return
	}
	text := strings.TrimSpace(string(line[1:]))
	name, value, _ := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	switch h := &r.header; strings.ToLower(name) {
	case "software":
		*h = Header{Software: value, Kind: h.Kind, Fields: h.Fields}
	case "version":
		h.Version = value
	case "log-type":
		h.LogType = value
	case "date":
		h.Date = value
		r.days.restart(value)
	case "fields":
		r.fields(value)
	default:
		r.heading2003(text)
	}
}

// heading2003 reads the header of Exchange 2000 and 2003, which has no "#Fields:"
// (KB 246965, and the header shown in Exchange 2003's own documentation).
func (r *Reader) heading2003(text string) {
	switch {
	case strings.EqualFold(text, "Message Tracking Log File"):
		r.header = Header{Kind: Tracking2003, LogType: text}
		r.columns = 0
	case strings.HasPrefix(text, "Exchange System Attendant Version"):
		r.header.Software = text
	case strings.HasPrefix(strings.ToLower(text), "date\ttime\t"):
		r.table(strings.Split(text, "\t"), "\t")
	}
}

// fields reads the names of the columns: with commas between them from Exchange,
// with blanks from other services.
func (r *Reader) fields(value string) {
	names := strings.Split(strings.TrimRight(value, ", "), ",")
	if len(names) > 1 {
		r.table(names, ",")
	} else {
		r.table(strings.Fields(value), " ")
	}
}

// table takes a new header over.
func (r *Reader) table(names []string, sep string) {
	if len(names) == 0 || len(names) > maxColumns {
		r.doubt(r.line, "%d columns: this header is not used, and the rows below it are left out", int64(len(names)))
		names = nil
	}
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	r.header.Fields, r.header.Guessed = names, false
	r.header.Kind = kindOf(r.header, sep)
	r.sep, r.quotes, r.dash = []byte(sep), sep == ",", sep != ","
	r.columns, r.looked = len(names), 0
	r.locate()
}

// locate finds the columns that are needed, and with them how far rows are split.
func (r *Reader) locate() {
	names := r.header.Fields
	r.stamped = r.quotes && len(names) > 0 && strings.EqualFold(names[0], "date-time")
	r.date, r.clock = column(names, "date"), column(names, "time")
	if r.stamped {
		r.date = 0
	}
	r.cols = r.cols[:0]
	for _, name := range r.want {
		r.cols = append(r.cols, column(names, name))
	}
	if len(r.want) == 0 {
		for c := range names { // not by name: two columns may have the same
			r.cols = append(r.cols, int32(c))
		}
	}
	r.soon = max(0, int(r.date)+1, int(r.clock)+1)
	for _, c := range r.cols[:min(r.often, len(r.cols))] {
		r.soon = max(r.soon, int(c)+1)
	}
	if r.unsettled() {
		r.soon = r.columns
	} else {
		r.looked = maxUnsettled
	}
}

// column finds a column by its name, -1 for none.
func column(names []string, name string) int32 {
	return int32(slices.IndexFunc(names, func(s string) bool { return strings.EqualFold(s, name) }))
}

// kindOf tells the kind of a table: by what it calls itself, else by columns
// that no other kind has.
func kindOf(h Header, sep string) Kind {
	has := func(names ...string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return column(h.Fields, name) < 0 })
	}
	switch strings.ToLower(h.LogType) {
	case "message tracking log":
		return Tracking
	case "smtp receive protocol log":
		return Receive
	case "smtp send protocol log":
		return Send
	case "transport connectivity log":
		return Connectivity
	}
	switch {
	case sep == "\t":
		return Tracking2003
	case sep == " " && has("time") && (has("cs-method") || has("c-ip")):
		return W3C
	case h.LogType != "" || sep != ",":
		return ""
	case has("date-time", "event-id", "internal-message-id", "message-id"):
		return Tracking
	case has("date-time", "connector-id", "session-id", "sequence-number", "event", "data"):
		return Protocol
	case has("date-time", "session", "source", "destination", "direction", "description"):
		return Connectivity
	}
	return ""
}

// unsettled says that rows have to show the kind.
func (r *Reader) unsettled() bool {
	return r.looked < maxUnsettled && (r.header.Kind == W3C || r.header.Kind == Protocol)
}

// settle looks at a row for what the header does not tell.
func (r *Reader) settle() {
	switch r.looked++; r.header.Kind {
	case W3C:
		r.header.Kind = r.service()
	case Protocol:
		r.header.Kind = r.direction()
	}
	if !r.unsettled() {
		r.locate() // rows need not be split as a whole any more
	}
}

func (r *Reader) named(name string) []byte {
	if c := column(r.header.Fields, name); c >= 0 {
		return r.cell(c)
	}
	return nil
}

// service tells the SMTP service from others by its instance, by the commands
// that only SMTP has, or by the two names it gives to outgoing sessions.
func (r *Reader) service() Kind {
	switch strings.ToUpper(string(r.named("cs-method"))) {
	case "HELO", "EHLO", "MAIL", "RCPT", "RSET", "QUIT", "BDAT", "XEXCH50":
		return W3CSMTP
	}
	user := r.named("cs-username")
	if bytes.HasPrefix(bytes.ToUpper(r.named("s-sitename")), []byte("SMTPSVC")) ||
		string(user) == "OutboundConnectionCommand" || string(user) == "OutboundConnectionResponse" {
		return W3CSMTP
	}
	return W3C
}

// direction tells who opened the sessions of a protocol log: in both ">" is what
// this server says, and only a server that was called answers with a reply code.
func (r *Reader) direction() Kind {
	data := r.named("data")
	switch {
	case string(r.named("event")) != ">" || len(data) < 4:
		return Protocol
	case len(bytes.Trim(data[:3], "0123456789")) == 0 && (data[3] == ' ' || data[3] == '-'):
		return Receive
	case verb(data):
		return Send
	}
	return Protocol
}

// verb recognises the command that opens an SMTP session or a mail.
func verb(data []byte) bool {
	word, _, _ := bytes.Cut(data, []byte(" "))
	switch strings.ToUpper(string(word)) {
	case "EHLO", "HELO", "MAIL", "RCPT", "STARTTLS", "X-ANONYMOUSTLS", "QUIT":
		return true
	}
	return false
}
