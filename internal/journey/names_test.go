package journey

import (
	"testing"
	"time"

	"mailflow/evidence"
)

// named are hosts whose logs name these servers.
func named(servers ...string) *hosts {
	var rows []evidence.Sighting
	for _, s := range servers {
		rows = append(rows, evidence.Sighting{Server: s})
	}
	return hostsOf(rows)
}

// TestOurHosts: which hosts are of the organization whose logs are here.
func TestOurHosts(t *testing.T) {
	h := named("hub01.eu.contoso.com", "hub02.example.co.uk", "EX03")
	for name, want := range map[string]bool{
		"hub09.eu.contoso.com": true, "hub09.de.eu.contoso.com": true, "mx.contoso.com": true, "mx.com": false, "mx.example.co.uk": true, "mx.co.uk": false, "mx.example.com": false,
		"scan": true, "": false, "10.0.0.7": true, "[192.168.0.7]": true, "169.254.0.7": true, "fd00::7": true, "192.0.2.7": false, "2001:db8::7": false, "mx.notcontoso.com": false,
	} {
		if got := h.ours(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// TestWhoIsMeant: a name without its domain means the server of that name, if only one
// has it; two names with a domain have to be the same.
func TestWhoIsMeant(t *testing.T) {
	h := named("hub01.contoso.com", "HUB02.contoso.com", "hub03.contoso.com", "hub03.example.com", "EX03", "192.0.2.1", "the server of a.log")
	for name, want := range map[string]string{
		"hub01.contoso.com": "hub01.contoso.com", "HUB01": "hub01.contoso.com", "hub01.example.com": "", "[hub02.contoso.com.]": "HUB02.contoso.com", "hub03": "", "hub03.contoso.com": "hub03.contoso.com",
		"ex03.contoso.com": "EX03", "ex03": "EX03", "192.0.2.1": "192.0.2.1", "192.0.2.2": "", "192": "", "": "", "hub04": "", "the server of a.log": "the server of a.log", "the server of b": "",
	} {
		got, ok := h.known(name)
		if got != want || ok != (want != "") || h.is(name, "hub01.contoso.com") != (want == "hub01.contoso.com") {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if one := named("hub01", "hub01.contoso.com"); one.server("hub01") != "hub01.contoso.com" || one.server("HUB01.contoso.com") != "hub01.contoso.com" {
		t.Errorf("one server by two names: %q, %q", one.server("hub01"), one.server("hub01.contoso.com"))
	}
}

// TestLoopback: by which names a host means itself.
func TestLoopback(t *testing.T) {
	for name, want := range map[string]bool{"localhost": true, "LOCALHOST.localdomain": true, "127.0.0.1": true, "127.9.9.9": true, "[::1]": true, "localhosts": false, "10.0.0.1": false, "hub01": false, "": false} {
		if got := loopback(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// TestTravelOfClocks: how long a message was on its way is told as far as it is
// certain: corrected where both clocks are known from both sides, and else at least
// what the receiver's clock cannot make up.
func TestTravelOfClocks(t *testing.T) {
	at := func(s float64) time.Time { return noon.Add(time.Duration(s * float64(time.Second))) }
	for name, story := range map[string]struct {
		offsets []evidence.ClockOffset
		came    float64 // it left at 0
		want    float64
		known   bool
	}{
		"the same clock":               {[]evidence.ClockOffset{{Server: "b", Against: "a", Ahead: 0, Low: -0.5, High: 0.5, Bounded: true}}, 60, 60, true},
		"ahead":                        {[]evidence.ClockOffset{{Server: "b", Against: "a", Ahead: 30, Low: 29, High: 31, Bounded: true}}, 60, 30, true},
		"as much as may be the clocks": {[]evidence.ClockOffset{{Server: "b", Against: "a", Ahead: 30, Low: 29, High: 31, Bounded: true}}, 31, 0, true},
		"a little more":                {[]evidence.ClockOffset{{Server: "b", Against: "a", Ahead: 30, Low: 29, High: 31, Bounded: true}}, 31.5, 1.5, true},
		"both against another":         {[]evidence.ClockOffset{{Server: "a", Against: "r", Ahead: -10, Low: -11, High: -9, Bounded: true}, {Server: "b", Against: "r", Ahead: 20, Low: 19, High: 21, Bounded: true}}, 60, 30, true},
		"both, within both errors":     {[]evidence.ClockOffset{{Server: "a", Against: "r", Ahead: -10, Low: -11, High: -9, Bounded: true}, {Server: "b", Against: "r", Ahead: 20, Low: 19, High: 21, Bounded: true}}, 32, 0, true},
		"against two others":           {[]evidence.ClockOffset{{Server: "a", Against: "r", Ahead: -10, Low: -11, High: -9, Bounded: true}, {Server: "b", Against: "s", Ahead: 20, Low: 19, High: 21, Bounded: true}}, 60, 0, false},
		"at most ahead":                {[]evidence.ClockOffset{{Server: "b", Against: "a", High: 20}}, 60, 40, true},
		"at most, and less":            {[]evidence.ClockOffset{{Server: "b", Against: "a", High: 60}}, 60, 0, false},
		"at least ahead":               {[]evidence.ClockOffset{{Server: "b", Against: "a", Low: 20}}, 60, 0, false},
		"set in between":               {[]evidence.ClockOffset{{Server: "b", Against: "a", Ahead: 30, Low: 29, High: 31, Bounded: true, Steps: true}}, 29, 0, false},
		"nobody knows":                 {nil, 60, 0, false},
	} {
		got, known := clocksOf(story.offsets).travel("a", "b", at(0), at(story.came))
		if known != story.known || got != time.Duration(story.want*float64(time.Second)) {
			t.Errorf("%s: %v, %v, want %v, %v", name, got, known, story.want, story.known)
		}
	}
}
