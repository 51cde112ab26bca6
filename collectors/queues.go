package collectors

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/cmdlet"
	"mailflow/internal/queuelist"
)

// Bounds on what is kept of a queue listing.
const (
	maxQueues  = 5000
	maxGroups  = 200 // of one kind, the largest
	maxOldest  = 50
	maxErrors  = 100
	maxCounted = 100_000 // different names that are counted
)

// queueListings reads what mail servers say of their queues.
func queueListings() *diag.Collector {
	col := diag.NewCollector("queue listings", "reads the queue listings that you named", evidence.QueueListings,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, []diag.AnyKey{evidence.Clock, evidence.Zone},
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.QueueListing, error) {
			shelf := newExports(ctx, w)
			defer shelf.close()
			now, _ := evidence.Clock.Lookup(e)
			zone, _ := evidence.Zone.Lookup(e)
			var all []evidence.QueueListing
			for _, f := range evidence.Files.In(e) {
				l := newListing()
				l.now, l.zone = now, zone
				if !l.read(shelf, f) {
					continue
				}
				l.Export = shelf.list[len(shelf.list)-1]
				if l.Export.Kept > 0 {
					all = append(all, l.done())
				}
			}
			return all, shelf.verdict(len(all), "objects", "is of a queue", "a listing of queues (Get-Queue, Get-Message, postqueue -j, mailq, exim -bp)")
		})
	col.Offline = true
	return col
}

// A listing is one file while it is read.
type listing struct {
	evidence.QueueListing
	groups  map[string]map[string]*evidence.QueueGroup
	reasons map[string]*evidence.QueueError
	ages    ages
	now     time.Time         // of the case
	zone    evidence.TimeZone // of the server
	newest  time.Time
}

func newListing() *listing {
	return &listing{groups: map[string]map[string]*evidence.QueueGroup{}, reasons: map[string]*evidence.QueueError{}}
}

// read reads a file that may be a listing; false where it is of another kind.
func (l *listing) read(shelf *exports, f evidence.File) bool {
	if format := cmdletFormat(f.Format); format != "" {
		shelf.read(f, func(x *evidence.Export, r io.Reader) { l.cmdlet(x, format, r) })
		return true
	}
	switch format := queuelist.Format(f.Format); format {
	case queuelist.PostqueueJSON, queuelist.PostfixMailq, queuelist.SendmailMailq, queuelist.EximBP:
		shelf.read(f, func(x *evidence.Export, r io.Reader) { l.list(x, format, r) })
		return true
	}
	return false
}

// list takes the messages out of what Postfix, Sendmail and Exim print.
func (l *listing) list(x *evidence.Export, format queuelist.Format, r io.Reader) {
	for m := range queuelist.Messages(r, format, nil, func(p queuelist.Problem) { note(x, p.Line, p.What) }) {
		x.Objects++
		x.Kept++
		if at, ok := m.ArrivedAt(l.now, l.zone.Location()); ok && m.Arrived.IsZero() && !l.now.IsZero() {
			if l.Messages == 0 {
				note(x, m.Line, "the times have neither year nor zone: taken as the last such time, in "+cmp.Or(l.zone.String(), "UTC")+" (--input zone=Europe/Berlin)")
			}
			m.Arrived = at
		}
		l.mail(printed(m))
	}
}

// printed is a message of such a list, with the reason that its first recipient
// waits for. A message that waits for a reason was put off.
func printed(m *queuelist.Message) (q evidence.QueuedMail, reason string) {
	q = evidence.QueuedMail{ID: bounded(m.ID), State: listedState(m.Queue), Sender: bounded(m.Sender), Line: m.Line, Age: evidence.Duration(max(m.AgeSeconds, 0))}
	if !m.Arrived.IsZero() {
		q.Since = new(m.Arrived.UTC())
	}
	for _, to := range m.Recipients {
		if to.Delivered {
			continue
		}
		if q.To == "" && !to.Cut { // half an address is of no domain
			q.To = bounded(to.Address)
		}
		if reason == "" {
			reason = bounded(to.Reason)
		}
	}
	if reason != "" && q.State == evidence.QueueOther {
		q.State = evidence.QueueRetrying
	}
	q.Reason = reason
	return q, reason
}

// listedState is a state in the words of today's Exchange.
func listedState(queue string) string {
	switch queue {
	case "active", "incoming", "maildrop":
		return evidence.QueueActive
	case "deferred":
		return evidence.QueueRetrying
	case "hold", "frozen", "quarantined":
		return evidence.QueueHeld
	}
	return evidence.QueueOther
}

// bounded keeps a text within the bounds of a case file.
func bounded(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return s[:min(len(s), maxBytesOfValue)]
}

// cmdlet takes the queues and messages out of the output of cmdlets.
func (l *listing) cmdlet(x *evidence.Export, format cmdlet.Format, r io.Reader) {
	for o := range cmdlet.Objects(r, format, func(p cmdlet.Problem) { note(x, p.Line, p.What) }) {
		x.Objects++
		switch queueType(o) {
		case "queue":
			x.Kept++
			if len(l.Queues) < maxQueues {
				l.Queues = append(l.Queues, queueOf(o))
			} else {
				note(x, o.Line, "more queues than one case keeps: left out")
			}
		case "message":
			x.Kept++
			m := mailOf(o)
			l.mail(m, m.Reason)
		}
	}
}

// queueType tells queues and messages, by the object's own word or by the
// properties that only these have.
func queueType(o *cmdlet.Object) string {
	switch {
	case o.Type != "":
		return strings.ToLower(o.Type)
	case o.Has("NextHopDomain") && o.Has("DeliveryType") && o.Has("MessageCount"):
		return "queue"
	case o.Has("FromAddress") && o.Has("DateReceived") && o.Has("Queue"):
		return "message"
	}
	return ""
}

func queueOf(o *cmdlet.Object) evidence.Queue {
	q := evidence.Queue{Name: text(o, "Identity"), Line: o.Line, Type: text(o, "DeliveryType"), NextHop: text(o, "NextHopDomain"), Connector: text(o, "NextHopConnector"),
		Said: text(o, "Status"), Error: lastError(text(o, "LastError")), LastTry: instant(o, "LastRetryTime"), NextTry: instant(o, "NextRetryTime")}
	if at := strings.IndexByte(q.Name, '\\'); at >= 0 {
		q.Server = q.Name[:at]
	}
	if q.Name == "" { // Queue Viewer's list need not have it
		q.Name, q.NextHop = q.NextHop, ""
	}
	q.State = stateOf(q.Said)
	q.Messages = countIn(text(o, "MessageCount"))
	if n, err := strconv.Atoi(text(o, "RetryCount")); err == nil {
		q.Retries = &n
	}
	if v, err := strconv.ParseFloat(strings.Replace(text(o, "Velocity"), ",", ".", 1), 64); err == nil {
		q.Velocity = &v
	}
	return q
}

// countIn reads a count, which a window may show with marks between thousands.
func countIn(s string) int {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,' \u00a0\u202f\u2019", r) {
			return -1
		}
		return r
	}, s)
	n, _ := strconv.Atoi(digits)
	return n
}

// text is a property within the bounds of a case.
func text(o *cmdlet.Object, name string) string {
	return bounded(strings.TrimSpace(o.Text(name)))
}

// stateOf reads the state of a queue or a message as cmdlets and Queue Viewer say
// it; other languages than English are another state.
func stateOf(said string) string {
	switch strings.ToLower(said) {
	case "active", "ready", "connecting", "pendingsuspend", "none", "locked":
		return evidence.QueueActive
	case "retry", "deferred":
		return evidence.QueueRetrying
	case "suspended", "frozen", "hold", "disabled":
		return evidence.QueueHeld
	case "scheduled":
		return evidence.QueueScheduled
	}
	return evidence.QueueOther
}

// lastError is the text of an error. Exchange 2013 and later put it into braces:
// {LRT=time};{LED=text};{FQDN=...};{IP=...}.
func lastError(s string) string {
	_, rest, found := strings.Cut(s, "{LED=")
	if !found {
		return s
	}
	if end := strings.Index(rest, "};{"); end >= 0 {
		return rest[:end] + peerOf(rest[end:])
	}
	return strings.TrimRight(rest, "}] ")
}

// peerOf names the server that such an error is about.
func peerOf(s string) string {
	for _, name := range []string{"{FQDN=", "{IP="} {
		if _, rest, found := strings.Cut(s, name); found {
			if peer, _, _ := strings.Cut(rest, "}"); peer != "" {
				return " (at " + peer + ")"
			}
		}
	}
	return ""
}

// instant is a time of an object: exact where the export says its zone.
func instant(o *cmdlet.Object, name string) evidence.Instant {
	s := text(o, name)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return evidence.Instant{Time: new(t.UTC())}
	}
	return evidence.Instant{Text: s}
}

func mailOf(o *cmdlet.Object) evidence.QueuedMail {
	m := evidence.QueuedMail{ID: text(o, "Identity"), State: stateOf(text(o, "Status")), Sender: text(o, "FromAddress"), Reason: lastError(text(o, "LastError")), Line: o.Line}
	if to := o.Get("Recipients"); len(to) > 0 {
		m.To, _, _ = strings.Cut(bounded(to[0]), ";")
	}
	m.Since = instant(o, "DateReceived").Time
	return m
}

// mail counts one message.
func (l *listing) mail(m evidence.QueuedMail, reason string) {
	l.Messages++
	if l.States == nil {
		l.States = map[string]int{}
	}
	l.States[m.State]++
	domain := domainOf(m.To)
	l.count(evidence.ByDomain, domain)
	l.count(evidence.BySender, strings.ToLower(m.Sender))
	l.reason(domain, m.State, reason, m.Line)
	if m.Since != nil && m.Since.After(l.newest) {
		l.newest = *m.Since
	}
	l.old(m)
	l.ages.add(m)
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

func (l *listing) count(by, name string) {
	all := l.groups[by]
	if all == nil {
		all = map[string]*evidence.QueueGroup{}
		l.groups[by] = all
	}
	g := all[name]
	if g == nil {
		if len(all) >= maxCounted {
			return
		}
		g = &evidence.QueueGroup{By: by, Name: name}
		all[name] = g
	}
	g.Count++
}

func (l *listing) reason(domain, state, text string, line int) {
	key := domain + "\x00" + state
	r := l.reasons[key]
	if r == nil {
		if len(l.reasons) >= maxCounted {
			return
		}
		r = &evidence.QueueError{Domain: domain, State: state, Text: text, Line: line}
		l.reasons[key] = r
	}
	r.Count++
	r.Text = cmp.Or(r.Text, text)
}

// old keeps the oldest messages.
func (l *listing) old(m evidence.QueuedMail) {
	if m.Since == nil {
		return
	}
	i, _ := slices.BinarySearchFunc(l.Oldest, m, func(a, b evidence.QueuedMail) int { return a.Since.Compare(*b.Since) })
	if i < maxOldest {
		l.Oldest = slices.Insert(l.Oldest, i, m)[:min(len(l.Oldest)+1, maxOldest)]
	}
}

// done sums a listing up.
func (l *listing) done() evidence.QueueListing {
	for i, q := range l.Queues {
		if q.LastTry.Known() && q.LastTry.Time.After(l.newest) {
			l.newest = *q.LastTry.Time
		}
		if to := destination(q); to != "" && q.Messages > 0 {
			l.groupQueue(to, l.Queues[i].Messages)
		}
	}
	for _, by := range []string{evidence.ByQueue, evidence.ByDomain, evidence.BySender} {
		l.Groups = append(l.Groups, largest(l.groups[by])...)
	}
	for _, r := range l.reasons {
		l.Reasons = append(l.Reasons, *r)
	}
	slices.SortFunc(l.Reasons, func(a, b evidence.QueueError) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.State, b.State))
	})
	l.Reasons = l.Reasons[:min(len(l.Reasons), maxErrors)]
	for i := range l.Oldest {
		if l.Oldest[i].Age == 0 {
			l.Oldest[i].Age = evidence.Duration(l.newest.Sub(*l.Oldest[i].Since).Seconds())
		}
	}
	l.Ages = l.ages.table(l.newest)
	return l.QueueListing
}

// destination is where a queue leads, "" for those that lead nowhere. Where a list has
// one column for both, a queue has the name of its destination; the system queues of
// 2000 and 2003 have other names there (KB 823489).
func destination(q evidence.Queue) string {
	name := strings.ToLower(q.Name)
	switch {
	case strings.EqualFold(q.Type, "Undefined"), strings.EqualFold(q.Type, "Unreachable"):
		return ""
	case q.NextHop != "" || q.Server != "":
		return q.NextHop
	case strings.Contains(name, "message"), name == "local delivery", name == "submission", name == "unreachable":
		return ""
	}
	return q.Name
}

func (l *listing) groupQueue(name string, n int) {
	l.count(evidence.ByQueue, strings.ToLower(name))
	l.groups[evidence.ByQueue][strings.ToLower(name)].Count += n - 1
}

func largest(all map[string]*evidence.QueueGroup) []evidence.QueueGroup {
	var list []evidence.QueueGroup
	for _, g := range all {
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b evidence.QueueGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return list[:min(len(list), maxGroups)]
}
