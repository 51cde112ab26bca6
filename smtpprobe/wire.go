package smtpprobe

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"
)

// A wire is the connection with its recorder: it knows the step that is going
// on, owns the deadlines, and writes the record.
type wire struct {
	ctx     context.Context
	limits  Limits
	onStep  func(Session, Step)
	session Session

	conn net.Conn      // TCP
	rw   io.ReadWriter // conn, or TLS on it
	tls  bool

	start    time.Time // of the step, with its monotonic reading
	step     Step
	waiting  bool  // a step has begun and not ended
	writeErr error // why its command could not be sent

	buf   [4096]byte
	ahead []byte // of buf: came, but is not part of a reply yet
	kept  int    // bytes of the step's reply
	room  int    // bytes that the session may still keep
}

// stamp is a time for the record: what a case file can hold.
func stamp(t time.Time) time.Time { return t.UTC().Round(0) }

// begin begins a step. Its limit is on the whole of it, so that a server that
// drips one byte a minute ends too.
func (w *wire) begin(name, sent string) {
	limit := w.limits.of(name)
	w.start, w.waiting, w.writeErr, w.kept = time.Now(), true, nil, 0
	w.step = Step{Name: name, TLS: w.tls, Sent: Line(sent), Began: stamp(w.start), LimitNS: int64(limit)}
	if w.conn != nil {
		w.conn.SetDeadline(w.start.Add(limit))
		w.obey()
	}
}

// obey ends all reading and writing at once when the caller has canceled. It
// runs when that happens and after each new deadline, so that neither order of
// the two loses the cancel.
func (w *wire) obey() {
	if w.ctx.Err() != nil {
		w.conn.SetDeadline(time.Unix(1, 0))
	}
}

// watch makes cancel work at every step, until the function that it returns is
// called; that one waits for what it started.
func (w *wire) watch() (stop func()) {
	done := make(chan struct{})
	unhook := context.AfterFunc(w.ctx, func() {
		defer close(done)
		w.obey()
	})
	return func() {
		if !unhook() {
			<-done
		}
	}
}

// end ends the step, with its fault if there is one.
func (w *wire) end(err error) {
	took := time.Since(w.start)
	w.step.TookNS = int64(took)
	if err != nil {
		w.step.Fault, w.step.Err = w.judge(err, took)
	}
	w.waiting = false
	w.session.Steps = append(w.session.Steps, w.step)
	if w.onStep != nil {
		w.onStep(w.session, w.step)
	}
}

// send sends. That it failed is told by the reply: a server that has said 421
// and closed has left its reason to be read.
func (w *wire) send(b []byte) {
	if _, err := w.rw.Write(b); err != nil && w.writeErr == nil {
		w.writeErr = err
	}
}

// finish waits for the reply and ends the step.
func (w *wire) finish() {
	w.end(w.cause(w.reply()))
}

// cause is why no reply could be read: where the stream just ends, it is what
// had been heard of the connection in writing.
func (w *wire) cause(err error) error {
	if w.writeErr != nil && errors.Is(err, io.EOF) {
		return w.writeErr
	}
	return err
}

// say sends commands in one group and waits for all replies (RFC 2920 3.1). A
// single command is a group of one.
func (w *wire) say(commands ...string) {
	for i, c := range commands {
		w.begin(verb(c), c)
		w.step.Grouped = i > 0
		if i == 0 {
			w.send([]byte(strings.Join(commands, "\r\n") + "\r\n"))
		}
		w.finish()
		if !w.alive() {
			return
		}
	}
}

// verb is the name of the step that a command begins.
func verb(command string) string {
	word, _, _ := strings.Cut(strings.TrimRight(command, "\r\n"), " ")
	return word
}

// alive says whether the session can go on: no step has ended in a fault.
func (w *wire) alive() bool { return w.session.Last().Fault == FaultNone }

// ok says whether the last step went well.
func (w *wire) ok() bool { return w.session.Last().Ok() }

// mark notes when the first byte of the reply came.
func (w *wire) mark() {
	if w.step.FirstByteNS == 0 {
		w.step.FirstByteNS = int64(time.Since(w.start))
	}
}
