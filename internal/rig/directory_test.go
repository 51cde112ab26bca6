//go:build integration

package rig

import (
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"mailflow/internal/directory"
)

// insideVar is set, to the lab's folder, in the test program that runs inside
// the lab: a reader of directories looks up names and dials on threads of its
// own, so that lab.inside does not reach it.
const insideVar = "MAILFLOW_LAB"

// TestDirectory runs the tests named TestInside... inside the lab.
func TestDirectory(t *testing.T) {
	t.Parallel()
	l := needOpenLDAP(t)
	needDomain(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir() + "/tickets"
	if out, err := l.ldap(t, cache, password+"\n", "kinit", "tester@"+realm); err != nil {
		t.Fatalf("kinit: %v\n%s", err, out)
	}
	out, err := l.ldap(t, cache, "", "env", insideVar+"="+l.dir, self, "-test.run=^TestInside", "-test.v")
	if err != nil {
		t.Errorf("inside: %v", err)
	}
	t.Log(out)
}

// inside is for the tests that TestDirectory runs.
func inside(t *testing.T) *lab {
	t.Helper()
	if os.Getenv(insideVar) == "" {
		t.Skip("TestDirectory runs it inside the lab")
	}
	t.Parallel()
	return theLab
}

// open logs in to one of the lab's directories.
func (l *lab) open(t *testing.T, target string, trusted bool, login directory.Login) (*directory.Conn, error) {
	t.Helper()
	to, err := directory.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	if trusted {
		authority, err := os.ReadFile(l.path("pki/ca.pem"))
		if err != nil {
			t.Fatal(err)
		}
		to.Roots = x509.NewCertPool()
		to.Roots.AppendCertsFromPEM(authority)
	}
	return directory.Open(t.Context(), (&net.Dialer{Timeout: 5 * time.Second}).DialContext, to, login)
}

// The organization's server, as whoever is logged in sees it.
func readServer(t *testing.T, c *directory.Conn, root string) (serial string, err error) {
	t.Helper()
	err = c.Walk(t.Context(), "CN=Configuration,"+root, "(cn=EX03A)", []string{"serialNumber"}, func(e directory.Entry) error {
		for _, a := range e.Attrs {
			serial += string(a.Values[0])
		}
		return nil
	})
	return serial, err
}

func TestInsideLogins(t *testing.T) {
	l := inside(t)
	simple := func(user, password string) directory.Login {
		return directory.Login{How: "simple", User: user, Password: password}
	}
	inClear := func(login directory.Login) directory.Login {
		login.ClearText = true
		return login
	}
	onOpenLDAP := simple("CN=tester,CN=Users,"+openldapRoot, password)
	onDomain := simple("tester@"+realm, password)
	tickets := directory.Login{How: "kerberos"}
	for _, c := range []struct {
		name, target string
		login        directory.Login
		want         string // of the error; "": it may read
	}{
		{"TLS", "ldaps://" + openldapHost, onOpenLDAP, ""},
		{"StartTLS", "ldap://" + openldapHost, onOpenLDAP, ""},
		{"wrong password", openldapHost, simple(onOpenLDAP.User, "wrong"), "the user or the password is wrong"},
		{"in the clear", "ldap+plain://" + openldapHost, onOpenLDAP, "would send the password unencrypted"},
		{"in the clear all the same", "ldap+plain://" + openldapHost, inClear(onOpenLDAP), "the server wants an encrypted connection"},
		{"another name", "ldaps://" + openldapAddr, onOpenLDAP, openldapAddr},

		{"domain TLS", controller, onDomain, ""},
		{"domain StartTLS", "ldap://" + controller, onDomain, ""},
		{"domain older name", controller, simple(`AD\tester`, password), ""},
		{"domain wrong password", controller, simple(onDomain.User, "wrong"), "the user or the password is wrong"},
		{"domain nobody", controller, simple("nobody@"+realm, password), "the user or the password is wrong"},
		// a domain controller of Microsoft's takes it too, unless it was told otherwise
		{"domain in the clear", "ldap+plain://" + controller, inClear(onDomain), ""},
		{"tickets", "ldaps://" + controller, tickets, ""},
		{"tickets StartTLS", "ldap://" + controller, tickets, ""},
		{"tickets in the clear", "ldap+plain://" + controller, tickets, ""},
		{"Kerberos by password", "ldaps://" + controller, directory.Login{How: "kerberos", User: "tester@" + realm, Password: password}, ""},
		{"Kerberos wrong password", "ldaps://" + controller, directory.Login{How: "kerberos", User: "tester@" + realm, Password: "wrong"}, controller},
		{"Kerberos no tickets", "ldaps://" + controller, directory.Login{How: "kerberos", CCache: l.path("absent")}, "absent"},
		// Samba does not know the form of NTLM that MS-ADTS 5.1.1.1.3 calls
		// Sicily, and hangs up; only Microsoft's servers do.
		{"NTLM", "ldaps://" + controller, directory.Login{How: "ntlm", User: `AD\tester`, Password: password}, "without NTLM"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			conn, err := l.open(t, c.target, true, c.login)
			if err == nil {
				defer conn.Close()
				var serial string
				root := map[bool]string{true: openldapRoot, false: controllerRoot}[strings.Contains(c.target, openldapHost)]
				if serial, err = readServer(t, conn, root); err == nil && !strings.HasPrefix(serial, "Version 6.5") {
					t.Errorf("the server says %q", serial)
				}
			}
			if got := fmt.Sprint(err); !strings.Contains(got, c.want) || (err == nil) != (c.want == "") {
				t.Errorf("%v, want %q", err, c.want)
			} else if strings.Contains(got, password) {
				t.Errorf("the password is in %q", got)
			}
		})
	}
}

// Whoever does not trust the lab's authority sends nothing.
func TestInsideTrust(t *testing.T) {
	l := inside(t)
	for _, target := range []string{"ldaps://" + openldapHost, "ldap://" + openldapHost, "ldaps://" + controller, "ldap://" + controller} {
		conn, err := l.open(t, target, false, directory.Login{How: "simple", User: "tester@" + realm, Password: password})
		if err == nil {
			conn.Close()
			t.Errorf("%s was trusted", target)
		} else {
			t.Log(err)
		}
	}
}

// Without a name there is the first object, and no more.
func TestInsideNobody(t *testing.T) {
	l := inside(t)
	for _, c := range []struct{ host, root, want string }{
		{openldapHost, openldapRoot, "this account may not read that"},
		{controller, controllerRoot, "without authentication"},
	} {
		conn, err := l.open(t, c.host, true, directory.Login{How: "anonymous"})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		root, err := conn.Root(t.Context())
		if err != nil || root.Configuration != "CN=Configuration,"+c.root || !strings.EqualFold(root.DNSName, c.host) {
			t.Errorf("%s: %+v, %v", c.host, root, err)
		}
		if root.ActiveDirectory != (c.host == controller) {
			t.Errorf("%s: Active Directory: %v", c.host, root.ActiveDirectory)
		}
		if _, err := readServer(t, conn, c.root); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: reading: %v, want %q", c.host, err, c.want)
		}
	}
}

// What was put into a directory is what is read from it, all of it: OpenLDAP
// holds more than it gives at once.
func TestInsideWalk(t *testing.T) {
	l := inside(t)
	for _, c := range []struct {
		host, root, user string
		all              func(string) ([]object, error)
	}{
		{openldapHost, openldapRoot, "CN=tester,CN=Users," + openldapRoot, many},
		{controller, controllerRoot, "tester@" + realm, readOrganization},
	} {
		t.Run(c.host, func(t *testing.T) {
			t.Parallel()
			conn, err := l.open(t, c.host, true, directory.Login{How: "simple", User: c.user, Password: password})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			read := map[string]bool{}
			err = conn.Walk(t.Context(), "CN=Configuration,"+c.root, "(objectClass=*)", nil, func(e directory.Entry) error {
				for _, a := range e.Attrs {
					for _, v := range a.Values {
						read[anyDomain(e.DN+"\n"+a.Name+"\n"+string(v))] = true
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			all, err := c.all(c.root)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range all {
				if o.there && c.host == controller {
					continue // it has its own idea of these
				}
				for _, v := range append(o.values, value{"objectClass", o.class}) {
					if !read[anyDomain(o.dn+"\n"+v.name+"\n"+v.text)] {
						t.Errorf("%s: %s: %q was not read", o.dn, v.name, v.text)
					}
				}
			}
			t.Logf("%d values", len(read))
		})
	}
}
