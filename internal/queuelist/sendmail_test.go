package queuelist

import (
	"strings"
	"testing"
)

const sendmailListing = "MSP Queue status...\n" +
	"/var/spool/mqueue-client is empty\n" +
	"\t\tTotal requests: 0\n" +
	"MTA Queue status...\n" +
	"\t\t/var/spool/mqueue/q1 (3 requests)\n" +
	"-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n" +
	"6AH9xqLm004321*      27 Tue Nov 17 09:59 <anna@contoso.com>\n" +
	"\t\t\t\t\t <bob@example.com>\n" +
	"6AH9xqLm004322X  123456 Sat Nov  7 05:39 root\n" +
	"      8BITMIME   (Deferred: Connection timed out with mx1.example.com.)\n" +
	"\t\t\t\t\t <carl@example.com>\n" +
	"\t\t\t\t\t <dora-with-a-very-long-name@mail.exampl\n" +
	"6AH9xqLm004323-      -1 Sat Nov  7 05:40 <>\n" +
	"                 (host map: lookup (sub.example.com): deferred)\n" +
	"\t\t\t\t\t \"|/usr/bin/vacation emil\"\n" +
	"\t\t/var/spool/mqueue/q2 (1 request)\n" +
	"-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n" +
	"6AH9xqLm004324 (job completed)\n" +
	"\t\tTotal requests: 4\n"

func TestSendmailMailq(t *testing.T) {
	head := "6AH9xqLm004321       27 Tue Nov 17 09:59 <anna@contoso.com>\n"
	read := "1 6AH9xqLm004321 (Tue Nov 17 09:59) 27B <anna@contoso.com>\n"
	tab := "\t\t\t\t\t "
	sum := "\t\tTotal requests: 1\n"
	want := text("7 6AH9xqLm004321 active (Tue Nov 17 09:59) 27B <anna@contoso.com>", "  bob@example.com",
		"9 6AH9xqLm004322 load too high (Sat Nov  7 05:39) 123456B <root>",
		"  carl@example.com = Deferred: Connection timed out with mx1.example.com.",
		"  dora-with-a-very-long-name@mail.exampl~ = Deferred: Connection timed out with mx1.example.com.",
		"13 6AH9xqLm004323 too young (Sat Nov  7 05:40) -1B <>",
		"  \"|/usr/bin/vacation emil\" = host map: lookup (sub.example.com): deferred",
		"! 18 of message 6AH9xqLm004324 the server prints only \"(job completed)\"", "total 4, 0B")
	check(t, SendmailMailq, []listing{
		{"empty queue", "/var/spool/mqueue is empty\n\t\tTotal requests: 0\n", "total 0, 0B\n"},
		{"many queues", sendmailListing, want},
		{"with the tabs expanded", strings.ReplaceAll(sendmailListing, "\t", "        "), want},
		{"in a terminal", "[root@mx mqueue]# sendmail -bp\n" + sendmailListing + "[root@mx mqueue]# ", numbered(want, 1)},
		{"with -v", "\t\t/var/spool/mqueue (1 request)\n-----Q-ID----- --Size-- -Priority- ---Q-Time--- --------Sender/Recipient--------\n" +
			"6AH9xqLm004321       27     120345+Nov 17 09:59 <anna@contoso.com>\n    8BITMIME\n\t\t\t\t\t\t(---anna---)\n" +
			"\t\t\t\t\t\t<bob-with-a-very-long-name@mail.sub.example.com>\n\t\t (Deferred: 451 4.7.1 try later)\n\t\t\t\t\t\t<carl@example.com>\n" + sum,
			text("3 6AH9xqLm004321 (Nov 17 09:59) 27B <anna@contoso.com>",
				"  bob-with-a-very-long-name@mail.sub.example.com = Deferred: 451 4.7.1 try later", "  carl@example.com", "total 1, 0B")},
		{"quarantined", head + "     QUARANTINE: virus (Eicar)\n" + tab + "<bob@example.com>\n" + sum,
			text("1 6AH9xqLm004321 quarantined (Tue Nov 17 09:59) 27B <anna@contoso.com>", "  bob@example.com = virus (Eicar)", "total 1, 0B")},
		{"old ids", "\t\tMail Queue (1 request)\n--Q-ID-- --Size-- -----Q-Time----- ------------Sender/Recipient------------\nKAA12345       27 Tue Nov 17 09:59 anna\n" + tab + "bob@example.com\n",
			text("3 KAA12345 (Tue Nov 17 09:59) 27B <anna>", "  bob@example.com", "total 1, 0B")},
		{"a part of the queue", "\t\t/var/spool/mqueue (500 requests, only 1 printed)\n" + head + tab + "<bob@example.com>\n\t\tTotal requests: 500\n",
			"! 1 the server printed only a part of this queue (MaxQueueRunSize)\n" + numbered(read, 1) + "  bob@example.com\ntotal 500, 0B\n"},
		{"copied in part", head + tab + "<bob@example.com>\n\t\tTotal requests: 5\n",
			read + "  bob@example.com\n! 3 the total says 5 messages, the listing above it has 1\ntotal 5, 0B\n"},
		{"an escaped sender", strings.Replace(head, "anna", `a\\n\303\274na`, 1) + sum, `1 6AH9xqLm004321 (Tue Nov 17 09:59) 27B <a\nüna@contoso.com>` + "\ntotal 1, 0B\n"},
		{"a cut sender", "6AH9xqLm004321       27 Tue Nov 17 09:59 <bounces-1234567890@newsletter.mail.exa\n" + sum,
			"1 6AH9xqLm004321 (Tue Nov 17 09:59) 27B <bounces-1234567890@newsletter.mail.exa>~\ntotal 1, 0B\n"},
		{"a damaged first line", "6AH9xqLm004321      27 Tue\n" + tab + "<bob@example.com>\n" + head + tab + "<carl@example.com>\n\t\tTotal requests: 2\n",
			"! 1 the first line of a message cannot be read: the message is left out\n" + numbered(read, 2) + "  carl@example.com\ntotal 2, 0B\n"},
		{"torn", head + "                 (Deferred: Conn", "! 2 the reason has no closing parenthesis; its end may be missing\n! 2 the file ends inside this line; its end may be missing\n" + read +
			"! 2 the listing ends without its total: messages may be missing\n"},
	})
}
