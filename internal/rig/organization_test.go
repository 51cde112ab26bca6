//go:build integration

package rig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// An export of a directory by another's program says the same of the
// organization however it is asked, and whichever directory it is.
func TestDirectoryExport(t *testing.T) {
	t.Parallel()
	l := needDomain(t)
	needOpenLDAP(t)
	needCommand(t, l)
	whole := l.organization(t, l.export(t, controller, controllerRoot, "tester@"+realm, nil))
	paged := l.organization(t, l.export(t, controller, controllerRoot, "tester@"+realm, inPages("7")))
	other := l.organization(t, l.export(t, openldapHost, openldapRoot, "CN=tester,CN=Users,"+openldapRoot, inPages("100")))
	for _, d := range differences("", stripped(whole, same), stripped(paged, same)) {
		t.Error("all at once against in pages:", d)
	}
	// OpenLDAP stands below another domain, and holds many databases
	for i := range other.Servers {
		other.Servers[i].StorageGroups = slices.DeleteFunc(other.Servers[i].StorageGroups, func(g evidence.StorageGroup) bool { return strings.HasPrefix(g.Name, "Storage Group ") })
	}
	// and a domain has a site and a link to begin with
	whole.Sites = slices.DeleteFunc(whole.Sites, func(s evidence.Site) bool { return s.Name == "Default-First-Site-Name" })
	whole.SiteLinks = slices.DeleteFunc(whole.SiteLinks, func(s evidence.ADSiteLink) bool { return s.Name == "DEFAULTIPSITELINK" })
	whole.Seen = slices.DeleteFunc(whole.Seen, func(s evidence.Seen) bool {
		return strings.HasPrefix(s.DN, "CN=Default-First-Site-Name,") || strings.HasPrefix(s.DN, "CN=DEFAULTIPSITELINK,")
	})
	other.Seen = slices.DeleteFunc(other.Seen, func(s evidence.Seen) bool {
		return strings.Contains(s.DN, "CN=Storage Group ") || strings.Contains(s.DN, "cn=Storage Group ")
	})
	for _, d := range differences("", stripped(whole, anyDomain), stripped(other, anyDomain)) {
		t.Error("Active Directory against OpenLDAP:", d)
	}
	if len(whole.Sites) != 2 || len(whole.SiteLinks) != 1 || len(whole.Receive) != 2 {
		t.Errorf("%d sites, %d links, %d receive connectors; want 2, 1, 2", len(whole.Sites), len(whole.SiteLinks), len(whole.Receive))
	}
	if len(whole.Connectors) != 5 || len(whole.Servers) != 2 || len(whole.RoutingGroups) != 2 {
		t.Errorf("%d connectors, %d servers, %d routing groups; want 5, 2, 2", len(whole.Connectors), len(whole.Servers), len(whole.RoutingGroups))
	}
}

// What the command reads from the directory itself is what an export says.
func TestDirectoryLive(t *testing.T) {
	t.Parallel()
	l := needDomain(t)
	needOpenLDAP(t)
	needCommand(t, l)
	for _, c := range []struct{ host, root, user string }{
		{controller, controllerRoot, "tester@" + realm},
		{openldapHost, openldapRoot, "CN=tester,CN=Users," + openldapRoot},
	} {
		t.Run(c.host, func(t *testing.T) {
			t.Parallel()
			live := l.organization(t, "--input", "directory=ldaps://"+c.host, "--input", "directory-user="+c.user)
			export := l.organization(t, l.export(t, c.host, c.root, c.user, inPages("100")))
			for _, d := range differences("", stripped(live, same), stripped(export, same)) {
				t.Error("live against export:", d)
			}
			if c.host != controller {
				return // only a domain has tickets
			}
			tickets := l.organization(t, "--input", "directory=ldap+plain://"+c.host, "--input", "directory-login=kerberos", "--input", "directory-user="+c.user)
			for _, d := range differences("", stripped(tickets, same), stripped(export, same)) {
				t.Error("by Kerberos against export:", d)
			}
		})
	}
}

// The founding case's connector, out of a real directory.
func TestDirectoryCase(t *testing.T) {
	t.Parallel()
	l := needDomain(t)
	needCommand(t, l)
	c := testCase{name: "export", args: []string{"--offline", l.export(t, controller, controllerRoot, "tester@"+realm, nil)},
		want: []want{confirmed("CONNECTOR-SCHEDULE", "EX03A to EX07HUB")}}
	got, said := l.judge(t, c)
	for _, complaint := range c.complaints(got) {
		t.Error(complaint)
	}
	t.Logf("not excluded:\n%s", got)
	if t.Failed() {
		t.Logf("the command said:\n%s", said)
	}
}

func needCommand(t *testing.T, l *lab) {
	t.Helper()
	if l.binErr != nil {
		t.Fatal(l.binErr)
	}
}

// export is the file that ldapsearch writes of the organization and the sites,
// folded as others do it.
func (l *lab) export(t *testing.T, host, root, user string, pages []string, attributes ...string) (file string) {
	t.Helper()
	args := []string{"ldapsearch", "-LLL", "-o", "ldif-wrap=76", "-x", "-H", "ldaps://" + host, "-D", user, "-w", password, "-b", "CN=Configuration," + root}
	filter := "(|(objectClass=" + strings.Join(evidence.Classes(), ")(objectClass=") + "))"
	out, err := l.ldap(t, "/nonexistent", "", slices.Concat(args, pages, []string{filter}, attributes)...)
	if err != nil {
		t.Fatalf("ldapsearch: %v\n%.2000s", err, out)
	}
	file = t.TempDir() + "/org.ldf"
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func inPages(size string) []string { return []string{"-E", "pr=" + size + "/noprompt"} }

// organization runs the command and takes the organization out of the case file.
func (l *lab) organization(t *testing.T, args ...string) (o evidence.Org) {
	t.Helper()
	file := t.TempDir() + "/case.jsonl"
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = append([]string{"netns", "exec", namespace, l.bin, "run", "--symptom", "outbound-delayed", "--resolver", "127.0.0.53",
		"--input", "roots=" + l.path("pki/ca.pem"), "--out", file}, args...)
	cmd := exec.CommandContext(ctx, "ip", args...)
	cmd.Env = append(os.Environ(), "MAILFLOW_PASSWORD="+password, "KRB5_CONFIG="+l.path("krb5.conf"))
	said, _ := cmd.CombinedOutput()
	text, _ := os.ReadFile(file)
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var event struct {
			Gathered struct {
				Kind  string
				Value json.RawMessage
			}
		}
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Gathered.Kind == "org" && event.Gathered.Value != nil {
			if err := json.Unmarshal(event.Gathered.Value, &o); err != nil {
				t.Fatal(err)
			}
			return o
		}
	}
	t.Fatalf("no organization in the case file\n%s", said)
	return o
}

// same leaves text as it is.
func same(s string) string { return s }

// anyDomain makes one spelling of what two directories call the same object:
// OpenLDAP writes "cn" small, escapes a comma by its number, and stands below
// another domain.
func anyDomain(s string) string {
	s = strings.ReplaceAll(strings.ToLower(s), `\2c`, `\,`)
	return strings.ReplaceAll(s, strings.ToLower(controllerRoot), strings.ToLower(openldapRoot))
}

// stripped is an organization without where it was read from: only values, with
// text spelled one way, and lists in an order of their own, because a directory
// promises none.
func stripped(o evidence.Org, spell func(string) string) any {
	text, err := json.Marshal(o)
	var all any
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return err.Error()
	}
	return strip(all, spell)
}

func strip(v any, spell func(string) string) any {
	switch v := v.(type) {
	case string:
		return spell(v)
	case []any:
		for i := range v {
			v[i] = strip(v[i], spell)
		}
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	case map[string]any:
		for name := range v {
			if name == "where" || name == "told" || name == "export" || name == "line" {
				delete(v, name)
			} else {
				v[name] = strip(v[name], spell)
			}
		}
	}
	return v
}

// differences says in which places two stripped values differ.
func differences(path string, a, b any) (all []string) {
	x, isMap := a.(map[string]any)
	y, isMap2 := b.(map[string]any)
	if isMap && isMap2 {
		names := maps.Clone(x)
		maps.Copy(names, y)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			all = append(all, differences(path+"."+name, x[name], y[name])...)
		}
		return all
	}
	p, isList := a.([]any)
	q, isList2 := b.([]any)
	if isList && isList2 && len(p) == len(q) {
		for i := range p {
			all = append(all, differences(fmt.Sprintf("%s[%d]", path, i), p[i], q[i])...)
		}
		return all
	}
	if s, r := fmt.Sprint(a), fmt.Sprint(b); s != r {
		all = append(all, fmt.Sprintf("%s: %.300s\n  is not %.300s", path, s, r))
	}
	return all
}
