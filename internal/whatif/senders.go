package whatif

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
)

const day = 24 * time.Hour

// Known are the senders whose defaults are known.
//
// Exchange tries a queue again, and mail that comes meanwhile waits with it
// ("Message retry, resubmit, and expiration intervals"; KB 264054 for 2000 and
// 2003); a single message that is put off has an interval of its own. Exim keeps
// the retry time of a host, and new mail waits for it (specification, chapter 32).
// Postfix has a timer for each message, on a scan each queue_run_delay, and does not
// try an unreachable destination again for minimal_backoff_time (postconf(5)).
func Known() []Sender {
	var all []Sender
	for _, l := range evidence.KnownLadders() {
		all = append(all, behaving(Sender{Name: l.Name, Steps: l.Steps, Unproved: !l.Sure}))
	}
	return all
}

func behaving(s Sender) Sender {
	switch {
	case strings.Contains(s.Name, "single message"):
		s.Notice, s.GivesUp = 4*time.Hour, 2*day
	case strings.HasPrefix(s.Name, "Exchange 2007"):
		s.Queue, s.Single, s.Notice, s.GivesUp = true, []time.Duration{15 * time.Minute}, 4*time.Hour, 2*day
	case strings.HasPrefix(s.Name, "Exchange 2003"), strings.HasPrefix(s.Name, "SMTP service of Windows"):
		s.Queue, s.Notice, s.GivesUp = true, 12*time.Hour, 2*day // KB 321757
	case s.Name == "Postfix":
		s.Rests, s.Scan, s.GivesUp = 5*time.Minute, 5*time.Minute, 5*day
	case s.Name == "Exim":
		s.Queue, s.GivesUp = true, 4*day
	}
	return s
}

// Named finds a known sender by words of its name, or the steps of one that is not
// known, "4x1m,6x5m,10m".
func Named(text string) (Sender, error) {
	if steps, err := Steps(text); err == nil {
		return Sender{Name: text, Steps: steps}, nil
	} else if strings.ContainsAny(text[:min(1, len(text))], "0123456789") {
		return Sender{}, err
	}
	var fits []Sender
	for _, s := range Known() {
		if strings.EqualFold(s.Name, strings.TrimSpace(text)) {
			return s, nil
		}
		if hasWords(s.Name, text) {
			fits = append(fits, s)
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil
	case len(fits) > 1:
		return Sender{}, fmt.Errorf("%q may be one of several: %s", text, names(fits))
	}
	return Sender{}, fmt.Errorf("no sender %q is known: %s; or its retry intervals, as in 4x1m,6x5m,10m", text, names(Known()))
}

// hasWords says whether a name has all of these words, in any order.
func hasWords(name, words string) bool {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" ,'", r) })
	}
	have, want := split(name), split(words)
	return len(want) > 0 && !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
}

func names(all []Sender) string {
	var list []string
	for _, s := range all {
		list = append(list, fmt.Sprintf("%q", s.Name))
	}
	return strings.Join(list, ", ")
}

// Of is how a server of the configuration tries again: one way, or one for each SMTP
// virtual server. glitch is GlitchRetrySeconds of its registry, 0 where unknown.
func Of(s evidence.Server, glitch time.Duration) []Sender {
	if s.Modern() {
		return []Sender{modern(s)}
	}
	var all []Sender
	for _, v := range s.Virtual {
		l := v.Ladder(glitch)
		x := Sender{Name: s.Subject(v), Steps: l.Steps, Queue: true, Notice: 12 * time.Hour, GivesUp: 2 * day, Unproved: l.Certainty == evidence.FromMemory}
		all = append(all, x)
	}
	return all
}

func modern(s evidence.Server) Sender {
	x := Sender{Name: s.Name, Steps: s.Ladder().Steps, Queue: true, Single: []time.Duration{15 * time.Minute}, Notice: 4 * time.Hour, GivesUp: 2 * day}
	if r := s.Retry; r != nil {
		set := func(to *time.Duration, d *evidence.Duration) {
			if d != nil && *d >= 1 {
				*to = d.Duration()
			}
		}
		set(&x.Single[0], r.Message)
		set(&x.Notice, r.DelayNotice)
		set(&x.GivesUp, r.Expiry)
	}
	return x
}
