//go:build integration

package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// A judgement is what the JSON report says, as far as the cases look at it. It
// is spelled out here rather than taken from the command's own packages: this
// is what users of the report rely on.
type judgement struct {
	Hypotheses []hypothesis `json:"hypotheses"`
}

type hypothesis struct {
	Code        string    `json:"code"`
	Verdict     string    `json:"verdict"`
	Severity    string    `json:"severity"`
	ExplainedBy *string   `json:"explained_by"`
	Findings    []finding `json:"findings"`
}

type finding struct {
	Subject string  `json:"subject"`
	Verdict string  `json:"verdict"`
	Wait    float64 `json:"wait_seconds"`

	Args map[string]any `json:"args"`
}

func runCases(t *testing.T, cases []testCase) {
	l := needLab(t)
	if l.binErr != nil {
		t.Fatal(l.binErr)
	}
	t.Parallel()
	t.Cleanup(func() { // when all of these cases are over
		if l.delivered("user@") {
			t.Error("a message was sent without consent")
		}
	})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.hold != "" {
				defer l.hold(t, ourself, c.hold).Close()
			}
			began := time.Now()
			got, said := l.judge(t, c)
			if took := time.Since(began); c.within > 0 && took > c.within {
				t.Errorf("took %.1f s, want no more than %v", took.Seconds(), c.within)
			}
			for _, complaint := range c.complaints(got) {
				t.Error(complaint)
			}
			t.Logf("not excluded:\n%s", got)
			if t.Failed() {
				t.Logf("the command said:\n%s", said)
			}
		})
	}
}

// delivered says whether Postfix took a whole message for such a recipient.
func (l *lab) delivered(to string) bool {
	log, _ := os.ReadFile(l.path("postfix.log"))
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "to=<"+to) && strings.Contains(line, "status=sent") {
			return true
		}
	}
	return false
}

// judge runs the command in the lab and reads its report.
func (l *lab) judge(t *testing.T, c testCase) (judgement, string) {
	t.Helper()
	report := t.TempDir() + "/report.json"
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", namespace}, l.arguments(c, report)...)...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	text, readErr := os.ReadFile(report)
	if readErr != nil {
		t.Fatalf("no report: %v, %v\n%s\n%s", readErr, err, strings.Join(cmd.Args, " "), said.String())
	}
	var got judgement
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("the report: %v", err)
	}
	// 0 and 1 are what a finished run ends with.
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 1 {
		t.Errorf("exit status %d: %v", code, err)
	}
	return got, said.String()
}

// arguments leave out a usual one when the case says something else.
func (l *lab) arguments(c testCase, report string) []string {
	zone := c.zone
	if zone == "" {
		zone = c.name
	}
	args := []string{l.bin, "run", "--symptom", "outbound-delayed", "--out", report}
	for _, usual := range []string{
		"recipient=user@" + zone + ".test", "sender=sender@rig.test", "ehlo=sender.rig.test",
		"source=" + ourself, "connect-limit=5s", "roots=" + l.path("pki/ca.pem"),
	} {
		key, _, _ := strings.Cut(usual, "=")
		if !slices.ContainsFunc(c.args, func(a string) bool { return strings.HasPrefix(a, key+"=") }) {
			args = append(args, "--input", usual)
		}
	}
	if !slices.Contains(c.args, "--resolver") {
		args = append(args, "--resolver", "127.0.0.53")
	}
	return append(args, c.args...)
}

// complaints holds the report against what the case wants.
func (c testCase) complaints(got judgement) (all []string) {
	for _, w := range c.want {
		if !slices.ContainsFunc(got.Hypotheses, w.met) {
			all = append(all, fmt.Sprintf("missing: %+v, not explained by another", w))
		}
	}
	for _, h := range got.Hypotheses {
		switch {
		case h.ExplainedBy != nil || c.expects(h):
		case h.Verdict == "confirmed" && h.atLeast("delayed"):
			all = append(all, "wrong: "+h.Code+" is confirmed")
		case c.clean && (h.Verdict == "confirmed" || h.Verdict == "suspected") && h.atLeast("degraded"):
			all = append(all, "wrong: "+h.Code+" is "+h.Verdict+" where nothing is amiss")
		}
	}
	return all
}

// expects says whether the case wants or allows what is claimed. A cause that is
// wanted unsure is not expected to be confirmed.
func (c testCase) expects(h hypothesis) bool {
	return slices.Contains(c.also, h.Code) || slices.ContainsFunc(c.want, func(w want) bool {
		return w.names(h.Code) && slices.Contains(w.verdicts, h.Verdict)
	})
}

func (w want) names(code string) bool { return slices.Contains(strings.Split(w.codes, "|"), code) }

// met says whether a hypothesis is the one wanted, by a finding about the right
// subject.
func (w want) met(h hypothesis) bool {
	return w.names(h.Code) && h.ExplainedBy == nil && h.atLeast(w.severity) && slices.ContainsFunc(h.Findings, func(f finding) bool {
		return slices.Contains(w.verdicts, f.Verdict) && strings.Contains(f.Subject, w.subject) && f.Wait >= w.wait
	})
}

func (h hypothesis) atLeast(severity string) bool {
	order := []string{"note", "degraded", "delayed", "stopped"}
	return slices.Index(order, h.Severity) >= slices.Index(order, severity)
}

// String lists what was not excluded.
func (j judgement) String() string {
	var out strings.Builder
	for _, h := range j.Hypotheses {
		if h.Verdict == "excluded" {
			continue
		}
		behind := ""
		if h.ExplainedBy != nil {
			behind = " (explained by " + *h.ExplainedBy + ")"
		}
		fmt.Fprintf(&out, "  %s %s %s%s\n", h.Verdict, h.Severity, h.Code, behind)
		for _, f := range h.Findings {
			if f.Verdict != "excluded" {
				fmt.Fprintf(&out, "    %s at %s, %.1f s\n", f.Verdict, f.Subject, f.Wait)
			}
		}
	}
	return out.String()
}
