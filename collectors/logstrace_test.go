package collectors

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// TestTrace: a message trace tells what is on its way, and no more.
func TestTrace(t *testing.T) {
	table := "\"MessageTraceId\",\"Received\",\"MessageId\",\"Status\"\r\n\"1\",\"2/13/2026 10:00:00 AM\",\"<a>\",\"Pending\"\r\n\"2\",\"2/13/2026 10:01:00 AM\",\"<b>\",\"Delivered\"\r\n\"3\",\"2/13/2026 10:20:00 AM\",\"<c>\",\"GettingStatus\"\r\n"
	all, _ := trafficOf(t, map[string][]byte{"x.csv": []byte(table)})
	if hopsSaid(all) != "Exchange Online > no next hop yet: 0, longest 0, 1 waiting\n" || !strings.Contains(fmt.Sprint(all[0].Problems), "1 Delivered, 1 GettingStatus, 1 Pending") || all[0].Where.Line != 2 {
		t.Errorf("%+v", all)
	}
	report := "origin_timestamp_utc,sender_address,recipient_status,message_id\r\n2026-02-13T10:00:00.0000000Z,x@example.com,\"a@contoso.com##Receive, Deliver;b@contoso.com##Receive, Defer\",<a>\r\n" +
		"2026-02-13T10:30:00.0000000Z,x@example.com,\"a@contoso.com##Receive, Deliver\",<b>\r\n"
	all, _ = trafficOf(t, map[string][]byte{"x.csv": wideBytes(report, binary.LittleEndian, true)})
	if hopsSaid(all) != "Exchange Online > no next hop yet: 0, longest 0, 1 waiting\n" {
		t.Errorf("%+v", all)
	}
	if _, gap := trafficOf(t, map[string][]byte{"x.csv": []byte(strings.ReplaceAll(table, "Pending", "Failed"))}); !strings.Contains(gap, "not when they left") {
		t.Error(gap)
	}
}

// FuzzExports: whatever an export, a 2003 log or a trace says, counts fit each
// other and times are in order.
func FuzzExports(f *testing.F) {
	rows := trackedRows(8)
	for _, b := range [][]byte{asCSV(rows, time.UTC, "2/1/2006 15:04"), asList(rows, time.UTC), asCLIXML(rows, time.UTC), asReport(rows), tracked2003("10:00:00 1019 a b\n10:00:01 1034 a b hub\n10:00:01 1032 a b\n10:09:01 1031 a b hub")} {
		f.Add(b)
	}
	f.Add([]byte("MessageTraceId,Received,MessageId,Status\n1,2/13/2026 10:00,x,Pending\n2,3/13/2026 10:00,y,z"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for format, all := range map[string][]evidence.HopTraffic{"": trafficOfAny(t, text), formatTracking2003: trafficAs(t, formatTracking2003, text), formatTrackingCSV: trafficAs(t, formatTrackingCSV, text)} {
			for _, h := range all {
				if h.Late > h.Count || h.Median > h.P95 || h.P95 > h.Longest || len(h.Passages) > h.Count || h.Count > 0 && (h.Last.Before(h.First) || h.Where.File == "") {
					t.Fatalf("%s: %+v", format, h)
				}
				for _, p := range h.Passages {
					if p.Left.Before(p.Came) || p.Depth < 0 {
						t.Fatalf("%s: %+v", format, p)
					}
				}
			}
		}
	})
}

// trafficOfAny reads a file as what it is taken for.
func trafficOfAny(t *testing.T, text []byte) []evidence.HopTraffic {
	return trafficAs(t, recognise(text[:min(len(text), maxHead)]), text)
}

// trafficAs reads a file, and a piece of it, as one format.
func trafficAs(t *testing.T, format string, text []byte) []evidence.HopTraffic {
	if !isLog(format) {
		return nil
	}
	w := worldOf(map[string][]byte{"x": text, "y": text[len(text)/2:]})
	shelf := newExports(t.Context(), w)
	defer shelf.close()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	l := newLedger()
	l.readAll(shelf, inOrder(shelf, []evidence.File{{Path: "x", Format: format}, {Path: "y", Format: format}}, evidence.TimeZone{}, now), now)
	return l.done()
}
