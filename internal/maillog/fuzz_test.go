package maillog

import (
	"bytes"
	"testing"
	"time"
	"unsafe"
)

// check holds a reader to what it promises for any input: it ends, its lines are
// those of the input in order, its fields lie inside their line, and its numbers
// are in range.
func check(t *testing.T, k Kind, in []byte) {
	r := NewReader(bytes.NewReader(in), k)
	last, years := int64(0), NewYears(time.Unix(1.8e9, 0))
	total := int64(bytes.Count(in, []byte("\n"))) + 1
	for r.Next() {
		e := r.Event()
		if e.Line <= last || e.Line > total || e.What == 0 || e.What.String() == "" {
			t.Fatalf("line %d of %d behind %d: %v", e.Line, total, last, e.What)
		}
		last = e.Line
		checkEvent(t, e)
		if !bytes.HasPrefix(in[r.Offset():], e.Raw) || r.Offset() > 0 && in[r.Offset()-1] != '\n' {
			t.Errorf("%q does not stand at %d", e.Raw, r.Offset())
		}
		if s := years.Place(e.Stamp); !s.HasYear {
			t.Errorf("%+v", s)
		}
	}
	if r.Err() != nil || len(r.Problems()) > maxProblems+1 || r.Skipped() > total {
		t.Error(r.Err(), len(r.Problems()), r.Skipped())
	}
}

func checkEvent(t *testing.T, e *Event) {
	for i, f := range [][]byte{e.Host, e.Process, e.PID, e.Queue, e.From, e.To, e.OrigTo, e.Relay, e.Client, e.User, e.Reason, e.MessageID, e.DSN, e.QueuedAs, e.Parent} {
		if len(f) > 0 && !inside(f, e.Raw) || cap(f) > len(f) && len(f) > 0 && cap(f) > cap(e.Raw) {
			t.Errorf("field %d is not in its line: %q in %q", i, f, e.Raw)
		}
	}
	if e.Size < 0 || e.Recipients < 0 || e.Delay < 0 || e.Attempt < 0 || e.Code() < 0 || e.Code() > 599 {
		t.Errorf("%+v", e)
	}
	for _, d := range e.Delays {
		if d < 0 {
			t.Errorf("%v", e.Delays)
		}
	}
}

// inside says whether part lies in the memory of whole.
func inside(part, whole []byte) bool {
	from := uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	at := uintptr(unsafe.Pointer(unsafe.SliceData(part)))
	return at >= from && at+uintptr(len(part)) <= from+uintptr(len(whole))
}

// add gives a fuzzer the lines of the tests of a kind as a beginning.
func add(f *testing.F, head string, lines ...string) {
	f.Add([]byte(mixed()[:2000]))
	for _, line := range lines {
		f.Add([]byte(head + line))
	}
}

func FuzzPostfix(f *testing.F) {
	add(f, postfixHead,
		"F1A2B3C4D5: to=<bob@contoso.com>, orig_to=<x@y>, relay=mx[192.0.2.7]:25, delay=1.3, delays=0.1/0.02/0.17/1, dsn=2.0.0, status=sent (250 Ok: queued as 12345)\n",
		"F1A2B3C4D5: from=<\"a\\\"b\"@c>, size=12, nrcpt=1 (queue active)\r\n\n", "F1A2B3C4D5: client=a[b], sasl_username=c, orig_queue_id=d", "F1A2B3C4D5: uid=0 from=<a> orig_id=FFFFFF",
		"NOQUEUE: reject: RCPT from u[192.0.2.3]: 450 4.2.0 no; from=<a@b> to=<c@d> proto=ESMTP helo=<x>", "F1A2B3C4D5: host a[b] said: 450-4.2.0 x", "connect to a[b]:25: refused",
		"F1A2B3C4D5: sender delay notification: 0C1D2E3F", "lost connection after DATA from a[b]")
	f.Add([]byte("<22>1 2026-11-17T10:02:11.5+01:00 mx1 postfix/qmgr 12 - [x a=\"]\\\"\"] F1A2B3C4D5: removed"))
	f.Fuzz(func(t *testing.T, in []byte) { check(t, Postfix, in) })
}

func FuzzExim(f *testing.F) {
	add(f, eximHead, mid+` <= "a b"@c H=x (y) [1]:2 A=p:u S=5 T="q\"" id=1@b from <a> for c@d`+"\n", mid+` => bob <bob@x> F=<> R=r T=t H=m [1]:25 C="250 OK id=1" QT=1w2d3h4m5.5s DT=1s`,
		mid+" == b@c R=r T=t defer (-44) H=m [1]: SMTP error from remote mail server after RCPT TO:<b@c>: 451 4.7.1 x", mid+" ** b@c F=<> R=r: retry timeout exceeded", mid+" H=m [1] Connection refused",
		"H=x (y) [1] F=<a> temporarily rejected RCPT <b>: 450 4.2.0 x", mid+" Completed QT=1s", mid+" Remote host m [1] closed connection")
	f.Add([]byte("Nov 17 10:02:11 mx1 exim[1]: 2026-11-17 10:02:11.345 +0100 [2] " + longID + " Frozen"))
	f.Fuzz(func(t *testing.T, in []byte) { check(t, Exim, in) })
}

func FuzzSendmail(f *testing.F) {
	add(f, sendmailHead, sid+": from=<a@b>, size=5, nrcpts=1, msgid=<9@b>, relay=x [1]\n", sid+": to=<a>,<\"b>\"@c>, delay=2+15:56:56, xdelay=00:00:01, relay=m [1] dsn=4.0.0, stat=Deferred: 451 4.7.1 x",
		sid+": ruleset=check_rcpt, arg1=<a>, relay=x, reject=450 4.7.1 x", sid+": Milter: data, reject=550 no", sid+": 5AHE2BxX012399: DSN: x", sid+": to=a, stat=Sent (b Message accepted for delivery)")
	f.Fuzz(func(t *testing.T, in []byte) { check(t, Sendmail, in) })
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte(mixed()[:2000]))
	f.Fuzz(func(t *testing.T, in []byte) { Sniff(in) })
}
