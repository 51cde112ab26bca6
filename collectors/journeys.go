package collectors

import (
	"context"
	"errors"
	"slices"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/journey"
)

// sightings reads the logs a second time, for what they say of a few messages: the
// first time told which of them waited longest.
func sightings(left *trails) *diag.Collector {
	col := diag.NewCollector("messages in logs", "reads the logs once more, for the messages that waited longest", evidence.Sightings,
		[]diag.AnyKey{evidence.Paths, evidence.Files, evidence.Traffic}, []diag.AnyKey{evidence.Clock, evidence.Zone, evidence.Message},
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.Sighting, error) {
			asked, _ := evidence.Message.Lookup(e)
			ids := toFollow(evidence.Traffic.In(e), asked)
			if len(ids) == 0 {
				return nil, errors.New("no log names a message by its id")
			}
			shelf := newExports(ctx, w)
			defer shelf.close()
			now, _ := evidence.Clock.Lookup(e)
			zone, _ := evidence.Zone.Lookup(e)
			l := newLedger()
			l.follow, l.trails = newFollower(l, ids), left.take()
			logs := inOrder(shelf, evidence.Files.In(e), zone, now)
			l.follow.learn(shelf, logs)
			l.readAll(shelf, logs, now)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if l.follow.left > 0 {
				w.Note("too many rows about the messages that are followed: the last are left out")
			}
			rows := l.follow.done()
			talked(shelf, evidence.Files.In(e), rows)
			return rows, ctx.Err()
		})
	col.Offline = true
	return col
}

// clockOffsets works out how far the clocks of the servers differ.
func clockOffsets() *diag.Collector {
	return diag.Derive("clocks", evidence.Clocks, []diag.AnyKey{evidence.Sightings}, nil,
		func(e diag.Evidence) ([]evidence.ClockOffset, error) {
			return journey.Offsets(evidence.Sightings.In(e)), nil
		})
}

// journeys puts together what the logs of all servers say of each message.
func journeys() *diag.Collector {
	return diag.Derive("journeys", evidence.Journeys, []diag.AnyKey{evidence.Sightings, evidence.Clocks}, []diag.AnyKey{evidence.Message},
		func(e diag.Evidence) ([]evidence.Journey, error) {
			asked, _ := evidence.Message.Lookup(e)
			return askedFirst(journey.Assemble(evidence.Sightings.In(e), evidence.Clocks.In(e)), bareID(asked)), nil
		})
}

// askedFirst puts the message that was asked for before all others.
func askedFirst(all []evidence.Journey, asked string) []evidence.Journey {
	for i := range all {
		all[i].Asked = asked != "" && all[i].Message == asked
	}
	slices.SortStableFunc(all, func(a, b evidence.Journey) int {
		switch {
		case a.Asked == b.Asked:
			return 0
		case a.Asked:
			return -1
		}
		return 1
	})
	return all
}
