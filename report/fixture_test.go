package report

import (
	"encoding/json"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var began = time.Date(2026, 10, 20, 3, 4, 5, 6000000, time.UTC)

// testCatalog is a small catalog with causes of every sort.
func testCatalog() *diag.Catalog {
	dead := &diag.Cause{Code: "ADDRESS-DEAD", Title: "An address of the next hop does not answer", Severity: diag.Delayed,
		Text: "{subject} did not answer on port 25 within {limit}; every sender that tries it first waits that long.", Ruled: "{subject} takes connections.",
		About: "A host with several addresses of which one is dead delays every sender that happens to try that one first.",
		Read:  "The TCP connection to each address; a time-out counts.", Remedy: "Take the address out of the DNS, or bring it back.\nUntil then, a smart host by address helps.",
		Refs: []string{"RFC 5321 section 5.1", "KB 175"}}
	slow := &diag.Cause{Code: "GREETING-SLOW", Title: "The greeting comes late", Severity: diag.Delayed,
		Text: "{subject} greeted after {took}[, saying {banner}].", Ruled: "{subject} greets at once ({took}).",
		About: "The server waits before its first reply.", Read: "Seconds until the greeting; 20 s are late.", Remedy: "Look at its reverse DNS.", Refs: []string{"RFC 5321 section 4.5.3.2.1"}, Behind: []*diag.Cause{dead}}
	cert := &diag.Cause{Code: "CERT-EXPIRED", Title: "The certificate has expired", Severity: diag.Degraded,
		Text: "{subject} shows a certificate that ended at {ended}.", Ruled: "{subject}: the certificate is in date.",
		About: "Most senders go on.", Read: "Dates of the leaf.", Remedy: "Renew it.", Refs: []string{"RFC 3207"}}
	grey := &diag.Cause{Code: "GREYLIST", Title: "The server defers unknown senders", Severity: diag.Delayed,
		Text: "{subject} deferred {count} recipients: {reply}.", Ruled: "{subject} defers nobody.",
		About: "Deferral on the first try.", Read: "The reply to RCPT.", Remedy: "Ask for an exception.", Refs: []string{"RFC 6647"}}
	input := &diag.Input{Provides: evidence.Recipients, Prompt: "recipient?", Parse: func(s string) (any, error) { return []evidence.Mailbox{{Address: s}}, nil }}
	collector := diag.Derive("smtp", evidence.Sessions, nil, nil, func(diag.Evidence) ([]smtpprobe.Session, error) { return nil, nil })
	return &diag.Catalog{
		Inputs:     []*diag.Input{input},
		Collectors: []*diag.Collector{collector},
		Symptoms: []*diag.Symptom{{Name: "outbound-delayed", Title: "Messages are delayed when sent to external domains", Plain: "Mail goes out late.",
			Analyzers: []*diag.Analyzer{
				{Name: "reach", Doc: "reach", Needs: []diag.AnyKey{evidence.Sessions}, Causes: []*diag.Cause{dead}},
				{Name: "session", Doc: "session", Needs: []diag.AnyKey{evidence.Sessions}, Causes: []*diag.Cause{slow, grey}},
				{Name: "tls", Doc: "tls", Needs: []diag.AnyKey{evidence.Sessions, evidence.Clock}, Causes: []*diag.Cause{cert}},
			}}},
	}
}

func at(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }

func raw(t testing.TB, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func step(name string, from, took int, sent string, code int, reply ...smtpprobe.Line) smtpprobe.Step {
	return smtpprobe.Step{Name: name, Began: at(from), TookNS: int64(took)*1e6 + 345, Sent: smtpprobe.Line(sent), Code: code, Reply: reply}
}

// quick is a healthy session of 40 ms.
func quick(host, addr string) smtpprobe.Session {
	s := smtpprobe.Session{Host: host, Addr: addr, Began: at(10), Name: "mail.contoso.com", To: "user@example.com", TLS: &smtpprobe.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256"}}
	s.Steps = []smtpprobe.Step{
		step("connect", 10, 4, "", 0),
		step("greeting", 14, 6, "", 220, "220 hub01.contoso.com Microsoft ESMTP MAIL Service ready"),
		step("EHLO", 20, 4, "EHLO mail.contoso.com", 250, "250-hub01.contoso.com Hello [192.0.2.9]", "250-SIZE 10485760", "250-STARTTLS", "250 X-LINK2STATE"),
		step("STARTTLS", 24, 4, "STARTTLS", 220, "220 2.0.0 SMTP server ready"),
		step("handshake", 28, 9, "", 0),
		step("EHLO", 37, 4, "EHLO mail.contoso.com", 250, "250 hub01.contoso.com"),
		step("MAIL", 41, 4, "MAIL FROM:<>", 250, "250 2.1.0 Sender OK"),
		step("RCPT", 41, 6, "RCPT TO:<user@example.com>", 250, "250 2.1.5 Recipient OK"),
		step("RSET", 47, 3, "RSET", 250, "250 2.0.0 Resetting"),
		step("QUIT", 50, 2, "QUIT", 221, "221 2.0.0 Service closing transmission channel"),
	}
	s.Steps[7].Grouped = true
	return s
}

func silent(host, addr string) smtpprobe.Session {
	connect := step("connect", 10, 30000, "", 0)
	connect.Fault, connect.Err, connect.LimitNS = "timeout", "dial tcp "+addr+": i/o timeout", 30e9
	return smtpprobe.Session{Host: host, Addr: addr, Began: at(10), Name: "mail.contoso.com", Steps: []smtpprobe.Step{connect}}
}

func opened() diag.Event {
	return diag.Event{At: began, Opened: &diag.Opened{Schema: diag.SchemaVersion, Tool: "mailflow 0.1.0", Label: "Contoso bridgehead", Case: "SR-4711",
		Symptom: "outbound-delayed", Inputs: []diag.Answer{{Name: "recipient", Value: "user@example.com"}, {Name: "password", Secret: true}},
		Plan: diag.Plan{Symptom: "outbound-delayed", Title: "Messages are delayed when sent to external domains", Analyzers: []string{"reach", "session", "tls"},
			Questions: []diag.Question{{Name: "ehlo", Prompt: "Which name to say?", Example: "mail.contoso.com", Default: "localhost"}},
			Touches:   []diag.Touch{{Collector: "smtp", Does: "opens TCP port 25 of each address", Words: []string{"hub01.contoso.com port 25"}}},
			Gaps:      []string{"the queue of the sending server"}}}}
}

func gathered(ms int, it diag.Item) diag.Event { return diag.Event{At: at(ms), Gathered: &it} }

// founding is the story of a hub with two addresses of which one is dead.
func founding(t testing.TB) []diag.Event {
	talks := []smtpprobe.Session{quick("hub01.contoso.com", "192.0.2.25:25"), silent("hub01.contoso.com", "192.0.2.26:25")}
	route := []evidence.Lookup{{Name: "hub01.contoso.com", Type: "A", Server: "192.0.2.53:53", Transport: "udp", Began: at(1), TookNS: 5e9 + 8e6, Rcode: "NOERROR",
		Answers:  []evidence.RR{{Name: "hub01.contoso.com", Type: "A", TTL: 300, Data: "192.0.2.25"}},
		Attempts: []evidence.Attempt{{Transport: "udp", TookNS: 5e9, Fault: "timeout", Err: "i/o timeout"}, {Transport: "udp", TookNS: 8e6}}}}
	files := []evidence.File{{Path: "/evidence/hub.evtx", Bytes: 69632, Unread: "event logs (.evtx) are not read yet"}, {Path: "notes.txt", Bytes: 1, Format: "text"}}
	found := []diag.Finding{
		{Code: "ADDRESS-DEAD", Verdict: diag.Confirmed, Subject: "hub01.contoso.com [192.0.2.26]", Args: []diag.Arg{diag.Duration("limit", 30*time.Second)},
			Wait: &diag.Span{From: at(10), To: at(30010)}, From: []string{"smtp.sessions[1]"}},
		{Code: "ADDRESS-DEAD", Verdict: diag.Excluded, Subject: "hub01.contoso.com [192.0.2.25]", Args: []diag.Arg{diag.Duration("took", 4*time.Millisecond)}, From: []string{"smtp.sessions[0]"}},
	}
	talk := []diag.Finding{
		{Code: "GREETING-SLOW", Verdict: diag.Suspected, Subject: "hub01.contoso.com [192.0.2.26]", Args: []diag.Arg{diag.Duration("took", 22*time.Second), diag.Text("banner", "220 hub01")}},
		{Code: "GREYLIST", Verdict: diag.Excluded, Subject: "hub01.contoso.com", Args: []diag.Arg{diag.Number("count", 0), diag.List("codes", []string{"250"})}},
	}
	cert := []diag.Finding{{Code: "CERT-EXPIRED", Verdict: diag.Suspected, Subject: "hub01.contoso.com", Basis: "from memory", Args: []diag.Arg{diag.Time("ended", began.AddDate(0, -1, 0))}}}
	return []diag.Event{opened(),
		{At: at(1), Started: &diag.Started{Node: "smtp", Kind: "smtp.sessions"}},
		{At: at(2), Noted: &diag.Noted{Node: "smtp", Text: "connects to 192.0.2.26:25 (tcp)"}},
		gathered(3, diag.Item{Kind: "recipient", By: "operator", Value: raw(t, []evidence.Mailbox{{Domain: "example.com"}})}),
		gathered(3, diag.Item{Kind: "password", By: "operator", Secret: true}),
		gathered(4, diag.Item{Kind: "files", By: "files", Began: at(1), TookNS: 1234567, Value: raw(t, files)}),
		gathered(5010, diag.Item{Kind: "dns.route", By: "dns", Began: at(1), TookNS: 5e9 + 8e6, Value: raw(t, route)}),
		gathered(30012, diag.Item{Kind: "smtp.sessions", By: "smtp", Began: at(10), TookNS: 30e9 + 2, Value: raw(t, talks)}),
		gathered(30013, diag.Item{Kind: "clock", Failed: []diag.Failure{{By: "clock", Why: "no clock in this machine"}}}),
		{At: at(30014), Judged: &diag.Judged{Analyzer: "reach", Findings: found}},
		{At: at(30015), Judged: &diag.Judged{Analyzer: "session", Findings: talk}},
		{At: at(30016), Judged: &diag.Judged{Analyzer: "tls", Findings: cert, Lacks: []string{"clock"}}},
		{At: at(30017), Closed: &diag.Closed{TookNS: 30017e6}},
	}
}

// healthy found nothing, and was interrupted.
func healthy(t testing.TB) []diag.Event {
	return []diag.Event{opened(),
		gathered(60, diag.Item{Kind: "smtp.sessions", By: "smtp", Began: at(10), TookNS: 42e6, Value: raw(t, []smtpprobe.Session{quick("hub01.contoso.com", "192.0.2.25:25")})}),
		{At: at(61), Judged: &diag.Judged{Analyzer: "reach", Findings: []diag.Finding{{Code: "ADDRESS-DEAD", Verdict: diag.Excluded, Subject: "hub01.contoso.com"}}}},
		{At: at(62), Judged: &diag.Judged{Analyzer: "session", Findings: []diag.Finding{{Code: "GREYLIST", Verdict: diag.Unknown, Subject: "hub01.contoso.com",
			Args: []diag.Arg{diag.Text("because", "the session ended before RCPT"), diag.Text("how", "run it again without ^C")}}}}},
		{At: at(63), Judged: &diag.Judged{Analyzer: "tls", Bug: "a fault in this program, please report it: index out of range (tls.go:12)"}},
		{At: at(64), Closed: &diag.Closed{TookNS: 64e6, Interrupted: true}},
	}
}

// saying is a report in which every text that a remote side or a file can
// choose is s.
func saying(t testing.TB, s string) []diag.Event {
	talk := quick("h", "192.0.2.25:25")
	talk.Host, talk.Addr, talk.Name, talk.To = s, s, s, s
	for i := range talk.Steps {
		st := &talk.Steps[i]
		st.Reply, st.Sent, st.Err, st.Fault = []smtpprobe.Line{smtpprobe.Line(s), smtpprobe.Line("220 " + s)}, smtpprobe.Line(s), s, s
	}
	talk.Steps[0].Name, talk.TLS.Version, talk.TLS.Cipher, talk.TLS.Untrusted = s, s, s, s
	route := []evidence.Lookup{{Name: s, Type: s, Server: s, Transport: s, Rcode: s, Attempts: []evidence.Attempt{{Transport: s, Fault: s, Err: s}}}}
	f := func(code string, v diag.Verdict) diag.Finding {
		return diag.Finding{Code: code, Verdict: v, Subject: s, Message: s, Basis: s, From: []string{s},
			Args: []diag.Arg{diag.Text("banner", s), diag.List("list", []string{s, ""}), diag.Duration("took", time.Second), diag.Duration("limit", time.Second),
				diag.Text("because", s), diag.Text("how", s), diag.Text("reply", s), diag.Number("count", 3), diag.Time("ended", began), diag.Text(s, s)}}
	}
	org, path := orgSaying(s)
	o := opened()
	o.Opened.Tool, o.Opened.Label, o.Opened.Case, o.Opened.Symptom = s, s, s, s
	o.Opened.Inputs = []diag.Answer{{Name: s, Value: s}, {Name: s, Secret: true}}
	o.Opened.Plan = diag.Plan{Symptom: s, Title: s, Analyzers: []string{s}, Gaps: []string{s}, Questions: []diag.Question{{Name: s, Prompt: s, Example: s, Default: s}},
		Touches: []diag.Touch{{Collector: s, Does: s, Words: []string{s}, Lacks: []string{s}}}}
	return append(tracedSaying(t, s), []diag.Event{o,
		{At: at(1), Started: &diag.Started{Node: s, Kind: s}},
		{At: at(2), Noted: &diag.Noted{Node: s, Text: s}},
		gathered(3, diag.Item{Kind: s, By: s, Failed: []diag.Failure{{By: s, Why: s}, {By: s, Why: s, Bug: true}}}),
		gathered(4, diag.Item{Kind: "odd", By: s, Value: raw(t, map[string]any{s: []any{s, nil, true, false, 1.5, map[string]any{}, []any{}}})}),
		gathered(4, diag.Item{Kind: "files", By: s, Value: raw(t, []evidence.File{{Path: s, Unread: s + "."}})}),
		gathered(5, diag.Item{Kind: "dns.route", By: s, Value: raw(t, route)}),
		gathered(5, diag.Item{Kind: "org", By: s, Value: raw(t, org)}),
		gathered(5, diag.Item{Kind: "org.path", By: s, Value: raw(t, path)}),
		gathered(6, diag.Item{Kind: "smtp.sessions", By: s, Value: raw(t, []smtpprobe.Session{talk})}),
		{At: at(7), Judged: &diag.Judged{Analyzer: s, Bug: s, Lacks: []string{s},
			Findings: []diag.Finding{f("ADDRESS-DEAD", diag.Confirmed), f("GREETING-SLOW", diag.Suspected), f("CERT-EXPIRED", diag.Suspected), f("GREYLIST", diag.Excluded), f(s, diag.Unknown)}}},
		{At: at(8), Closed: &diag.Closed{TookNS: 8e6}},
	}...)
}

func reportOf(events []diag.Event) *diag.Report {
	r := diag.NewReport(testCatalog())
	for _, ev := range events {
		r.Add(ev)
	}
	return r
}
