package collectors

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// relayed makes the logs of a hub, whose times are exact, and of a relay behind it,
// which logs without a zone. waits is what each message waits at the hub before the
// relay has it, and ahead is by how much the relay's times are ahead of UTC.
func relayed(waits, ahead time.Duration, named bool) map[string][]byte {
	var hub, relay strings.Builder
	for i := range 8 {
		came := time.Date(2026, 2, 13, 10, 7*i, 11, 0, time.UTC)
		left := came.Add(waits)
		stamp := func(at time.Time) string { return at.Format("2006-01-02T15:04:05.000Z") }
		wall := func(at time.Time) string { return at.Add(ahead).Format("Jan _2 15:04:05") + " relay1 postfix/" }
		reply, next := "S;250 2.0.0 Ok", "lb.contoso.com"
		if named {
			reply, next = fmt.Sprintf("S;250 2.0.0 Ok: queued as AAAAAA%d", i), "relay1.contoso.com"
		}
		fmt.Fprintf(&hub, "%s,mx,hub1,,,SMTP,RECEIVE,%d,<m%d@example.com>,y@contoso.com,,,,\r\n", stamp(came), i+1, i)
		fmt.Fprintf(&hub, "%s,hub1,%s,%s,C,SMTP,SEND,%d,<m%d@example.com>,y@contoso.com,,,,\r\n", stamp(left), next, reply, i+1, i)
		fmt.Fprintf(&relay, "%ssmtpd[1]: AAAAAA%d: client=unknown[192.0.2.7]\n", wall(left), i)
		fmt.Fprintf(&relay, "%scleanup[2]: AAAAAA%d: message-id=<m%d@example.com>\n", wall(left), i, i)
		fmt.Fprintf(&relay, "%ssmtp[3]: AAAAAA%d: to=<y@contoso.com>, relay=mx.example.com[198.51.100.4]:25, delay=1, dsn=2.0.0, status=sent (250 ok)\n", wall(left.Add(time.Second)), i)
		fmt.Fprintf(&relay, "%sqmgr[4]: AAAAAA%d: removed\n", wall(left.Add(time.Second)), i)
	}
	return map[string][]byte{"mail.log": []byte(relay.String()), "msgtrk.log": []byte(trackingHeader + hub.String())}
}

// TestZonesOfTransmissions: the zone of a log goes by transmissions, and by nothing
// that only looks like a zone.
func TestZonesOfTransmissions(t *testing.T) {
	for name, story := range map[string]struct {
		waits, ahead time.Duration
		named        bool
		want         string // of the zone
	}{
		"five hours, after long waits":        {30 * time.Minute, 5 * time.Hour, true, "5 h ahead of UTC"},
		"India":                               {time.Second, 5*time.Hour + 30*time.Minute, true, "5 h 30 min ahead of UTC"},
		"UTC, after waits of an hour":         {time.Hour, 0, true, "UTC"},
		"a clock that is wrong by 15 min":     {time.Second, 15 * time.Minute, true, ""},
		"a clock that is wrong by 44 min":     {time.Second, -44 * time.Minute, true, ""},
		"a clock that is wrong, and a zone":   {time.Second, 3*time.Hour + 7*time.Minute, true, ""},
		"nothing ties the logs, but messages": {time.Hour, 0, false, ""},
	} {
		h := trafficIn(t, "", relayed(story.waits, story.ahead, story.named))
		said := ""
		for _, p := range h[len(h)-1].Problems {
			if _, zone, ok := strings.Cut(p.Text, "show that they are "); ok {
				said = zone
			}
		}
		if local := h[len(h)-1].Local; said != story.want || local != (story.want == "") {
			t.Errorf("%s: %q, not %q; of an unknown zone: %v", name, said, story.want, local)
		}
	}
}

// TestZonesThatAre: no zone is a quarter of an hour or half an hour from UTC.
func TestZonesThatAre(t *testing.T) {
	n := 0
	for q := int64(-2 * farthest); q <= 2*farthest; q++ {
		if isZone(q) {
			n++
		}
	}
	if n != 27+16 || isZone(1) || isZone(2) || isZone(-2) || isZone(noZone) || !isZone(0) || !isZone(23) || !isZone(-48) || !isZone(56) || isZone(-52) {
		t.Error(n)
	}
}

// TestGuessedZones: what is followed says that the zone of a log was worked out, so
// that no clock is called wrong by it.
func TestGuessedZones(t *testing.T) {
	for zone, want := range map[string]string{"": "[relay1]", "Asia/Karachi": "[]"} {
		answers := map[string]string{"evidence": "mail.log\nmsgtrk.log", "message": "m3@example.com"}
		if zone != "" {
			answers["zone"] = zone
		}
		r := reported(t, worldOf(relayed(time.Second, 5*time.Hour, true)), answers, evidence.Traffic, evidence.Sightings)
		rows, _ := diag.Value(r, evidence.Sightings)
		guessed := []string{}
		for _, s := range rows {
			if s.Text == evidence.ZoneGuessed {
				guessed = append(guessed, s.Server)
			}
		}
		if fmt.Sprint(guessed) != want {
			t.Errorf("%q: %v", zone, guessed)
		}
	}
}
