package collectors

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"mailflow/diag"
	"mailflow/evidence"
)

const connectorDN = "CN=A to B,CN=Connections,CN=RG,CN=Routing Groups,CN=AG,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"

var export = "dn: " + connectorDN + "\r\nchangetype: add\r\nobjectClass: top\r\nobjectClass: msExchRoutingGroupConnector\r\n" +
	"instanceType: 4\r\nthis is damaged\r\nnTSecurityDescriptor:: AQAB\r\nactivationStyle: 1\r\nactivationSchedule:: " + strings.Repeat("q", 60) + "\r\n " + strings.Repeat("q", 52) + "\r\n\r\n" +
	"dn: CN=Somebody,DC=contoso,DC=com\r\nchangetype: add\r\nobjectClass: user\r\n\r\n"

// wideText is UTF-16 with its mark, as ldifde -u writes it.
func wideText(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// gathered reads files the way a run does.
func gathered(t *testing.T, named map[string][]byte) (evidence.Directory, []evidence.File, string) {
	t.Helper()
	w := diag.World{Open: func(name string) (io.ReadCloser, error) {
		if b, ok := named[name]; ok {
			return io.NopCloser(bytes.NewReader(b)), nil
		}
		return nil, errors.New("no such file")
	}}
	var paths []string
	for name := range named {
		paths = append(paths, name)
	}
	reader := &diag.Analyzer{Name: "reader", Doc: "x", Needs: []diag.AnyKey{evidence.OrgEntries, evidence.Files}, Run: func(diag.Evidence) []diag.Finding { return nil }}
	cat := &diag.Catalog{Inputs: Inputs(), Collectors: All(), Symptoms: []*diag.Symptom{{Name: "x", Analyzers: []*diag.Analyzer{reader}}}}
	r := diag.NewReport(cat)
	for ev := range diag.Run(context.Background(), w, cat, &diag.Case{Symptom: "x", Offline: true, Answers: map[string]string{"evidence": strings.Join(paths, "\n")}}) {
		r.Add(ev)
	}
	d, _ := diag.Value(r, evidence.OrgEntries)
	files, _ := diag.Value(r, evidence.Files)
	gaps := ""
	for _, g := range r.NotChecked() {
		gaps += g.Why + "; " + g.How
	}
	return d, files, gaps
}

func TestDirectoryExport(t *testing.T) {
	for name, b := range map[string][]byte{"ansi.ldf": []byte(export), "unicode.ldf": wideText(export)} {
		d, files, _ := gathered(t, map[string][]byte{name: b})
		if len(files) != 1 || files[0].Format != formatLDIF || files[0].Unread != "" {
			t.Fatalf("%s is taken for %+v", name, files)
		}
		x := d.Exports[0]
		if x.Objects != 2 || x.Kept != 1 || len(x.Problems) != 1 || x.Problems[0].Line != 6 {
			t.Errorf("%s: %+v", name, x)
		}
		o := evidence.NewOrg(d)
		c := o.Connectors[0]
		if c.Name != "A to B" || !c.Whole || !c.Delivery.Is(evidence.StyleSelected) || c.Delivery.Schedule == nil || c.Where.Line != 1 || len(o.Problems) != 1 {
			t.Errorf("%s: %+v, %q", name, c, o.Problems)
		}
		for _, a := range d.Entries[0].Attrs {
			if strings.EqualFold(a.Name, "nTSecurityDescriptor") {
				t.Errorf("%s: %s was kept", name, a.Name)
			}
		}
	}
}

func TestCSVExport(t *testing.T) {
	text := "DN,objectClass,instanceType,activationStyle,activationSchedule\r\n" +
		"\"" + connectorDN + "\",top;msExchConnector;msExchRoutingGroupConnector,4,1,X'" + strings.Repeat("aa", 84) + "'\r\n"
	d, files, _ := gathered(t, map[string][]byte{"org.csv": []byte(text)})
	if len(files) != 1 || files[0].Format != formatCSVDE {
		t.Fatalf("%+v", files)
	}
	o := evidence.NewOrg(d)
	if len(o.Connectors) != 1 || o.Connectors[0].Delivery.Schedule == nil || !strings.HasPrefix(o.Connectors[0].Delivery.Schedule.Words(), "every 30 minutes") {
		t.Errorf("%+v", o)
	}
}

// TestLacksDirectoryExport: a run without an export says how to get one.
func TestLacksDirectoryExport(t *testing.T) {
	const command = `ldifde -f org.ldf -d "CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com" -p subtree`
	for name, named := range map[string]map[string][]byte{
		"nothing":   nil,
		"a log":     {"smtp.log": []byte("#Software: x\n")},
		"users":     {"users.ldf": []byte("dn: CN=Somebody,DC=contoso,DC=com\nchangetype: add\nobjectClass: user\n\n")},
		"all dirt":  {"dirt.ldf": []byte("dn: x\nchangetype: add\n" + strings.Repeat("dirt\n", 5000))},
		"empty one": {"empty.ldf": {}},
	} {
		d, _, gaps := gathered(t, named)
		if len(d.Entries) != 0 || !strings.Contains(gaps, command) {
			t.Errorf("%s: %+v, %q", name, d, gaps)
		}
	}
}
