package mailworld

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// run lets all messages pass the servers, in the order in which these were made, and
// writes their logs.
func (s *sim) run() {
	if s.custom != nil {
		s.custom()
	} else {
		s.pass()
	}
	for _, t := range s.trips {
		t.at.record(s, t)
	}
}

func (s *sim) pass() {
	waiting := map[*server][]*trip{}
	for _, m := range s.mail {
		waiting[m.path[0]] = append(waiting[m.path[0]], s.arrive(m, nil, m.born))
	}
	for _, x := range s.servers {
		all := waiting[x]
		slices.SortStableFunc(all, func(a, b *trip) int { return a.came.Compare(b.came) })
		x.rule(s, all)
		for _, t := range all {
			if to := next(t.path, t.step); to != nil && !t.left.IsZero() {
				waiting[to] = append(waiting[to], s.arrive(t.message, t, t.left))
			}
		}
	}
}

// arrive takes a message to its next server. The next server has it a moment before
// the reply is back.
func (s *sim) arrive(m *message, before *trip, at time.Time) *trip {
	t := &trip{message: m, before: before, came: at, session: s.sessionID(at)}
	if before != nil {
		t.step = before.step + 1
		t.came = at.Add(-s.between(time.Millisecond, 40*time.Millisecond))
		before.after, before.sent = t, s.sessionID(at)
	}
	t.at = m.path[t.step]
	t.queue = t.at.queueID(s, len(s.trips)+1)
	s.trips = append(s.trips, t)
	return t
}

// sessionID is sixteen digits, as Exchange has them.
func (s *sim) sessionID(at time.Time) string {
	return fmt.Sprintf("08D%X%09X", at.Unix()>>16&0xFFFF, s.Uint64N(1<<36))
}

// handOver gives the logs that there are, in the untidy ways in which they come: out
// of order, one twice, one cut off in a line.
func (s *sim) handOver() []File {
	var all []File
	for _, x := range s.servers {
		if !x.lost {
			all = append(all, x.written(s.until)...)
		}
	}
	if !s.copies || len(all) == 0 {
		return all
	}
	s.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	twice := all[0]
	twice.Name = "copy/" + twice.Name
	if s.IntN(2) == 0 { // an earlier copy of a log that went on
		twice.Text = twice.Text[:len(twice.Text)-s.IntN(len(twice.Text)/2+1)]
	}
	return append(all, twice)
}

// written are the files of one server, cut into days.
func (x *server) written(until time.Time) []File {
	var all []File
	for _, name := range slices.Sorted(maps.Keys(x.files)) {
		at := map[string]int{}
		for _, r := range x.sorted(name, until) {
			day := x.fileName(name, r.mine)
			i, begun := at[day]
			if !begun {
				i, at[day] = len(all), len(all)
				all = append(all, File{Name: day, Text: []byte(x.header(name, r.mine))})
			}
			all[i].Text = append(all[i].Text, r.text...)
		}
	}
	return all
}

// fileName is what the server calls the log of a day.
func (x *server) fileName(kind string, at time.Time) string {
	day := at.UTC().Format("20060102")
	switch {
	case x.log == tracking2003:
		return x.short() + ".log/" + day + ".log"
	case x.log == postfix:
		return x.short() + "/mail.log"
	case x.log == exim:
		return x.short() + "/mainlog"
	case kind == "track":
		return x.short() + "/MessageTracking/MSGTRK" + day + "-1.LOG"
	}
	return x.short() + "/ProtocolLog/" + kind + day + "-1.LOG"
}

// header begins a file.
func (x *server) header(kind string, at time.Time) string {
	version := map[family]string{tracking2007: "8.0.0.0", tracking2010: "14.0.0.0", tracking2016: "15.01.2507.039"}[x.log]
	title, fields := "Message Tracking Log", strings.Join(x.columns(), ",")
	switch {
	case x.log == tracking2003:
		return header2003
	case !x.log.exchange():
		return ""
	case kind == "RECV":
		title, fields = "SMTP Receive Protocol Log", protocolFields
	case kind == "SEND":
		title, fields = "SMTP Send Protocol Log", protocolFields
	}
	return "#Software: Microsoft Exchange Server\r\n#Version: " + version + "\r\n#Log-type: " + title + "\r\n#Date: " + at.UTC().Format(stamp) + "\r\n#Fields: " + fields + "\r\n"
}

const stamp = "2006-01-02T15:04:05.000Z"

// record writes what the server logs of a trip.
func (x *server) record(s *sim, t *trip) {
	switch x.log {
	case postfix:
		x.postfix(s, t)
	case exim:
		x.exim(s, t)
	case tracking2003:
		x.tracked2003(s, t)
	default:
		x.tracked(s, t)
		if x.protocol {
			x.sessions(s, t)
		}
	}
}

// cameFrom is who handed the message over.
func (t *trip) cameFrom() (name, ip string) {
	if t.before == nil {
		return "client.contoso.com", "192.0.2.200"
	}
	return t.before.at.name, t.before.at.ip
}

// goesTo is who takes it.
func (t *trip) goesTo() (name, ip string) {
	if to := next(t.path, t.step); to != nil {
		return to.name, to.ip
	}
	return "mx1.example.com", "198.51.100.25"
}

// inBoxes says whether the message ends here, in a mailbox.
func (t *trip) inBoxes() bool { return t.step == len(t.path)-1 && t.at.hop == boxes }

// boxes is the hop of a server that delivers to mailboxes.
const boxes = "mailboxes"

// reply is what the next server says when it has taken a message.
func (t *trip) reply() string {
	if t.after == nil {
		return "250 2.0.0 Ok: queued as 9F3C21A04B7"
	}
	switch y := t.after.at; y.log {
	case postfix:
		return "250 2.0.0 Ok: queued as " + t.after.queue
	case exim:
		return "250 OK id=" + t.after.queue
	case tracking2016:
		return fmt.Sprintf("250 2.6.0 <%s> [InternalId=%s, Hostname=%s] Queued mail for delivery", t.id, t.after.queue, y.name)
	case tracking2003:
		return fmt.Sprintf("250 2.6.0 <%s> Queued mail for delivery", t.id)
	default:
		return fmt.Sprintf("250 2.6.0 <%s> Queued mail for delivery", t.id)
	}
}

// queueID is a new id of a message at a server.
func (x *server) queueID(s *sim, n int) string {
	switch x.log {
	case postfix:
		return longID(s, n)
	case exim:
		return eximID(s, n)
	case tracking2003:
		return ""
	}
	return fmt.Sprint(4294967296*int64(1+len(x.name)) + int64(n)*16 + int64(s.IntN(16)))
}
