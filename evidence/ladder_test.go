package evidence

import (
	"slices"
	"testing"
	"time"
)

func minutes(all ...int) []time.Duration {
	var list []time.Duration
	for _, n := range all {
		list = append(list, time.Duration(n)*time.Minute)
	}
	return list
}

func TestLadders(t *testing.T) {
	for _, c := range []struct {
		name      string
		got       Ladder
		sums      []time.Duration
		certainty string
	}{
		{"2003 with its own list", VirtualServer{Retries: "15, 30,60,240"}.Ladder(0), minutes(1, 2, 3, 18, 48, 108, 348), Configured},
		{"2003 without", VirtualServer{}.Ladder(0), minutes(1, 2, 3, 13, 23, 33, 48), FromMemory},
		{"2003 with a list of another form", VirtualServer{Retries: "10m"}.Ladder(0), minutes(1, 2, 3, 13, 23, 33, 48), FromMemory},
		{"2003 with another glitch", VirtualServer{Retries: "10"}.Ladder(10 * time.Minute), minutes(10, 20, 30, 40), Configured},
		{"a hub without settings", Server{}.Ladder(), minutes(1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44), Documented},
		{"an Edge server", Server{Roles: new(64)}.Ladder(), minutes(1, 2, 3, 4, 14, 24, 34, 44, 54, 64, 94), Documented},
		{"a hub with settings", Server{Retry: &RetryTimes{TransientCount: new(1), Transient: new(Duration(600)), Outbound: new(Duration(2700))}}.Ladder(), minutes(1, 2, 3, 4, 14, 59), Configured},
		{"a hub with some", Server{Retry: &RetryTimes{Outbound: new(Duration(1800))}}.Ladder(), minutes(1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 64), Documented},
	} {
		if !slices.Equal(c.got.Sums(), c.sums) || c.got.Certainty != c.certainty {
			t.Errorf("%s: %v, %s", c.name, c.got.Sums(), c.got.Certainty)
		}
	}
}

// What an export of the registry lacks is not set; what it does not reach to is
// not known.
func TestSettings(t *testing.T) {
	const parameters = `HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\RESvc\Parameters`
	r := Registry{Exports: []Export{{Path: "a.reg"}, {Path: "b.txt"}, {Path: "c.reg"}}, Values: []RegistryValue{
		{Key: parameters, Kind: "key", Line: 3},
		{Key: parameters, Name: "ObjectName", Kind: "string", Line: 4},
		{Key: parameters, Kind: "key", Export: 1, Machine: "EX03A", Line: 2},
		{Key: parameters, Name: "suppressStateChanges", Kind: "dword", Number: 1, Export: 1, Machine: "EX03A", Line: 3},
		{Key: `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\RESvc`, Kind: "key", Export: 2, Line: 2},
	}}
	got := r.Suppressed()
	if len(got) != 2 || got[0].Set || got[0].Where.String() != "a.reg line 3" || !got[1].Set || got[1].Value != 1 || got[1].Machine != "EX03A" || got[1].Entry != 3 {
		t.Errorf("%+v", got)
	}
	if len(r.Glitch()) != 0 {
		t.Error("a setting of a key that nobody exported")
	}
}
