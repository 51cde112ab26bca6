//go:build integration

package rig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
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
	v.only(t, "HOP-DELAY", "PERIODIC-RETRY")
	for _, d := range destinations {
		truth := all.tally(d.zone)
		if want := d.sent(); truth.sent != want || truth.sent+truth.waiting != max(want, d.letters) {
			t.Fatalf("%s: the log has %+v of %d letters", d.zone, truth, d.letters)
		}
		v.counts(t, d, truth)
		v.judges(t, d, truth)
	}
	alone := t.TempDir() + "/healthy.log"
	if err := os.WriteFile(alone, []byte(all.only("healthy", string(text))), 0o644); err != nil {
		t.Fatal(err)
	}
	if f := read(t, l, alone).find("HOP-DELAY", "mx.healthy.test"); all.tally("healthy").late == 0 && (len(f) != 1 || f[0].Verdict != "excluded") {
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

// host is a destination as the logs name it.
func (d destination) host() string { return "mx." + d.zone + ".test" }

// counts holds what was read of one hop against the other reading. Exim does not
// name a host that refuses: mail that never left is of no hop then.
func (v verdict) counts(t *testing.T, d destination, truth tally) {
	t.Helper()
	i := slices.IndexFunc(v.traffic, func(h evidence.HopTraffic) bool {
		return h.To == d.host() || d.zone == "allrefused" && h.To == evidence.NoHopYet
	})
	if i < 0 {
		t.Errorf("%s: no such hop was read", d.host())
		return
	}
	h := v.traffic[i]
	put := 0
	for _, p := range h.Deferrals {
		put += p.Count
	}
	if h.To == evidence.NoHopYet {
		put = truth.attempts
	}
	if got := (tally{h.Count, h.Late, h.Waiting, put, truth.longest}); got != truth {
		t.Errorf("%s: %+v was read, the log has %+v", d.host(), got, truth)
	}
	if off := h.Longest.Duration() - truth.longest; d.fate != never && off.Abs() > time.Second {
		t.Errorf("%s: the longest wait is %v, want %v", d.host(), h.Longest.Duration(), truth.longest)
	}
}

// judges holds what is said of a destination against its fate.
func (v verdict) judges(t *testing.T, d destination, truth tally) {
	t.Helper()
	found := v.find("HOP-DELAY", "to "+d.host())
	if d.zone == "allrefused" && len(found) == 0 {
		found = v.find("HOP-DELAY", " server") // see counts
	}
	switch {
	case d.fate == prompt:
		if truth.late == 0 && len(found) > 0 && found[0].Verdict != "excluded" {
			t.Errorf("%s: HOP-DELAY %+v, where nothing waited", d.zone, found)
		}
		return
	case len(found) != 1:
		t.Errorf("%s: HOP-DELAY %+v, want one", d.zone, found)
		return
	}
	f := found[0]
	if d.fate == never {
		if f.Verdict == "excluded" || f.Args["waiting"] != float64(d.letters) {
			t.Errorf("%s: HOP-DELAY %+v, want %d that wait", d.zone, f, d.letters)
		}
		return
	}
	if put := fmt.Sprint(f.Args["deferred"]); f.Verdict != "confirmed" || !strings.Contains(put, d.reason) || !strings.Contains(put, d.means) {
		t.Errorf("%s: HOP-DELAY %+v, want it confirmed, for %q, %s", d.zone, f, d.reason, d.means)
	}
	v.retries(t, d)
}

// retries wants the half hour between two attempts to be seen where enough
// messages show it, and never taken for a clock's.
func (v verdict) retries(t *testing.T, d destination) {
	t.Helper()
	for _, f := range v.find("PERIODIC-SCHEDULE", d.host()) {
		if f.Verdict == "confirmed" {
			t.Errorf("%s: PERIODIC-SCHEDULE %+v, though it is a retry timer", d.zone, f)
		}
	}
	if d.letters < 40 {
		return
	}
	found := v.find("PERIODIC-RETRY", d.host())
	i := slices.IndexFunc(v.rhythms, func(r evidence.HopRhythm) bool { return r.To == d.host() })
	if len(found) != 1 || i < 0 || found[0].Verdict != "confirmed" && found[0].Verdict != "suspected" {
		t.Errorf("%s: PERIODIC-RETRY %+v, want it confirmed or suspected", d.zone, found)
		return
	}
	if sums := v.rhythms[i].Sums; len(sums) != 1 || math.Abs(sums[0].Duration().Minutes()-32) > 4 {
		t.Errorf("%s: waits gather at %v, want half an hour and a little", d.zone, sums)
	}
}

// readsQueue wants a listing of a queue to say what is in it, and why where the
// listing does: exim -bp does not.
func readsQueue(t *testing.T, l *lab, file string, fates ...string) {
	v := read(t, l, file)
	v.only(t, "QUEUE-RETRY", "QUEUE-ONE-DESTINATION")
	if len(v.queues) != 1 || v.queues[0].Messages != written(fates...) {
		t.Fatalf("%s: listings %+v, want one of %d messages", file, v.queues, written(fates...))
	}
	for _, d := range destinations {
		zone := d.zone + ".test"
		waiting := 0
		for _, r := range v.queues[0].Reasons {
			if r.Domain == zone {
				waiting += r.Count
			}
		}
		want := 0
		if slices.Contains(fates, d.fate) {
			want = d.letters
		}
		if waiting != want {
			t.Errorf("%s: %d wait for %s, want %d", file, waiting, zone, want)
		}
		found := v.find("QUEUE-RETRY", zone)
		if strings.HasSuffix(file, "/exim.txt") {
			if len(found) > 0 {
				t.Errorf("%s: QUEUE-RETRY %+v, though exim -bp names no reason", file, found)
			}
			continue
		}
		if want == 0 {
			if len(found) > 0 {
				t.Errorf("%s: QUEUE-RETRY %+v, where nothing waits", file, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Verdict != "confirmed" || found[0].Args["count"] != float64(want) ||
			!strings.Contains(fmt.Sprint(found[0].Args["error"]), d.reason) || d.means != "" && !strings.Contains(fmt.Sprint(found[0].Args["means"]), d.means) {
			t.Errorf("%s: QUEUE-RETRY %+v, want %d for %q, %s", file, found, want, d.reason, d.means)
		}
	}
}

// agrees holds the sums over all hops against those of pflogsumm.
func agrees(t *testing.T, l *lab, log string) {
	want := pflogsumm(t, log)
	v := read(t, l, log)
	delivered, deferrals := 0, 0
	for _, h := range v.traffic {
		delivered += h.Count
		for _, p := range h.Deferrals {
			deferrals += p.Count
		}
	}
	if delivered != want["delivered"] || deferrals != want["deferrals"] {
		t.Errorf("%d delivered, %d deferrals; pflogsumm: %v", delivered, deferrals, want)
	}
	if want["delivered"] != written(prompt, late)+strangers || want["deferred"] != written(late, never) || want["bounced"] != strangers {
		t.Errorf("pflogsumm: %v; not what was sent", want)
	}
}
