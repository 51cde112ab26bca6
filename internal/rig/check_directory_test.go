//go:build integration

package rig

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// These check the directories by OpenLDAP's and MIT's own programs: what fails
// while these pass is the project's fault.

// ldap runs a program in the lab with the lab's certificates and Kerberos, and
// gives all that it says. cache is the file that tickets are kept in.
func (l *lab) ldap(t *testing.T, cache, stdin string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", namespace}, args...)...)
	cmd.Env = append(os.Environ(), "LDAPTLS_CACERT="+l.path("pki/ca.pem"), "LDAPTLS_REQCERT=demand",
		"KRB5_CONFIG="+l.path("krb5.conf"), "KRB5CCNAME=FILE:"+cache)
	cmd.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// A search is one call of ldapsearch and what must come of it.
type search struct {
	name string
	args string // with @WORD@s, see filled
	want []string
	not  []string
	ends string // what ldapsearch ends with: "0", or LDAP's result code
}

// filled puts a case's words in place. No argument has a space but the password.
func (s search) filled(host, root, user string) []string {
	words := strings.NewReplacer("@HOST@", host, "@ROOT@", root, "@ORG@", "CN=Microsoft\x00Exchange,CN=Services,CN=Configuration,"+root, "@USER@", user, "@PASSWORD@", password)
	args := strings.Fields("ldapsearch -LLL -o ldif-wrap=no " + words.Replace(s.args))
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "\x00", " ")
	}
	return args
}

func (l *lab) search(t *testing.T, s search, cache, host, root, user string) {
	t.Helper()
	out, err := l.ldap(t, cache, "", s.filled(host, root, user)...)
	ended := "0"
	if exit, ok := err.(*exec.ExitError); ok {
		ended = fmt.Sprint(exit.ExitCode())
	}
	if ended != s.ends {
		t.Errorf("ended with %s, want %s", ended, s.ends)
	}
	for _, w := range s.want {
		w = strings.ReplaceAll(w, "@ROOT@", root)
		if !strings.Contains(strings.ToLower(out), strings.ToLower(w)) {
			t.Errorf("missing %q", w)
		}
	}
	for _, w := range s.not {
		if strings.Contains(out, w) {
			t.Errorf("there is %q", w)
		}
	}
	if t.Failed() {
		t.Logf("%.4000s", out)
	}
}

const schedule = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"

// both are what either directory does.
var both = []search{
	{"says where its configuration is", "-x -H ldap://@HOST@ -s base", []string{"configurationNamingContext: CN=Configuration,@ROOT@"}, nil, "0"},
	{"simple bind over TLS", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ -s base", []string{"dn: CN=Microsoft Exchange,"}, nil, "0"},
	{"simple bind after StartTLS", "-x -ZZ -H ldap://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ -s base", []string{"dn: CN=Microsoft Exchange,"}, nil, "0"},
	{"wrong password", "-x -H ldaps://@HOST@ -D @USER@ -w wrong -b @ORG@ -s base", nil, []string{"dn:"}, "49"},
	{"the connector that waits", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ (cn=EX03A\x00to\x00EX07HUB)",
		[]string{"activationStyle: 1", "activationSchedule:: " + schedule, "objectClass: msExchConnector", "msExchDestinationRGDN: CN=Exchange Routing Group (DWBGZMFD01QNBJR),"}, nil, "0"},
	{"ways back", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ (objectClass=msExchRoutingGroup)",
		[]string{"msExchRoutingGroupMembersBL: CN=EX03A,", "msExchRoutingGroupMembersBL: CN=EX07HUB,", "instanceType: 4"}, nil, "0"},
	{"a comma in a name", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ (cn=Fabrikam*)", []string{"authOrig: CN=tester,CN=Users", "dLMemDefault: 1"}, nil, "0"},
	{"another language", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ (cn=Internet\x00über*)", []string{"dn:: ", "delivContLength: 2048"}, nil, "0"},
	{"receive connectors", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ (objectClass=msExchSmtpReceiveConnector)",
		[]string{"msExchSmtpReceiveRemoteIPRanges: 0.0.0.0-255.255.255.255", "msExchSmtpReceiveBindings: 192.0.2.7:587"}, nil, "0"},
	{"sites", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -b CN=Sites,CN=Configuration,@ROOT@ (objectClass=siteLink)", []string{"cost: 50", "siteList: CN=Branch,CN=Sites,"}, nil, "0"},
}

func runSearches(t *testing.T, l *lab, all []search, cache, host, root, user string) {
	for _, s := range all {
		t.Run(strings.ReplaceAll(s.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			l.search(t, s, cache, host, root, user)
		})
	}
}

func TestLabOpenLDAP(t *testing.T) {
	t.Parallel()
	l := needOpenLDAP(t)
	runSearches(t, l, both, "/nonexistent", openldapHost, openldapRoot, "CN=tester,CN=Users,"+openldapRoot)
	runSearches(t, l, []search{
		{"nothing without a name", "-x -H ldaps://@HOST@ -b @ORG@ -s base", nil, []string{"dn:"}, "50"},
		{"no password in the clear", "-x -H ldap://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ -s base", []string{"Confidentiality required"}, []string{"dn:"}, "13"},
		{"no more than 500 at once", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -b @ORG@ cn", []string{"Size limit exceeded"}, nil, "4"},
		{"all of them in pages", "-x -H ldaps://@HOST@ -D @USER@ -w @PASSWORD@ -E pr=200/noprompt -b @ORG@ cn", []string{"cn: Database 50"}, nil, "0"},
	}, "/nonexistent", openldapHost, openldapRoot, "CN=tester,CN=Users,"+openldapRoot)
}

// Each attribute that the organization's model reads is on some object, so that
// one which a directory does not give is noticed.
func TestLabAttributes(t *testing.T) {
	t.Parallel()
	l := needDomain(t)
	needOpenLDAP(t)
	for host, file := range map[string]string{
		controller:   l.export(t, controller, controllerRoot, "tester@"+realm, nil, evidence.Attributes()...),
		openldapHost: l.export(t, openldapHost, openldapRoot, "CN=tester,CN=Users,"+openldapRoot, inPages("100"), evidence.Attributes()...),
	} {
		text, _ := os.ReadFile(file)
		for _, name := range evidence.Attributes() {
			if !strings.Contains(strings.ToLower(string(text)), "\n"+name+":") {
				t.Errorf("%s: no object has %s", host, name)
			}
		}
	}
}

func TestLabDomain(t *testing.T) {
	t.Parallel()
	l := needDomain(t)
	user, cache := "tester@"+realm, t.TempDir()+"/tickets"
	if out, err := l.ldap(t, cache, password+"\n", "kinit", user); err != nil {
		t.Fatalf("kinit: %v\n%s", err, out)
	}
	// Its parallel cases end before the folder with the tickets goes.
	t.Run("", func(t *testing.T) {
		runSearches(t, l, both, cache, controller, controllerRoot, user)
		runSearches(t, l, []search{
			{"nothing without a name", "-x -H ldaps://@HOST@ -b @ORG@ -s base", nil, []string{"dn:"}, "1"},
			{"by Kerberos", "-Y GSSAPI -N -H ldap://@HOST@ -b @ORG@ -s base", []string{"dn: CN=Microsoft Exchange,"}, nil, "0"},
			{"a user of an older kind", "-x -H ldaps://@HOST@ -D AD\\tester -w @PASSWORD@ -b @ORG@ -s base", []string{"dn: CN=Microsoft Exchange,"}, nil, "0"},
		}, cache, controller, controllerRoot, user)
	})
}
