//go:build integration

package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	// rate is how fast the clock of the senders runs.
	rate = 60

	// They relay for ourself alone.
	postfixSender = "203.0.113.60:25"
	eximSender    = "203.0.113.61:25"
)

// The senders are a Postfix and an Exim that believe that a second is a minute
// (senders.sh), so that what they write of an hour is there in a minute. They
// share their clock, and with them a postgrey.
type senders struct {
	lab   *lab
	pid   int      // of what runs them: its view of the machine's files is theirs
	clock []string // for the environment of programs that shall have their clock
}

// needSenders starts them, or skips the test where that cannot be.
func needSenders(t *testing.T) *senders {
	t.Helper()
	l := needLab(t)
	if errors.Is(l.noSenders, errCannotHere) && os.Getenv("CI") != "true" {
		t.Skip(l.noSenders)
	}
	s, err := l.startSenders()
	if err != nil {
		t.Fatal(errors.Join(l.noSenders, err))
	}
	return s
}

func (l *lab) startSenders() (*senders, error) {
	if err := os.WriteFile(l.path("closed"), nil, 0o644); err != nil {
		return nil, err
	}
	if err := l.start("senders", "bash", "senders.sh", l.dir, fmt.Sprint(rate), servers+"/exim"); err != nil {
		return nil, err
	}
	for _, addr := range []string{"127.0.0.1:10024", postfixSender, eximSender} {
		if err := l.waitFor(addr); err != nil {
			return nil, err
		}
	}
	clock, err := os.ReadFile(l.path("clock"))
	if err != nil {
		return nil, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return &senders{lab: l, pid: l.daemons[len(l.daemons)-1].cmd.Process.Pid, clock: strings.Split(strings.TrimSpace(string(clock)), "\n")}, nil
}

// run runs a program beside the senders, and gives what it prints.
func (s *senders) run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	// the clock lies where nsenter goes to: it must not itself look for one here
	enter := slices.Concat([]string{"-t", fmt.Sprint(s.pid), "-m", "-n", "--", "env"}, s.clock, args)
	out, err := exec.CommandContext(ctx, "nsenter", enter...).Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// queue lists a queue, as one of these programs does.
func (s *senders) queue(program string) (string, error) {
	conf := s.lab.path("sender-postfix")
	switch program {
	case "postqueue -j":
		return s.run("postqueue", "-c", conf, "-j")
	case "mailq":
		return s.run("MAIL_CONFIG="+conf, "mailq")
	}
	return s.run("chroot", s.lab.path("root-exim"), "/usr/sbin/exim4", "-bp") // where it lives: overlay.sh
}
