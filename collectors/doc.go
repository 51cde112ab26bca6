// Package collectors gets evidence: one file for each way. Only collectors
// touch the world, and only through the diag.World that they are handed. They
// read and ask; they change nothing. What they get is kept as the world said
// it; what it means is for the analyzers.
package collectors

import (
	"mailflow/diag"
	"mailflow/evidence"
)

// All lists every collector. Several may provide one kind of evidence: the
// first whose needs are met runs, and the next if it fails.
func All() []*diag.Collector {
	left := &trails{least: leastTrail}
	all := []*diag.Collector{
		clock(), files(), sums(), identity(),
		namedResolvers(), systemResolvers(),
		route(), hops(), bridgeheads(), survey(), reverse(), ourName(),
		sessions(), repeats(),
		liveDirectory(), directoryExport(), cmdlets(), registry(), analyses(), queueListings(), events(), logs(left), sessionLogs(), hopRhythms(), sightings(left), clockOffsets(), journeys(), forecasts(),
	}
	return append(append(all, organizations()...), mailPath())
}

// Always is what every run gathers, whatever the symptom.
func Always() []diag.AnyKey { return []diag.AnyKey{evidence.Clock, evidence.Files, evidence.FileSums} }
