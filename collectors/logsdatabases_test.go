package collectors

import (
	"fmt"
	"testing"
)

// TestDatabasesOfLateMail: of late messages the log is asked for their mailbox
// database; of the others it is not.
func TestDatabasesOfLateMail(t *testing.T) {
	rows := `
06:00:00,mail.example.com,EX01,08D,EX01\Default,SMTP,RECEIVE,1,<a@example.com>,x@contoso.com
06:00:01,EX01,mbx01,,,STOREDRIVER,DELIVER,1,<a@example.com>,x@contoso.com,,,,S:MailboxDatabaseName=DB1;S:Mailboxes=7d1f
06:01:00,mail.example.com,EX01,08D,EX01\Default,SMTP,RECEIVE,2,<b@example.com>,y@contoso.com
06:09:00,EX01,mbx01,,,STOREDRIVER,DELIVER,2,<b@example.com>,y@contoso.com,,,,S:Mailboxes=7d1f;S:MailboxDatabaseName=DB 2
06:02:00,mail.example.com,EX01,08D,EX01\Default,SMTP,RECEIVE,3,<c@example.com>,y@contoso.com
06:19:00,EX01,mbx01,,,STOREDRIVER,DELIVER,3,<c@example.com>,y@contoso.com,,,,S:MailboxDatabaseName=
`
	all, _ := trafficOf(t, map[string][]byte{"track.log": tracked(rows)})
	if got := fmt.Sprint(all[0].To, all[0].Databases); got != "mailboxes[{DB 2 1 1}]" {
		t.Error(got)
	}
}
