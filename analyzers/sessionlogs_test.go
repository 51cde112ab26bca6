package analyzers

import (
	"testing"

	"mailflow/evidence"
)

// TestLoggedRefusals: which replies of a log are a sign of what. What a server of
// one's own refuses to strangers is its business.
func TestLoggedRefusals(t *testing.T) {
	for _, c := range []struct {
		own        bool
		verb, text string
		want       string
	}{
		{false, "MAIL", "452 4.3.1 Insufficient system resources", "SMTP-BACK-PRESSURE"},
		{true, "MAIL", "452 4.3.1 Insufficient system resources", "SMTP-BACK-PRESSURE"},
		{true, "greeting", "421 4.3.2 The maximum number of concurrent connections has exceeded a limit", "SMTP-CONNECTION-LIMIT"},
		{true, "greeting", "421 4.3.2 Service not active", "SMTP-REFUSED"},
		{false, "RCPT", "450 4.3.2 Service currently unavailable", "SMTP-POSTSCREEN"},
		{false, "RCPT", "451 4.7.1 Greylisting in action", "SMTP-GREYLISTED"},
		{false, "RCPT", "451 4.4.0 DNS query failed", "SMTP-DEFERRED"},
		{true, "body", "451 4.7.0 Temporary server error. Please try again later. PRX2", "SMTP-DEFERRED"},
		{true, "RCPT", "452 4.5.3 Too many recipients", ""},
		{true, "unasked", "421 4.4.1 Connection timed out", ""},
		{true, "unasked", "451 4.7.0 Timeout waiting for client input", ""},
		{true, "RCPT", "550 5.1.1 User unknown", ""},
		{true, "RCPT", "550 5.7.1 Unable to relay", ""},
		{true, "MAIL", "530 5.7.1 Client was not authenticated", ""},
		{true, "AUTH", "535 5.7.3 Authentication unsuccessful", ""},
		{true, "X-EXPS", "535 5.7.3 Authentication unsuccessful", "SMTP-EXCHANGE-AUTH"},
		{false, "X-EXPS", "454 4.7.0 Temporary authentication failure", "SMTP-EXCHANGE-AUTH"},
		{false, "AUTH", "535 5.7.8 Bad credentials", ""},
		{false, "MAIL", "530 5.7.0 Must issue a STARTTLS command first", "SMTP-TLS-FAILS"},
		{false, "MAIL", "530 5.7.1 Client was not authenticated", "SMTP-SENDER-REFUSED"},
		{false, "greeting", "554 5.7.1 blocked using bl.example.org", "SMTP-REFUSED"},
		{false, "RCPT", "550 5.7.1 Your IP is on a blocklist", "SMTP-REFUSED"},
		{false, "RCPT", "421 4.4.2 Connection dropped", ""},
		{false, "RCPT", "550 5.1.1 User unknown", "SMTP-RECIPIENT-REFUSED"},
		{false, "RCPT", "550 5.7.1 Unable to relay", "SMTP-RELAY-DENIED"},
		{false, "BDAT LAST", "552 5.3.4 Message size exceeds fixed maximum message size", "SMTP-SIZE-LIMIT"},
		{false, "body", "550 5.7.1 Message rejected as spam", "SMTP-MESSAGE-REFUSED"},
	} {
		code := 0
		for _, d := range c.text[:3] {
			code = 10*code + int(d-'0')
		}
		r := evidence.LoggedReply{Verb: c.verb, Code: code, Text: c.text, Count: 5, Sessions: 5}
		l := &loggedHost{own: c.own, sessions: 10, peers: []evidence.LoggedPeer{{Out: !c.own, Replies: []evidence.LoggedReply{r}}}}
		got := ""
		if cause := l.causeOf(l.heardBy()[0]); cause != nil {
			got = cause.Code
		}
		if got != c.want {
			t.Errorf("own %v, %s: %s: %s, want %s", c.own, c.verb, c.text, got, c.want)
		}
	}
}
