package collectors

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/latency"
)

const trackingHeader = "#Software: Microsoft Exchange Server\r\n#Version: 15.01.2507.039\r\n#Log-type: Message Tracking Log\r\n#Date: 2026-01-05T00:00:00.000Z\r\n" +
	"#Fields: date-time,client-hostname,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,recipient-address,recipient-status,reference,message-info,custom-data\r\n"

// tracked is a log of these rows, of which each begins with a time of day.
func tracked(rows string) []byte {
	var b strings.Builder
	b.WriteString(trackingHeader)
	for row := range strings.Lines(strings.TrimSpace(rows) + "\n") {
		day := "2026-01-05T"
		if strings.HasPrefix(row, "+") {
			day, row = fmt.Sprintf("2026-01-0%cT", row[1]+5), row[3:]
		}
		if row = strings.TrimSpace(row); row[2] == ':' {
			row = day + row[:8] + ".000Z" + row[8:]
		}
		b.WriteString(row + strings.Repeat(",", max(0, 13-strings.Count(row, ","))) + "\r\n")
	}
	return []byte(b.String())
}

// trafficOf reads logs the way a run does.
func trafficOf(t *testing.T, named map[string][]byte, order ...string) ([]evidence.HopTraffic, string) {
	t.Helper()
	if len(order) == 0 {
		order = slices.Sorted(maps.Keys(named))
	}
	r := reported(t, worldOf(named), map[string]string{"evidence": strings.Join(order, "\n")}, evidence.Traffic)
	all, _ := diag.Value(r, evidence.Traffic)
	return all, gapsOf(r)
}

// hopsSaid tells traffic in one line for each hop.
func hopsSaid(all []evidence.HopTraffic) string {
	var b strings.Builder
	for _, h := range all {
		fmt.Fprintf(&b, "%s > %s: %d, longest %v", h.Server, h.To, h.Count, h.Longest)
		if h.Late > 0 {
			fmt.Fprintf(&b, ", %d late", h.Late)
		}
		if h.Waiting > 0 {
			fmt.Fprintf(&b, ", %d waiting", h.Waiting)
		}
		for _, d := range h.Deferrals {
			fmt.Fprintf(&b, ", %d x %q", d.Count, d.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestTracking: what small logs of Exchange say of the mail that passed.
func TestTracking(t *testing.T) {
	for name, story := range map[string]struct{ rows, want string }{
		"one message passes two servers": {`
			10:00:00,mx.example.com,edge1,,edge1\Default,SMTP,RECEIVE,7,<a@example.com>,bob@contoso.com
			10:00:01,edge1,hub1,,Inbound,SMTP,SEND,7,<a@example.com>,bob@contoso.com
			10:00:01,edge1,hub1,,hub1\Default,SMTP,RECEIVE,7,<a@example.com>,bob@contoso.com
			10:05:01,hub1,mbx1,,,STOREDRIVER,DELIVER,7,<a@example.com>,bob@contoso.com`, `
			edge1 > Inbound: 1, longest 1
			hub1 > mailboxes: 1, longest 300, 1 late`},
		"two minutes are not late": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:02:00,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com
			10:00:00,a,hub1,,,SMTP,RECEIVE,2,<b>,x@example.com
			10:02:01,hub1,b,,C,SMTP,SEND,2,<b>,x@example.com`, `
			hub1 > C: 2, longest 121, 1 late`},
		"put off, then sent": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:01,hub1,,451 4.4.0 DNS query failed,C,QUEUE,DEFER,1,<a>,x@example.com
			10:05:01,hub1,,451 4.4.0 DNS query failed,C,QUEUE,DEFER,1,<a>,x@example.com
			10:10:00,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com`, `
			hub1 > C: 1, longest 600, 1 late, 2 x "451 4.4.0 DNS query failed"`},
		"put off by an agent, which names no next hop": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:01,a,hub1,Malware Agent,,AGENT,DEFER,1,<a>,x@example.com
			10:10:00,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com`, `
			hub1 > C: 1, longest 600, 1 late, 1 x "Malware Agent"`},
		"put off, and the log ends": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:01,hub1,,421 4.3.2 busy 17,C,QUEUE,DEFER,1,<a>,x@example.com
			10:05:01,hub1,,421 4.3.2 busy 18,C,QUEUE,DEFER,1,<a>,x@example.com`, `
			hub1 > C: 0, longest 0, 1 waiting, 2 x "421 4.3.2 busy 17"`},
		"only the word for the reason": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:01,hub1,,,C,QUEUE,DEFER,1,<a>,x@example.com,,,,S:DeferReason=TransientFailure;S:X=1
			10:00:02,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com`, `
			hub1 > C: 1, longest 2, 1 x "TransientFailure"`},
		"one message for three, by two ways": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@contoso.com;y@example.com;z@example.com
			10:00:01,hub1,mbx1,,,STOREDRIVER,DELIVER,1,<a>,x@contoso.com
			10:00:05,hub1,b,,C,SMTP,SEND,1,<a>,y@example.com
			10:09:00,hub1,b,,C,SMTP,SEND,1,<a>,z@example.com`, `
			hub1 > C: 1, longest 5
			hub1 > mailboxes: 1, longest 1`},
		"a group": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,all@contoso.com
			10:00:01,,hub1,,,ROUTING,EXPAND,1,<a>,x@contoso.com;y@example.com
			10:00:02,hub1,mbx1,,,STOREDRIVER,DELIVER,1,<a>,x@contoso.com
			10:09:00,hub1,b,,C,SMTP,SEND,1,<a>,y@example.com`, `
			hub1 > C: 1, longest 540, 1 late
			hub1 > mailboxes: 1, longest 2`},
		"a message is forked": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@contoso.com;y@example.com
			10:00:01,,hub1,,,ROUTING,TRANSFER,2,<a>,y@example.com,,1
			10:00:02,hub1,mbx1,,,STOREDRIVER,DELIVER,1,<a>,x@contoso.com
			10:09:00,hub1,b,,C,SMTP,SEND,2,<a>,y@example.com`, `
			hub1 > C: 1, longest 540, 1 late
			hub1 > mailboxes: 1, longest 2`},
		"still waiting": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:00,a,hub1,,,SMTP,RECEIVE,2,<b>,x@example.com
			10:00:05,hub1,b,,C,SMTP,SEND,2,<b>,x@example.com
			10:02:00,a,hub1,,,SMTP,RECEIVE,3,<c>,x@example.com`, `
			hub1 > C: 1, longest 5
			hub1 > no next hop yet: 0, longest 0, 1 waiting`},
		"the log ends too early to say": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:01:59,a,hub1,,,SMTP,RECEIVE,2,<b>,x@example.com`, ``},
		"given up, dropped, delivered before: nothing waits": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:00,a,hub1,,,SMTP,RECEIVE,2,<b>,x@example.com
			10:00:00,a,hub1,,,SMTP,RECEIVE,3,<c>,x@example.com
			10:00:01,hub1,,,,QUEUE,FAIL,1,<a>,x@example.com
			10:00:01,,hub1,,,AGENT,DROP,2,<b>,x@example.com
			10:00:01,hub1,,,,STOREDRIVER,DUPLICATEDELIVER,3,<c>,x@example.com
			11:00:00,a,hub1,,,SMTP,RECEIVE,4,<d>,x@example.com
			11:00:01,hub1,b,,C,SMTP,SEND,4,<d>,x@example.com`, `
			hub1 > C: 1, longest 1`},
		"shadow copies are no messages": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:00,a,hub1,,,SMTP,HARECEIVE,9,<z>,x@example.com
			10:00:01,hub1,hub2,,Shadow,SMTP,HAREDIRECT,1,<a>,x@example.com
			10:00:02,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com
			10:30:02,hub1,,,,SMTP,HADISCARD,9,<z>,x@example.com
			10:30:03,a,hub1,,,SMTP,RECEIVE,2,<b>,x@example.com`, `
			hub1 > C: 1, longest 2`},
		"SEND before RECEIVE": {`
			10:00:02,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com`, `
			hub1 > C: 1, longest 2`},
		"the same word twice for one departure": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:02,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com
			10:00:02,hub1,b,,C,SMTP,SENDEXTERNAL,1,<a>,x@example.com`, `
			hub1 > C: 1, longest 2`},
		"a name with its domain and without": {`
			10:00:00,a,HUB1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:02,hub1.contoso.com,b,,C,SMTP,SEND,1,<a>,x@example.com`, `
			hub1.contoso.com > C: 1, longest 2`},
		"near miss: two servers that only begin alike": {`
			10:00:00,a,mail.contoso.com,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:00:02,mail.example.com,b,,C,SMTP,SEND,1,<a>,x@example.com`, ``},
		"near miss: an id used again for another message": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			10:09:00,hub1,b,,C,SMTP,SEND,1,<b>,x@example.com`, ``},
		"near miss: it came before the log begins": {`
			10:00:00,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com
			11:00:00,hub1,mbx1,,,STOREDRIVER,DELIVER,2,<b>,x@example.com`, ``},
		"near miss: a piece of the log is missing": {`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
			18:00:00,a,hub1,,,SMTP,RECEIVE,2,<b>,x@example.com
			18:00:01,hub1,b,,C,SMTP,SEND,2,<b>,x@example.com`, `
			hub1 > C: 1, longest 1`},
		"near miss: mail from mailboxes whose leaving is not logged": {`
			10:00:00,a,mbx1,,,STOREDRIVER,RECEIVE,1,<a>,x@example.com
			10:00:01,mbx1,hub1,,,STOREDRIVER,SUBMIT,,<a>,x@example.com
			10:09:00,a,mbx1,,,SMTP,RECEIVE,2,<b>,x@example.com
			10:09:01,mbx1,b,,C,SMTP,SEND,2,<b>,x@example.com`, `
			mbx1 > C: 1, longest 1`},
		"from a mailbox": {`
			10:00:00,mbx1,hub1,,,STOREDRIVER,RECEIVE,1,<a>,x@example.com
			10:00:01,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com`, `
			hub1 > C: 1, longest 1`},
		"submission": {`
			10:00:00,mbx1,mbx1,,,STOREDRIVER,RECEIVE,1,<a>,x@example.com
			10:03:00,mbx1,hub1,,,STOREDRIVER,SUBMIT,1,<a>,x@example.com`, `
			mbx1 > hub1: 1, longest 180, 1 late`},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := trafficOf(t, map[string][]byte{"MSGTRK20260105-1.LOG": tracked(story.rows)})
			if got, want := hopsSaid(all), unindented(story.want); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func unindented(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// manyRows is a log of two servers with so many messages, one in twenty of which
// does not leave.
func manyRows(n int) []string {
	dice := rand.New(rand.NewPCG(7, 7))
	type timed struct {
		at   int
		text string
	}
	var rows []timed
	row := func(at int, format string, args ...any) {
		stamp := fmt.Sprintf("2026-01-05T%02d:%02d:%02d.%03dZ", at/3600000%24, at/60000%60, at/1000%60, at%1000)
		text := stamp + fmt.Sprintf(format, args...)
		rows = append(rows, timed{at, text + strings.Repeat(",", 13-strings.Count(text, ",")) + "\r\n"})
	}
	for i := range n {
		hub, at := fmt.Sprintf("hub%d", 1+i%2), i*900+i%7
		row(at, `,mx,%s,,%s\Default,SMTP,RECEIVE,%d,<m%d@example.com>,a@contoso.com;b@example.com`, hub, hub, i, i)
		at += 1 + dice.IntN(3000)
		row(at, `,%s,mbx1,,,STOREDRIVER,DELIVER,%d,<m%d@example.com>,a@contoso.com`, hub, i, i)
		for dice.IntN(3) == 0 {
			at += 1 + dice.IntN(300_000)
			row(at, `,%s,,451 4.4.1 timed out (%d),To Internet,QUEUE,DEFER,%d,<m%d@example.com>,b@example.com`, hub, i, i, i)
		}
		if dice.IntN(20) > 0 {
			row(at+1+dice.IntN(2000), `,%s,out,,To Internet,SMTP,SEND,%d,<m%d@example.com>,b@example.com`, hub, i, i)
		}
	}
	slices.SortStableFunc(rows, func(a, b timed) int { return a.at - b.at })
	var all []string
	for _, r := range rows {
		all = append(all, r.text)
	}
	return all
}

// placeless is traffic without where it was read, which is all that may differ
// between one file and its parts.
func placeless(all []evidence.HopTraffic) string {
	var list []evidence.HopTraffic
	for _, h := range all {
		h.Where = evidence.Where{}
		h.Deferrals = slices.Clone(h.Deferrals)
		for i := range h.Deferrals {
			h.Deferrals[i].Where = evidence.Where{}
		}
		list = append(list, h)
	}
	return fmt.Sprintf("%+v", list)
}

// TestLogsCutAnywhere: a log says the same, in one file or in two, wherever it
// was cut, in whatever order the files are named, and with a copy of an earlier
// hour beside it.
func TestLogsCutAnywhere(t *testing.T) {
	rows := manyRows(300)
	file := func(rows []string) []byte { return []byte(trackingHeader + strings.Join(rows, "")) }
	all, gap := trafficOf(t, map[string][]byte{"whole": file(rows)})
	want := placeless(all)
	if len(all) < 4 || gap != "" {
		t.Fatal(hopsSaid(all), gap)
	}
	same := func(how string, named map[string][]byte, order ...string) {
		t.Helper()
		if got, _ := trafficOf(t, named, order...); placeless(got) != want {
			t.Errorf("%s:\n%swant\n%s", how, hopsSaid(got), hopsSaid(all))
		}
	}
	for at := 1; at < len(rows); at += 1 + len(rows)/60 {
		named := map[string][]byte{"a": file(rows[at:]), "b": file(rows[:at])}
		same(fmt.Sprintf("cut at row %d", at), named, "a", "b")
		same(fmt.Sprintf("cut at row %d, turned", at), named, "b", "a")
	}
	third := len(rows) / 3
	three := map[string][]byte{"x.zip": zipped(t, part{"2", file(rows[third : 2*third])}, part{"1", file(rows[2*third:])}), "y": file(rows[:third])}
	same("three, two of them in an archive", three)
	copies := map[string][]byte{"at night": file(rows), "at noon": file(rows[:third])}
	same("with a copy of an earlier hour", copies)
}

// TestDamagedTracking: what is damaged is left out, and said.
func TestDamagedTracking(t *testing.T) {
	sound := string(tracked(`
		10:00:00,a,hub1,,,SMTP,RECEIVE,1,<a>,x@example.com
		10:00:02,hub1,b,,C,SMTP,SEND,1,<a>,x@example.com`))
	for name, c := range map[string]struct{ text, said string }{
		"a byte order mark":        {"\uFEFF" + sound, ""},
		"a torn last line":         {sound + "2026-01-05T10:00:03.000Z,a,hub1,,,SM", "ends inside this line"},
		"a line of something else": {strings.Replace(sound, "2026-01-05T10:00:02", "~~~\r\n2026-01-05T10:00:02", 1), "does not begin with a time"},
		"too few columns":          {sound + "2026-01-05T10:00:03.000Z,a,hub1\r\n", "3 fields"},
		"an open quotation mark":   {sound + "2026-01-05T10:00:03.000Z,a,\"hub1\r\n", "never closed"},
		"no such day":              {sound + "2026-13-45T10:00:03.000Z,a,hub1,,,SMTP,RECEIVE,5,<q>,x,,,,\r\n", "without a time"},
		"zero bytes":               {sound + strings.Repeat("\x00", 4096), "zero bytes"},
	} {
		all, _ := trafficOf(t, map[string][]byte{"x.log": []byte(c.text)})
		if got := hopsSaid(all); got != "hub1 > C: 1, longest 2\n" {
			t.Errorf("%s: %s", name, got)
		} else if said := fmt.Sprint(all[0].Problems); (len(all[0].Problems) > 0) != (c.said != "") || !strings.Contains(said, c.said) {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// TestLatencies: what late messages spent where is added up by the way down to it,
// so that an agent is told from its stage. The form of 2010 names no server that
// logged: a total that is not of this wait is of another one.
func TestLatencies(t *testing.T) {
	for info, want := range map[string]string{
		"2026-01-05T10:00:00.000Z;SRV=edge1:TOTAL-HUB=9.000|SMR=9.000;LSRV=hub1:TOTAL-HUB=1800.000|SMR=0.250(SMRDE=0.150)|CAT=1799.000(CATORT=1799.000(CATRT=1799.000(CATRT-Slow Agent=1798.000)))": "Slow Agent in CAT|CATORT|CATRT 1798.000, CATRT in CAT|CATORT 1.000, TOTAL-HUB 0.750, SMRDE in SMR 0.150, SMR 0.100, ",
		"2026-01-05T10:00:00.000Z;SRV=hub1:TOTAL=1800|SMS=1790":             "SMS 1790.000 whole, TOTAL 10.000 whole, ",
		"2026-01-05T10:00:00.000Z;SRV=hub0:TOTAL=300|SMS=300":               "",
		"2026-01-05T10:00:00.000Z;SRV=hub1:TOTAL-HUB=1800.000|QDE=1800.000": "",
		"2026-01-05T10:00:00.000Z;LSRV=hub1:TOTAL-HUB=1800000|QDE=1800000":  "",
		"2026-01-05T10:00:00.000Z":                                          "",
	} {
		all, _ := trafficOf(t, map[string][]byte{"x": tracked(`
			10:00:00,a,hub1,,,SMTP,RECEIVE,1,<late@example.com>,x@example.com
			10:30:00,hub1,mx2,,C,SMTP,SEND,1,<late@example.com>,x@example.com,,,` + info)})
		var b strings.Builder
		for _, p := range all[0].Slow {
			agent, _, _ := latency.Agent(p.Name)
			b.WriteString(cmp.Or(agent, p.Name))
			if p.Within != "" {
				b.WriteString(" in " + p.Within)
			}
			fmt.Fprintf(&b, " %.3f%s, ", p.Total, map[bool]string{true: " whole"}[p.Whole])
		}
		if b.String() != want || all[0].Measured != min(1, len(all[0].Slow)) {
			t.Errorf("%s:\n%s\nwant\n%s", info, b.String(), want)
		}
	}
}

// TestLateOnes: a late passage has its message id and depth, and its parts and its
// peer are counted; none of the prompt ones' are.
func TestLateOnes(t *testing.T) {
	all, _ := trafficOf(t, map[string][]byte{"x": tracked(`
		10:00:00,a,hub1,,,SMTP,RECEIVE,1,<late@example.com>,x@example.com
		10:00:01,a,hub1,,,SMTP,RECEIVE,2,<prompt@example.com>,x@example.com
		10:00:02,hub1,mx1,,C,SMTP,SEND,2,<prompt@example.com>,x@example.com,,,2026-01-05T10:00:00.000Z;LSRV=hub1:TOTAL-HUB=1.000|QDE=1.000
		10:30:00,hub1,mx2,,C,SMTP,SEND,1,<late@example.com>,x@example.com,,,2026-01-05T10:00:00.000Z;LSRV=hub1:TOTAL-HUB=1800.000|QDE=1799.000|CAT=1.000`)})
	if len(all) != 1 || len(all[0].Passages) != 2 {
		t.Fatalf("%+v", all)
	}
	h := all[0]
	if p := h.Passages; p[0].ID != "late@example.com" || p[0].Depth != 0 || p[1].ID != "prompt@example.com" || p[1].Depth != 1 {
		t.Errorf("%+v", p)
	}
	if fmt.Sprint(h.Slow) != "[{QDE  1799 1 false} {CAT  1 1 false}]" || h.Measured != 1 || fmt.Sprint(h.Peers) != "[{mx2 1 1} {mx1 1 0}]" || h.Where.Line != 8 || h.Source != "tracking" {
		t.Errorf("%v %v %v", h.Slow, h.Peers, h.Where)
	}
}

// TestReasonsAreGrouped: numbers, addresses and ids do not part reasons; status
// codes and words do.
func TestReasonsAreGrouped(t *testing.T) {
	same := [][2]string{
		{"451 4.4.0 try 17 of <a@example.com>", "451 4.4.0 try 18 of <b@example.com>"},
		{"connect to mx[192.0.2.1]:25: timed out", "connect to mx[192.0.2.2]:25: timed out"},
		{"[{LRT=1/5/2026 10:00:00};{LED=busy}]", "[{LRT=1/6/2026 11:00:00};{LED=busy}]"},
	}
	for _, c := range same {
		if sameReason(c[0]) != sameReason(c[1]) {
			t.Errorf("%q and %q", sameReason(c[0]), sameReason(c[1]))
		}
	}
	for _, c := range [][2]string{{"451 4.4.0 x", "451 4.4.1 x"}, {"451 x", "421 x"}, {"connect to a: timed out", "connect to b: timed out"}} {
		if sameReason(c[0]) == sameReason(c[1]) {
			t.Errorf("%q: %q", c, sameReason(c[0]))
		}
	}
}
