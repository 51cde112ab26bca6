package collectors

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

const tracking2003Header = "# Message Tracking Log File\r\n# Exchange System Attendant Version 6.5.7638.1\r\n" +
	"# Date\tTime\tClient-IP\tClient-hostname\tPartner-name\tServer-hostname\tServer-IP\tRecipient-address\tEvent-ID\tMSGID\tPriority\tRecipient-report-status\tTotal-bytes\tNumber-recipients\tOrigination-time\tEncryption\tService-version\tLinked-MSGID\tMessage-Subject\tSender-address\r\n"

// tracked2003 is a log of rows "time event id [recipient [partner]]", as Exchange
// 2003 writes it: nothing padded, a blank before the subject, a cell too many.
func tracked2003(rows string) []byte {
	var b strings.Builder
	b.WriteString(tracking2003Header)
	for row := range strings.Lines(unindented(rows)) {
		f := append(strings.Fields(row), "-", "-")
		at, err := time.Parse("15:04:05", f[0])
		if err != nil {
			panic(err)
		}
		stamp := fmt.Sprintf("2010-7-5\t%d:%d:%d GMT", at.Hour(), at.Minute(), at.Second())
		cells := []string{stamp, "10.0.0.9", "client", f[4], "EX03A", "10.0.0.3", f[3], f[1], f[2], "0", "0", "4711", "1", strings.Replace(stamp, "\t", " ", 1), "0", "Version: 6.0.3790.4675", "-", " Hello", "bob@contoso.com", "-"}
		b.WriteString(strings.Join(cells, "\t") + "\r\n")
	}
	return []byte(b.String())
}

// TestTracking2003: what small logs of Exchange 2003 say of the mail that passed.
func TestTracking2003(t *testing.T) {
	const begin = `
			10:00:00 1027 a@contoso.com al@fabrikam.com
			10:00:00 1019 a@contoso.com al@fabrikam.com
			10:00:00 1025 a@contoso.com al@fabrikam.com
			10:00:00 1024 a@contoso.com al@fabrikam.com
			10:00:01 1033 a@contoso.com al@fabrikam.com`
	const later = `
			11:00:00 1019 z@contoso.com ze@fabrikam.com
			11:00:01 1036 z@contoso.com ze@fabrikam.com
			11:00:01 1023 z@contoso.com ze@fabrikam.com
			11:00:01 1028 z@contoso.com ze@fabrikam.com`
	const zed = "\nEX03A > mailboxes: 1, longest 1"
	for name, story := range map[string]struct{ rows, want string }{
		"at once": {begin + `
			10:00:01 1034 a@contoso.com al@fabrikam.com
			10:00:01 1020 a@contoso.com al@fabrikam.com ex07hub.contoso.com
			10:00:02 1031 a@contoso.com al@fabrikam.com ex07hub.contoso.com`, `
			EX03A > ex07hub.contoso.com: 1, longest 2`},
		"after half an hour": {begin + `
			10:00:01 1034 a@contoso.com al@fabrikam.com
			10:30:00 1020 a@contoso.com al@fabrikam.com ex07hub
			10:30:01 1031 a@contoso.com al@fabrikam.com ex07hub`, `
			EX03A > ex07hub: 1, longest 1801, 1 late`},
		"queued, and no word more": {begin + `
			10:00:01 1034 a@contoso.com al@fabrikam.com ex07hub` + later, `
			EX03A > mailboxes: 1, longest 1
			EX03A > ex07hub: 0, longest 0, 1 waiting`},
		"one of two recipients waits": {begin + `
			10:00:01 1036 a@contoso.com bo@contoso.com
			10:00:01 1034 a@contoso.com al@fabrikam.com ex07hub
			10:00:02 1023 a@contoso.com bo@contoso.com
			10:00:02 1028 a@contoso.com bo@contoso.com` + later, `
			EX03A > mailboxes: 2, longest 2
			EX03A > ex07hub: 0, longest 0, 1 waiting`},
		"recipients that rows write in two ways: nobody is left over": {begin + `
			10:00:01 1034 a@contoso.com al@fabrikam.com
			10:00:02 1031 a@contoso.com SMTP:al@fabrikam.com ex07hub` + later, `
			EX03A > ex07hub: 1, longest 2` + zed},
		"put off": {begin + `
			10:00:01 1035 a@contoso.com al@fabrikam.com
			10:00:01 1035 a@contoso.com bo@fabrikam.com
			10:20:00 1035 a@contoso.com al@fabrikam.com
			10:40:00 1034 a@contoso.com al@fabrikam.com
			10:40:01 1031 a@contoso.com al@fabrikam.com ex07hub`, `
			EX03A > ex07hub: 1, longest 2401, 1 late, 2 x "routing is to be tried again (event 1035)"`},
		"the store was not ready": {begin + `
			10:00:01 1036 a@contoso.com al@contoso.com
			10:00:01 1037 a@contoso.com al@contoso.com
			10:10:00 1028 a@contoso.com al@contoso.com`, `
			EX03A > mailboxes: 1, longest 600, 1 late, 1 x "local delivery is to be tried again (event 1037; what it means is from memory)"`},
		"sender and recipient on one server": {`
			10:00:00 1027 a@contoso.com bo@contoso.com
			10:00:03 1000 a@contoso.com bo@contoso.com`, `
			EX03A > mailboxes: 1, longest 3`},
		"returned, bad, given up: nothing waits": {begin + `
			10:00:01 1030 a@contoso.com al@fabrikam.com
			10:00:05 1019 b@contoso.com al@fabrikam.com
			10:00:05 1021 b@contoso.com al@fabrikam.com
			10:00:05 1019 c@contoso.com al@fabrikam.com
			10:00:05 1022 c@contoso.com al@fabrikam.com` + later, zed},
		"near miss: a filter sends it back an hour later, and it leaves at once": {begin + `
			10:00:01 1031 a@contoso.com al@fabrikam.com filter
			11:00:00 1019 a@contoso.com al@fabrikam.com
			11:00:02 1031 a@contoso.com al@fabrikam.com ex07hub`, `
			EX03A > ex07hub: 1, longest 2
			EX03A > filter: 1, longest 1`},
		"near miss: its coming is not in the log": {`
			10:00:00 1031 a@contoso.com al@fabrikam.com ex07hub`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := trafficOf(t, map[string][]byte{"20100705.log": tracked2003(story.rows)})
			if got, want := hopsSaid(all), unindented(story.want); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// TestTries2003: each attempt but the first follows one that came to nothing; the
// rows of several recipients are one.
func TestTries2003(t *testing.T) {
	all, _ := trafficOf(t, map[string][]byte{"x": tracked2003(`
		10:00:00 1019 a@contoso.com al@fabrikam.com
		10:00:00 1019 a@contoso.com bo@fabrikam.com
		10:00:01 1020 a@contoso.com al@fabrikam.com hub
		10:00:01 1020 a@contoso.com bo@fabrikam.com hub
		10:10:01 1020 a@contoso.com al@fabrikam.com hub
		10:20:01 1020 a@contoso.com al@fabrikam.com hub
		10:20:02 1031 a@contoso.com al@fabrikam.com hub`)})
	if len(all) != 1 || len(all[0].Passages) != 1 {
		t.Fatal(hopsSaid(all))
	}
	if p := all[0].Passages[0]; p.Tries != 2 || p.ID != "a@contoso.com" || all[0].Source != sourceTracking2003 || all[0].Late != 1 || p.Left.Sub(p.Came) < evidence.LateFrom {
		t.Errorf("%+v", all[0])
	}
}
