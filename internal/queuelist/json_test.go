package queuelist

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	first  = `{"queue_name": "deferred", "queue_id": "1A2B3C4D5E", "arrival_time": 1795377274, "message_size": 256, "forced_expire": false, "sender": "anna@contoso.com", "recipients": [{"address": "bob@example.com", "delay_reason": "said: 451 4.7.1 \"try\u0020later\" (in reply)"}, {"address": "carl@example.com"}]}`
	second = `{"queue_name": "active", "queue_id": "2B3C4D5E6F", "arrival_time": 1795377275, "message_size": 0, "sender": "MAILER-DAEMON", "recipients": []}`
	jqed   = `{
  "queue_name": "deferred",
  "queue_id": "1A2B3C4D5E",
  "arrival_time": 1795377274,
  "message_size": 256,
  "sender": "anna@contoso.com",
  "recipients": [
    {
      "address": "bob@example.com",
      "delay_reason": "said: 451 4.7.1 \"try later\" (in reply)"
    },
    {
      "address": "carl@example.com"
    }
  ]
}`
	firstRead = `1 1A2B3C4D5E deferred 2026-11-22T19:54:34Z 256B <anna@contoso.com>
  bob@example.com = said: 451 4.7.1 "try later" (in reply)
  carl@example.com
`
	secondRead = "1 2B3C4D5E6F active 2026-11-22T19:54:35Z 0B <MAILER-DAEMON>\n"
	tornText   = "the message is torn or damaged; it is read up to there\n"
)

func TestPostqueueJSON(t *testing.T) {
	both := firstRead + numbered(secondRead, 1)
	indented := strings.ReplaceAll("[\n"+jqed+",\n"+jqed+"\n]\n", "\n", "\n  ")
	check(t, PostqueueJSON, []listing{
		{"nothing", "", ""},
		{"two messages", first + "\n" + second + "\n", both},
		{"without a line feed at the end", first + "\n" + second, both},
		{"in a terminal", "root@mail:~# postqueue -j\n" + first + "\n" + second + "\nroot@mail:~# ", numbered(both, 1)},
		{"from jq", jqed + "\n" + jqed + "\n", firstRead + numbered(firstRead, 16)},
		{"from jq -s", indented, numbered(firstRead, 1) + numbered(firstRead, 17)},
		{"from jq -sc", "[" + first + "," + second + "]\n", firstRead + secondRead},
		{"torn in a reason", first[:strings.Index(first, "later")] + "\n" + second + "\n",
			"! 1 " + tornText + strings.Replace(firstRead, " = said: 451 4.7.1 \"try later\" (in reply)\n  carl@example.com", "", 1) + numbered(secondRead, 1)},
		{"torn in an address", first[:strings.Index(first, "carl@")+3],
			"! 1 " + tornText + "! 1 1 recipients behind the first 1 are counted only\n" + strings.Replace(firstRead, "carl@example.com", "and 1", 1)},
		{"torn before its id", first[:20] + "\n" + second + "\n", "! 1 " + tornText + "! 1 a message without a queue_id: left out\n" + numbered(secondRead, 1)},
		{"its beginning is lost", first[80:] + "\n" + second + "\n", "! 1 a part of a message without its beginning: left out\n" + numbered(secondRead, 1)},
		{"torn into the next", first[:strings.Index(first, `, "sender"`)] + second + "\n",
			"! 1 " + tornText + "1 1A2B3C4D5E deferred 2026-11-22T19:54:34Z 256B <>\n" + secondRead},
		{"jq torn off", jqed[:strings.Index(jqed, `"carl@`)] + "\n" + jqed + "\n",
			"! 1 " + tornText + "! 1 1 recipients behind the first 1 are counted only\n" + strings.Replace(firstRead, "carl@example.com", "and 1", 1) + numbered(firstRead, 13)},
		{"jq torn in a string", jqed[:strings.Index(jqed, `carl@`)] + "\nroot@mail:~# date\n",
			"! 1 " + tornText + "! 1 1 recipients behind the first 1 are counted only\n" + strings.Replace(firstRead, "carl@example.com", "and 1", 1)},
		{"something behind it", second + ` and more` + "\n", secondRead + "! 1 text behind a message is left out: \"and more\"\n"},
		{"other values", `{"queue_id": "1A2B", "arrival_time": "now", "message_size": -7, "sender": null, "recipients": [7, {"address": ["x"], "delay_reason": 5}, {"address": "bob@example.com"}], "new": {"a": [1.5e3, true, {}]}}` + "\n",
			text("! 1 the value of arrival_time is not what postqueue writes: left out", "! 1 the value of message_size is not what postqueue writes: left out",
				"! 1 the value of sender is not what postqueue writes: left out", "! 1 the value of recipients is not what postqueue writes: left out",
				"! 1 the value of address is not what postqueue writes: left out", "! 1 the value of delay_reason is not what postqueue writes: left out",
				"! 1 1 recipients behind the first 1 are counted only", "1 1A2B -1B <>", "  bob@example.com", "  and 1")},
	})
}

// A message that is too long is read as far as it is held, and the recipients
// behind are counted.
func TestLongMessages(t *testing.T) {
	const n = 50_000
	var compact, pretty, mailq strings.Builder
	compact.WriteString(`{"queue_name": "deferred", "queue_id": "1A2B3C", "recipients": [`)
	pretty.WriteString("{\n  \"queue_name\": \"deferred\",\n  \"queue_id\": \"1A2B3C\",\n  \"recipients\": [\n")
	mailq.WriteString("1A2B3C4D       12 Tue Nov 17 10:02:11 anna@contoso.com\n")
	for i := range n {
		comma := ", "
		if i == 0 {
			comma = ""
		}
		fmt.Fprintf(&compact, `%s{"address": "user%d@example.com", "delay_reason": "said: {\"address\" %d"}`, comma, i, i)
		fmt.Fprintf(&pretty, "    %s{\n      \"address\": \"user%d@example.com\",\n      \"delay_reason\": \"said: %d\"\n    }\n", comma, i, i)
		fmt.Fprintf(&mailq, "%76s\n %30suser%d@example.com\n", fmt.Sprintf("(said: %d)", i), "", i)
	}
	compact.WriteString("]}\n")
	pretty.WriteString("  ]\n}\n")
	for _, tt := range []struct {
		in string
		f  Format
	}{{compact.String() + compact.String(), PostqueueJSON}, {pretty.String() + pretty.String(), PostqueueJSON}, {mailq.String() + mailq.String(), PostfixMailq}} {
		count := 0
		for m := range Messages(strings.NewReader(tt.in), tt.f, nil, nil) {
			count++
			if len(m.Recipients) < 5000 || len(m.Recipients) > maxRecipients || len(m.Recipients)+m.More != n {
				t.Errorf("%s: %d recipients and %d", tt.f, len(m.Recipients), m.More)
			}
			if last := len(m.Recipients) - 1; m.Recipients[last].Address != fmt.Sprintf("user%d@example.com", last) {
				t.Error(tt.f, m.Recipients[last])
			}
		}
		if count != 2 {
			t.Error(tt.f, count, "messages")
		}
	}
}

// The reader of JSON agrees with encoding/json wherever that reads at all.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(first))
	f.Add([]byte(second))
	f.Add([]byte(`{"queue_id": "\ud83d\udce8\u00e9\/\b", "queue_id":"x", "a":[[],{},null,-1.5E+3]}`))
	f.Add([]byte(`{"queue_id": "a\u12"}{"queue_name"`))
	f.Fuzz(func(t *testing.T, in []byte) {
		if strings.ContainsAny(string(in), "\r\n") || !json.Valid(in) {
			return
		}
		var fields map[string]any
		if json.Unmarshal(in, &fields) != nil {
			return
		}
		want, _ := fields["queue_id"].(string)
		in, _ = json.Marshal(fields) // a name twice is damage here, and the last counts there
		got := ""
		for m := range Messages(strings.NewReader(string(in)), PostqueueJSON, nil, nil) {
			got = m.ID
		}
		if got != want && !deep(in) {
			t.Errorf("id %q, encoding/json reads %q", got, want)
		}
	})
}

// deep says that there may be more brackets than are followed.
func deep(in []byte) bool {
	return strings.Count(string(in), "[")+strings.Count(string(in), "{") > maxDepth
}
