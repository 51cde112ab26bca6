package analyzers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var retryInterval = &diag.Cause{
	Code: "RETRY-INTERVAL", Title: "After a failed attempt mail waits for a long retry interval", Severity: diag.Delayed,
	Text:   "{subject}[ repeats an attempt that failed after {minutes}: a message whose first attempt fails is tried again after {sums}, counted from that attempt; which failure that would be is not known from the configuration][: late mail waits {gaps}, which is {timer} ({steps})][; beneath it: {beneath}][; {because}] ({where})",
	Ruled:  "{subject}: the intervals set there do not make the waits[ of {gaps}: {timer} ({steps})]",
	About:  "A retry interval holds nothing up by itself: it is what a failed attempt costs. Something makes the first attempt fail, and a later one succeeds; the interval only sets how late that is.",
	Read:   "msExchSmtpRemoteQueueRetries of each SMTP virtual server of Exchange 2000/2003 (minutes, with commas; the form is known from memory), GlitchRetrySeconds in the registry of these servers, and of 2007 and later TransientFailureRetryInterval, OutboundConnectionFailureRetryInterval and MessageRetryInterval (Get-TransportServer, Get-TransportService). Reported where one of them is 30 minutes or more, or glitches alone add up to that: a suspicion, since no failure was seen. With logs, the waits of late mail are held against these intervals, and against the product's defaults where they are not known: confirmed where what is set on the server makes the waits that its log shows.",
	Remedy: "Find what makes the first attempt fail (queue state Retry with its last error, the SMTP log of the sending server, every address of the target). Shorter intervals (virtual server, Delivery; Set-TransportServer or Set-TransportService) only lessen the damage.",
	Refs:   []string{"RFC 5321 section 4.5.4.1", "KB 321757", "KB 264054", "Exchange Server documentation: Message retry, resubmit, and expiration intervals"},
	Place:  true,
	Tests:  []diag.Test{{Do: "Look at the queue while mail waits in it (Get-Queue | fl Identity,Status,LastError,NextRetryTime; the state and the reason in System Manager): a last error is the failure that this interval makes dear; without one no attempt failed, and the interval is not the cause.", Takes: 2 * time.Minute}},
	Behind: []*diag.Cause{virtualSmartHost},
}

// longRetry is the interval from which a retry ladder is reported.
const longRetry = 30 * time.Minute

// retryIntervals judges how late a server tries again.
func retryIntervals() *diag.Analyzer {
	return &diag.Analyzer{Name: "retry-intervals",
		Doc:    "Judges the intervals after which servers try again.",
		Uses:   []diag.AnyKey{evidence.Organization, evidence.OrgRegistry, evidence.Traffic, evidence.Rhythms},
		Causes: []*diag.Cause{retryInterval},
		Run: func(e diag.Evidence) []diag.Finding {
			registry, _ := evidence.OrgRegistry.Lookup(e)
			o, _ := evidence.Organization.Lookup(e)
			found := observed(e, o, registry)
			for _, v := range virtuals(o) {
				if v.RetryMinutes() != nil {
					f := v.on(retryInterval, diag.Suspected)
					f.Basis = "from memory"
					found = append(found, lateBy(f, v.Ladder(0).Steps)...)
				}
			}
			seen := slices.Clone(found)
			for _, s := range o.Servers {
				if !slices.ContainsFunc(seen, func(f diag.Finding) bool {
					return f.Verdict > diag.Excluded && strings.HasPrefix(f.Subject, s.Name+" to ")
				}) {
					found = append(found, modernRetries(s)...)
				}
			}
			return append(sift(found, "servers"), glitches(registry)...)
		}}
}

// modernRetries judges a server of Exchange 2007 or later by what is set on it.
// An Edge server waits 30 minutes by default.
func modernRetries(s evidence.Server) []diag.Finding {
	if s.Retry == nil { // a cmdlet of Exchange 2007 or later sets it, so that it is one
		return nil
	}
	f := of(retryInterval, diag.Suspected, s.Name, s.Retry.Where)
	if m := s.Retry.Message; m != nil && m.Duration() >= longRetry {
		f.Args = append(f.Args, diag.Text("because", "a single message that the other side puts off waits "+diag.Seconds(m.Duration())+" each time (MessageRetryInterval), which is apart from those intervals"))
		return []diag.Finding{laddered(f, s.Ladder().Steps)}
	}
	return lateBy(f, s.Ladder().Steps)
}

// lateBy gives the finding where a step is long. Short steps add up too, so that
// nothing is ruled out.
func lateBy(f diag.Finding, steps []time.Duration) []diag.Finding {
	if !slices.ContainsFunc(steps, func(d time.Duration) bool { return d >= longRetry }) {
		return nil
	}
	return []diag.Finding{laddered(f, steps)}
}

// laddered tells the steps, and when the attempts come.
func laddered(f diag.Finding, steps []time.Duration) diag.Finding {
	var sums []string
	for _, d := range (evidence.Ladder{Steps: steps}).Sums() {
		sums = append(sums, diag.Seconds(d))
	}
	f.Args = append(f.Args, diag.Text("minutes", inMinutes(steps)), diag.Text("sums", strings.Join(shortened(sums), ", ")))
	return f
}

// inMinutes lists steps, the same ones together: "4 x 1, 6 x 5, 30 minutes".
func inMinutes(steps []time.Duration) string {
	var words []string
	for i := 0; i < len(steps); {
		n := 1
		for i+n < len(steps) && steps[i+n] == steps[i] {
			n++
		}
		word := fmt.Sprintf("%g", steps[i].Minutes())
		if n > 1 {
			word = fmt.Sprintf("%d x %s", n, word)
		}
		words = append(words, word)
		i += n
	}
	return strings.Join(shortened(words), ", ") + " minutes"
}

// shortened cuts a list that goes on, and says so.
func shortened(words []string) []string {
	const most = 12
	if len(words) <= most {
		return words
	}
	return append(slices.Clone(words[:most]), "and so on")
}

// glitches judges GlitchRetrySeconds: three attempts come at that distance
// before the list of intervals holds.
func glitches(registry evidence.Registry) []diag.Finding {
	var found []diag.Finding
	for _, m := range registry.Glitch() {
		d := time.Duration(min(m.Value, 1<<31)) * time.Second
		if !m.Set || 3*d < longRetry {
			continue
		}
		subject := m.Machine
		if subject == "" {
			subject = "the server of " + m.Where.File
		}
		f := of(retryInterval, diag.Suspected, subject, m.Where, diag.Text("because", "GlitchRetrySeconds is set to "+diag.Number("", int64(m.Value)).String()+" in its registry"))
		three := []time.Duration{d, d, d}
		found = append(found, laddered(f, three))
	}
	return found
}
