package evidence

import (
	"strings"
	"testing"
)

// two is an organization by two exports that hold the same routing group
// connector, each as name, value, name, value ...
func two(a, b []string) Org {
	dn := "CN=x,CN=Connections," + rgDN
	first, second := entry(dn, "msExchRoutingGroupConnector", a...), entry(strings.ToLower(dn), "msExchRoutingGroupConnector", b...)
	second.Export = 1
	return NewOrg(Directory{Exports: []Export{{Path: "old.ldf"}, {Path: "new.ldf"}}, Entries: []Entry{first, second}}, Cmdlets{})
}

// TestTwoExports: of one object in two exports the later counts. Where nobody can
// say which that is the first does, and the reader is told what differs. Neither
// is damage.
func TestTwoExports(t *testing.T) {
	const differs = `x, cost: old.ldf line 1 says "1", new.ldf line 1 says "2"; the first counts`
	for _, c := range []struct {
		name    string
		a, b    []string
		cost    int
		differs string
	}{
		{"the second is later", []string{"cost", "1", "whenChanged", "20100720091244.0Z"}, []string{"cost", "2", "whenChanged", "20100720091245.0Z"}, 2, ""},
		{"the first is later", []string{"cost", "1", "whenChanged", "20110101000000.0Z"}, []string{"cost", "2", "whenChanged", "20101231235959.0Z"}, 1, ""},
		{"the second is later, and shows less", []string{"cost", "1", "activationStyle", "2", "whenChanged", "20100720091244.0Z"}, []string{"cost", "2", "whenChanged", "20100720091245.0Z"}, 2,
			"x: new.ldf line 1 is later than old.ldf line 1 and counts, and does not show its activationstyle"},
		{"the first is later, and shows all", []string{"cost", "1", "instanceType", "4", "whenChanged", "20100720091245.0Z"}, []string{"cost", "2", "activationStyle", "2", "whenChanged", "20100720091244.0Z"}, 1, ""},
		{"without the fraction", []string{"cost", "1", "whenChanged", "20100720091244.0Z"}, []string{"cost", "2", "whenChanged", "20100720091245Z"}, 2, ""},
		{"changed at the same time", []string{"cost", "1", "whenChanged", "20100720091244.0Z"}, []string{"cost", "2", "whenChanged", "20100720091244.0Z"}, 1, differs},
		{"without a time", []string{"cost", "1"}, []string{"cost", "2"}, 1, differs},
		{"one without a time", []string{"cost", "1"}, []string{"cost", "2", "whenChanged", "20100720091244.0Z"}, 1, differs},
		{"a time that is none", []string{"cost", "1", "whenChanged", "7/20/2010 9:12"}, []string{"cost", "2", "whenChanged", "20100720091244.0Z"}, 1, differs},
		{"a time with a zone", []string{"cost", "1", "whenChanged", "20100720091244+0200"}, []string{"cost", "2", "whenChanged", "20100720091245Z"}, 1, differs},
		{"the same", []string{"cost", "1", "whenChanged", "20100720091244.0Z"}, []string{"cost", "1", "whenChanged", "20100720091244.0Z"}, 1, ""},
		{"only some attributes in the second", []string{"cost", "1", "activationStyle", "2"}, []string{"cost", "1"}, 1, ""},
		{"all attributes in the second", []string{"cost", "1", "activationStyle", "2"}, []string{"cost", "1", "instanceType", "4"}, 1, `x, activationstyle: old.ldf line 1 says "2", new.ldf line 1 says ""; the first counts`},
	} {
		o := two(c.a, c.b)
		if len(o.Connectors) != 1 || *o.Connectors[0].Cost != c.cost || strings.Join(o.Differs, "\n") != c.differs || o.Problems != nil || len(o.Seen) != 1 {
			t.Errorf("%s: %+v\n%q, %q", c.name, o.Connectors, o.Differs, o.Problems)
		}
	}
}

// TestCutValues: ranges of which some were left out are unknown, not narrower.
func TestCutValues(t *testing.T) {
	whole := multi(entry(rcDN, "msExchSmtpReceiveConnector"), "msExchSmtpReceiveRemoteIPRanges", "192.0.2.1", "192.0.2.2")
	if r := NewOrg(Directory{Entries: []Entry{whole}}, Cmdlets{}).Receive[0]; len(r.Ranges) != 2 {
		t.Errorf("%q", r.Ranges)
	}
	whole.Attrs[len(whole.Attrs)-1].Cut = true
	if r := NewOrg(Directory{Entries: []Entry{whole}}, Cmdlets{}).Receive[0]; r.Ranges != nil {
		t.Errorf("%q", r.Ranges)
	}
}
