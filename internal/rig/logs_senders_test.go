//go:build integration

package rig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// TestSenders has a Postfix and an Exim send to servers that take mail, put it
// off, refuse for a while, or never take it; then the command reads what they
// wrote. What it says is held against what was sent, against another reading of
// the logs, and against pflogsumm.
func TestSenders(t *testing.T) {
	l := needLab(t)
	if l.binErr != nil {
		t.Fatal(l.binErr)
	}
	t.Parallel()
	midway, end := needSenders(t).hour(t)
	for _, name := range []string{"postfix.log", "exim.log"} {
		t.Run(name, func(t *testing.T) { readsLog(t, l, end+"/"+name) })
	}
	for name := range listings {
		t.Run(name, func(t *testing.T) {
			readsQueue(t, l, midway+"/"+name, late, never)
			readsQueue(t, l, end+"/"+name, never)
		})
	}
	t.Run("pflogsumm", func(t *testing.T) { agrees(t, l, end+"/postfix.log") })
}

// A verdict is a report, and the evidence beneath it.
type verdict struct {
	judgement
	traffic []evidence.HopTraffic
	rhythms []evidence.HopRhythm
	queues  []evidence.QueueListing
	said    string
}

// read has the command judge files, and ask nobody.
func read(t *testing.T, l *lab, files ...string) (v verdict) {
	t.Helper()
	report, file := t.TempDir()+"/report.json", t.TempDir()+"/case.jsonl"
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := append([]string{"netns", "exec", namespace, l.bin, "run", "--offline", "--input", "zone=Etc/UTC", "--out", report, "--out", file}, files...)
	out, err := exec.CommandContext(ctx, "ip", args...).CombinedOutput()
	v.said = string(out)
	text, readErr := os.ReadFile(report)
	if readErr != nil {
		t.Fatalf("no report: %v, %v\n%s", readErr, err, out)
	}
	if err := json.Unmarshal(text, &v.judgement); err != nil {
		t.Fatalf("the report: %v", err)
	}
	v.evidence(t, file)
	t.Logf("%s, not excluded:\n%s", strings.Join(files, " "), v.judgement)
	return v
}

// evidence takes out of a case file what was read from logs and listings.
func (v *verdict) evidence(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	into := map[string]any{"logs": &v.traffic, "rhythms": &v.rhythms, "queues": &v.queues}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var line struct {
			Gathered struct {
				Kind  string
				Value json.RawMessage
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if g := line.Gathered; into[g.Kind] != nil && g.Value != nil {
			if err := json.Unmarshal(g.Value, into[g.Kind]); err != nil {
				t.Fatal(g.Kind, err)
			}
		}
	}
}

// find gives the findings of a cause about a subject that ends so.
func (v verdict) find(code, subject string) (all []finding) {
	for _, h := range v.Hypotheses {
		for _, f := range h.Findings {
			if h.Code == code && strings.HasSuffix(f.Subject, subject) {
				all = append(all, f)
			}
		}
	}
	return all
}

// only complains of causes of late mail that are confirmed besides these.
func (v verdict) only(t *testing.T, codes ...string) {
	t.Helper()
	for _, h := range v.Hypotheses {
		if h.Verdict == "confirmed" && h.atLeast("delayed") && !slices.Contains(codes, h.Code) {
			t.Errorf("wrong: %s is confirmed", h.Code)
		}
	}
}

func readsLog(t *testing.T, l *lab, log string) {
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	all, v := readStays(string(text)), read(t, l, log)
	v.only(t, "HOP-DELAY", "PERIODIC-RETRY", "SMTP-DEFERRED", "SMTP-GREYLISTED", "SMTP-BACK-PRESSURE")
	for _, d := range destinations {
		truth := all.tally(d.zone)
		if truth.sent != d.sent() || truth.waiting != d.waiting() {
			t.Fatalf("%s: the log has %+v of %d letters", d.zone, truth, d.letters)
		}
		v.counts(t, d, truth)
		v.answers(t, d)
		switch d.fate {
		case prompt:
			v.clears(t, d, truth)
		case never:
			v.waits(t, d)
		case late:
			v.delays(t, d)
			v.retries(t, d, strings.HasSuffix(log, "/postfix.log"))
		}
	}
	alone := t.TempDir() + "/healthy.log"
	if err := os.WriteFile(alone, []byte(all.only("healthy", string(text))), 0o644); err != nil {
		t.Fatal(err)
	}
	f := read(t, l, alone).find("HOP-DELAY", "to mx.healthy.test")
	if all.tally("healthy").late == 0 && (len(f) != 1 || f[0].Verdict != "excluded") {
		t.Errorf("healthy alone: HOP-DELAY %+v, want it excluded", f)
	}
}

// sent is how many messages a destination takes in the end. What healthy.test
// returns to its author is among them.
func (d destination) sent() int {
	switch d.fate {
	case never:
		return 0
	case prompt:
		return d.letters + strangers
	}
	return d.letters
}

// waiting is how many are there at the end.
func (d destination) waiting() int {
	if d.fate == never {
		return d.letters
	}
	return 0
}

// host is a destination as the logs name it.
func (d destination) host() string { return "mx." + d.zone + ".test" }

// hop is what was read of a destination. Exim does not name a host that refuses: what
// it tried is of the domain then, and what it did not try, as the host's time had not
// come, of no hop; both are taken together.
func (v verdict) hop(t *testing.T, d destination) evidence.HopTraffic {
	t.Helper()
	i := slices.IndexFunc(v.traffic, func(h evidence.HopTraffic) bool {
		return h.To == d.host() || d.zone == "allrefused" && h.To == evidence.NoHopYet
	})
	if i >= 0 && v.traffic[i].To == evidence.NoHopYet {
		h := v.traffic[i]
		for _, other := range v.traffic {
			if other.To == d.zone+".test" {
				h.Waiting += other.Waiting
			}
		}
		return h
	}
	if i < 0 {
		t.Fatalf("%s: no such hop was read", d.host())
	}
	return v.traffic[i]
}

// counts holds what was read of one hop against the other reading. Why mail of no
// hop waits is not kept.
func (v verdict) counts(t *testing.T, d destination, truth tally) {
	t.Helper()
	h := v.hop(t, d)
	got := tally{h.Count, h.Late, h.Waiting, putOffs(h), h.Longest.Duration()}
	if h.To == evidence.NoHopYet {
		got.attempts = truth.attempts
	}
	if (got.longest - truth.longest).Abs() <= time.Second {
		got.longest = truth.longest
	}
	if got != truth {
		t.Errorf("%s: %+v was read, the log has %+v", d.host(), got, truth)
	}
}

func putOffs(h evidence.HopTraffic) (n int) {
	for _, p := range h.Deferrals {
		n += p.Count
	}
	return n
}

// clears wants nothing said against a destination that takes all at once, unless
// this machine was too busy to send.
func (v verdict) clears(t *testing.T, d destination, truth tally) {
	t.Helper()
	for _, f := range v.find("HOP-DELAY", "to "+d.host()) {
		if truth.late == 0 && f.Verdict != "excluded" {
			t.Errorf("%s: HOP-DELAY %+v, where nothing waited", d.zone, f)
		}
	}
}

// waits wants mail that never left to be counted, and nobody let off.
func (v verdict) waits(t *testing.T, d destination) {
	t.Helper()
	found := v.find("HOP-DELAY", "to "+d.host())
	if h := v.hop(t, d); h.To == evidence.NoHopYet {
		found = append(v.find("HOP-DELAY", h.Server), v.find("HOP-DELAY", "to "+d.zone+".test")...)
	}
	waiting := 0.0
	for _, f := range found {
		n, _ := f.Args["waiting"].(float64)
		if waiting += n; f.Verdict == "excluded" {
			t.Errorf("%s: HOP-DELAY %+v", d.zone, f)
		}
	}
	if waiting != float64(d.letters) {
		t.Errorf("%s: HOP-DELAY %+v, want %d that wait", d.zone, found, d.letters)
	}
}

// delays wants late mail to be found, and why it was put off.
func (v verdict) delays(t *testing.T, d destination) {
	t.Helper()
	found := v.find("HOP-DELAY", "to "+d.host())
	if len(found) != 1 {
		t.Fatalf("%s: HOP-DELAY %+v, want one", d.zone, found)
	}
	f, why := found[0], fmt.Sprint(found[0].Args["deferred"])
	if f.Verdict != "confirmed" || f.Args["late"] != float64(d.letters) || !strings.Contains(why, d.reason) || !strings.Contains(why, d.means) {
		t.Errorf("%s: HOP-DELAY %+v, want %d late, for %q, %s", d.zone, f, d.letters, d.reason, d.means)
	}
}

// enough letters show a timer. But Exim looks through its queue every five
// minutes, at one message after the other: its waits need not gather.
const enough = 40

// retries wants the half hour between attempts to be seen where the letters show
// it, and never taken for a clock's.
func (v verdict) retries(t *testing.T, d destination, gathered bool) {
	t.Helper()
	for _, f := range v.find("PERIODIC-SCHEDULE", d.host()) {
		if f.Verdict == "confirmed" {
			t.Errorf("%s: PERIODIC-SCHEDULE %+v, though it is a retry timer", d.zone, f)
		}
	}
	found := v.find("PERIODIC-RETRY", d.host())
	seen := len(found) == 1 && (found[0].Verdict == "confirmed" || found[0].Verdict == "suspected")
	if !seen && gathered && d.letters >= enough {
		t.Errorf("%s: PERIODIC-RETRY %+v, want it confirmed or suspected", d.zone, found)
	}
	for _, r := range v.rhythms {
		for _, sum := range r.Sums {
			if m := sum.Duration().Minutes(); r.To == d.host() && (m < 29 || m > 43) {
				t.Errorf("%s: waits gather at %v, want half an hour and a little", d.zone, r.Sums)
			}
		}
	}
}

// answers wants what a destination says to the first attempts to be the cause, and of
// the others nothing of the kind.
func (v verdict) answers(t *testing.T, d destination) {
	t.Helper()
	said := map[string]string{"greylisting": "SMTP-GREYLISTED", "closed": "SMTP-DEFERRED", "full": "SMTP-BACK-PRESSURE"}[d.zone]
	for _, code := range []string{"SMTP-GREYLISTED", "SMTP-DEFERRED", "SMTP-BACK-PRESSURE", "SMTP-CONNECTION-LIMIT"} {
		found := v.find(code, "to "+d.host())
		if confirmed := len(found) == 1 && found[0].Verdict == "confirmed"; confirmed != (code == said) {
			t.Errorf("%s: %s %+v, want %q", d.zone, code, found, said)
		}
	}
}

// remarks are what is said of a list that is whole: mailq has times without a year.
var remarks = map[string][]string{"postfix.txt": {"the times have neither year nor zone: taken as the last such time, in Etc/UTC (--input zone=Europe/Berlin)"}}

func problemsOf(x evidence.Export) []string {
	var all []string
	for _, p := range x.Problems {
		all = append(all, p.Text)
	}
	return all
}

// readsQueue wants a listing of a queue to say how much is in it.
func readsQueue(t *testing.T, l *lab, file string, fates ...string) {
	v := read(t, l, file)
	v.only(t, "QUEUE-RETRY", "QUEUE-ONE-DESTINATION")
	if len(v.queues) != 1 || v.queues[0].Messages != written(fates...) || !slices.Equal(problemsOf(v.queues[0].Export), remarks[filepath.Base(file)]) {
		t.Fatalf("%s: listings %+v, want one of %d messages", file, v.queues, written(fates...))
	}
	for _, d := range destinations {
		want := 0
		if slices.Contains(fates, d.fate) {
			want = d.letters
		}
		v.queued(t, d, want)
		v.explains(t, d, want, listings[filepath.Base(file)])
	}
}

// queued wants each message to be counted for its destination.
func (v verdict) queued(t *testing.T, d destination, want int) {
	t.Helper()
	got := 0
	for _, r := range v.queues[0].Reasons {
		if r.Domain == d.zone+".test" {
			got += r.Count
		}
	}
	if got != want {
		t.Errorf("%d wait for %s, want %d", got, d.zone, want)
	}
}

// explains wants to be told why they wait, which exim -bp does not say, and when
// they are given up, for which mailq would have to say the year.
func (v verdict) explains(t *testing.T, d destination, want int, program string) {
	t.Helper()
	found := v.find("QUEUE-RETRY", d.zone+".test")
	if want == 0 || program == "exim -bp" {
		if len(found) > 0 {
			t.Errorf("%s: QUEUE-RETRY %+v, want none", d.zone, found)
		}
		return
	}
	if len(found) != 1 || found[0].Verdict != "confirmed" || found[0].Args["count"] != float64(want) || !found[0].has("error", d.reason) || !found[0].has("means", d.means) {
		t.Fatalf("%s: QUEUE-RETRY %+v, want %d for %q, %s", d.zone, found, want, d.reason, d.means)
	}
	if program == "postqueue -j" && !found[0].has("returned", "at 20") {
		t.Errorf("%s: QUEUE-RETRY %+v, want when they are returned", d.zone, found)
	}
}

// has says whether a finding tells something with these words.
func (f finding) has(arg, words string) bool {
	return words == "" || strings.Contains(fmt.Sprint(f.Args[arg]), words)
}

// agrees holds the sums over all hops against pflogsumm's, and these against what
// was sent.
func agrees(t *testing.T, l *lab, log string) {
	got, want := map[string]int{}, pflogsumm(t, log)
	for _, h := range read(t, l, log).traffic {
		got["delivered"] += h.Count
		got["deferrals"] += putOffs(h)
	}
	if got["delivered"] != want["delivered"] || got["deferrals"] != want["deferrals"] {
		t.Errorf("read were %v, pflogsumm counts %v", got, want)
	}
	if want["delivered"] != written(prompt, late)+strangers || want["deferred"] != written(late, never) || want["bounced"] != strangers {
		t.Errorf("pflogsumm counts %v; that is not what was sent", want)
	}
}
