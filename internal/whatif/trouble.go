package whatif

import (
	"slices"
	"time"
)

// What dice are thrown for. Each throw depends on nothing but the seed, what it is
// for, the message and the attempt.
const (
	drawCame = iota + 1
	drawFails
	drawRefuses
	drawAddress
	drawSpared
	drawScan
)

// draw gives a number from 0 up to 1 (SplitMix64, Steele and others 2014).
func draw(seed uint64, what, msg, try int) float64 {
	x := seed
	for _, n := range []int{what, msg, try} {
		x = mix(x + uint64(int64(n)) + 0x9e3779b97f4a7c15)
	}
	return float64(x>>11) / (1 << 53)
}

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (p *play) draw(what, msg, try int) float64 { return draw(p.Seed, what, msg, try) }

// fails says whether no connection comes about, or the other side takes no mail at
// all. failed is how many attempts have failed before.
func (p *play) fails(at time.Duration, msg, try, failed int) bool {
	t := p.Trouble
	if t.Down > 0 && at >= t.DownFrom && at < t.DownFrom+t.Down {
		return true
	}
	if t.Pressure > 0 && at%t.PressureEvery < t.Pressure {
		return true
	}
	share := t.Fails
	if n := min(failed, len(t.FailsAgain)); n > 0 {
		share = t.FailsAgain[n-1]
	}
	return share > 0 && p.draw(drawFails, msg, try) < share
}

// putOff says whether the other side puts one message off.
func (p *play) putOff(e event) bool {
	if p.Trouble.Refuses > 0 && p.draw(drawRefuses, e.msg, p.all[e.msg].thrown) < p.Trouble.Refuses {
		return true
	}
	return p.Trouble.Greylist > 0 && !e.paced && p.greylisted(e)
}

// greylisted keeps when a message was first seen from an address, as RFC 6647
// section 2.3 describes it: sender, recipient and client together.
func (p *play) greylisted(e event) bool {
	m, from := &p.all[e.msg], 0
	if p.Pool > 1 && !p.Trouble.OneNet {
		// The address of a larger pool that this one divides is a finer one of the
		// same: so more addresses never help.
		from = int(p.draw(drawAddress, e.msg, m.thrown) * float64(p.Pool))
	}
	if i := slices.IndexFunc(m.first, func(t try) bool { return t.from == from }); i >= 0 {
		return e.at-m.first[i].at < p.Trouble.Greylist
	}
	m.first = append(m.first, try{from, e.at})
	return true
}

// fails says whether any attempt may fail.
func (t Trouble) fails() bool { return t.breaks() || t.putsOff() }

// breaks says whether a connection may fail.
func (t Trouble) breaks() bool { return t.Down > 0 || t.Fails > 0 || t.Pressure > 0 }

// putsOff says whether single messages may be put off.
func (t Trouble) putsOff() bool { return t.Greylist > 0 || t.Refuses > 0 }

// opening is which of several openings a message has.
func (p *play) opening(msg int) int { return max(msg, 0) % max(1, len(p.Opens.At)) }

// next is when an attempt may begin that is due at a time; false for never.
func (g Gate) next(at time.Duration, day time.Weekday, which int) (time.Duration, bool) {
	if g.Week != nil {
		// 4 January 1970 was a Sunday; times count from a midnight UTC, as the bits do.
		midnight := time.Unix(0, 0).UTC().AddDate(0, 0, 3+int(day))
		open, ever := g.Week.Next(midnight.Add(at))
		return open.Sub(midnight), ever
	}
	if g.Every <= 0 {
		return at, true
	}
	var phase time.Duration
	if len(g.At) > 0 {
		phase = g.At[which]
	}
	off := (at - phase) % g.Every
	if off < 0 {
		off += g.Every
	}
	if off == 0 || off < g.For {
		return at, true
	}
	return at + g.Every - off, true
}
