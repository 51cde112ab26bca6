package collectors

import (
	"bytes"
	"io"
	"iter"
	"time"

	"mailflow/internal/charset"
	"mailflow/internal/cmdlet"
	"mailflow/internal/exlog"
	"mailflow/internal/maillog"
	"mailflow/internal/walltime"
)

// A glimpse is what a row says of a message before logs are read for good: to put
// files in order, and to find the zone of times that name none. Its slices are
// good until the next one.
type glimpse struct {
	at    int64          // as if the wall showed UTC where zoned is false
	stamp walltime.Stamp // of an export
	zoned bool
	utc   bool   // though it names no zone, the time is UTC
	own   int64  // when the row was written, by the times in UTC that it has besides; 0 for none
	mail  []byte // message id, without <>
	way   way
	names [2][]byte // servers that the row speaks of
	host  []byte    // the server that the row is of; nil where the log does not name it
	peer  []byte    // where the message came from, or left to
	id    []byte    // of the message in the queue, in mail logs
	queue []byte    // the id that it got where it came, by that server or its reply
	event []byte    // of message tracking of Exchange 2007 and later
	row   []byte    // as it stands, nil in exports
}

// way is where a message went.
type way byte

const (
	nowhere way = iota
	inwards
	outwards
)

// glimpses gives the rows of a log that have a time, in their order.
func glimpses(format string, in io.Reader, now time.Time) iter.Seq[*glimpse] {
	in = charset.NewReader(in)
	switch kind := mailKind(format); {
	case kind != "":
		return mailGlimpses(maillog.NewReader(in, kind), now)
	case exportFormat(format) != "":
		return exportGlimpses(cmdlet.Objects(in, exportFormat(format), nil))
	case format == formatTracking2003:
		return trackingGlimpses(exlog.NewReader(in, columns2003()), glimpse2003)
	}
	return trackingGlimpses(exlog.NewReader(in, columns()), glimpse2007)
}

func trackingGlimpses(r *exlog.Reader, read func(f fields, g *glimpse)) iter.Seq[*glimpse] {
	return func(yield func(*glimpse) bool) {
		for r.Next() {
			at, ok := r.Time()
			g := &glimpse{at: at, zoned: true, row: r.Row()}
			if read(r, g); ok && !yield(g) {
				return
			}
		}
	}
}

func glimpse2007(r fields, g *glimpse) {
	g.mail, g.event = bytes.Trim(r.Field(colMail), "<>"), r.Field(colEvent)
	g.names = [2][]byte{r.Field(colClient), r.Field(colServer)}
	switch string(g.event) {
	case "RECEIVE":
		g.way, g.peer, g.host, g.queue = inwards, g.names[0], g.names[1], r.Field(colQueue)
	case "SEND", "SENDEXTERNAL":
		g.way, g.host, g.peer, g.queue = outwards, g.names[0], g.names[1], []byte(given(string(r.Field(colContext))))
	}
}

func glimpse2003(r fields, g *glimpse) {
	g.mail = bytes.Trim(r.Field(col03Mail), "<> ")
	g.host = r.Field(col03Server)
	g.names[0] = g.host
	switch deed2003(string(r.Field(col03Event))) {
	case deedCame:
		g.way, g.peer = inwards, r.Field(col03Client)
	case deedLeft:
		g.way, g.peer = outwards, r.Field(col03Partner)
	}
}

// A coming is what is remembered of a message in a queue.
type coming struct{ mail, peer []byte }

// mailGlimpses has to remember ids of messages, because lines about departures
// name the queue's only, and the line of Postfix that has it does not name the
// client.
func mailGlimpses(r *maillog.Reader, now time.Time) iter.Seq[*glimpse] {
	return func(yield func(*glimpse) bool) {
		years, here := maillog.NewYears(now), map[string]coming{}
		for r.Next() {
			e := r.Event()
			s := years.Place(e.Stamp)
			g := &glimpse{at: s.Nano, zoned: s.HasZone, row: e.Raw, names: [2][]byte{e.Host}, host: e.Host, id: e.Queue}
			came, known := here[string(e.Queue)]
			switch {
			case e.What == maillog.Removed:
				delete(here, string(e.Queue))
			case e.What == maillog.Sent:
				g.mail, g.way, g.peer, g.queue = came.mail, outwards, []byte(hostOf(e.Relay)), e.QueuedAs
			case len(e.Queue) > 0 && (e.What == maillog.Received || len(e.MessageID) > 0):
				if len(e.Client) > 0 {
					came.peer = []byte(hostOf(e.Client))
				}
				if len(e.MessageID) > 0 {
					came.mail = bytes.Clone(e.MessageID)
					g.mail, g.way, g.peer, g.queue = e.MessageID, inwards, came.peer, e.Queue
				}
				if known || len(here) < maxWitnesses {
					here[string(e.Queue)] = came
				}
			}
			if !yield(g) {
				return
			}
		}
	}
}

// exportGlimpses gives the rows of exports of message tracking.
func exportGlimpses(objects iter.Seq[*cmdlet.Object]) iter.Seq[*glimpse] {
	return func(yield func(*glimpse) bool) {
		sheet := exportSheet{}
		for o := range objects {
			if !isTracked(o) {
				continue
			}
			row := sheet.row(o)
			s, ok := walltime.Read(row.time)
			if !ok {
				continue
			}
			g := &glimpse{stamp: s}
			glimpse2007(row, g)
			g.at, g.zoned = s.Exact()
			g.utc, g.own = sheet.utc, row.ownTime()
			if !yield(g) {
				return
			}
		}
	}
}
