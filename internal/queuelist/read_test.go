package queuelist

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

func text(all ...string) string { return strings.Join(all, "\n") + "\n" }

// show tells what a reader makes of a listing, problems where they come.
func show(r io.Reader, f Format) string {
	var b strings.Builder
	var s Summary
	for m := range Messages(r, f, &s, func(p Problem) { fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What) }) {
		fmt.Fprintf(&b, "%d %s", m.Line, m.ID)
		if m.Queue != "" {
			fmt.Fprintf(&b, " %s", m.Queue)
		}
		if !m.Arrived.IsZero() {
			fmt.Fprintf(&b, " %s", m.Arrived.Format(time.RFC3339))
		}
		if m.ArrivedText != "" {
			fmt.Fprintf(&b, " (%s)", m.ArrivedText)
		}
		if m.AgeSeconds >= 0 {
			fmt.Fprintf(&b, " %ds±%s", m.AgeSeconds, m.AgeGrain)
		}
		fmt.Fprintf(&b, " %dB <%s>%s\n", m.Size, m.Sender, tilde(m.SenderCut))
		for _, r := range m.Recipients {
			fmt.Fprintf(&b, "  %s%s", r.Address, tilde(r.Cut))
			if r.Delivered {
				b.WriteString(" delivered")
			}
			if r.Reason != "" {
				fmt.Fprintf(&b, " = %s", r.Reason)
			}
			b.WriteString("\n")
		}
		if m.More > 0 {
			fmt.Fprintf(&b, "  and %d\n", m.More)
		}
	}
	if s.Said {
		fmt.Fprintf(&b, "total %d, %dB\n", s.Requests, s.Bytes)
	}
	return b.String()
}

func tilde(cut bool) string {
	if cut {
		return "~"
	}
	return ""
}

type listing struct{ name, in, want string }

func check(t *testing.T, f Format, tests []listing) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(strings.NewReader(tt.in), f)); diff != "" {
				t.Fatal(diff)
			}
			for form, r := range map[string]io.Reader{
				"byte by byte":       iotest.OneByteReader(strings.NewReader(tt.in)),
				"with CRLF":          strings.NewReader(strings.ReplaceAll(tt.in, "\n", "\r\n")),
				"in UTF-16":          strings.NewReader(wide(tt.in)),
				"with a UTF-8 mark":  strings.NewReader("\uFEFF" + tt.in),
				"with data and EOF":  iotest.DataErrReader(strings.NewReader(tt.in)),
				"with blanks behind": strings.NewReader(strings.ReplaceAll(tt.in, "\n", "  \n")),
			} {
				if diff := cmp.Diff(tt.want, show(r, f)); diff != "" {
					t.Error(form, diff)
				}
			}
		})
	}
}

func wide(s string) string {
	b := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

const postfixListing = `-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------
1A2B3C4D5E*    1423 Tue Nov 17 10:02:11  anna@contoso.com
                                         bob@example.com

2B3C4D5E6F!     900 Sat Nov  7 08:00:00  MAILER-DAEMON
                                         "odd name"@example.com

3C4D5E6F70     2048 Mon Nov 16 23:59:59  list@contoso.com
(host mx1.example.com[192.0.2.25] said: 451 4.7.1 Greylisted (come back (later)) (in reply to RCPT TO command))
                                         carl@example.com
                                         dora@example.com
                       (connect to mx2.example.com[198.51.100.7]:25: Connection timed out)
                                         emil@sub.example.com
                                                        (reason unavailable)
                                         fred@contoso.com

-- 4 Kbytes in 3 Requests.
`

const postfixMessages = `2 1A2B3C4D5E active (Tue Nov 17 10:02:11) 1423B <anna@contoso.com>
  bob@example.com
5 2B3C4D5E6F hold (Sat Nov  7 08:00:00) 900B <MAILER-DAEMON>
  "odd name"@example.com
8 3C4D5E6F70 (Mon Nov 16 23:59:59) 2048B <list@contoso.com>
  carl@example.com = host mx1.example.com[192.0.2.25] said: 451 4.7.1 Greylisted (come back (later)) (in reply to RCPT TO command)
  dora@example.com = host mx1.example.com[192.0.2.25] said: 451 4.7.1 Greylisted (come back (later)) (in reply to RCPT TO command)
  emil@sub.example.com = connect to mx2.example.com[198.51.100.7]:25: Connection timed out
  fred@contoso.com
total 3, 4096B
`

// numbered moves the numbers of the lines in a result.
func numbered(want string, by int) string {
	var b strings.Builder
	for line := range strings.Lines(want) {
		rest := strings.TrimPrefix(line, "! ")
		var n int
		if _, err := fmt.Sscanf(rest, "%d ", &n); err == nil && rest[0] != ' ' {
			line = line[:len(line)-len(rest)] + strings.Replace(rest, fmt.Sprint(n), fmt.Sprint(n+by), 1)
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestPostfixMailq(t *testing.T) {
	head := "1A2B3C4D5E     1423 Tue Nov 17 10:02:11  anna@contoso.com\n"
	read := "1 1A2B3C4D5E (Tue Nov 17 10:02:11) 1423B <anna@contoso.com>\n"
	indent := strings.Repeat(" ", 41)
	one := "\n-- 1 Kbytes in 1 Request.\n"
	check(t, PostfixMailq, []listing{
		{"nothing", "", ""},
		{"empty queue", "Mail queue is empty\n", "total 0, 0B\n"},
		{"short ids", postfixListing, postfixMessages},
		{"in a terminal", "root@mail:~# mailq\n" + postfixListing + "root@mail:~# \n", numbered(postfixMessages, 1)},
		{"two servers", "[root@mx1 ~]# mailq\nMail queue is empty\n[root@mx2 ~]# mailq\n" + postfixListing + "[root@mx2 ~]# date\nSun Nov 22 2026\n", numbered(postfixMessages, 3)},
		{"while Postfix is down", "postqueue: warning: Mail system is down -- accessing queue directly (Connect to the Postfix showq service: No such file or directory)\n" + postfixListing, numbered(postfixMessages, 1)},
		{"long ids", text("----Queue ID-----  --Size-- ---Arrival Time---- --Sender/Recipient------",
			"4dRs8h2JpXz3Ng1*       512 Tue Nov 17 10:02:11 anna@contoso.com", indent+"      bob@example.com", "",
			"4dRs8h2JpXz3Ng2!#  1048576 Tue Nov 17 10:02:12 anna@contoso.com", indent+"      bob@example.com", "", "-- 1024 Kbytes in 2 Requests."),
			text("2 4dRs8h2JpXz3Ng1 active (Tue Nov 17 10:02:11) 512B <anna@contoso.com>", "  bob@example.com",
				"5 4dRs8h2JpXz3Ng2 hold (Tue Nov 17 10:02:12) 1048576B <anna@contoso.com>", "  bob@example.com", "total 2, 1048576B")},
		{"without indentation", head + "(timed out)\nbob@example.com\ncarl@[192.0.2.1]\nroot@mail:~#\n" + one,
			read + "  bob@example.com = timed out\n  carl@[192.0.2.1] = timed out\n! 5 this line breaks a message off: what follows of the message is left out\ntotal 1, 1024B\n"},
		{"a folded reason", head + "(host mx.example.com[192.0.2.25] said:\n  451 4.3.0 try\nagain later)\n" + indent + "bob@example.com\n" + one,
			read + "  bob@example.com = host mx.example.com[192.0.2.25] said: 451 4.3.0 try again later\ntotal 1, 1024B\n"},
		{"a reason without end", head + "(host mx.example.com\n" + indent + "bob@example.com\n" + one,
			"! 2 the reason has no closing parenthesis; its end may be missing\n" + read + "  bob@example.com = host mx.example.com\ntotal 1, 1024B\n"},
		{"a damaged first line", "1A2B3C4D5E     14x3 Tue Nov 17\n" + indent + "bob@example.com\n\n" + head + indent + "carl@example.com\n\n-- 1 Kbytes in 2 Requests.\n",
			"! 1 the first line of a message cannot be read: the message is left out\n" + numbered(read, 3) + "  carl@example.com\ntotal 2, 1024B\n"},
		{"a lost first line", head + indent + "bob@example.com\n\n" + indent + "carl@example.com\n" + indent + "dora@example.com\n\n-- 1 Kbytes in 2 Requests.\n",
			read + "  bob@example.com\n! 4 lines of a message without its first line: left out\n! 7 the total says 2 messages, the listing above it has 1\ntotal 2, 1024B\n"},
		{"a line that is nothing", head + indent + "what is this\n" + indent + "bob@example.com\n" + one,
			"! 2 neither a recipient nor a reason: left out\n" + read + "  bob@example.com\ntotal 1, 1024B\n"},
		{"no total", head + indent + "bob@example.com\n", read + "  bob@example.com\n! 2 the listing ends without its total: messages may be missing\n"},
		{"torn in a recipient", head + indent + "bob@exam", "! 2 the file ends inside this line; its end may be missing\n" + read + "  bob@exam~\n! 2 the listing ends without its total: messages may be missing\n"},
		{"torn in a first line", head + "\n1A2B3C4D5F     14", read + "! 3 the first line of a message cannot be read: the message is left out\n! 3 the listing ends without its total: messages may be missing\n"},
		{"torn in a sender", strings.TrimSuffix(head, ".com\n"), "! 1 the file ends inside this line; its end may be missing\n" + strings.Replace(read, ".com>", ">~", 1) + "! 1 the listing ends without its total: messages may be missing\n"},
		{"Büro", head + indent + "büro@example.com\n" + one, read + "  büro@example.com\ntotal 1, 1024B\n"},
	})
}
