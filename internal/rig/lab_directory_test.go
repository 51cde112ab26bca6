//go:build integration

package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// The lab's directories hold the same organization, and know one user.
const (
	openldapHost = "openldap.directory.test"
	openldapAddr = "203.0.113.90"
	openldapRoot = "DC=contoso,DC=com"

	controller     = "dc1.ad.contoso.com"
	controllerAddr = "203.0.113.91"
	controllerRoot = "DC=ad,DC=contoso,DC=com"
	realm          = "AD.CONTOSO.COM"

	// password is everybody's; it goes with the lab.
	password = "Lab-2009-Passw0rd"
)

// A later is a part of the lab that takes its time.
type later struct {
	done chan struct{}
	err  error
}

func begin(f func() error) *later {
	l := &later{done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.err = f()
	}()
	return l
}

func (l *later) wait() error {
	<-l.done
	return l.err
}

// beginDirectories starts both while the rest goes on: a domain takes longer to
// make than all the rest of the lab, of which the command's build is most.
func (l *lab) beginDirectories() error {
	s, err := readSchema()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.openldap = begin(func() error { return l.startOpenLDAP(ctx, s) })
	l.domain = begin(func() error { return l.startDomain(ctx, s) })
	return nil
}

// awaitDomain lets no case begin before: the cases measure time, and a domain in
// the making keeps a processor busy. What went wrong is for those who need it.
func (l *lab) awaitDomain() error {
	_ = l.domain.wait()
	return nil
}

// startOpenLDAP fills and starts slapd. It runs from a copy, for the reason that
// prepare gives.
func (l *lab) startOpenLDAP(ctx context.Context, s schema) error {
	if l.noDirectories != nil {
		return l.noDirectories
	}
	all, err := many(openldapRoot)
	if err != nil {
		return err
	}
	root := "dn:\nobjectClass: rootDSE\nconfigurationNamingContext: CN=Configuration," + openldapRoot + "\ndefaultNamingContext: " + openldapRoot +
		"\nrootDomainNamingContext: " + openldapRoot + "\nschemaNamingContext: CN=Schema,CN=Configuration," + openldapRoot + "\ndnsHostName: " + openldapHost + "\n"
	people := "dn: " + openldapRoot + "\nobjectClass: organization\nobjectClass: dcObject\no: Contoso\ndc: contoso\n\n" +
		"dn: CN=Users," + openldapRoot + "\nobjectClass: container\ncn: Users\n\n" +
		"dn: CN=tester,CN=Users," + openldapRoot + "\nobjectClass: person\ncn: tester\nsn: tester\nuserPassword: " + password + "\n\n"
	err = l.writeAll(map[string]string{"slapd/exchange.schema": s.openLDAP(), "slapd/root.ldif": root, "slapd/all.ldif": people + s.forOpenLDAP(all, openldapRoot)})
	if err := errors.Join(err, os.Mkdir(l.path("slapd/data"), 0o700), exec.Command("cp", "/usr/sbin/slapd", l.path("bin/slapd")).Run()); err != nil {
		return err
	}
	slapd, conf := l.path("bin/slapd"), l.path("slapd/slapd.conf")
	if err := l.run(ctx, slapd, "-T", "add", "-q", "-f", conf, "-l", l.path("slapd/all.ldif")); err != nil {
		return err
	}
	if err := l.start("slapd", slapd, "-d", "0", "-f", conf, "-h", "ldap://"+openldapAddr+" ldaps://"+openldapAddr); err != nil {
		return err
	}
	return l.waitFor(openldapAddr + ":636")
}

// startDomain makes the domain and starts its controller.
func (l *lab) startDomain(ctx context.Context, s schema) error {
	if l.noDirectories != nil {
		return l.noDirectories
	}
	all, err := readOrganization(controllerRoot)
	if err != nil {
		return err
	}
	attributes, classes := s.activeDirectory("CN=Schema,CN=Configuration," + controllerRoot)
	objects, links := s.forActiveDirectory(all)
	err = l.writeAll(map[string]string{"samba/attributes.ldif": attributes, "samba/classes.ldif": classes, "samba/objects.ldif": objects, "samba/links.ldif": links})
	if err != nil {
		return err
	}
	err = l.run(ctx, "/usr/bin/python3", "conf/domain.py", l.path("samba/smb.conf"), password, controllerAddr,
		l.path("samba/attributes.ldif"), l.path("samba/classes.ldif"), l.path("samba/objects.ldif"), l.path("samba/links.ldif"))
	if err != nil {
		return err
	}
	if err := l.start("samba", "samba", "--foreground", "--no-process-group", "--debug-stdout", "--model=single", "--configfile="+l.path("samba/smb.conf")); err != nil {
		return err
	}
	for _, port := range []string{"53", "88", "389", "636"} {
		if err := l.waitFor(controllerAddr + ":" + port); err != nil {
			return err
		}
	}
	return l.waitForNames()
}

// waitForNames waits until the domain is found by its names. The lab's resolver
// would remember for a while that it was not.
func (l *lab) waitForNames() error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		got, err := l.ask(controllerAddr, "_kerberos._udp.ad.contoso.com.", dns.TypeSRV)
		if err != nil || strings.HasPrefix(got, "NOERROR 0 100 88 "+controller) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the domain's name server says %q", got)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (l *lab) writeAll(files map[string]string) error {
	for name, text := range files {
		if err := os.WriteFile(l.path(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// run runs a program in the lab to its end, or until the lab's.
func (l *lab) run(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", namespace}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", args[0], err, out)
	}
	return nil
}

// needOpenLDAP is the lab with slapd; it skips where it cannot be had.
func needOpenLDAP(t *testing.T) *lab {
	t.Helper()
	l := needLab(t)
	return l.need(t, l.openldap)
}

// needDomain is the lab with the domain controller; it skips where it cannot be had.
func needDomain(t *testing.T) *lab {
	t.Helper()
	l := needLab(t)
	return l.need(t, l.domain)
}

func (l *lab) need(t *testing.T, part *later) *lab {
	t.Helper()
	err := part.wait()
	if errors.Is(err, errCannotHere) && os.Getenv("CI") != "true" {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	return l
}
