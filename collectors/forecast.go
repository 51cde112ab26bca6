package collectors

import (
	"fmt"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/queuelist"
)

// forecasts works out when what is in the queues will be tried again, and given up.
func forecasts() *diag.Collector {
	return diag.Derive("queue forecast", evidence.Forecasts, []diag.AnyKey{evidence.QueueListings}, []diag.AnyKey{evidence.Organization},
		func(e diag.Evidence) ([]evidence.Forecast, error) {
			org, _ := evidence.Organization.Lookup(e)
			all := evidence.QueueListings.In(e)
			var list []evidence.Forecast
			for i, l := range all {
				for _, q := range l.Queues {
					if q.Messages > 0 {
						list = append(list, ofQueue(i, q, all, org))
					}
				}
				list = append(list, ofDomains(i, l)...)
			}
			return list, nil
		})
}

// What Exchange of 2007 and later does with mail that it cannot hand on, where
// nobody has changed it (Message retry, resubmit, and expiration intervals).
const (
	noticeModern = 4 * time.Hour
	expiryModern = 48 * time.Hour
)

// ofQueue is about a queue of Exchange.
func ofQueue(listing int, q evidence.Queue, all []evidence.QueueListing, org evidence.Org) evidence.Forecast {
	f := evidence.Forecast{Listing: listing, Queue: q.Name, Server: q.Server, Oldest: oldestOf(q, all)}
	nextTry(&f, q)
	speed(&f, q)
	if q.State == evidence.QueueHeld {
		f.Unknown = append(f.Unknown, "it is held: no timer moves it until somebody lets it go")
	}
	if f.Oldest == nil {
		f.Unknown = append(f.Unknown, "when its oldest message came, and so when that is given up: Get-Message -Queue \""+q.Name+"\" -ResultSize Unlimited | Export-Clixml messages.xml")
		return f
	}
	notice, expiry := noticeModern, expiryModern
	by := "the defaults of Exchange 2007 and later: notice after 4 hours, given up after 2 days"
	for _, s := range org.Servers {
		if r := s.Retry; r != nil && strings.EqualFold(s.Name, q.Server) && r.DelayNotice != nil && r.Expiry != nil {
			notice, expiry = r.DelayNotice.Duration(), r.Expiry.Duration()
			by = "DelayNotificationTimeout and MessageExpirationTimeout of " + s.Name
		}
	}
	f.By = append(f.By, by)
	f.Notice, f.GivesUp = new(f.Oldest.Add(notice)), new(f.Oldest.Add(expiry))
	return f
}

// nextTry takes the next attempt as the server says it.
func nextTry(f *evidence.Forecast, q evidence.Queue) {
	switch {
	case q.NextTry.Known():
		f.Next = q.NextTry.Time
		f.By = append(f.By, "NextRetryTime")
	case q.NextTry.Text != "":
		f.Unknown = append(f.Unknown, fmt.Sprintf("the next attempt comes at %q by the server's own clock, in a zone that the listing does not say: Export-Clixml keeps it", q.NextTry.Text))
	case q.State == evidence.QueueRetrying:
		f.Unknown = append(f.Unknown, "the listing does not say when the next attempt comes: Get-Queue | Export-Clixml has NextRetryTime")
	}
}

// speed reads Velocity, outgoing less incoming messages a second, together with
// how much there is: one message in an idle queue moves at no speed, and that is
// no trouble.
func speed(f *evidence.Forecast, q evidence.Queue) {
	if q.Velocity == nil {
		return
	}
	switch v := *q.Velocity; {
	case v > 0.001:
		f.Drains = evidence.Duration(float64(q.Messages) / v)
	case v < -0.001:
		f.Grows = true
	}
}

// oldestOf finds when the oldest message of a queue came, in whatever listing has
// its messages: their names begin with the queue's.
func oldestOf(q evidence.Queue, all []evidence.QueueListing) *time.Time {
	var oldest *time.Time
	for _, l := range all {
		for _, m := range l.Oldest {
			if m.Since != nil && q.Name != "" && strings.HasPrefix(strings.ToLower(m.ID), strings.ToLower(q.Name)+`\`) && (oldest == nil || m.Since.Before(*oldest)) {
				oldest = m.Since
			}
		}
	}
	return oldest
}

// A habit is what a server does with mail that it cannot hand on, where nobody
// has changed it.
type habit struct {
	name           string
	notice, expiry time.Duration // 0: no notice
}

// habitOf gives the documented defaults (postconf(5): maximal_queue_lifetime,
// delay_warning_time, maximal_backoff_time; Exim's configure.default and
// delay_warning; sendmail's Timeout.queuereturn and queuewarn).
func habitOf(format queuelist.Format) (habit, bool) {
	const day = 24 * time.Hour
	switch format {
	case queuelist.PostqueueJSON, queuelist.PostfixMailq:
		return habit{"the defaults of Postfix: no notice, given up after 5 days, tried again within 4000 seconds", 0, 5 * day}, true
	case queuelist.EximBP:
		return habit{"the defaults of Exim: notice after 24 hours, given up after 4 days, tried again within 6 hours", day, 4 * day}, true
	case queuelist.SendmailMailq:
		return habit{"the defaults of Sendmail: notice after 4 hours, given up after 5 days; when it tries again depends on how it was started (-q)", 4 * time.Hour, 5 * day}, true
	}
	return habit{}, false
}

// ofDomains is about a list of messages without queues: each domain that waits
// after a failed attempt.
func ofDomains(listing int, l evidence.QueueListing) []evidence.Forecast {
	h, known := habitOf(queuelist.Format(l.Export.Format))
	if !known {
		return nil
	}
	var list []evidence.Forecast
	for _, r := range l.Reasons {
		if r.State == evidence.QueueRetrying && r.Domain != "" {
			list = append(list, h.forecast(listing, r.Domain, l.Ages))
		}
	}
	return list
}

func (h habit) forecast(listing int, domain string, rows []evidence.AgeRow) evidence.Forecast {
	f := evidence.Forecast{Listing: listing, Queue: domain, By: []string{h.name}}
	for _, r := range rows {
		if r.Domain == domain {
			f.Oldest = r.Oldest
		}
	}
	f.Unknown = append(f.Unknown, "when the next attempt comes: the listing does not say when the last one was; the log does")
	if f.Oldest == nil {
		f.Unknown = append(f.Unknown, "when its oldest message came")
		return f
	}
	f.GivesUp = new(f.Oldest.Add(h.expiry))
	if h.notice > 0 {
		f.Notice = new(f.Oldest.Add(h.notice))
	}
	return f
}
