package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
)

const configuration = "CN=Configuration,DC=contoso,DC=com"

// open connects to the fake without encryption.
func open(t *testing.T, f *fake) *Conn {
	t.Helper()
	c, err := Open(t.Context(), f.dial, Target{Host: "dc1", Port: 389, Security: "none"}, Login{How: "anonymous"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// read walks through the configuration and writes down what came.
func read(ctx context.Context, c *Conn) string {
	var out strings.Builder
	err := c.Walk(ctx, configuration, "(objectClass=*)", []string{"cn", "member"}, func(e Entry) error {
		out.WriteString(e.DN)
		for _, a := range e.Attrs {
			fmt.Fprintf(&out, " %s=%s", a.Name, summary(a.Values))
		}
		out.WriteString("\n")
		return nil
	})
	if err != nil {
		fmt.Fprintf(&out, "! %v\n", err)
	}
	return out.String()
}

func summary(values [][]byte) string {
	if len(values) > 3 {
		return fmt.Sprintf("%d values, %s to %s", len(values), values[0], values[len(values)-1])
	}
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprintf("%.20s", v))
	}
	return strings.Join(out, ",")
}

// numbers are the values from one number to before another.
func numbers(from, to int) string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprint(i))
	}
	return strings.Join(out, "\x00")
}

func TestRoot(t *testing.T) {
	f := &fake{}
	c := open(t, f)
	root, err := c.Root(t.Context())
	if diff := cmp.Diff(Root{Configuration: configuration, DNSName: "dc1.contoso.com", ActiveDirectory: true}, root); diff != "" || err != nil {
		t.Error(diff, err)
	}
	_ = c.Close()
	f.done.Wait()
}

func TestWalk(t *testing.T) {
	done := result(5, 0, "")
	tests := []struct {
		name   string
		search func(query) [][]byte
		want   string
	}{
		{"nothing to see", func(query) [][]byte { return [][]byte{done} }, ""},
		{"pages", func(q query) [][]byte {
			switch q.cookie {
			case "":
				return [][]byte{entry("CN=A", "cn", "A"), entry("CN=B", "cn", "B"), page(0, "more\x00")}
			case "more\x00":
				return [][]byte{page(0, "rest")}
			}
			return [][]byte{entry("CN=C", "cn", "C"), page(0, "")}
		}, "CN=A cn=A\nCN=B cn=B\nCN=C cn=C\n"},
		{"a server without pages", func(query) [][]byte { return [][]byte{entry("CN=A", "cn", "A"), done} }, "CN=A cn=A\n"},
		{"options and case", func(query) [][]byte {
			return [][]byte{entry("CN=A", "cn", "A", "userCertificate;binary", "\x30", "CN;lang-de", "B", "empty", ""), done}
		}, "CN=A cn=A,B userCertificate=0 empty=\n"},
		{"the schema is elsewhere", func(query) [][]byte {
			return [][]byte{entry("CN=A", "cn", "A"), element(0x73, octets("ldap://contoso.com/CN=Schema,"+configuration)), done}
		}, "CN=A cn=A\n"},
		{"ranges", func(q query) [][]byte {
			switch strings.Join(q.attrs, ",") {
			case "member;range=1500-*":
				return [][]byte{entry(q.base, "member;range=1500-2999", numbers(1500, 3000)), done}
			case "member;range=3000-*":
				return [][]byte{entry(q.base, "member;range=3000-*", numbers(3000, 3001)), done}
			}
			return [][]byte{withoutValues("CN=A", "member", "member;range=0-1499", numbers(0, 1500)), entry("CN=B", "cn", "B"), page(0, "")}
		}, "CN=A member=3001 values, 0 to 3000\nCN=B cn=B\n"},
		{"all in one range", func(query) [][]byte {
			return [][]byte{entry("CN=A", "member;Range=0-*", numbers(0, 2)), done}
		}, "CN=A member=0,1\n"},
		{"a range that does not go on", func(q query) [][]byte {
			if q.base == "CN=A" {
				return [][]byte{entry(q.base, "member;range=0-1499", "0"), done}
			}
			return [][]byte{entry("CN=A", "member;range=0-1499", "0"), done}
		}, "! dc1:389: reading attribute member of CN=A from value 1500 on: the server does not give them\n"},
		{"a range without end or value", func(q query) [][]byte {
			if q.base == "CN=A" {
				return [][]byte{withoutValues(q.base, "member;range=1500-2999"), done}
			}
			return [][]byte{entry("CN=A", "member;range=0-1499", "0"), done}
		}, "! dc1:389: reading attribute member of CN=A from value 1500 on: the server does not give them\n"},
		{"a range from the middle", func(query) [][]byte {
			return [][]byte{entry("CN=A", "member;range=5-*", "0"), done}
		}, "! dc1:389: reading " + configuration + ": member;range=5-* of CN=A does not come whole\n"},
		{"a range that is none", func(query) [][]byte {
			return [][]byte{entry("CN=A", "member;range=0-99999999999", "0"), done}
		}, "! dc1:389: reading " + configuration + ": member;range=0-99999999999 of CN=A does not come whole\n"},
		{"size limit", func(query) [][]byte {
			return [][]byte{entry("CN=A", "cn", "A"), entry("CN=B", "cn", "B"), page(4, "more")}
		}, "CN=A cn=A\nCN=B cn=B\n! dc1:389: reading " + configuration + ": the server's size limit is reached; what it gave until then was read, the rest is missing\n"},
		{"time limit", func(query) [][]byte { return [][]byte{entry("CN=A", "cn", "A"), result(5, 3, "")} },
			"CN=A cn=A\n! dc1:389: reading " + configuration + ": the server's time limit is over; what it gave until then was read, the rest is missing\n"},
		{"not logged in", func(query) [][]byte {
			return [][]byte{result(5, 1, "000004DC: LdapErr: DSID-0C090728, comment: In order to perform this operation a successful bind must be completed on the connection., data 0")}
		}, "! dc1:389: reading " + configuration + ": the server tells that only to who is logged in: give a user (it said: 000004DC: LdapErr: DSID-0C090728, " +
			"comment: In order to perform this operation a successful bind must be completed on the connection., data 0)\n"},
		{"not logged in, Samba", func(query) [][]byte {
			return [][]byte{result(5, 1, "00002020: Operation unavailable without authentication")}
		},
			"! dc1:389: reading " + configuration + ": the server tells that only to who is logged in: give a user (it said: 00002020: Operation unavailable without authentication)\n"},
		{"not allowed", func(query) [][]byte { return [][]byte{result(5, 50, "")} },
			"! dc1:389: reading " + configuration + ": this account may not read that: use one with Exchange view rights\n"},
		{"not here", func(query) [][]byte { return [][]byte{result(5, 10, "")} },
			"! dc1:389: reading " + configuration + ": this server does not hold that part of the directory and names another: ask a domain controller of that domain\n"},
		{"long value", func(query) [][]byte {
			return [][]byte{entry("CN=A", "cn", "A", "photo", strings.Repeat("x", maxValue+1)+"\x00y"), entry("CN=B", "cn", "B"), done}
		}, "CN=A cn=A photo=y\nCN=B cn=B\n! dc1:389: reading " + configuration + ": 1 values are too long and were left out, the first: photo of CN=A\n"},
		{"long name", func(query) [][]byte {
			return [][]byte{entry(strings.Repeat("x", maxDN+1), "cn", "A"), entry("CN=B", "cn", "B"), done}
		}, "CN=B cn=B\n! dc1:389: reading " + configuration + ": 1 values are too long and were left out, the first: the name of " + strings.Repeat("x", maxWords) + "...\n"},
		{"a first reply longer than those to a login", func(query) [][]byte {
			return [][]byte{entry("CN=A", "cn", strings.Repeat("x", maxValue), "member", strings.Repeat("y", maxValue)), done}
		}, "CN=A cn=xxxxxxxxxxxxxxxxxxxx member=yyyyyyyyyyyyyyyyyyyy\n"},
		{"no page ends it", func(query) [][]byte { return [][]byte{page(0, "again")} },
			"! dc1:389: reading " + configuration + ": stopped after 2000 pages\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{search: tt.search}
			c := open(t, f)
			if diff := cmp.Diff(tt.want, read(t.Context(), c)); diff != "" {
				t.Error(diff)
			}
			_ = c.Close()
			f.done.Wait()
		})
	}
}

// withoutValues is an entry whose first attribute is empty.
func withoutValues(dn, name string, attrs ...string) []byte {
	list := [][]byte{element(0x30, octets(name), element(0x31))}
	for i := 0; i < len(attrs); i += 2 {
		var values [][]byte
		for v := range strings.SplitSeq(attrs[i+1], "\x00") {
			values = append(values, octets(v))
		}
		list = append(list, element(0x30, octets(attrs[i]), element(0x31, values...)))
	}
	return element(0x64, octets(dn), element(0x30, list...))
}

// What the server is asked, word by word: nothing but bind, search, unbind.
func TestDialogue(t *testing.T) {
	f := &fake{search: func(q query) [][]byte {
		if q.cookie == "" {
			return [][]byte{entry("CN=A", "cn", "A"), page(0, "2")}
		}
		return [][]byte{entry("CN=B", "member;range=0-0", "0"), page(0, "")}
	}}
	c := open(t, f)
	_, _ = c.Root(t.Context())
	read(t.Context(), c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	f.done.Wait()
	want := "tcp dc1:389\nbind \n" +
		"search  configurationNamingContext,defaultNamingContext,rootDomainNamingContext,dNSHostName,isGlobalCatalogReady,supportedCapabilities 0\"\"\n" +
		"search " + configuration + " cn,member 500\"\"\n" +
		"search " + configuration + " cn,member 500\"2\"\n" +
		"search CN=B member;range=1-* 0\"\"\n" +
		"unbind\n"
	if diff := cmp.Diff(want, f.heard()); diff != "" {
		t.Error(diff)
	}
}

// Nothing that changes something gets out, whoever asks for it.
func TestOnlyReads(t *testing.T) {
	f := &fake{}
	c := open(t, f)
	if err := c.ldap.Del(ldap.NewDelRequest("CN=A", nil)); err == nil || !strings.Contains(err.Error(), errWrite.Error()) {
		t.Error(err)
	}
	for _, op := range []byte{0x66, 0x68, 0x4a, 0x6c, 0x6e, 0x77, 0x50} { // modify, add, delete, rename, compare, extended, abandon
		if _, err := c.guard.Write(message(9, element(op))); err != errWrite {
			t.Errorf("operation %x: %v", op, err)
		}
	}
	for _, text := range []string{"", "0", "\x30\x84\xff\xff\xff\xff", "\x30\x00", "\x30\x03\x02\x01\x01", "GET / HTTP/1.0\r\n"} {
		if _, err := c.guard.Write([]byte(text)); err != errWrite {
			t.Errorf("%q: %v", text, err)
		}
	}
	_ = c.Close()
	f.done.Wait()
}

// An error of the receiver ends the walk.
func TestWalkStops(t *testing.T) {
	f := &fake{search: func(query) [][]byte { return [][]byte{entry("CN=A", "cn", "A"), page(0, "more")} }}
	c := open(t, f)
	enough := errors.New("enough")
	if err := c.Walk(t.Context(), configuration, "(cn=*)", nil, func(Entry) error { return enough }); err != enough {
		t.Error(err)
	}
	err := c.Walk(t.Context(), configuration, "(cn=", nil, func(Entry) error { return nil })
	if err == nil || !strings.HasPrefix(err.Error(), "dc1:389: reading "+configuration+": LDAP Result Code 201") {
		t.Error(err)
	}
	_ = c.Close()
	f.done.Wait()
}
