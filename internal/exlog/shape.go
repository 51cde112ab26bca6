package exlog

import (
	"bytes"
	"slices"
	"strings"
)

// Sniff tells from its first kilobytes what a log is; "" for anything else.
func Sniff(start []byte) Kind {
	start = start[:min(len(start), bufferSize)]
	r := newReader(bytes.NewReader(start), nil, len(start)+1)
	for r.Next() && r.unsettled() {
	}
	return r.header.Kind
}

// A layout is a table whose rows are known by their shape alone.
type layout struct {
	sep     byte
	columns string // their names
	fits    func(cells []string) bool
}

// The columns of message tracking grew with the versions: 21 in 2007, 26 in
// 2010, 27 in 2013, 30 since 2016 (knowledge/evidence-formats.md, section 2).
const (
	tracking2007 = "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info"
	tracking2010 = tracking2007 + ",directionality,tenant-id,original-client-ip,original-server-ip,custom-data"
	tracking2003 = "Date,Time,Client-IP,Client-hostname,Partner-name,Server-hostname,Server-IP,Recipient-address,Event-ID,MSGID,Priority,Recipient-report-status,Total-bytes,Number-recipients,Origination-time,Encryption,Service-version,Linked-MSGID,Message-Subject,Sender-address"
	protocol     = "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"
	connectivity = "date-time,session,source,Destination,direction,description"
)

func layouts() []layout {
	tracking2013 := strings.Replace(tracking2010, ",message-id,", ",message-id,network-message-id,", 1)
	return []layout{
		{',', tracking2007, isTracking},
		{',', tracking2010, isTracking},
		{',', tracking2013, isTracking},
		{',', tracking2013 + ",transport-traffic-type,log-id,schema-version", isTracking},
		{',', protocol, isProtocol},
		{',', connectivity, isConnectivity},
		{'\t', tracking2003, is2003},
	}
}

// guess finds the layout of a file that was cut off at its front.
func (r *Reader) guess(row []byte) bool {
	if row[0]-'0' > 9 {
		return false // all of them begin with a date
	}
	commas, tabs := plain(row, ','), plain(row, '\t')
	if n := len(tabs) - 1; n > 0 && tabs[n] == "-" {
		tabs = tabs[:n] // seen: one cell more than there are names
	}
	for _, l := range layouts() {
		cells := commas
		if l.sep == '\t' {
			cells = tabs
		}
		names := strings.Split(l.columns, ",")
		if len(cells) == len(names) && l.fits(cells) {
			r.table(names, string(l.sep))
			r.header.Guessed = true
			r.doubt(r.line, "no header before this row: its %d columns are recognised by their shape", int64(len(names)))
			return true
		}
	}
	return false
}

// plain splits a row as its layout does, with the quotation marks left on.
func plain(row []byte, sep byte) []string {
	s := splitter{sep: []byte{sep}, quotes: sep == ',', soon: maxColumns}
	text := append(bytes.Clone(row), make([]byte, block)...)
	if s.split(text, 0, len(row)) != whole || s.count >= maxColumns {
		return nil
	}
	cells := make([]string, s.count+1)
	for i := range cells {
		from, to := s.bounds(i)
		cells[i] = string(text[from:to])
	}
	return cells
}

func isTracking(cells []string) bool {
	sources := []string{"ADMIN", "AGENT", "APPROVAL", "BOOTLOADER", "DNS", "DSN", "GATEWAY", "MAILBOXRULE", "MEETINGMESSAGEPROCESSOR",
		"ORAR", "PICKUP", "POISONMESSAGE", "PUBLICFOLDER", "QUEUE", "REDUNDANCY", "RESOLVER", "ROUTING", "SAFETYNET", "SMTP", "STOREDRIVER"}
	return isTime(cells[0]) && slices.Contains(sources, cells[7]) && cells[8] != "" && strings.Trim(cells[8], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func isProtocol(cells []string) bool {
	return isTime(cells[0]) && isHex(cells[2]) && len(cells[6]) == 1 && strings.Contains("+-<>*", cells[6])
}

func isConnectivity(cells []string) bool {
	return isTime(cells[0]) && isHex(cells[1]) && len(cells[4]) == 1 && strings.Contains("+->*", cells[4])
}

func is2003(cells []string) bool {
	_, ok := ParseDateTime([]byte(cells[0]), []byte(cells[1]))
	return ok && strings.HasSuffix(cells[1], " GMT") && cells[8] != "" && strings.Trim(cells[8], "0123456789") == ""
}

func isTime(s string) bool {
	_, ok := ParseTime([]byte(s))
	return ok
}

// isHex recognises the name of a session, 16 hexadecimal digits.
func isHex(s string) bool { return len(s) == 16 && strings.Trim(s, "0123456789ABCDEFabcdef") == "" }
