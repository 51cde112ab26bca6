package exlog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// commas is the rest of a row of so many fields.
func commas(columns, given int) string { return strings.Repeat(",", columns-given) }

const (
	receiveRow = day1 + `,EX1\Default EX1,08DE0A5C6D7E8F90,9,192.0.2.1:25,198.51.100.7:53722,>,"250 2.1.0 Sender OK, go on",` + "\n"
	sendRow    = day1 + `,To Internet,08DE0A5C6D7E8F91,4,192.0.2.1:5372,198.51.100.7:25,>,EHLO ex1.contoso.com,` + "\n"
	openRow    = day1 + `,组织内 SMTP 发送连接器,08DE0A5C6D7E8F91,0,,198.51.100.7:25,*,,attempting to connect` + "\n"
	connectRow = day1 + `,08DE0A5C6D7E8F91,SMTP,contoso.com,+,DnsConnectorDelivery 5b0c2d1e;QueueLength=3` + "\n"
	row2003    = "2006-8-5\t0:58:14 GMT\t192.0.2.9\tmail\t-\tEX2003\t192.0.2.30\tbob@contoso.com\t1019\tid1@example.com\t0\t-\t4711\t1\t2006-8-5 0:58:12 GMT\t0\tVersion: 6.0.3790.0\t-\t Minutes\tanna@example.com\t-\n"
	head2003   = "# Message Tracking Log File\r\n# Exchange System Attendant Version 6.5.7638.1\r\n# Date\tTime\tclient-ip\tClient-hostname\tPartner-Name\tServer-hostname\tserver-IP\tRecipient-Address\tEvent-ID\tMSGID\tPriority\tRecipient-Report-Status\ttotal-bytes\tNumber-Recipients\tOrigination-Time\tEncryption\tservice-Version\tLinked-MSGID\tMessage-Subject\tSender-Address\r\n"
	headIIS    = "#Software: Microsoft Internet Information Services 6.0\n#Version: 1.0\n#Date: 2006-10-05 23:50:00\n"
	fieldsIIS  = "#Fields: date time c-ip cs-username s-sitename cs-method cs-uri-query sc-status \n"
)

func logType(name, fields string) string {
	return "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: " + name + "\r\n#Fields: " + fields + "\r\n"
}

func trackingRow(columns int) string {
	return day1 + ",192.0.2.1,mail,192.0.2.2,hub,,conn,SMTP,RECEIVE,42,<id@example.com>" + commas(columns, 11) + "\n"
}

func TestSniff(t *testing.T) {
	tests := []struct {
		name, in string
		want     Kind
	}{
		{"empty", "", ""},
		{"tracking header", logType("Message Tracking Log", tracking2007), Tracking},
		{"log-type in other letters", strings.ToUpper(logType("Message Tracking Log", "date-time,event-id")), Tracking},
		{"header cut off", logType("Message Tracking Log", "date-time,clie")[:114], Tracking},
		{"receive", logType("SMTP Receive Protocol Log", protocol) + openRow, Receive},
		{"send", logType("SMTP Send Protocol Log", protocol), Send},
		{"connectivity", logType("Transport Connectivity Log", connectivity), Connectivity},
		{"another log of Exchange", logType("Agent Log", protocol), ""},
		{"by its columns", "#Fields: " + tracking2010 + "\n", Tracking},
		{"2003", head2003, Tracking2003},
		{"2003, names cut off", head2003[:60], Tracking2003},
		{"2007 without header", trackingRow(21), Tracking},
		{"2010 without header", trackingRow(26), Tracking},
		{"2013 without header", trackingRow(27), Tracking},
		{"2016 without header", "half a row,x\n" + trackingRow(30), Tracking},
		{"28 columns without header", trackingRow(28), ""},
		{"30 columns of something", strings.Replace(trackingRow(30), "SMTP", "PUMP", 1), ""},
		{"2003 without header", row2003, Tracking2003},
		{"receive without header", receiveRow, Receive},
		{"send without header", openRow + sendRow, Send},
		{"verbs of SMTP alone give the direction", strings.Replace(sendRow, "EHLO ex1.contoso.com", "PING some host", 1), Protocol},
		{"protocol without direction", openRow, Protocol},
		{"connectivity without header", connectRow, Connectivity},
		{"W3C header", headIIS + fieldsIIS, W3C},
		{"SMTP by its site", headIIS + fieldsIIS + "2006-10-05 23:50:01 192.0.2.7 mail SMTPSVC1 xxxx - 500\n", W3CSMTP},
		{"SMTP by a command", headIIS + fieldsIIS + "2006-10-05 23:50:01 192.0.2.7 mail - EHLO +mail 250\n", W3CSMTP},
		{"SMTP by an outgoing session", headIIS + fieldsIIS + "2006-10-05 23:50:01 192.0.2.7 OutboundConnectionResponse - - 220+hi 0\n", W3CSMTP},
		{"web server", headIIS + fieldsIIS + "2006-10-05 23:50:01 192.0.2.7 - W3SVC1 GET / 200\n", W3C},
		{"table", "date-time,a,b\n" + day1 + ",x,y\n", ""},
		{"blanks", "#Fields: of gold\n", ""},
		{"ldif", "dn: DC=x\n", ""},
		{"syslog", "Jan  2 03:04:05 mx postfix/smtp[1]: 4711: to=<a@example.com>\n", ""},
		{"UTF-16", "\xFF\xFE#\x00S\x00", ""},
		{"binary", "\x1f\x8b\x08\x00\n\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Sniff([]byte(tt.in)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	tests := []struct {
		name, in string
		fields   []string
		want     string
	}{
		{"2003", strings.ReplaceAll(head2003, "Date\tTime", "Date\tTime") + row2003, []string{"Date", "Event-ID", "partner-name", "Message-Subject", "Sender-Address", "event-id", "cost"},
			lines("[tracking-2003]", `4 "2006-8-5" "1019" "" " Minutes" "anna@example.com" "1019" nil`)},
		{"2003 without header, a value too many", row2003 + strings.Replace(row2003, "\t-\n", "\tb\tc\n", 1), []string{"MSGID", "Origination-time"},
			lines("[tracking-2003]", `1 "id1@example.com" "2006-8-5 0:58:12 GMT"`,
				"! 1 no header before this row: its 20 columns are recognised by their shape", "! 2 has 22 fields where the header names 20: left out", "skipped 1")},
		{"2003, quotation marks are text", head2003 + strings.Replace(row2003, " Minutes", `"On time`, 1), []string{"message-subject"},
			lines("[tracking-2003]", `4 "\"On time"`)},
		{"W3C, another header in the middle", headIIS + fieldsIIS + "2006-10-05 23:50:01 192.0.2.7 mail SMTPSVC1 EHLO +mail - \n" +
			headIIS + "#Fields: time cs-method c-ip\n23:51:00 QUIT 192.0.2.7\n", []string{"cs-method", "cs-uri-query", "sc-status"},
			lines("[w3c-smtp]", `5 "EHLO" "+mail" ""`, `10 "QUIT" nil nil`)},
		{"W3C, quotation marks are text", headIIS + fieldsIIS + "2006-10-05 23:50:01 - - - MAIL \"+\" 250\n2006-10-05 23:50:02 - - MAIL 250\n", []string{"cs-uri-query"},
			lines("[w3c-smtp]", `5 "\"+\""`, "! 6 has 6 fields where the header names 8: left out", "skipped 1")},
		{"receive, front cut off", `lt EX1,08DE0A5C6D7E8F90,9` + "\n" + receiveRow, []string{"session-id", "data", "context", "connector-id"},
			lines("[smtp-receive]", `2 "08DE0A5C6D7E8F90" "250 2.1.0 Sender OK, go on" "" "EX1\\Default EX1"`,
				"! 1 no #Fields line before it, and the columns are not clear from its shape: left out",
				"! 2 no header before this row: its 9 columns are recognised by their shape", "skipped 1")},
		{"the direction shows later", "#Fields: " + protocol + "\n" + openRow + sendRow, []string{"event"}, lines("[smtp-protocol]", `2 "*"`, "[smtp-send]", `3 ">"`)},
		{"two files, one behind the other", logType("Transport Connectivity Log", connectivity) + connectRow + "\uFEFF" + logType("SMTP Send Protocol Log", protocol) + sendRow,
			[]string{"direction", "event"}, lines("[connectivity]", `5 "+" nil`, "[smtp-send]", `10 nil ">"`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(strings.NewReader(tt.in), tt.fields...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The layouts differ from version to version as the facts say.
func TestLayouts(t *testing.T) {
	var counts []int
	for _, l := range layouts() {
		counts = append(counts, len(strings.Split(l.columns, ",")))
	}
	if diff := cmp.Diff([]int{21, 26, 27, 30, 9, 6, 20}, counts); diff != "" {
		t.Error(diff)
	}
}
