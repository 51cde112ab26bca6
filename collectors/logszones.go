package collectors

import (
	"bytes"
	"hash/maphash"
	"net/netip"
)

// noZone is no number of quarters.
const noZone = farthest + 1

// isZone says whether a zone may be so many quarters of an hour ahead of UTC: whole
// hours from -12 to +14, and the other offsets that were in use somewhere since 2000
// (IANA time zone database). No zone is a quarter or half an hour from UTC, so that
// waits of that length, which timers and schedules make, are none either.
func isZone(quarters int64) bool {
	switch quarters {
	case -38, -18, -14, -10, // -9:30, -4:30, -3:30, -2:30
		14, 18, 22, 23, 26, 34, 35, 38, 42, 46, 51, 55: // 3:30, 4:30, 5:30, 5:45, 6:30, 8:30, 8:45, 9:30, 10:30, 11:30, 12:45, 13:45
		return true
	}
	return quarters%4 == 0 && quarters >= -12*4 && quarters <= farthest
}

// An end is what one server says of a transmission: numbers stand for names, 0 for
// what it does not say.
type end struct {
	at    int64
	host  uint64 // that says it
	peer  uint64 // the other server
	queue uint64 // id that the message got where it came
}

func endOf(g *glimpse, seed maphash.Seed) end {
	e := end{at: g.at, host: hostNumber(g.host, seed), peer: hostNumber(g.peer, seed)}
	if len(g.queue) > 0 {
		e.queue = maphash.Bytes(seed, g.queue)
	}
	return e
}

// hostNumber is a host by its name without the domain: logs have it in both ways.
// An address is no name.
func hostNumber(name []byte, seed maphash.Seed) uint64 {
	name = bytes.Trim(name, "[]. ")
	if _, err := netip.ParseAddr(string(name)); err == nil || len(name) == 0 || len(name) > maxLabel {
		return 0
	}
	return maphash.String(seed, shortName(string(name)))
}

// meets says whether two ends, by which the same message came and left, are of one
// transmission: the reply names the id that the message got, or one server names the
// other and is not contradicted. What lies between other servers is a wait, which may
// be as long as a zone is wide.
func meets(a, b *end) bool {
	if a.queue != 0 && b.queue != 0 {
		return a.queue == b.queue
	}
	return names(a, b) && !denies(b, a) || names(b, a) && !denies(a, b)
}

func names(a, b *end) bool { return a.peer != 0 && a.peer == b.host }

func denies(a, b *end) bool { return a.peer != 0 && b.host != 0 && a.peer != b.host }
