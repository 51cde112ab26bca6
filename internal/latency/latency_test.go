package latency

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"mailflow/evidence"
)

// said tells trees in one line: each part with its own time.
func said(all []evidence.Latency) string {
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, "%s %s %.3f/%.3f", p.Server, strings.Join(p.Path, ">"), p.Seconds, p.Own)
		if p.Running {
			b.WriteString(" runs")
		}
		if p.Whole {
			b.WriteString(" whole")
		}
		b.WriteString(", ")
	}
	return strings.TrimSuffix(b.String(), ", ")
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ info, want string }{
		"one server": {"2026-01-05T10:00:00.000Z;LSRV=hub1:TOTAL-HUB=10.000|SMR=0.500(SMRDE=0.200)|QDE=9.000",
			"hub1 TOTAL-HUB 10.000/0.500, hub1 TOTAL-HUB>SMR 0.500/0.300, hub1 TOTAL-HUB>SMR>SMRDE 0.200/0.200, hub1 TOTAL-HUB>QDE 9.000/9.000"},
		"servers before it": {"2026-01-05T10:00:00.000Z;SRV=edge1:TOTAL-FE=0.100|SMR=0.100;LSRV=hub1:TOTAL-HUB=1.000|CAT=1.000",
			"edge1 TOTAL-FE 0.100/0.000, edge1 TOTAL-FE>SMR 0.100/0.100, hub1 TOTAL-HUB 1.000/0.000, hub1 TOTAL-HUB>CAT 1.000/1.000"},
		"as a header has it": {"LSRV=hub1:TOTAL-HUB=0.430|CAT=0.100(CATOS=0.050\r\n (CATSM=0.050(CATSM-Malware\r\n Agent=0.040)));2026-01-05T10:00:00.000Z",
			"hub1 TOTAL-HUB 0.430/0.330, hub1 TOTAL-HUB>CAT 0.100/0.050, hub1 TOTAL-HUB>CAT>CATOS 0.050/0.000, hub1 TOTAL-HUB>CAT>CATOS>CATSM 0.050/0.010, hub1 TOTAL-HUB>CAT>CATOS>CATSM>CATSM-Malware Agent 0.040/0.040"},
		"a component twice": {"LSRV=hub1:TOTAL-HUB=3.000|QDM=1.000|QDM=2.000", "hub1 TOTAL-HUB 3.000/0.000, hub1 TOTAL-HUB>QDM 1.000/1.000, hub1 TOTAL-HUB>QDM 2.000/2.000"},
		"still running":     {"LSRV=hub1:TOTAL-HUB-INC=3.000|QDM-INC=1.000|SMS=2.000-INC|MTSS-PEN=0.100", "hub1 TOTAL-HUB 3.000/0.000 runs, hub1 TOTAL-HUB>QDM 1.000/1.000 runs, hub1 TOTAL-HUB>SMS 2.000/2.000 runs, hub1 TOTAL-HUB>MTSS 0.100/0.100 runs"},
		"a closer look is no time of its own": {"LSRV=hub1:TOTAL-HUB=1.000|SMRC=1.000(SMRCL=0.400|X-SMRCR=0.900)",
			"hub1 TOTAL-HUB 1.000/0.000, hub1 TOTAL-HUB>SMRC 1.000/0.600, hub1 TOTAL-HUB>SMRC>SMRCL 0.400/0.400, hub1 TOTAL-HUB>SMRC>X-SMRCR 0.900/0.000"},
		"the points are lost":    {"LSRV=hub1:TOTAL-HUB=436|SMR=345(SMRDE=035)", ""},
		"one point is lost":      {"LSRV=hub1:TOTAL-HUB=9|CAT=7(CATRT=5.000)|QDE=4.000", "hub1 CATRT 5.000/5.000, hub1 QDE 4.000/4.000"},
		"Exchange 2010":          {"2010-01-05T10:00:00.000Z;SRV=hub1:TOTAL=5|SMS=3", "hub1 TOTAL 5.000/2.000 whole, hub1 TOTAL>SMS 3.000/3.000 whole"},
		"no tree":                {"2026-01-05T10:00:00.000Z", ""},
		"a code of RECEIVE":      {"0cA: ", ""},
		"no server":              {"LSRV=", ""},
		"nothing":                {"", ""},
		"cut off":                {"LSRV=hub1:TOTAL-HUB=5.000|CAT=4.000(CATRESL=3.0", "hub1 TOTAL-HUB 5.000/1.000, hub1 TOTAL-HUB>CAT 4.000/1.000, hub1 TOTAL-HUB>CAT>CATRESL 3.000/3.000"},
		"one bracket too many":   {"LSRV=hub1:A=1.000)|B=2.000", "hub1 A 1.000/1.000"},
		"names and numbers gone": {"LSRV=hub1:A=1.5|B=|=2.0|C=9999999999.1|D=-1.0|(E=0.5)", "hub1 A 1.500/1.500, hub1 E 0.500/0.500"},
		"brackets without end":   {"LSRV=hub1:" + strings.Repeat("(", 100) + "A=1.0", ""},
		"parts above their sum":  {"LSRV=hub1:TOTAL-HUB=1.000|CAT=0.800|QDE=0.900", "hub1 TOTAL-HUB 1.000/0.000, hub1 TOTAL-HUB>CAT 0.800/0.800, hub1 TOTAL-HUB>QDE 0.900/0.900"},
	} {
		if got := said(Parse([]byte(c.info))); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestLogged(t *testing.T) {
	var r Reader
	for info, want := range map[string]string{
		"2026;SRV=a:TOTAL-FE=0.100;LSRV=b:TOTAL-HUB=1.000": "TOTAL-HUB",
		"2026;SRV=a:TOTAL-FE=0.100":                        "", // another server's
		"2010;SRV=a:TOTAL=1;SRV=b:TOTAL=2|SMS=2":           "TOTAL SMS",
		"":                                                 "",
	} {
		var names []string
		for _, p := range r.Logged([]byte(info)) {
			names = append(names, string(p.Name))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", info, got, want)
		}
	}
}

// TestNoMemory: the many rows of a log are read in the memory of the first.
func TestNoMemory(t *testing.T) {
	var r Reader
	info := []byte("2026-01-05T10:00:00.000Z;LSRV=hub1:TOTAL-HUB=14.439|SMR=0.279(SMRDE=0.174|SMRC=0.105(X-SMRDR=0.090))|CAT=0.046(CATRT-Transport Rule Agent=0.001)|QDE=13.818|SMS=0.291")
	r.Logged(info)
	if n := testing.AllocsPerRun(100, func() { r.Logged(info) }); n > 0 {
		t.Errorf("%v times memory for a row", n)
	}
}

func TestCheck(t *testing.T) {
	for info, want := range map[string]string{
		"LSRV=hub1:TOTAL-HUB=1.000|CAT=0.100|QDE=0.900":                   "[]",
		"LSRV=hub1:TOTAL-HUB=1.000|CAT=0.101|QDE=0.900":                   "[]", // rounding
		"LSRV=hub1:TOTAL-HUB=1.000|CAT=0.800(CATOS=0.700|CATRT=0.300)":    "[{hub1 [TOTAL-HUB CAT] 0.800 1.000}]",
		"LSRV=hub1:TOTAL-HUB=1.000|CAT=0.100(X-A=5.000)":                  "[]",
		"SRV=a:TOTAL-FE=1.000|SMR=2.000;LSRV=b:TOTAL-HUB=9.000|SMR=9.000": "[{a [TOTAL-FE] 1.000 2.000}]",
		"SRV=a:TOTAL=1|SMS=1|CAT=1":                                       "[]",
	} {
		var b []string
		for _, x := range Check(Parse([]byte(info))) {
			b = append(b, fmt.Sprintf("{%s %v %.3f %.3f}", x.Server, x.Path, x.Seconds, x.Parts))
		}
		if got := "[" + strings.Join(b, " ") + "]"; got != want {
			t.Errorf("%s: %s, want %s", info, got, want)
		}
	}
}

func TestEndToEnd(t *testing.T) {
	for custom, want := range map[string]string{
		"S:E2ELatency=12.345;S:DeliveryPriority=Normal": "12.345 true", "S:Mailbox=x;S:E2ELatency=7": "7.000 true",
		"S:E2ELatency=": "0.000 false", "S:E2ELatency=1,5": "0.000 false", "S:NoE2ELatency=3": "0.000 false", "": "0.000 false",
	} {
		s, ok := EndToEnd([]byte(custom))
		if got := fmt.Sprintf("%.3f %v", s, ok); got != want {
			t.Errorf("%s: %s", custom, got)
		}
	}
}

func TestWords(t *testing.T) {
	for name, c := range map[string]struct {
		want string
		sure bool
	}{
		"CATRT-Transport Rule Agent": {`agent "Transport Rule Agent" at OnRoutedMessage`, true},
		"CATRS-Example Agent":        {`agent "Example Agent" at OnResolvedMessage`, false},
		"SDDPM-Mailbox Filter Agent": {`agent "Mailbox Filter Agent" (stage SDDPM)`, false},
		"CATRT":                      {"the categorizer, around its agents for OnRoutedMessage", true},
		"QDE":                        {"waiting in the queue to the next server", false},
		"TOTAL-HUB":                  {"time that no component accounts for", true},
		"TOTAL-INC":                  {"time that no component accounts for", true},
		"NEW":                        {"", false},
		"X-ETREX":                    {"", false},
		"":                           {"", false},
	} {
		if text, sure := Words(name); text != c.want || sure != c.sure {
			t.Errorf("%s: %q %v", name, text, sure)
		}
	}
	for names, want := range map[string]Division{"CAT CATORT CATRT CATRT-A b": Categorizer, "QDE": Waiting, "SMS SMSMBXD": Delivery, "QDM": Delivery, "SMS": Elsewhere, "": Elsewhere} {
		if got := In(strings.Fields(names)...); got != want {
			t.Errorf("%s: %q", names, got)
		}
	}
}

// A plant is a tree whose times are known.
type plant struct {
	name string
	ms   int
	in   []plant
}

// grow makes a tree of this many milliseconds, whose parts take some of them.
func grow(r *rand.Rand, name string, ms, depth int) plant {
	p := plant{name: name, ms: ms}
	left := ms
	for i := range r.IntN(4) {
		if depth == 0 || left == 0 {
			break
		}
		part := 1 + r.IntN(left)
		left -= part
		p.in = append(p.in, grow(r, fmt.Sprintf("%s%c", name, 'A'+i), part, depth-1))
	}
	return p
}

func (p plant) String() string {
	s := fmt.Sprintf("%s=%d.%03d", p.name, p.ms/1000, p.ms%1000)
	if len(p.in) == 0 {
		return s
	}
	return s + "(" + list(p.in) + ")"
}

func list(all []plant) string {
	var s []string
	for _, p := range all {
		s = append(s, p.String())
	}
	return strings.Join(s, "|")
}

// TestSums: whatever the tree, the own times of all parts are together the total,
// and nothing exceeds anything.
func TestSums(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		whole := grow(r, "N", 1+r.IntN(5_000_000), 6)
		info := fmt.Sprintf("LSRV=hub1:TOTAL-HUB=%d.%03d|%s", whole.ms/1000, whole.ms%1000, list(whole.in))
		if strings.Count(info, "=")-2 > maxParts {
			continue
		}
		all := Parse([]byte(info))
		sum := 0.0
		for _, p := range all {
			sum += float64(p.Own)
		}
		if got := fmt.Sprintf("%.3f", sum); got != fmt.Sprintf("%d.%03d", whole.ms/1000, whole.ms%1000) || len(Check(all)) > 0 {
			t.Fatalf("%s: %s, %v", info, got, Check(all))
		}
	}
}

// FuzzParse: any text gives trees that are within bounds and in order: a part
// stands behind what it is inside of, and nothing takes less than no time.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"2026-01-05T10:00:00.000Z;SRV=edge1:TOTAL-FE=0.1|SMR=0.1;LSRV=hub1:TOTAL-HUB=14.439|SMR=0.279(SMRDE=0.174|SMRC=0.105(X-SMRDR=0.090))|CAT=0.046(CATRT-A b=0.01)|QDE-INC=13.818",
		"SRV=h:TOTAL=5|SMS=3(A=1)", "LSRV=h:A=1.5|B=|=2.0|(((C=1)|D=1.0))))|E", "SRV=;SRV=:;LSRV=a:\xff=1.0(\n=2.0",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, info []byte) {
		whole := string(info)
		all := Parse(info)
		if len(all) > maxParts*maxServers {
			t.Errorf("%d parts", len(all))
		}
		for i, p := range all {
			if len(p.Path) == 0 || len(p.Path) > maxDepth+1 || p.Seconds < 0 || p.Own < 0 || p.Own > p.Seconds || i == 0 && len(p.Path) > 1 || i > 0 && len(p.Path) > len(all[i-1].Path)+1 {
				t.Errorf("%q: %+v", info, p)
			}
			Words(p.Path[len(p.Path)-1])
			In(p.Path...)
		}
		Check(all)
		var r Reader
		for i, p := range r.Logged(info) {
			if p.Parent >= i || p.Parent < -1 {
				t.Errorf("%q: part %d in %d", info, i, p.Parent)
			}
		}
		if string(info) != whole {
			t.Errorf("%q was written over", whole)
		}
	})
}
