//go:build integration

package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	namespace = "mailflow-lab"
	// servers is where install.sh unpacks what cannot be installed.
	servers = "/var/cache/mailflow-rig/servers"
	// ourself is what a case connects from, unless it says otherwise; it has a
	// name that resolves both ways.
	ourself = "203.0.113.8"
)

// errCannotHere marks what this machine cannot do, as against a lab that broke.
var errCannotHere = errors.New("cannot be done here")

// A lab is the whole mail world of the tests.
type lab struct {
	dir     string       // everything it writes
	bin     string       // the command under test
	binErr  error        // why it could not be built
	lock    net.Listener // held while this lab is up
	netns   *os.File
	daemons []*daemon
	mutex   sync.Mutex // for daemons: some start while others are looked at
	boxes   []net.Listener

	openldap, domain *later
	noDirectories    error // why their packages cannot be had
	noSenders        error
	stop             context.CancelFunc // ends what openldap and domain still do
}

// newLab brings it up. What is returned has to be closed, also with an error.
func newLab() (*lab, error) {
	if err := privileged(); err != nil {
		return nil, err
	}
	l := &lab{}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"lock", l.takeLock}, {"packages", l.install}, {"leftovers", l.clear}, {"folder", l.makeFolder},
		{"network", l.makeNetwork}, {"certificates", l.makeCertificates}, {"zones", l.writeZones},
		{"settings", l.writeConf}, {"directories", l.beginDirectories}, {"servers", l.startAll}, {"command", l.build},
		{"domain", l.awaitDomain},
	} {
		began := time.Now()
		if err := step.do(); err != nil {
			return l, fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Printf("lab: %-12s %5.1f s\n", step.name, time.Since(began).Seconds())
	}
	return l, nil
}

// takeLock keeps two runs from sharing the namespace. The lock is an abstract
// socket: it goes with the process, whatever ends it.
func (l *lab) takeLock() (err error) {
	if l.lock, err = net.Listen("unix", "@"+namespace); err != nil {
		return fmt.Errorf("another run is using it: %w", err)
	}
	return nil
}

// install keeps what is missing of the directories and senders for those who need
// them.
func (l *lab) install() error {
	if err := script("install.sh", "mail", servers); err != nil {
		return err
	}
	if err := script("install.sh", "directories", servers); err != nil {
		l.noDirectories = fmt.Errorf("%w: %w", errCannotHere, err)
	}
	if err := script("install.sh", "senders", servers); err != nil {
		l.noSenders = fmt.Errorf("%w: %w", errCannotHere, err)
	}
	return nil
}

// clear takes away what a run that was killed has left. We hold the lock, so it
// is nobody else's.
func (l *lab) clear() error {
	if err := script("net.sh", "down", namespace); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), namespace+"-*"))
	for _, folder := range left {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

func (l *lab) makeFolder() (err error) {
	if l.dir, err = os.MkdirTemp("", namespace+"-"); err != nil {
		return err
	}
	for _, d := range []string{"log", "pki", "zones", "named", "bin", "postfix", "exim", "postgrey", "postfix-data", "slapd", "samba",
		"sender-postfix", "sender-postfix-data", "sender-postfix-queue", "sender-postgrey", "sender-exim"} {
		if err := os.Mkdir(l.path(d), 0o755); err != nil {
			return err
		}
	}
	// Most servers give up root, and must still get in.
	return os.Chmod(l.dir, 0o755)
}

func (l *lab) makeNetwork() (err error) {
	if err := script("net.sh", "up", namespace, "conf/faults.nft"); err != nil {
		return err
	}
	l.netns, err = os.Open("/run/netns/" + namespace)
	return err
}

// writeConf fills in the lab's folder in what the servers are told.
func (l *lab) writeConf() error {
	for from, to := range map[string]string{
		"named.conf": "named.conf", "unbound.conf": "unbound.conf", "exim4.conf": "exim4.conf", "smtpd.conf": "smtpd.conf",
		"main.cf": "postfix/main.cf", "master.cf": "postfix/master.cf",
		"sender-main.cf": "sender-postfix/main.cf", "sender-master.cf": "sender-postfix/master.cf", "sender-exim.conf": "sender-exim.conf",
		"slapd.conf": "slapd/slapd.conf", "smb.conf": "samba/smb.conf", "krb5.conf": "krb5.conf",
	} {
		text, err := os.ReadFile(filepath.Join("conf", from))
		if err != nil {
			return err
		}
		filled := strings.ReplaceAll(string(text), "@LAB@", l.dir)
		if err := os.WriteFile(l.path(to), []byte(filled), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// build makes the command under test. A failure is kept for the cases: the
// lab's own checks do not need it.
func (l *lab) build() error {
	out, err := exec.Command("go", "build", "-o", l.path("bin/mailflow"), "mailflow/cmd/mailflow").CombinedOutput()
	if err != nil {
		l.binErr = fmt.Errorf("go build: %w\n%s", err, out)
		return nil
	}
	l.bin = l.path("bin/mailflow")
	return nil
}

// close takes everything away, in the order that leaves no orphan. That
// something stays is an error: the lab promises that nothing does.
func (l *lab) close() (err error) {
	for _, b := range l.boxes {
		b.Close()
	}
	if l.stop != nil {
		l.stop() // before the network goes, so that nothing is started behind its back
		l.openldap.wait()
		l.domain.wait()
	}
	if l.netns != nil {
		l.netns.Close()
	}
	if l.dir != "" {
		err = errors.Join(script("net.sh", "down", namespace), l.reap(), os.RemoveAll(l.dir))
	}
	if l.lock != nil {
		l.lock.Close()
	}
	return err
}

func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }

// script runs one of the scripts beside this file.
func script(name string, args ...string) error {
	out, err := exec.Command("bash", append([]string{name}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
