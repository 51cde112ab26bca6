package analyzers

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// observed holds what late mail waits at each hop against the retry timer of its
// server, where the configuration has that server.
func observed(e diag.Evidence, o evidence.Org, registry evidence.Registry) []diag.Finding {
	traffic, _ := evidence.Traffic.Lookup(e)
	rhythms, _ := evidence.Rhythms.Lookup(e)
	var found []diag.Finding
	for i, h := range traffic {
		if i < len(rhythms) && retries(rhythms[i]) {
			t := tempo{h, rhythms[i], ref(evidence.Traffic.Kind().Name, i)}
			found = append(found, t.timed(laddersOf(o, h.Server, registry))...)
		}
	}
	return found
}

// retries says whether a hop lets mail go by a retry timer.
func retries(r evidence.HopRhythm) bool {
	return r.Is == evidence.RhythmRetry || r.Is == evidence.RhythmFixed || r.Is == evidence.RhythmMixed && len(r.Sums) > 0
}

// laddersOf are the ways in which a server of the configuration tries again: one,
// or one for each SMTP virtual server.
func laddersOf(o evidence.Org, name string, registry evidence.Registry) []evidence.Ladder {
	var all []evidence.Ladder
	for _, s := range o.Servers {
		if known := cmp.Or(s.FQDN, s.Name); !sameHost(known, name) {
			continue
		}
		if s.Modern() || s.Retry != nil { // only these cmdlets tell retry times
			return append([]evidence.Ladder{s.Ladder()}, single(s)...)
		}
		for _, v := range s.Virtual {
			all = append(all, v.Ladder(glitchOf(registry, name)))
		}
	}
	return all
}

// single is how a server tries a single message again that the other side put off,
// which is apart from the queue's intervals.
func single(s evidence.Server) []evidence.Ladder {
	if s.Retry == nil || s.Retry.Message == nil {
		return []evidence.Ladder{{Steps: []time.Duration{15 * time.Minute}, Certainty: evidence.Documented, Setting: "MessageRetryInterval"}}
	}
	where := s.Retry.Where
	return []evidence.Ladder{{Steps: []time.Duration{s.Retry.Message.Duration()}, Certainty: evidence.Configured, Setting: "MessageRetryInterval", Where: &where}}
}

// sameHost compares two names of which one may lack its domain.
func sameHost(a, b string) bool {
	short, _, long := strings.Cut(a, ".")
	other, _, otherLong := strings.Cut(b, ".")
	return a != "" && strings.EqualFold(short, other) && (!long || !otherLong || strings.EqualFold(a, b))
}

// glitchOf is GlitchRetrySeconds of a machine, 0 where its registry says nothing.
func glitchOf(registry evidence.Registry, machine string) time.Duration {
	for _, m := range registry.Glitch() {
		if m.Set && sameHost(m.Machine, machine) {
			return time.Duration(min(m.Value, 1<<31)) * time.Second
		}
	}
	return 0
}

// timed judges whether one of the ladders makes the waits.
func (t tempo) timed(ladders []evidence.Ladder) []diag.Finding {
	var ruled []diag.Finding
	known := !slices.ContainsFunc(ladders, func(l evidence.Ladder) bool { return l.Certainty != evidence.Configured })
	for _, l := range ladders {
		f := t.on(retryInterval, diag.Confirmed, diag.Text("gaps", t.gaps()), diag.Text("timer", timerName(l)), diag.Text("steps", inMinutes(l.Steps)))
		switch {
		case t.makes(l):
			return []diag.Finding{t.blamed(f, l)}
		case known && len(ruled) == 0 && t.is.Is == evidence.RhythmRetry:
			f.Verdict = diag.Excluded
			ruled = append(ruled, f)
		}
	}
	return ruled
}

// makes says whether the waits, or the time between bursts, are those of a ladder.
func (t tempo) makes(l evidence.Ladder) bool {
	if len(t.is.Sums) == 0 {
		return t.is.Period > 0 && l.Has(t.is.Period.Duration())
	}
	var sums []time.Duration
	for _, s := range t.is.Sums {
		sums = append(sums, s.Duration())
	}
	return l.Explains(sums)
}

// blamed tells what fails beneath a timer, and how sure the timer is.
func (t tempo) blamed(f diag.Finding, l evidence.Ladder) diag.Finding {
	beneath := "the log does not say which attempt failed, or why"
	if text := deferred(t.Deferrals); text != "" {
		beneath = text
	}
	f.Args = append(f.Args, diag.Text("beneath", beneath))
	f.Wait = longest(t.Passages)
	switch {
	case l.Certainty == evidence.FromMemory:
		return lessSure(f, "the intervals were not read from the server; these are known from memory", "from memory")
	case l.Certainty != evidence.Configured:
		return lessSure(f, "the intervals were not read from the server; these are the product's defaults", "")
	case t.is.Is != evidence.RhythmRetry:
		return lessSure(f, "not all late mail follows them", "")
	}
	return f
}

func timerName(l evidence.Ladder) string {
	if l.Certainty == evidence.Configured {
		return "what is set on the server: " + l.Setting
	}
	return "the default of " + l.Setting
}

// gaps tells where waits gather, or how far bursts are apart.
func (t tempo) gaps() string {
	var words []string
	for _, s := range t.is.Sums[:min(len(t.is.Sums), mostNames)] {
		words = append(words, diag.Seconds(s.Duration().Round(time.Second)))
	}
	if len(words) == 0 {
		return "up to " + diag.Seconds(t.is.Period.Duration())
	}
	return strings.Join(words, ", ")
}
