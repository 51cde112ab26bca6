package lab

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mailflow/diag"
)

const greylisted = `Greylisted for five minutes
The next hop defers every first attempt.
It is fine afterwards.

-- case --
# what the operator knows
symptom: outbound-delayed
label: Bob waits
case: greylist-1
offline: yes
next-hop: hub07.contoso.com
resolver: 10.0.0.53, [2001:db8::53] junk
-- zone contoso.com --
hub07 A 10.0.0.7
-- smtp 10.0.0.7 --
RCPT: 450 4.7.1 later
-- network --
rtt: 50ms
-- file headers.txt --
# not a comment
-- want --
GREYLIST confirmed "hub07.contoso.com [10.0.0.7]" wait=20s..40s
SLOW suspected "say \"x\"" wait=4m explained-by=GREYLIST
# no line
DEAD excluded "hub07.contoso.com"
DNS could-not-tell "x"
`

func TestRead(t *testing.T) {
	s, err := Read([]byte(greylisted))
	if err != nil {
		t.Fatal(err)
	}
	want := &Story{
		Title: "Greylisted for five minutes", Text: "The next hop defers every first attempt.\nIt is fine afterwards.",
		Symptom: "outbound-delayed", Label: "Bob waits", ID: "greylist-1", Offline: true,
		Answers: map[string]string{"next-hop": "hub07.contoso.com", "resolver": "10.0.0.53, [2001:db8::53] junk"},
		Want: []Want{
			{Code: "GREYLIST", Verdict: diag.Confirmed, Subject: "hub07.contoso.com [10.0.0.7]", Wait: &[2]time.Duration{20 * time.Second, 40 * time.Second}, Line: 22},
			{Code: "SLOW", Verdict: diag.Suspected, Subject: `say "x"`, Wait: &[2]time.Duration{4 * time.Minute, 4 * time.Minute}, ExplainedBy: "GREYLIST", Line: 23},
			{Code: "DEAD", Verdict: diag.Excluded, Subject: "hub07.contoso.com", Line: 25},
			{Code: "DNS", Verdict: diag.Unknown, Subject: "x", Line: 26},
		},
	}
	exported := cmp.FilterPath(func(p cmp.Path) bool {
		f, ok := p.Last().(cmp.StructField)
		return ok && strings.ToLower(f.Name()[:1]) == f.Name()[:1]
	}, cmp.Ignore())
	if d := cmp.Diff(want, s, exported); d != "" {
		t.Error(d)
	}
	if s.rtt != 50*time.Millisecond || string(s.files["headers.txt"]) != "# not a comment\n" {
		t.Errorf("rtt %v, files %q", s.rtt, s.files)
	}
	for _, at := range []string{"10.0.0.53:53", "[2001:db8::53]:53"} {
		if s.servers[netip.MustParseAddrPort(at)] == nil {
			t.Errorf("no server at %s", at)
		}
	}
}

func TestReadRoots(t *testing.T) {
	const host = "-- smtp 10.0.0.7 --\n"
	for _, c := range []struct{ text, want string }{
		{host, ""},
		{host + "certificate: a.b\n", caFile},
		{host + "STARTTLS: 220 go\n", caFile},
		{host + "[2]\nEHLO: 250 starttls\n", caFile},
		{host + "handshake: fail\n-- case --\nroots: own.pem\n", "own.pem"},
	} {
		s, err := Read([]byte(c.text))
		if err != nil || s.Answers["roots"] != c.want {
			t.Errorf("%q: %q, %v", c.text, s.Answers["roots"], err)
		}
	}
}

func TestReadErrors(t *testing.T) {
	smtp := func(line string) string { return "title\n-- smtp 10.0.0.7 --\n\n" + line + "\n" }
	inDNS := func(line string) string { return "title\n-- dns 10.0.0.53 --\n\n" + line + "\n" }
	want := func(line string) string { return "title\n-- want --\n\n" + line + "\n" }
	for _, c := range []struct{ text, want string }{
		{strings.Repeat("x", maxStory+1), "at most 1048576"},
		{strings.Repeat("-- case --\n", maxSections+1), "501 sections"},
		{"t\n\n-- cases --\n", `line 3, section "cases": no such kind of section`},
		{"-- case --\n-- case --\n", `line 2, section "case": a second section`},
		{"-- case x --\n", "takes no argument"},
		{"-- case --\n\nsymptom\n", `line 3, section "case": "symptom" is not "key: value"`},
		{"-- case --\na: b\na: c\n", `line 3, section "case": a second "a"`},
		{"-- case --\noffline: maybe\n", "offline is yes or no"},
		{"-- network --\nloss: 3\n", `line 2, section "network"`},
		{"-- network --\nrtt: 3\n", `"3" is not a duration`},
		{"-- file --\n", "a file needs a name"},
		{"-- zone --\n", `the header is "zone ORIGIN"`},
		{"-- zone a..b --\n", `"a..b" is not a domain name`},
		{"-- zone a.b at x --\n", `"x" is not an IP address`},
		{"-- zone a.b --\n-- zone A.b. --\n", "a second zone"},
		{"-- zone a.b --\nx A 10.0.0.1\n\ny A 10.0.0\n", `line 4, section "zone a.b": bad A A: "10.0.0"`},
		{"-- zone a.b --\nx.y.c. A 10.0.0.1\n", "x.y.c. is not within a.b."},
		{"-- zone a.b --\n$GENERATE 1-30000 x$ A 10.0.0.1\n", "more than 20000 records"},
		{"-- zone a.b --\n$INCLUDE /etc/passwd\n", "$INCLUDE"},
		{"-- dns --\n", `"dns" needs an IP address`},
		{"-- dns 10.0.0.53 --\n-- dns 10.0.0.54 10.0.0.53:53 --\n", "a second dns section for 10.0.0.53:53"},
		{inDNS("loud"), `line 4, section "dns 10.0.0.53": "loud" is no habit`},
		{inDNS("udp: loud"), `"loud" is none of silent, refused`},
		{inDNS("wait x"), `"x" is not a duration`},
		{inDNS("wait 2161h"), "out of range"},
		{inDNS("lossy 0"), `"0" is not a number from 1 to 100`},
		{inDNS("a.b: servfail"), `"NAME TYPE:" is due`},
		{inDNS("a..b A: servfail"), "not a domain name"},
		{inDNS("a.b Q: servfail"), `"Q" is not a record type`},
		{inDNS("a.b A: badcookie"), `"badcookie" is neither`},
		{inDNS("a.b A:"), "missing"},
		{inDNS("a.b A: servfail ede x"), `"x" is not an extended error code`},
		{inDNS("a.b A: servfail ede 22 unquoted"), `"unquoted" is neither`},
		{"-- smtp" + strings.Repeat(" 10.0.0.7", 300) + " --\n", "a second smtp section"},
		{"-- smtp" + manyAddrs() + " --\n", "more than 256 addresses"},
		{"-- smtp --\n", `"smtp" needs an IP address`},
		{"-- smtp hub07:25 --\n", `"hub07:25" is not an IP address`},
		{"-- smtp 10.0.0.7 10.0.0.7 --\n", "a second smtp section"},
		{smtp("hello"), `line 4, section "smtp 10.0.0.7": "hello" is not "VERB: what happens"`},
		{smtp("hello: 250 x"), `"hello" is neither a command in capitals`},
		{smtp("NOOP x: 250 x"), "only MAIL and RCPT take an address"},
		{smtp("NOOP:"), "missing"},
		{smtp("NOOP: maybe"), `"maybe" is neither a reply nor one of`},
		{smtp("NOOP: 25 x"), `"25" is neither a reply nor one of`},
		{smtp("connect: 220 x"), `"220" is neither a reply nor one of wait, accepted`},
		{smtp("greeting: wait"), `"" is not a duration`},
		{smtp("greeting: raw x"), `a quoted text is due, not "x"`},
		{smtp(`greeting: repeat 60000000 "xx"`), "more than 67108864 bytes"},
		{smtp("handshake: version 1.4"), `"1.4" is not a TLS version`},
		{smtp("certificate: exxpired"), `"exxpired" is neither a name with a dot`},
		{smtp("[1]"), `"[1]" is not the number of a connection`},
		{smtp("[3]\n[2]"), `line 5, section "smtp 10.0.0.7": "[2]"`},
		{want("X"), `line 4, section "want": "" is none of`},
		{want("X likely \"s\""), `"likely" is none of excluded could-not-tell suspected confirmed`},
		{want("X confirmed s"), "a quoted subject is due"},
		{want("X confirmed \"s\" wait=4"), `"4" is not a duration`},
		{want("X confirmed \"s\" wait=4m..3m"), "ends before it begins"},
		{want("X confirmed \"s\" why"), `"why" is neither wait= nor explained-by=`},
		{want("nothing\nX confirmed \"s\""), `beside "nothing"`},
		{want("X suspected \"s\"\nnothing"), `beside a suspected`},
		{"-- want --\n", `say "nothing"`},
	} {
		if _, err := Read([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: %v, want %q", c.text, err, c.want)
		}
	}
}

func manyAddrs() string {
	var all strings.Builder
	for i := range 257 {
		fmt.Fprintf(&all, " 10.0.%d.%d", i/250, i%250)
	}
	return all.String()
}

// report makes a report of findings whose causes the catalog has.
func report(findings ...diag.Finding) *diag.Report {
	greylist := &diag.Cause{Code: "GREYLIST"}
	slow := &diag.Cause{Code: "SLOW", Behind: []*diag.Cause{greylist}}
	a := &diag.Analyzer{Name: "a", Causes: []*diag.Cause{greylist, slow, {Code: "DEAD"}}}
	r := diag.NewReport(&diag.Catalog{Symptoms: []*diag.Symptom{{Name: "s", Analyzers: []*diag.Analyzer{a}}}})
	r.Add(diag.Event{Judged: &diag.Judged{Analyzer: "a", Findings: findings}})
	return r
}

func finding(code string, v diag.Verdict, subject string, wait time.Duration) diag.Finding {
	f := diag.Finding{Code: code, Verdict: v, Subject: subject}
	if wait > 0 {
		f.Wait = &diag.Span{From: time.Unix(0, 0), To: time.Unix(0, 0).Add(wait)}
	}
	return f
}

func TestCheck(t *testing.T) {
	const c, s, e = diag.Confirmed, diag.Suspected, diag.Excluded
	grey := finding("GREYLIST", c, "hub", 30*time.Second)
	for _, tc := range []struct {
		want     string
		findings []diag.Finding
		problems string
	}{
		{"nothing", nil, ""},
		{"nothing", []diag.Finding{finding("DEAD", e, "hub", 0), finding("SLOW", diag.Unknown, "hub", 0)}, ""},
		{"nothing", []diag.Finding{grey, grey}, `not wanted: GREYLIST confirmed "hub"`},
		{`GREYLIST confirmed "hub"`, []diag.Finding{grey}, ""},
		{`GREYLIST confirmed "hub" wait=30s`, []diag.Finding{grey}, ""},
		{`GREYLIST confirmed "hub" wait=20s..40s`, []diag.Finding{grey}, ""},
		{`GREYLIST confirmed "hub" wait=4m`, []diag.Finding{grey}, `line 2: want GREYLIST confirmed "hub" wait=4m: found wait=30s`},
		{`DEAD confirmed "hub" wait=4m`, []diag.Finding{finding("DEAD", c, "hub", 0)}, `line 2: want DEAD confirmed "hub" wait=4m: found without a wait`},
		{`DEAD confirmed "hub"`, nil, `line 2: want DEAD confirmed "hub": not found`},
		{`DEAD confirmed "hub"`, []diag.Finding{finding("DEAD", s, "hub", 0)}, `line 2: want DEAD confirmed "hub": found suspected`},
		{`DEAD confirmed "hub"`, []diag.Finding{finding("DEAD", c, "bub", 0)},
			`line 2: want DEAD confirmed "hub": found only for "bub"` + "\n" + `not wanted: DEAD confirmed "bub"`},
		{`DEAD confirmed "hub"`, []diag.Finding{finding("DEAD", c, "hub", 0), finding("DEAD", s, "hub", 0)}, `not wanted: DEAD suspected "hub"`},
		{`DEAD excluded "hub"`, []diag.Finding{finding("DEAD", e, "hub", 0)}, ""},
		{`DEAD excluded "hub"`, nil, `line 2: want DEAD excluded "hub": not found`},
		{"GREYLIST confirmed \"hub\"\nSLOW suspected \"hub\" explained-by=GREYLIST", []diag.Finding{grey, finding("SLOW", s, "hub", 0)}, ""},
		{"GREYLIST confirmed \"hub\"\nSLOW suspected \"hub\"", []diag.Finding{grey, finding("SLOW", s, "hub", 0)},
			`line 3: want SLOW suspected "hub": found, but explained by GREYLIST`},
		{`SLOW suspected "hub" explained-by=GREYLIST`, []diag.Finding{finding("SLOW", s, "hub", 0)},
			`line 2: want SLOW suspected "hub" explained-by=GREYLIST: found, but nothing explains it away`},
	} {
		story, err := Read([]byte("-- want --\n" + tc.want + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(story.Check(report(tc.findings...)), "\n")
		if d := cmp.Diff(tc.problems, got); d != "" {
			t.Errorf("%s:\n%s", tc.want, d)
		}
	}
}

// The story in the handbook is one that can be read.
func TestHandbook(t *testing.T) {
	text, err := os.ReadFile("../../docs/stories.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "```txtar\n")
	example, _, closed := strings.Cut(after, "```")
	if !ok || !closed {
		t.Fatal("no example")
	}
	s, err := Read([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if s.Title == "" || len(s.Want) == 0 {
		t.Errorf("%+v", s)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(greylisted))
	f.Add([]byte("-- dns 10.0.0.53 --\n" + strings.Replace(zones, "resolver: 10.0.0.53\n", "", 1)))
	f.Add([]byte("-- dns 10.0.0.53 [::1]:5353 --\nsilent\nudp: refused\nlossy 1\ntruncate over 512\ndrop over 512\nedns: formerr\na.b MX: wait 3s servfail ede 22 \"x\"\n"))
	f.Add([]byte("-- smtp 10.0.0.7 10.0.0.8:2525 --\nconnect: wait 2s refused\ngreeting: drip 1ms 220 x\nMAIL-TLS <>: raw \"\\x00\" repeat 20 \"x\" reset\ncertificate: a.b expired\nhandshake: version 1.2 fail\n[2]\nRCPT a@b: silent\n"))
	f.Add([]byte("-- zone a --\n$GENERATE 1-99 x$ A 10.0.0.$\n-- want --\nnothing\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Read(b)
		if err != nil {
			if s != nil {
				t.Error("a story with an error")
			}
			return
		}
		for _, w := range s.Want {
			again, err := parseWant(w.String())
			again.Line = w.Line
			if d := cmp.Diff(w, again); err != nil || d != "" {
				t.Errorf("%v: %v\n%s", w, err, d)
			}
		}
		if _, stop, err := s.World(); err != nil {
			t.Error(err)
		} else {
			stop()
		}
		_ = fmt.Sprint(s.Check(report()))
	})
}
