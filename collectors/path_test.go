package collectors

import (
	"cmp"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// The time of a message is read in the zone that was asked for, and is now
// where none was said.
func TestMailPath(t *testing.T) {
	named := map[string][]byte{"org.ldf": []byte(export)}
	for _, c := range []struct{ at, zone, want string }{
		{"2026-11-23T09:05", "", "2026-11-23T09:05:00Z"},
		{"2026-11-23T09:05", "Europe/Berlin", "2026-11-23T08:05:00Z"},
		{"2026-07-23 09:05", "Europe/Berlin", "2026-07-23T07:05:00Z"},
		{"2026-11-23T09:05:30-05:00", "Europe/Berlin", "2026-11-23T14:05:30Z"},
	} {
		answers := evidenceOf(named)
		answers["from"], answers["to"], answers["size"], answers["at"], answers["zone"] = "EX03A", "user@contoso.com", "5MB", c.at, c.zone
		p, ok := diag.Value(reported(t, worldOf(named), answers, evidence.MailPath), evidence.MailPath)
		if got := p.At.UTC().Format("2006-01-02T15:04:05Z07:00"); !ok || got != c.want || p.SizeBytes != 5<<20 || p.From != "EX03A" || p.Zone != cmp.Or(c.zone, "UTC") {
			t.Errorf("%s in %q: %+v", c.at, c.zone, p)
		}
	}
	answers := evidenceOf(named)
	answers["from"], answers["to"] = "EX03A", "user@contoso.com"
	r := reported(t, worldOf(named), answers, evidence.MailPath, evidence.Clock)
	p, _ := diag.Value(r, evidence.MailPath)
	now, _ := diag.Value(r, evidence.Clock)
	if !p.At.Equal(now) {
		t.Errorf("at %s, and now is %s", p.At, now)
	}
}

// TestLacksMailPath: who asks for no path is told how to ask, and who gave no
// configuration how to get one.
func TestLacksMailPath(t *testing.T) {
	if gaps := gapsOf(reported(t, worldOf(nil), map[string]string{"from": "EX03A", "to": "EX03B"}, evidence.MailPath)); !strings.Contains(gaps, "ldifde") {
		t.Errorf("%q", gaps)
	}
	named := map[string][]byte{"org.ldf": []byte(export)}
	if gaps := gapsOf(reported(t, worldOf(named), evidenceOf(named), evidence.MailPath)); !strings.Contains(gaps, "from=EX03A") {
		t.Errorf("%q", gaps)
	}
}
