package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"mailflow/diag"
)

var update = flag.Bool("update", false, "write the golden files anew")

type view struct {
	ending string
	print  func(io.Writer, *diag.Report) error
}

// views are all formats, text also with everything.
func views() []view {
	verbose := func(w io.Writer, r *diag.Report) error { return Text(w, r, TextOptions{Verbose: true, Width: 100}) }
	plain := func(w io.Writer, r *diag.Report) error { return Text(w, r, TextOptions{}) }
	return []view{{"txt", plain}, {"verbose.txt", verbose}, {"json", JSON}, {"jsonl", Lines}, {"xml", XML}, {"html", HTML}}
}

func printed(t testing.TB, v view, events []diag.Event) string {
	t.Helper()
	var out bytes.Buffer
	if err := v.print(&out, reportOf(events)); err != nil {
		t.Fatalf("%s: %v", v.ending, err)
	}
	return out.String()
}

func stories(t testing.TB) map[string][]diag.Event {
	return map[string][]diag.Event{"founding": founding(t), "interrupted": healthy(t), "hostile": saying(t, hostile()[0]), "empty": nil,
		"routed": routed(t, interop()), "stuck": routed(t, stuck()), "delayed": delayed(t)}
}

func TestGolden(t *testing.T) {
	for name, events := range stories(t) {
		for _, v := range views() {
			got := printed(t, v, events)
			file := filepath.Join("testdata", name+"."+v.ending+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := differ(got, string(want)); d != "" {
				t.Errorf("%s differs (go test ./report -update writes it anew) %s", file, d)
			}
		}
	}
}

// hostile is what remote sides say to break what shows it.
func hostile() []string {
	all := []string{
		"220 \x1b]0;title\x07<script>alert(1)</script> ]]> \x00 \xff\xfe \u202egpj.exe\u202c \\x1b \\ C:\\mail",
		"\r\n\ttab and line ends\r\n", "  spaces at both ends  ", " ", "", "\\", "\\n", `\x41\u0041\U00000041`,
		"\u0085\u009b31m\x9b31m\x85", "\ufeff\u2028\u2029\u200b\u00ad\u061c", "\ufffe\uffff\U0001fffe\ufdd0\U000e0041", "\ufffd",
		"&lt;&#0;&amp;<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "</string></event></record></report>", "<!--", "]]>", "-->", "{{.}}", "{subject}[{banner}]",
		`"><img src=x onerror=alert(1)>`, "javascript:alert(1)", "http://evil.example/x.js", strings.Repeat("x", 3000), strings.Repeat("\u202e", 2000), strings.Repeat("\\", 99),
		"日本語 – ünïcödé 🚀",
	}
	if underRace {
		return all[:4]
	}
	return all
}

// random is how many random texts a test takes.
func random() int {
	if underRace {
		return 4
	}
	return 60
}

// randomText mixes what is dangerous with what is not.
func randomText(rng *rand.Rand) string {
	pool := []rune("ab \\<>&\"'{}[]-\x00\x07\x08\x0a\x0d\x1b\x7f\u0085\u009b\u200e\u202e\u2066\ufeff\uffff\ufffd\U000e0001é漢")
	var b []byte
	for range rng.IntN(24) {
		if rng.IntN(6) == 0 {
			b = append(b, byte(rng.IntN(256)))
		} else {
			b = utf8.AppendRune(b, pool[rng.IntN(len(pool))])
		}
	}
	return string(b)
}

// TestNothingHidden holds for every format: no control byte but the line end,
// nothing that reorders or hides text, and valid UTF-8.
func TestNothingHidden(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	texts := hostile()
	for range random() {
		texts = append(texts, randomText(rng))
	}
	for _, s := range texts {
		for _, v := range views() {
			out := printed(t, v, saying(t, s))
			if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && diag.Unprintable(r) }); i >= 0 {
				t.Fatalf("%s shows %q of %q", v.ending, out[i:min(len(out), i+8)], s)
			}
			if !utf8.ValidString(out) {
				t.Fatalf("%s is not UTF-8 for %q", v.ending, s)
			}
		}
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, events := range stories(t) {
		for _, v := range views() {
			want := printed(t, v, events)
			for range 8 {
				rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
				if d := differ(printed(t, v, events), want); d != "" {
					t.Fatalf("%s.%s depends on the order of the events: %s", name, v.ending, d)
				}
			}
		}
	}
}

func TestJSONContract(t *testing.T) {
	var got struct {
		Schema     string
		Hypotheses []struct {
			Code, Verdict, Severity string
			ExplainedBy             *string  `json:"explained_by"`
			Waited                  *float64 `json:"waited_seconds"`
			Typical                 *float64 `json:"typical_wait_seconds"`
			Messages                *int
			Findings                []struct {
				Subject, Verdict string
				Wait             *float64 `json:"wait_seconds"`
				Args             map[string]any
			}
		}
		Unread     []struct{ Path, Why string }
		NotChecked []map[string]any `json:"not_checked"`
	}
	out := printed(t, view{"json", JSON}, founding(t))
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	h := got.Hypotheses[0]
	if got.Schema != "mailflow-report/1" || h.Code != "ADDRESS-DEAD" || h.ExplainedBy != nil || *h.Waited != 30 || *h.Typical != 30 || *h.Messages != 0 {
		t.Errorf("first hypothesis: %+v", h)
	}
	if f := h.Findings[0]; *f.Wait != 30 || f.Args["limit_seconds"] != 30.0 || h.Findings[1].Wait != nil {
		t.Errorf("findings: %+v", h.Findings)
	}
	if len(got.Unread) != 1 || got.Unread[0].Path != "/evidence/hub.evtx" || len(got.NotChecked) != 2 {
		t.Errorf("unread %v, not checked %v", got.Unread, got.NotChecked)
	}
	for _, events := range stories(t) {
		for _, list := range []string{"inputs", "hypotheses", "unread", "not_checked", "evidence", "findings", "refs", "from", "failed", "codes", "args"} {
			if strings.Contains(printed(t, view{"json", JSON}, events), `"`+list+`": null`) {
				t.Errorf("%s is null", list)
			}
		}
	}
}

func TestSecretsStayOut(t *testing.T) {
	events := founding(t)
	for i := range events {
		if it := events[i].Gathered; it != nil && it.Secret {
			it.Value = raw(t, "hunter2")
		}
		if o := events[i].Opened; o != nil {
			o.Inputs[1].Value = "hunter2"
		}
	}
	for _, v := range views() {
		if strings.Contains(printed(t, v, events), "hunter2") {
			t.Errorf("%s shows a secret", v.ending)
		}
	}
	if out := printed(t, views()[1], events); !strings.Contains(out, "(not kept)") {
		t.Error("text does not say that the secret is not kept")
	}
}

func TestHTMLLoadsNothing(t *testing.T) {
	tags := regexp.MustCompile(`<[^>]*>`)
	loads := regexp.MustCompile(`(?i)^<(script|link|img|iframe|object|embed|base|form)|\ssrc=|\shref="?[^"#]|url\(|@import|\son[a-z]+=`)
	for _, s := range hostile() {
		for _, tag := range tags.FindAllString(printed(t, view{"html", HTML}, saying(t, s)), -1) {
			if loads.MatchString(tag) {
				t.Errorf("%q: the page has %q", s, tag)
			}
		}
	}
	style := regexp.MustCompile(`(?s)<style>.*</style>`).FindString(pageTemplate)
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style loads something")
	}
}

func TestXMLIsValid(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("xmllint is missing: apt-get install libxml2-utils")
		}
		t.Skip("xmllint is missing: apt-get install libxml2-utils")
	}
	texts := stories(t)
	for _, s := range hostile() {
		texts[s] = saying(t, s)
	}
	var files []string
	dir := t.TempDir()
	for _, events := range texts {
		file := filepath.Join(dir, "r"+string(rune('A'+len(files)))+".xml")
		if err := os.WriteFile(file, []byte(printed(t, view{"xml", XML}, events)), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	lint := exec.Command("xmllint", append([]string{"--nonet", "--noout", "--huge", "--schema", "../testdata/report.xsd"}, files...)...)
	if out, err := lint.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, clip(string(out), 4000))
	}
}

func TestWriteNamesTheEndings(t *testing.T) {
	var out bytes.Buffer
	err := Write("report.docx", &out, reportOf(nil))
	if err == nil || !strings.Contains(err.Error(), ".xml .html .htm .json .jsonl .txt") {
		t.Errorf("error: %v", err)
	}
	for _, name := range []string{"a.xml", "b.HTML", "c.htm", "d.json", "e.jsonl", "/x.y/f.txt"} {
		if err := Write(name, io.Discard, reportOf(founding(t))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
