package collectors

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/directory"
)

const configuration = "CN=Configuration,DC=contoso,DC=com"

// A fakeServer answers from a list; what a branch fails with comes after it.
type fakeServer struct {
	root    directory.Root
	entries []directory.Entry
	fails   map[string]error // by the first name of the branch: "CN=Sites"
	asked   []string
}

func (s *fakeServer) Root(context.Context) (directory.Root, error) { return s.root, s.fails["root"] }

func (s *fakeServer) Walk(_ context.Context, base, filter string, _ []string, f func(directory.Entry) error) error {
	s.asked = append(s.asked, base+" "+filter)
	for _, e := range s.entries {
		if strings.HasSuffix(e.DN, base) {
			if err := f(e); err != nil {
				return err
			}
		}
	}
	name, _, _ := strings.Cut(base, ",")
	return s.fails[name]
}

// said is an object as a server gives it: "name=value" for each attribute.
func said(dn string, attrs ...string) directory.Entry {
	e := directory.Entry{DN: dn}
	for _, a := range attrs {
		name, value, _ := strings.Cut(a, "=")
		e.Attrs = append(e.Attrs, directory.Attr{Name: name, Values: [][]byte{[]byte(value)}})
	}
	return e
}

func contoso() *fakeServer {
	const exchange = "CN=Contoso,CN=Microsoft Exchange,CN=Services," + configuration
	return &fakeServer{root: directory.Root{Configuration: configuration}, fails: map[string]error{}, entries: []directory.Entry{
		said(connectorDN, "objectClass=msExchRoutingGroupConnector", "instanceType=4", "activationStyle=1", "activationSchedule="+strings.Repeat("\xaa", 84), "nTSecurityDescriptor=x"),
		said("CN=Berlin,CN=Sites,"+configuration, "objectClass=site"),
		said("CN=RG,CN=Routing Groups,CN=AG,CN=Administrative Groups,"+exchange, "objectClass=msExchRoutingGroup", "instanceType=4"),
		said(exchange, "objectClass=msExchOrganizationContainer", "instanceType=4"),
		said("CN=Somebody,CN=Microsoft Exchange,CN=Services,"+configuration, "objectClass=user"),
	}}
}

func browsed(t *testing.T, s *fakeServer) (evidence.Directory, error) {
	t.Helper()
	target, err := directory.ParseTarget("dc01.contoso.com")
	if err != nil {
		t.Fatal(err)
	}
	return browse(t.Context(), s, target)
}

// A live directory says what an export of it would say.
func TestLiveDirectory(t *testing.T) {
	s := contoso()
	d, err := browsed(t, s)
	if err != nil || len(d.Entries) != 4 || len(d.Exports) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	if x := d.Exports[0]; x.Path != "ldaps://dc01.contoso.com" || x.Format != "LDAP" || x.Objects != 5 || x.Kept != 4 || len(x.Problems) != 0 {
		t.Errorf("%+v", x)
	}
	var order []string
	for _, e := range d.Entries {
		order = append(order, evidence.NameOf(e.DN))
	}
	if got := strings.Join(order, ", "); got != "Berlin, Contoso, RG, A to B" {
		t.Errorf("in the order %s", got)
	}
	c := evidence.NewOrg(d, evidence.Cmdlets{}).Connectors
	if len(c) != 1 || c[0].Delivery.Schedule == nil || c[0].Where.String() != "ldaps://dc01.contoso.com" {
		t.Errorf("%+v", c)
	}
	for _, a := range d.Entries[3].Attrs {
		if a.Name == "nTSecurityDescriptor" {
			t.Error("the security descriptor was kept")
		}
	}
	for _, asked := range s.asked {
		if !strings.Contains(asked, "(|(objectClass=") {
			t.Errorf("asked without a filter: %s", asked)
		}
	}
}

// What a server gave before it failed is kept, and what is missing is said.
func TestLiveDirectoryGivesAPart(t *testing.T) {
	for _, branch := range []string{"CN=Microsoft Exchange", "CN=Sites"} {
		s := contoso()
		s.fails[branch] = errors.New("the server's size limit is reached")
		d, err := browsed(t, s)
		if err != nil || len(d.Entries) != 4 || len(d.Exports[0].Problems) != 1 || !strings.Contains(d.Exports[0].Problems[0].Text, "size limit") {
			t.Errorf("%s: %+v, %v", branch, d.Exports, err)
		}
	}
}

func TestLiveDirectoryWithoutExchange(t *testing.T) {
	only := func(s *fakeServer, part string) {
		var left []directory.Entry
		for _, e := range s.entries {
			if strings.Contains(e.DN, part) {
				left = append(left, e)
			}
		}
		s.entries = left
	}
	for _, c := range []struct {
		name string
		with func(s *fakeServer)
		want string
	}{
		{"no container", func(s *fakeServer) {
			only(s, "CN=Sites")
			s.fails["CN=Microsoft Exchange"] = errors.New("no such object")
		}, "there is no Exchange in this forest, or the account may not read it (no such object)"},
		{"an empty one", func(s *fakeServer) { only(s, "CN=Sites") }, "there is no Exchange in this forest"},
		{"nothing to be seen", func(s *fakeServer) { s.entries = nil }, "shows this account neither Exchange nor sites"},
		{"a line that breaks", func(s *fakeServer) {
			s.entries = nil
			s.fails["CN=Microsoft Exchange"] = errors.New("the server hung up")
		}, "the server hung up"},
		{"no domain controller", func(s *fakeServer) { s.root = directory.Root{} }, "names no configuration partition"},
		{"no root", func(s *fakeServer) { s.fails["root"] = errors.New("not today") }, "not today"},
	} {
		s := contoso()
		c.with(s)
		if d, err := browsed(t, s); err == nil || !strings.Contains(err.Error(), c.want) || len(d.Entries) != 0 {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// calling is a world in which every call ends the same way, and the calls made.
func calling(err error) (diag.World, *[]string) {
	var calls []string
	w := worldOf(map[string][]byte{"org.ldf": []byte(export)})
	w.Dial = func(_ context.Context, network, addr string) (net.Conn, error) {
		calls = append(calls, network+" "+addr)
		return nil, err
	}
	return w, &calls
}

func TestLiveDirectoryFails(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers map[string]string
		want    string
		calls   string
	}{
		{"nobody there", map[string]string{"directory": "dc01.contoso.com", "directory-user": "reader@contoso.com", "directory-password": "x"}, "not reachable", "tcp dc01.contoso.com:636"},
		{"StartTLS", map[string]string{"directory": "ldap://192.0.2.1:3389", "directory-user": "reader@contoso.com", "directory-password": "x"}, "not reachable", "tcp 192.0.2.1:3389"},
		{"no account", map[string]string{"directory": "dc01.contoso.com"}, "--input directory-user=", ""},
		{"no password", map[string]string{"directory": "dc01.contoso.com", "directory-user": "reader@contoso.com"}, "no password for reader@contoso.com", ""},
		{"in the clear", map[string]string{"directory": "ldap+plain://dc01.contoso.com", "directory-user": "reader@contoso.com", "directory-password": "x"}, "unencrypted", ""},
		{"a global catalog", map[string]string{"directory": "gc://dc01.contoso.com", "directory-user": "reader@contoso.com", "directory-password": "x"}, "global catalog", ""},
		{"roots that are none", map[string]string{"directory": "dc01.contoso.com", "directory-user": "reader@contoso.com", "directory-password": "x", "roots": "org.ldf"}, "no PEM certificate", ""},
	} {
		w, calls := calling(errors.New("not reachable"))
		why := ""
		for ev := range diag.Run(t.Context(), w, reading(evidence.OrgEntries), &diag.Case{Symptom: "x", Answers: c.answers}) {
			if ev.Gathered != nil && ev.Gathered.Kind == evidence.OrgEntries.Kind().Name {
				why = ev.Gathered.Failed[0].By + ": " + ev.Gathered.Failed[0].Why
			}
		}
		if !strings.HasPrefix(why, "live directory: ") || !strings.Contains(why, c.want) || strings.Join(*calls, " ") != c.calls {
			t.Errorf("%s: %q, calls %q", c.name, why, *calls)
		}
	}
}

// Where the directory cannot be read, the export is.
func TestExportInPlaceOfTheDirectory(t *testing.T) {
	w, calls := calling(errors.New("not reachable"))
	r := reported(t, w, map[string]string{"directory": "dc01.contoso.com", "directory-login": "ntlm", "directory-user": `CONTOSO\reader`, "directory-password": "x", "evidence": "org.ldf"}, evidence.OrgEntries)
	d, _ := diag.Value(r, evidence.OrgEntries)
	if len(*calls) != 1 || len(d.Entries) != 1 || d.Exports[0].Path != "org.ldf" {
		t.Errorf("%q, %+v", *calls, d.Exports)
	}
}

func TestDirectoryPlan(t *testing.T) {
	for _, c := range []struct {
		answers map[string]string
		want    string
		lacks   string
	}{
		{nil, "", "directory"},
		{map[string]string{"directory": "dc01.contoso.com", "directory-user": "reader@contoso.com", "directory-password": "hunter2"},
			"reads the Exchange configuration (CN=Microsoft Exchange,CN=Services) and the sites from dc01.contoso.com over LDAPS as reader@contoso.com, simple bind; changes nothing", ""},
		{map[string]string{"directory": "ldap://dc01.contoso.com:3389", "directory-user": "reader@contoso.com", "directory-login": "kerberos"},
			"dc01.contoso.com over LDAP with StartTLS on port 3389 as reader@contoso.com, Kerberos; changes nothing|the Kerberos server (KDC) of the account's realm is asked", ""},
		{map[string]string{"directory": "dc01.contoso.com", "directory-login": "kerberos"}, "over LDAPS with the Kerberos ticket that is there;", ""},
		{map[string]string{"directory": "ldap+plain://dc01.contoso.com", "directory-user": "reader@contoso.com", "directory-cleartext": "yes"}, "over LDAP WITHOUT ENCRYPTION as|THE PASSWORD TRAVELS UNENCRYPTED, as you consented", ""},
		{map[string]string{"directory": "ldap+plain://dc01.contoso.com", "directory-user": "reader@contoso.com"}, "sends nothing: the password would travel unencrypted", ""},
		{map[string]string{"directory": "dc01.contoso.com"}, "as (no account named), simple bind", ""},
	} {
		for _, touch := range reading(evidence.OrgEntries).Plan(&diag.Case{Symptom: "x", Answers: c.answers}).Touches {
			if touch.Collector != "live directory" {
				continue
			}
			words := strings.Join(touch.Words, "|")
			for _, want := range strings.Split(c.want, "|") {
				if !strings.Contains(words, want) || strings.Contains(words, "hunter2") {
					t.Errorf("%v: %q, want %q", c.answers, words, want)
				}
			}
			if strings.Join(touch.Lacks, " ") != c.lacks {
				t.Errorf("%v: lacks %q", c.answers, touch.Lacks)
			}
		}
	}
}

// Of an export beside a directory that answered, the operator hears that it was
// not read.
func TestExportBesideTheDirectory(t *testing.T) {
	var notes []string
	target, err := directory.ParseTarget("dc01.contoso.com")
	if err != nil {
		t.Fatal(err)
	}
	e := diag.NewEvidence(nil, diag.Give(evidence.Files, []evidence.File{{Path: "org.ldf", Format: formatLDIF}, {Path: "send.xml", Format: formatCLIXML}}))
	setAside(diag.World{Note: func(text string) { notes = append(notes, text) }}, e, target)
	if got := strings.Join(notes, "; "); got != "org.ldf is not read: what dc01.contoso.com says now counts" {
		t.Errorf("%q", got)
	}
}
