package analyzers

import (
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// TestReplyIn: what the next server said is told from what the sending server says
// of a failure itself.
func TestReplyIn(t *testing.T) {
	for reason, want := range map[string]string{
		"host mx.example.com[192.0.2.1] said: 450 4.7.1 <b@c>: Recipient address rejected: Greylisted (in reply to RCPT TO command)": "RCPT 450 4.7.1 <b@c>: Recipient address rejected: Greylisted",
		"host mx.example.com[192.0.2.1] said: 451 busy (in reply to end of DATA command)":                                            "body 451 busy",
		"delivery temporarily suspended: host mx.example.com[192.0.2.1] said: 421 4.3.2 too many connections":                        " 421 4.3.2 too many connections",
		"host mx.example.com[192.0.2.1] refused to talk to me: 421 no":                                                               "",
		"delivery temporarily suspended: connect to mx.example.com[192.0.2.1]:25: Connection timed out":                              "",
		"connect to mx.example.com[192.0.2.1]:25: 450 refused":                                                                       "",
		"host mx.example.com[192.0.2.1] said: 550 5.1.1 no":                                                                          "",
		"SMTP error from remote mail server after RCPT TO:<b@c>: 451 4.7.1 Greylisted":                                               "RCPT 451 4.7.1 Greylisted",
		"SMTP error from remote mail server after pipelined MAIL FROM:<a@b> SIZE=1: 421 busy":                                        "MAIL 421 busy",
		"SMTP error from remote mail server after initial connection: 421 no":                                                        "greeting 421 no",
		"SMTP error from remote mail server after RCPT TO:<b@c>: host mx.contoso.com [192.0.2.7]: 450 4.3.2 too many":                "RCPT 450 4.3.2 too many",
		"retry time not reached for any host":                                                                                        "",
		"451 4.3.0 Temporary system problem":                                                                                         " 451 4.3.0 Temporary system problem",
		"":                                                                                                                           "",
	} {
		got := ""
		if st, ok := replyIn(reason); ok {
			got = st.Name + " " + st.Whole()
		}
		if want != "" && want[0] != ' ' {
			want = asStep(want)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", reason, got, want)
		}
	}
}

// asStep puts the names of steps as smtpprobe has them.
func asStep(s string) string {
	for word, name := range map[string]string{"body ": smtpprobe.Body, "greeting ": smtpprobe.Greeting} {
		if len(s) > len(word) && s[:len(word)] == word {
			return name + " " + s[len(word):]
		}
	}
	return s
}

// TestPutOffBy: how many late messages must have been put off, how soon, and with
// how much of one mind, for the reply to be why mail is late.
func TestPutOffBy(t *testing.T) {
	at := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
	waited := func(d time.Duration, tried ...evidence.Duration) evidence.Passage {
		return evidence.Passage{Came: at, Left: at.Add(d), Tried: tried}
	}
	const said = "host mx[192.0.2.1] said: "
	slow, quick, untold := waited(time.Hour, 1, 600), waited(time.Minute, 1), waited(time.Hour)
	for name, tt := range map[string]struct {
		passages  []evidence.Passage
		deferrals []evidence.Deferral
		source    string
		want      string
	}{
		"all of them":             {[]evidence.Passage{slow, slow, slow, quick}, []evidence.Deferral{{Text: said + "451 4.3.0 later", Count: 6}}, "postfix", "SMTP-DEFERRED confirmed"},
		"two only":                {[]evidence.Passage{slow, slow, quick}, []evidence.Deferral{{Text: said + "451 4.3.0 later", Count: 6}}, "postfix", ""},
		"as many without":         {[]evidence.Passage{slow, slow, slow, untold, untold}, []evidence.Deferral{{Text: said + "451 4.3.0 later", Count: 6}}, "postfix", ""},
		"tried late":              {[]evidence.Passage{waited(time.Hour, 1800), waited(time.Hour, 1800), waited(time.Hour, 1800)}, []evidence.Deferral{{Text: said + "451 4.3.0 later", Count: 6}}, "postfix", ""},
		"greylisting":             {[]evidence.Passage{slow, slow, slow}, []evidence.Deferral{{Text: said + "450 4.2.0 Greylisted", Count: 6}}, "postfix", "SMTP-GREYLISTED confirmed"},
		"short of resources":      {[]evidence.Passage{slow, slow, slow}, []evidence.Deferral{{Text: said + "452 4.3.1 Insufficient system resources", Count: 6}}, "postfix", "SMTP-BACK-PRESSURE confirmed"},
		"too many connections":    {[]evidence.Passage{slow, slow, slow}, []evidence.Deferral{{Text: said + "421 4.7.0 too many connections", Count: 6}}, "postfix", "SMTP-CONNECTION-LIMIT suspected"},
		"no connection":           {[]evidence.Passage{slow, slow, slow}, []evidence.Deferral{{Text: "connect to mx[192.0.2.1]:25: Connection timed out", Count: 6}}, "postfix", ""},
		"no connection, mostly":   {[]evidence.Passage{slow, slow, slow}, []evidence.Deferral{{Text: "connect to mx[192.0.2.1]:25: Connection timed out", Count: 7}, {Text: said + "451 later", Count: 3}}, "postfix", ""},
		"of those that wait":      {nil, []evidence.Deferral{{Text: said + "452 4.3.1 Insufficient system storage", Count: 6, Last: at.Add(time.Hour)}}, "postfix", "SMTP-BACK-PRESSURE confirmed"},
		"of two minds":            {[]evidence.Passage{slow, slow, slow}, []evidence.Deferral{{Text: said + "451 later", Count: 6}, {Text: "lost connection with mx[192.0.2.1]", Count: 3}}, "postfix", "SMTP-DEFERRED suspected"},
		"not due":                 {[]evidence.Passage{slow, slow, slow}, []evidence.Deferral{{Text: "retry time not reached for any host", Count: 90}, {Text: "SMTP error from remote mail server after RCPT TO:<b@c>: 451 later", Count: 6}}, "exim", "SMTP-DEFERRED confirmed"},
		"in the words of another": {[]evidence.Passage{slow, slow, slow}, []evidence.Deferral{{Text: "451 4.4.0 Primary target IP address responded with: 421 4.4.1 Connection timed out", Count: 6}}, "tracking", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := evidence.HopTraffic{Server: "a", To: "b", Late: 3, Source: tt.source, Passages: tt.passages, Deferrals: tt.deferrals}
			if tt.passages == nil {
				h.Late, h.Open = 0, []evidence.OpenMessage{{Came: at, Tried: []evidence.Duration{1}}, {Came: at, Tried: []evidence.Duration{1}}, {Came: at, Tried: []evidence.Duration{2}}}
			}
			f, ok := putOffBy(h)
			got := ""
			if ok {
				got = f.Code + " " + map[diag.Verdict]string{diag.Confirmed: "confirmed", diag.Suspected: "suspected"}[f.Verdict]
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
