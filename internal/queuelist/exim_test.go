package queuelist

import (
	"testing"
)

func TestEximBP(t *testing.T) {
	check(t, EximBP, []listing{
		{"nothing", "", ""},
		{"ids old and new", text("25m  2.9K 1vLM5i-0000c8-00 <anna@contoso.com>", "          bob@example.com", "        D carl@example.com", "       +D dora@sub.example.com", "",
			" 3h   812 1vLM5i-00000000Bd4-1234 <>", "          anna@contoso.com", "",
			" 4d   12M 1vLM5j-0000c9-1a <list@contoso.com> (www-data) *** frozen ***", "          \"odd name\"@example.com", ""),
			text("1 1vLM5i-0000c8-00 2025-11-18T13:49:54Z 1500s±1m0s 2969B <anna@contoso.com>", "  bob@example.com", "  carl@example.com delivered", "  dora@sub.example.com delivered",
				"6 1vLM5i-00000000Bd4-1234 2025-11-18T13:49:54Z 10800s±1h0m0s 812B <>", "  anna@contoso.com",
				"9 1vLM5j-0000c9-1a frozen 2025-11-18T13:49:55Z 345600s±24h0m0s 12582912B <list@contoso.com>", "  \"odd name\"@example.com")},
		{"in a terminal", text("[root@mx ~]# exim -bp | head -6", " 0m       1vLM5i-0000c8-00 <anna@contoso.com>", "          bob@example.com", "", "[root@mx ~]# exim -bpc", "1", "[root@mx ~]#"),
			text("2 1vLM5i-0000c8-00 2025-11-18T13:49:54Z 0s±1m0s -1B <anna@contoso.com>", "  bob@example.com")},
		{"ids without case", text("25m  2.9K TGFEDC-0000C8-00 <anna@contoso.com>", "          bob@example.com"), text("1 TGFEDC-0000C8-00 1500s±1m0s 2969B <anna@contoso.com>", "  bob@example.com")},
		{"a clock set back", text("-2m   812 1vLM5i-0000c8-00 <anna@contoso.com>", "          bob@example.com"), text("1 1vLM5i-0000c8-00 2025-11-18T13:49:54Z 812B <anna@contoso.com>", "  bob@example.com")},
		{"a damaged spool file", text("      1vLM5i-0000c8-00", "    *** spool format error: size=0 ***", "", "25m  2.9K 1vLM5j-0000c9-1a <a@contoso.com>", "    *** spool read error: Input/output error *** *** frozen ***", ""),
			text("! 2 the server could not read this message: spool format error: size=0", "1 1vLM5i-0000c8-00 2025-11-18T13:49:54Z -1B <>",
				"! 5 the server could not read this message: spool read error: Input/output error", "4 1vLM5j-0000c9-1a frozen 2025-11-18T13:49:55Z 1500s±1m0s 2969B <a@contoso.com>")},
		{"without indentation", text("25m 2.9K 1vLM5i-0000c8-00 <anna@contoso.com>", "bob@example.com", "D carl@example.com"),
			text("1 1vLM5i-0000c8-00 2025-11-18T13:49:54Z 1500s±1m0s 2969B <anna@contoso.com>", "  bob@example.com", "  carl@example.com delivered")},
		{"a damaged first line", text("25m  2.9K 1vLM5i-00c8-00 <anna@contoso.com>", "          bob@example.com", ""), "! 1 the first line of a message cannot be read: the message is left out\n"},
		{"torn in a recipient", "25m  2.9K 1vLM5i-0000c8-00 <anna@contoso.com>\n          bob@exa",
			text("! 2 the file ends inside this line; its end may be missing", "1 1vLM5i-0000c8-00 2025-11-18T13:49:54Z 1500s±1m0s 2969B <anna@contoso.com>", "  bob@exa~")},
		{"torn in a sender", "25m  2.9K 1vLM5i-0000c8-00 <anna@con",
			text("! 1 the file ends inside this line; its end may be missing", "1 1vLM5i-0000c8-00 2025-11-18T13:49:54Z 1500s±1m0s 2969B <anna@con>~")},
		{"a log is no listing", text("2025-11-18 11:45:42 1vLM5i-0000c8-00 <= anna@contoso.com U=anna P=local S=812"), ""},
	})
}
