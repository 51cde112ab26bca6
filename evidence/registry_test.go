package evidence

import (
	"strconv"
	"strings"
	"testing"
)

// TestSuppressed: a key that an export reaches to and that lacks the value is
// something else than a key that was not exported.
func TestSuppressed(t *testing.T) {
	const key = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\RESvc\Parameters`
	r := Registry{Exports: []Export{{Path: "ex03a.reg"}, {Path: "ex03b.txt"}}, Values: []RegistryValue{
		{Machine: "EX03A", Key: key, Kind: "key", Line: 3},
		{Machine: "EX03A", Key: key, Name: "suppressStateChanges", Kind: "dword", Number: 1, Line: 4},
		{Machine: "EX03B", Key: key + `\`, Kind: "key", Export: 1, Line: 2},
		{Machine: "EX03B", Key: key, Name: "SuppressStateChanges", Kind: "string", Text: "1", Export: 1, Line: 3}, // the engine reads a DWORD
		{Machine: "EX03C", Key: `HKLM\SYSTEM\ControlSet001\Services\SMTPSvc\Queuing`, Name: "GlitchRetrySeconds", Kind: "dword", Number: 30, Export: 7},
	}}
	s, g := r.Suppressed(), r.Glitch()
	if len(s) != 2 || !s[0].Set || s[0].Value != 1 || s[0].Where.String() != "ex03a.reg line 4" || s[1].Set || !s[1].Exported || s[1].Where.File != "ex03b.txt" {
		t.Errorf("%+v", s)
	}
	if len(g) != 1 || g[0].Value != 30 || g[0].Machine != "EX03C" || g[0].Where.File != "" || g[0].Where.Kind != "org.registry" {
		t.Errorf("%+v", g)
	}
}

// TestControlSets: of the numbered control sets one is the current one, and the
// others are what the machine ran with at other times.
func TestControlSets(t *testing.T) {
	for sets, want := range map[string]string{
		"CurrentControlSet=1":                                  "1",
		"ControlSet001=0":                                      "0",
		"ControlSet001=0 CurrentControlSet=1":                  "1",
		"CurrentControlSet=1 ControlSet001=0 ControlSet002=0":  "1",
		"ControlSet001=1 ControlSet002=0":                      "",
		"ControlSet001=0 ControlSet002=1 ControlSet001=0":      "",
		"ControlSet001=1 ControlSet001=1":                      "1",
		"ControlSet001=0 ControlSet002=1 CurrentControlSet=1 ": "1",
	} {
		r := Registry{Exports: []Export{{Path: "ex03a.reg"}}}
		for i, word := range strings.Fields(sets) {
			set, value, _ := strings.Cut(word, "=")
			key := `HKEY_LOCAL_MACHINE\SYSTEM\` + set + `\Services\RESvc\Parameters`
			r.Values = append(r.Values, RegistryValue{Key: key, Kind: "key", Line: 2 * i},
				RegistryValue{Key: key, Name: "SuppressStateChanges", Kind: "dword", Number: uint64(value[0] - '0'), Line: 2*i + 1})
		}
		got := ""
		for _, m := range r.Suppressed() {
			got += strconv.FormatUint(m.Value, 10)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", sets, got, want)
		}
	}
	other := `HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Services\Other`
	key := `HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\RESvc\Parameters`
	if all := (Registry{Values: []RegistryValue{{Key: other, Kind: "key"}, {Key: key, Kind: "key"}}}).Suppressed(); len(all) != 0 {
		t.Errorf("the other control set may be the current one: %+v", all)
	}
}
