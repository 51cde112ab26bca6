package results

import (
	"fmt"
	"time"

	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// A track is one row of the time line: a look-up or a session, from its start.
type track struct {
	id, label, note string
	bars            []bar
	total           time.Duration
}

// A bar is one phase of a track.
type bar struct {
	name       string
	phase      phase
	from, took time.Duration
	failed     bool
}

// A phase is a letter and a colour for what took the time. The letter says it
// alone; the colour only helps.
type phase struct {
	letter byte
	look   look
}

// phases in the order in which they come, for the legend.
func phases() []string {
	return []string{dns, smtpprobe.Connect, smtpprobe.Greeting, smtpprobe.EHLO, smtpprobe.HELO, smtpprobe.STARTTLS, smtpprobe.Handshake,
		smtpprobe.MAIL, smtpprobe.RCPT, smtpprobe.DATA, smtpprobe.Body, smtpprobe.RSET, smtpprobe.QUIT}
}

const dns = "DNS"

func phaseOf(step string) phase {
	switch step {
	case dns:
		return phase{'N', hue}
	case smtpprobe.Connect:
		return phase{'C', hue + 1}
	case smtpprobe.Greeting:
		return phase{'G', hue + 2}
	case smtpprobe.EHLO:
		return phase{'E', hue + 3}
	case smtpprobe.HELO:
		return phase{'H', hue + 3}
	case smtpprobe.STARTTLS:
		return phase{'S', hue + 4}
	case smtpprobe.Handshake:
		return phase{'T', hue + 4}
	case smtpprobe.MAIL:
		return phase{'M', hue}
	case smtpprobe.RCPT:
		return phase{'R', hue + 1}
	case smtpprobe.DATA:
		return phase{'D', hue + 2}
	case smtpprobe.Body:
		return phase{'B', hue + 2}
	case smtpprobe.RSET:
		return phase{'Z', hue + 5}
	case smtpprobe.QUIT:
		return phase{'Q', hue + 5}
	}
	return phase{'o', hue + 5}
}

// lookupTrack has a bar for each attempt of a look-up.
func lookupTrack(l evidence.Lookup) track {
	t := track{id: fmt.Sprintf("dns\x00%s\x00%s\x00%s\x00%s", l.Type, l.Name, l.Server, l.Transport),
		label: fmt.Sprintf("%s %s at %s (%s)", l.Type, l.Name, l.Server, l.Transport)}
	for _, a := range l.Attempts {
		t.add(bar{name: "ask " + a.Transport, phase: phaseOf(dns), took: time.Duration(a.TookNS), failed: a.Fault != ""}, a.Fault)
	}
	if len(l.Attempts) == 0 {
		t.add(bar{name: "ask", phase: phaseOf(dns), took: l.Took()}, "")
	}
	if l.Rcode != "NOERROR" {
		t.note = joined(", ", t.note, l.Rcode)
	}
	return t
}

// sessionTrack has a bar for each step of a session. Where steps were sent in
// one group, each has only the time that it took longer than the one before.
func sessionTrack(s smtpprobe.Session, label string, n int) track {
	t := track{id: fmt.Sprintf("smtp\x00%s\x00%s\x00%d", s.Host, s.Addr, n), label: label}
	var end time.Time
	for _, st := range s.Steps {
		took := st.Took()
		if st.Grouped && !end.IsZero() {
			took = st.End().Sub(end)
		}
		end = st.End()
		note := ""
		switch {
		case st.Fault != "":
			note = st.Name + ": " + st.Fault
		case st.Code >= 400:
			note = fmt.Sprintf("%s: %d", st.Name, st.Code)
		}
		t.add(bar{name: st.Name, phase: phaseOf(st.Name), took: took, failed: note != ""}, note)
	}
	return t
}

// mostTook bounds what a case file can claim that a phase took, so that the sum
// stays a time.
const mostTook = 365 * 24 * time.Hour

func (t *track) add(b bar, note string) {
	b.took = min(max(b.took, 0), mostTook)
	b.from = t.total
	t.total += b.took
	t.bars = append(t.bars, b)
	t.note = joined(", ", t.note, note)
}

// slowest is the bar that took longest.
func (t track) slowest() bar {
	var most bar
	for _, b := range t.bars {
		if b.took > most.took {
			most = b
		}
	}
	return most
}
