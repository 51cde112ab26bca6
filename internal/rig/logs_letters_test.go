//go:build integration

package rig

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/smtp"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// A destination is where letters go, and what becomes of them.
type destination struct {
	zone    string
	letters int
	fate    string
	reason  string // for which they are put off, as reports quote it
	means   string // what reports say to that
}

// The fates of letters. Late ones go at the second attempt, half an hour after
// the first.
const (
	prompt = "prompt"
	late   = "late"
	never  = "never"
)

var destinations = []destination{
	{"healthy", 30, prompt, "", ""},
	{"greylisting", 40, late, "450 4.2.0 ", "SMTP-GREYLISTED"},
	{"closed", 40, late, "451 Temporary local problem - please try later", ""},
	{"shut", 10, late, "Connection refused", "TCP-REFUSED"},
	{"full", 5, never, "452 4.3.1 Insufficient system storage", "SMTP-BACK-PRESSURE"},
	{"allrefused", 5, never, "Connection refused", "TCP-REFUSED"},
}

const (
	// strangers are letters to somebody whom healthy.test does not have. They are
	// returned to their author, who is there.
	strangers = 2
	author    = "news@healthy.test"

	sending  = 18 * time.Second // from the first letter to the last, by a clock that is right
	patience = 75 * time.Second // for all of it
)

// written is how many letters have one of these fates.
func written(fates ...string) (n int) {
	for _, d := range destinations {
		if slices.Contains(fates, d.fate) {
			n += d.letters
		}
	}
	return n
}

// A letter is one message that a sender is given.
type letter struct{ to, id string }

// letters are all of them, in an order that is the same in every run.
func letters() (all []letter) {
	for _, d := range destinations {
		for i := range d.letters {
			all = append(all, letter{fmt.Sprintf("reader%d@%s.test", i, d.zone), fmt.Sprintf("%d.%s@rig.test", i, d.zone)})
		}
	}
	for i := range strangers {
		all = append(all, letter{"nobody@healthy.test", fmt.Sprintf("%d.nobody@rig.test", i)})
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// hour lets the senders send for an hour of theirs. What is closed or shut opens
// when every letter was tried once. It gives folders with what an administrator
// would save: while mail waits, and at the end.
func (s *senders) hour(t *testing.T) (midway, end string) {
	t.Helper()
	began := time.Now()
	sent := make(chan error)
	for _, server := range []string{postfixSender, eximSender} {
		go func() { sent <- s.lab.giveAll(server, began) }()
	}
	if err := errors.Join(<-sent, <-sent); err != nil {
		t.Fatal(err)
	}
	s.await(t, began, written(prompt)+strangers, written(late, never))
	midway = s.save(t)
	if err := s.lab.reopen(); err != nil {
		t.Fatal(err)
	}
	s.await(t, began, written(prompt, late)+strangers, 0)
	t.Logf("an hour took %.0f s", time.Since(began).Seconds())
	return midway, s.save(t)
}

// giveAll hands a sender its letters.
func (l *lab) giveAll(server string, began time.Time) error {
	all := letters()
	for i, m := range all {
		time.Sleep(time.Until(began.Add(sending * time.Duration(i) / time.Duration(len(all)))))
		if err := l.give(server, m); err != nil {
			return fmt.Errorf("letter %d to %s: %w", i, server, err)
		}
	}
	return nil
}

// give hands one letter to a sender.
func (l *lab) give(server string, m letter) error {
	conn, err := l.dial("tcp", ourself, server)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	c, err := smtp.NewClient(conn, "sender")
	if err != nil {
		return err
	}
	if err := errors.Join(c.Hello("sender.rig.test"), c.Mail(author), c.Rcpt(m.to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "From: <"+author+">\r\nTo: <"+m.to+">\r\nSubject: one of many\r\nMessage-ID: <"+m.id+">\r\n\r\nHello.\r\n")
	return errors.Join(err, w.Close(), c.Quit())
}

// await waits until so many letters have left each sender, and so many were put
// off at least once.
func (s *senders) await(t *testing.T, began time.Time, left, putOff int) {
	t.Helper()
	for {
		postfix, exim := s.written(t, "postfix.log"), s.written(t, "exim.log")
		if min(postfix.sent(), exim.sent()) >= left && min(postfix.putOff(), exim.putOff()) >= putOff {
			return
		}
		if time.Since(began) > patience {
			t.Fatalf("of %d letters %d left Postfix and %d Exim; of %d these were put off: %d, %d",
				left, postfix.sent(), exim.sent(), putOff, postfix.putOff(), exim.putOff())
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// reopen lets mail into the servers that closed or shut.
func (l *lab) reopen() error {
	if err := os.Remove(l.path("closed")); err != nil {
		return err
	}
	out, err := exec.Command("ip", "netns", "exec", namespace, "nft", "flush", "set", "inet", "faults", "shut").CombinedOutput()
	if err != nil {
		return fmt.Errorf("nft: %w: %s", err, out)
	}
	return nil
}

// The files that save leaves, and the programs that list the queues among them.
var logFiles = map[string]string{"postfix.log": "sender-postfix.log", "exim.log": "sender-exim/mainlog"}

var listings = map[string]string{"postfix.json": "postqueue -j", "postfix.txt": "mailq", "exim.txt": "exim -bp"}

// save copies the logs and lists the queues.
func (s *senders) save(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, program := range listings {
		text, err := s.queue(program)
		if err == nil {
			err = os.WriteFile(folder+"/"+name, []byte(text), 0o644)
		}
		if err != nil {
			t.Error(err)
		}
	}
	for name, log := range logFiles {
		text, err := os.ReadFile(s.lab.path(log))
		if err == nil {
			text = text[:1+strings.LastIndexByte(string(text), '\n')] // they go on writing
			err = os.WriteFile(folder+"/"+name, text, 0o644)
		}
		if err != nil {
			t.Error(err)
		}
	}
	return folder
}
