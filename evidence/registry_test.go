package evidence

import "testing"

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
