//go:build integration

package rig

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// A stay is one message at a sender, by a reading of the log that has nothing in
// common with that of the command: lines are told by their words, and belong
// together by their id.
type stay struct {
	zone      string // of the recipient
	came      time.Time
	left      time.Time // zero: it is still there
	bounced   bool
	removed   bool // from the queue, too
	attempts  int  // that were put off
	postponed int  // queue runs of Exim that left it alone
}

// stays are those of one log, by their ids.
type stays map[string]*stay

var (
	stampedLine = regexp.MustCompile(`^(?:(\w{3} [ \d]\d \d\d:\d\d:\d\d) \S+ postfix/\w+\[\d+\]: ([0-9A-F]{6,}):|(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (\w{6}-\w+-\w+)) (.*)`)
	toZone      = regexp.MustCompile(`(?:to=<|[=*]{2} |=> )[^ @]+@(\w+)\.test`)
)

// readStays reads a log of this year.
func readStays(log string) stays {
	all := stays{}
	for line := range strings.Lines(log) {
		m := stampedLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			continue
		}
		at, _ := time.Parse(time.Stamp, m[1])
		if m[3] != "" {
			at, _ = time.Parse(time.DateTime, m[3])
		}
		id := m[2] + m[4]
		if all[id] == nil {
			all[id] = &stay{came: at}
		}
		all[id].read(at, m[5])
	}
	return all
}

func (s *stay) read(at time.Time, text string) {
	if m := toZone.FindStringSubmatch(text); m != nil {
		s.zone = m[1]
	}
	switch {
	case strings.Contains(text, "status=sent"), strings.HasPrefix(text, "=> "):
		s.left = at
	case strings.Contains(text, "status=bounced"), strings.HasPrefix(text, "** "):
		s.left, s.bounced = at, true
	case text == "removed", text == "Completed":
		s.removed = true
	case strings.HasPrefix(text, "== ") && strings.Contains(text, ": retry time not reached"):
		s.postponed++
	case strings.Contains(text, "status=deferred"), strings.HasPrefix(text, "== "):
		s.attempts++
	}
}

// sent are how many of them left and are done with, and not because they were
// given up.
func (all stays) sent() (n int) {
	for _, s := range all {
		if s.removed && !s.bounced {
			n++
		}
	}
	return n
}

// putOff are how many were put off at least once.
func (all stays) putOff() (n int) {
	for _, s := range all {
		if s.attempts+s.postponed > 0 {
			n++
		}
	}
	return n
}

// written reads what a sender has written so far.
func (s *senders) written(t *testing.T, log string) stays {
	t.Helper()
	text, err := os.ReadFile(s.lab.path(logFiles[log]))
	if err != nil {
		t.Fatal(err)
	}
	return readStays(string(text))
}

// A tally is what becomes of the mail for one zone.
type tally struct {
	sent, late, waiting, attempts int
	longest                       time.Duration
}

// tally sums up the mail for a zone. What was given up is none of it.
func (all stays) tally(zone string) (sum tally) {
	for _, s := range all {
		if s.zone != zone || s.bounced {
			continue
		}
		sum.attempts += s.attempts
		if s.left.IsZero() {
			sum.waiting++
			continue
		}
		wait := s.left.Sub(s.came)
		sum.sent++
		sum.longest = max(sum.longest, wait)
		if wait > evidence.LateFrom {
			sum.late++
		}
	}
	return sum
}

// only leaves of a log the lines of the mail for a zone.
func (all stays) only(zone, log string) string {
	var kept strings.Builder
	for line := range strings.Lines(log) {
		if m := stampedLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil && all[m[2]+m[4]].zone == zone {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

var grandTotal = regexp.MustCompile(`(?m)^ +(\d+) +(delivered|deferred|bounced)(?: +\( *(\d+) +deferrals\))?`)

// pflogsumm counts with another's reader of Postfix's log: messages, and
// "deferrals", the attempts that were put off.
func pflogsumm(t *testing.T, log string) map[string]int {
	t.Helper()
	out, err := exec.Command("pflogsumm", "--detail", "0", log).CombinedOutput()
	if err != nil {
		t.Fatalf("pflogsumm: %v\n%s", err, out)
	}
	all := map[string]int{}
	for _, m := range grandTotal.FindAllStringSubmatch(string(out), -1) {
		all[m[2]], _ = strconv.Atoi(m[1])
		if m[3] != "" {
			all["deferrals"], _ = strconv.Atoi(m[3])
		}
	}
	return all
}
