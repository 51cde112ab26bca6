package collectors

import (
	"strings"
	"testing"
)

// TestLogsAreRecognised: each log by its content.
func TestLogsAreRecognised(t *testing.T) {
	table := func(kind, fields string) string {
		return "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: " + kind + "\r\n#Fields: " + fields + "\r\n"
	}
	session := "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"
	for text, want := range map[string]string{
		trackingHeader: "message tracking",
		table("SMTP Receive Protocol Log", session):                                                                                                 "smtp receive log",
		table("SMTP Send Protocol Log", session):                                                                                                    "smtp send log",
		table("Transport Connectivity Log", "date-time,session,source,Destination,direction,description"):                                           "connectivity log",
		"# Message Tracking Log File\r\n# Exchange System Attendant Version 6.5.7638.1\r\n# Date\tTime\tClient-IP\r\n":                              "message tracking 2003",
		"#Software: Microsoft Internet Information Services 6.0\r\n#Fields: time c-ip s-sitename cs-method\r\n10:00:00 192.0.2.1 SMTPSVC1 EHLO\r\n": "smtp service log",
		"#Software: Microsoft Internet Information Services 6.0\r\n#Fields: time c-ip s-sitename cs-method\r\n10:00:00 192.0.2.1 W3SVC1 GET\r\n":    ": no reader here knows this format yet",
		"Jan  5 10:00:00 mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]\n":                                                                       "postfix log",
		"Jan  5 10:00:00 mx sshd[1]: Accepted publickey for root\n":                                                                                 ": no reader here knows this format yet",
	} {
		f := walked(t.Context(), worldOf(map[string][]byte{"x": []byte(text)}), "x")[0]
		if got := strings.TrimSuffix(f.Format+": "+f.Unread, ": "); got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
}

// TestNoLogs: evidence without a log, or with one that says nothing of use, says
// what was looked for.
func TestNoLogs(t *testing.T) {
	for text, want := range map[string]string{
		"Name : x\r\n": "none of the evidence files is a log",
		string(tracked("10:00:00,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com")): "x has 1 rows, and none of them",
	} {
		if _, gap := trafficOf(t, map[string][]byte{"x": []byte(text)}); !strings.Contains(gap, want) {
			t.Errorf("%q: %s", text, gap)
		}
	}
}

// TestNearlyEvidence: a file that is nearly what is read says what makes it so, and
// one that looks like it does not.
func TestNearlyEvidence(t *testing.T) {
	log := string(tracked("10:00:00,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com"))
	mac := strings.ReplaceAll(strings.ReplaceAll(log, "\r\n", "\n"), "\n", "\r")
	var wide strings.Builder
	wide.WriteString("\xff\xfe")
	for _, r := range mac {
		wide.WriteString(string([]byte{byte(r), 0}))
	}
	for text, want := range map[string]string{
		mac: "lines of it end with CR only", wide.String(): "lines of it end with CR only", mac + "\n": "lines of it end with CR only",
		"a letter\rwith such lines\r": unknownFormat, "no end": unknownFormat, strings.ReplaceAll(mac, "\r", "\r\r\n"): "",
		"ElfFile\x00\x00\x00": "a binary event log: export it", "\x30\x00\x00\x00LfLe\x01": "a binary event log: export it",
		"<?xml version=\"1.0\"?>\n<report xmlns=\"urn:mailflow:report:1\" version=\"1\">": "a report of mailflow", "{\n  \"schema\": \"mailflow-report/1\",": "a report of mailflow",
		"{\"at\":\"2026-11-22T23:20:43Z\",\"opened\":{\"schema\":\"mailflow-case/1\"": "a report of mailflow", "<!DOCTYPE html>\n<title>mailflow report 1": "a report of mailflow", "<!DOCTYPE html>\n<title>report": unknownFormat,
	} {
		f := walked(t.Context(), worldOf(map[string][]byte{"x": []byte(text)}), "x")[0]
		if !strings.HasPrefix(f.Unread, want) || want == "" && f.Unread != "" {
			t.Errorf("%.40q is not read: %s", text, f.Unread)
		}
	}
}
