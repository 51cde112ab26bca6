package queuelist

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestArrivedAt(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	near := time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)
	winter := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name, text string
		near       time.Time
		want       string
	}{
		{"the day itself", "Sun Nov 22 19:53:36", near, "2026-11-22T19:53:36+01:00"},
		{"a second too late", "Sun Nov 22 20:00:01", near, ""},
		{"at that moment", "Sun Nov 22 20:00:00", near, "2026-11-22T20:00:00+01:00"},
		{"last year", "Tue Dec 30 23:59:59", winter, "2025-12-30T23:59:59+01:00"},
		{"another weekday", "Mon Nov 17 10:02:11", near, ""},
		{"Sendmail", "Tue Nov 17 10:02", near, "2026-11-17T10:02:00+01:00"},
		{"Sendmail -v, without a weekday", "Nov 17 10:02", near, "2026-11-17T10:02:00+01:00"},
		{"blanks", "Sat Nov  7 10:02:11", near, "2026-11-07T10:02:11+01:00"},
		{"a leap day", "Feb 29 10:02", near, "2024-02-29T10:02:00+01:00"},
		{"a leap day and its weekday", "Thu Feb 29 10:02:11", near, "2024-02-29T10:02:11+01:00"},
		{"no such day", "Feb 30 10:02", near, ""},
		{"no such hour", "Sun Mar 29 02:30:00", near, ""},
		{"an hour that came twice", "Sun Oct 25 02:30:00", near, ""},
		{"the hour before", "Sun Oct 25 01:59:59", near, "2026-10-25T01:59:59+02:00"},
		{"the hour behind", "Sun Oct 25 03:00:00", near, "2026-10-25T03:00:00+01:00"},
		{"nothing", "", near, ""},
		{"no month", "Tue Foo 17 10:02:11", near, ""},
		{"no time", "Tue Nov 17 25:02:11", near, ""},
	}
	for _, tt := range tests {
		got := ""
		if at, ok := (&Message{ArrivedText: tt.text}).ArrivedAt(tt.near, berlin); ok {
			got = at.Format(time.RFC3339)
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if at, ok := (&Message{Arrived: near, ArrivedText: "x"}).ArrivedAt(winter, berlin); !ok || !at.Equal(near) {
		t.Error("a time that is known:", at, ok)
	}
}

func TestSniff(t *testing.T) {
	prompt := "[root@mx ~]# whatever\n\n"
	exim := "25m  2.9K 1vLM5i-0000c8-00 <anna@contoso.com>\n"
	tests := []struct {
		name, in string
		want     Format
	}{
		{"nothing", "", ""},
		{"a prompt", prompt, ""},
		{"postqueue -j", prompt + first, PostqueueJSON},
		{"postqueue -j, cut", first[:100], PostqueueJSON},
		{"jq", jqed, PostqueueJSON},
		{"jq -s", "[\n" + jqed, PostqueueJSON},
		{"UTF-16", wide(first), PostqueueJSON},
		{"other JSON", `{"id": 1}`, ""},
		{"Postfix", prompt + postfixListing, PostfixMailq},
		{"Postfix without heading", postfixListing[68:], PostfixMailq},
		{"Postfix, the end", "   bob@example.com\n\n-- 23 Kbytes in 5 Requests.\n", PostfixMailq},
		{"Postfix, empty", "Mail queue is empty\n", PostfixMailq},
		{"Sendmail", prompt + sendmailListing, SendmailMailq},
		{"Sendmail, empty", "/var/spool/mqueue is empty\n\t\tTotal requests: 0\n", SendmailMailq},
		{"Sendmail without heading", "6AH9xqLm004321X     27 Tue Nov 17 09:59 <anna@contoso.com>\n", SendmailMailq},
		{"Exim", prompt + exim, EximBP},
		{"Exim's log", "2025-11-18 11:45:42 1vLM5i-0000c8-00 <= anna@contoso.com\n", ""},
		{"Postfix's log", "Nov 17 10:02:11 mx postfix/qmgr[123]: 1A2B3C4D5E: from=<anna@contoso.com>, size=1423, nrcpt=1 (queue active)\n", ""},
		{"ls -l", "-rw-r--r-- 1 root root 1423 Nov 17 10:02 file\n", ""},
		{"a mail", "From: anna@contoso.com\nDate: Tue, 17 Nov 2026 10:02:11 +0100\n\nMy mailq is empty.\n", ""},
		{"binary", "\x1f\x8b\x08\x00\xff", ""},
	}
	for _, tt := range tests {
		if got := Sniff([]byte(tt.in)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
