package analyzers

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// failedAttempts judges what the next server said to attempts that it put off,
// where that is what late mail waited for: by the logs of Postfix, Exim and
// Sendmail, which quote it. Exchange words such replies itself.
func failedAttempts() *diag.Analyzer {
	return &diag.Analyzer{Name: "failed-attempts",
		Doc:    "Judges whether late mail waited because the next server put attempts off, by what it said to them.",
		Needs:  []diag.AnyKey{evidence.Traffic},
		Causes: []*diag.Cause{smtpDeferred, greylisted, pressureCause, limitCause},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for i, h := range evidence.Traffic.In(e) {
				if f, ok := putOffBy(h); ok {
					f.From = []string{ref(evidence.Traffic.Kind().Name, i)}
					found = append(found, f)
				}
			}
			return sift(found, "hops")
		}}
}

// Shares from which on late mail waited for attempts, and for one kind of them.
const (
	leastTried  = 3
	mostOfIt    = 0.8
	manyReasons = 50 // more are not kept apart

	// longestRest is Postfix's longest wait for the next attempt, its next look at the
	// queue included (postconf(5): maximal_backoff_time, queue_run_delay). What waits
	// longer was held, or its server stood still.
	longestRest = 75 * time.Minute
)

// onHost says whether a next hop is on the sending server: a content filter, a
// mailbox.
func onHost(to string) bool {
	addr, err := netip.ParseAddr(to)
	return err == nil && addr.IsLoopback() || strings.EqualFold(to, "localhost") || strings.Contains(to, "/")
}

// quoting are the families of logs in which a reply stands as the next server gave it.
func quoting(source string) bool {
	return source == "postfix" || source == "exim" || source == "sendmail"
}

func putOffBy(h evidence.HopTraffic) (diag.Finding, bool) {
	if !quoting(h.Source) {
		return diag.Finding{}, false
	}
	late, tried, behind := triedLate(append(slices.Clone(h.Passages), stillOpen(h)...))
	who := "the next server"
	if onHost(h.To) {
		who = "a program on this server"
	}
	if tried < leastTried || float64(tried) < mostOfIt*float64(late) {
		return diag.Finding{}, false
	}
	cause, st, share := saidMost(h.Deferrals)
	if cause == nil || share < 0.5 {
		return diag.Finding{}, false
	}
	f := diag.Finding{Code: cause.Code, Verdict: diag.Confirmed, Subject: hopName(h), Wait: longest(append(slices.Clone(h.Passages), stillOpen(h)...)),
		Args: []diag.Arg{diag.Text("who", who), says(st)}}
	if st.Name != "" {
		f.Args = append(f.Args, diag.Text("verb", verbOf(st)))
	}
	reasons := []string{fmt.Sprintf("of %d late messages that were looked at %d were put off at first, and %.0f %% of their wait lies behind that (%s)", late, tried, math.Floor(100*behind), h.Where)}
	if share < 1 || len(h.Deferrals) >= manyReasons { // which message got which reply is not known
		f.Verdict = diag.Suspected
		reasons = append(reasons, fmt.Sprintf("%.0f %% of the attempts that failed there got this reply, the others another", math.Floor(100*share)))
	}
	if h.Source == "sendmail" {
		f.Verdict = diag.Suspected
		reasons = append(reasons, "Sendmail words some of these replies itself")
	}
	if meaningOf(st) == aboutClient {
		reasons = append(reasons, "it is about the sending server itself: the name it says, its reverse DNS, its address")
	}
	if cause == greylisted && h.Late == 0 {
		f.Verdict = diag.Suspected
		reasons = append(reasons, "nothing that it put off was taken later")
	}
	if filterWords.MatchString(st.Whole()) {
		reasons = append(reasons, filterSays)
	}
	if cause == limitCause {
		f.Verdict = diag.Suspected
		reasons = append(reasons, "421 4.3.2 may also mean that the service is not active")
	}
	return because(f, reasons...), true
}

// stillOpen are the messages that had not left when the log ended, as if they had when
// the last attempt failed.
func stillOpen(h evidence.HopTraffic) (all []evidence.Passage) {
	if h.Count > 0 { // they may stand among those that left, for another recipient
		return nil
	}
	last := time.Time{}
	for _, d := range h.Deferrals {
		if d.Last.After(last) {
			last = d.Last
		}
	}
	for _, o := range h.Open {
		all = append(all, evidence.Passage{Came: o.Came, Left: last, Tried: o.Tried})
	}
	return all
}

// triedLate counts late messages, and those that were tried soon after they came and
// put off; behind is the share of these messages' wait that comes after that.
func triedLate(all []evidence.Passage) (late, tried int, behind float64) {
	wait, after := 0.0, 0.0
	for _, p := range all {
		d := p.Left.Sub(p.Came)
		if d <= evidence.LateFrom {
			continue
		}
		late++
		if len(p.Tried) > 0 && p.Tried[0].Duration() <= d/5 && bridged(p, d) {
			tried++
			wait += d.Seconds()
			after += d.Seconds() - float64(p.Tried[0])
		}
	}
	return late, tried, after / max(wait, 1)
}

// bridged says whether attempts fill a wait, with no longer rest between them than a
// server makes. Of many attempts only the first are kept.
func bridged(p evidence.Passage, wait time.Duration) bool {
	const kept = 16
	last := time.Duration(0)
	for _, t := range p.Tried {
		if t.Duration()-last > longestRest {
			return false
		}
		last = t.Duration()
	}
	return wait-last <= longestRest || len(p.Tried) >= kept
}

// saidMost is what most replies of the next server are a sign of, the first of them,
// and their share of all attempts that failed.
func saidMost(all []evidence.Deferral) (cause *diag.Cause, first smtpprobe.Step, share float64) {
	counts, replies, total := map[*diag.Cause]int{}, map[*diag.Cause]smtpprobe.Step{}, 0
	for _, d := range all {
		if notTried(d.Text) {
			continue
		}
		total += d.Count
		st, ok := replyIn(d.Text)
		if !ok {
			continue
		}
		c := putOffCause(st)
		if _, known := replies[c]; !known { // those with most attempts come first
			replies[c] = st
		}
		counts[c] += d.Count
	}
	for _, c := range []*diag.Cause{smtpDeferred, greylisted, pressureCause, limitCause} {
		if counts[c] > counts[cause] {
			cause = c
		}
	}
	return cause, replies[cause], float64(counts[cause]) / float64(max(total, 1))
}

// notTried is what Exim says of an address that is not due: no attempt was made.
func notTried(reason string) bool { return strings.Contains(reason, "retry time not reached") }

func putOffCause(st smtpprobe.Step) *diag.Cause {
	switch meaningOf(st) {
	case backPressure:
		return pressureCause
	case greylisting:
		return greylisted
	case tooMany:
		return limitCause
	}
	return smtpDeferred
}

// How mail servers quote the reply of another: Postfix "host a[b] said: 450 ... (in
// reply to RCPT TO command)"; Exim "SMTP error from remote mail server after RCPT
// TO:<c>: 450 ...", up to 4.8x with the host before the reply; Sendmail the reply.
var (
	postfixQuote = regexp.MustCompile(`^(?:delivery temporarily suspended: )?host \S+\[[^\]]*\] said: (4\d\d[ -].*)$`)
	postfixVerb  = regexp.MustCompile(`^(.*) \(in reply to ([A-Za-z ]+) command\)$`)
	eximQuote    = regexp.MustCompile(`remote mail server after (?:pipelined )?(.*?): (?:host \S+ \[[^\]]*\]: )?(4\d\d[ -].*)$`)
	bareQuote    = regexp.MustCompile(`^(4\d\d[ -].*)$`)
)

// replyIn finds the 4xx reply that a reason quotes. A 4xx code that the server itself
// gave to a failure (Postfix: "delivery temporarily suspended: connect to") is none.
func replyIn(reason string) (smtpprobe.Step, bool) {
	text, verb := "", ""
	if m := postfixQuote.FindStringSubmatch(reason); m != nil {
		text = m[1]
		if v := postfixVerb.FindStringSubmatch(text); v != nil {
			text, verb = v[1], v[2]
		}
	} else if m := eximQuote.FindStringSubmatch(reason); m != nil {
		text, verb = m[2], m[1]
	} else if m := bareQuote.FindStringSubmatch(reason); m != nil {
		text = m[1]
	}
	if text == "" {
		return smtpprobe.Step{}, false
	}
	code, _ := strconv.Atoi(text[:3])
	return smtpprobe.Step{Name: stepNamed(verb), Code: code, Reply: []smtpprobe.Line{smtpprobe.Line(text)}}, true
}

// stepNamed is the step of a command as a log writes it, "" where it names none.
func stepNamed(verb string) string {
	upper := strings.ToUpper(verb)
	switch {
	case strings.HasPrefix(upper, "END OF DATA"), strings.Contains(upper, "SENDING DATA BLOCK"):
		return smtpprobe.Body
	case strings.Contains(upper, "INITIAL CONNECTION"):
		return smtpprobe.Greeting
	}
	for _, name := range []string{smtpprobe.RCPT, smtpprobe.MAIL, smtpprobe.DATA, smtpprobe.EHLO, smtpprobe.HELO, smtpprobe.STARTTLS} {
		if strings.HasPrefix(upper, name) {
			return name
		}
	}
	return ""
}
