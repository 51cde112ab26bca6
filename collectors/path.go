package collectors

import (
	"fmt"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/routing"
)

// mailPath works out the way of one message through the organization.
func mailPath() *diag.Collector {
	return diag.Derive("mail path", evidence.MailPath,
		[]diag.AnyKey{evidence.Organization, evidence.PathFrom, evidence.PathTo},
		[]diag.AnyKey{evidence.PathSize, evidence.PathAt, evidence.Zone, evidence.Clock},
		func(e diag.Evidence) (evidence.Path, error) {
			org := evidence.Organization.In(e)
			q := routing.Question{From: evidence.PathFrom.In(e), To: evidence.PathTo.In(e)}
			q.Size, _ = evidence.PathSize.Lookup(e)
			q.Zone, _ = evidence.Zone.Lookup(e)
			at, err := submitted(e, q.Zone)
			q.At = at
			if err != nil {
				return evidence.Path{}, err
			}
			return routing.Walk(&org, q), nil
		})
}

// submitted is when the message is sent: when the operator says, else now.
func submitted(e diag.Evidence, zone evidence.TimeZone) (time.Time, error) {
	text, said := evidence.PathAt.Lookup(e)
	if !said {
		now, ok := evidence.Clock.Lookup(e)
		if !ok {
			return now, fmt.Errorf("when is the message sent? --input at=2026-11-23T09:05")
		}
		return now, nil
	}
	return moment(text, zone)
}

// moment reads a time; one without an offset is in the zone.
func moment(text string, zone evidence.TimeZone) (time.Time, error) {
	for _, form := range momentForms {
		if at, err := time.ParseInLocation(form, text, zone.Location()); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: say 2026-11-23T09:05", text)
}
