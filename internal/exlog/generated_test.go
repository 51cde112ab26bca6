package exlog_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"mailflow/internal/exlog"
	"mailflow/internal/exlog/exlogtest"
)

// A generated log is read row by row without a doubt, in the order of time, and
// holds what its maker says.
func TestGenerated(t *testing.T) {
	for kind, made := range map[exlog.Kind]struct {
		make  func(io.Writer, uint64, int64) (exlogtest.Counts, error)
		count func() func(*exlogtest.Counts, func(string) string)
	}{
		exlog.Tracking2003: {exlogtest.Tracking2003, counter2003},
		exlog.Receive:      {exlogtest.Receive, counterReceive},
		exlog.Send:         {exlogtest.Send, counterSend},
		exlog.Connectivity: {exlogtest.Connectivity, counterConnections},
		exlog.W3CSMTP:      {exlogtest.W3C, counterService},
	} {
		t.Run(string(kind), func(t *testing.T) {
			var log, again bytes.Buffer
			want, err := made.make(&log, 1, 2e6)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := made.make(&again, 1, 2e6); err != nil || !bytes.Equal(log.Bytes(), again.Bytes()) {
				t.Error("the same seed gives other bytes", err)
			}
			got := exlogtest.Counts{Bytes: int64(log.Len())}
			if is := exlog.Sniff(log.Bytes()[:4096]); is != kind {
				t.Errorf("is taken for %q", is)
			}
			r, last, count := exlog.NewReader(&log, nil), int64(0), made.count()
			for ; r.Next(); got.Rows++ {
				at, ok := r.Time()
				if !ok || at < last {
					t.Fatalf("line %d: %d behind %d, %v", r.Line(), at, last, ok)
				}
				last = at
				count(&got, func(name string) string { return named(r, name) })
			}
			if got.Late == 0 || got != want || len(r.Problems()) > 0 {
				t.Errorf("%+v, want %+v; %v", got, want, r.Problems())
			}
		})
	}
}

// named is a field by the name of its column.
func named(r *exlog.Reader, name string) string {
	for i, n := range r.Header().Fields {
		if strings.EqualFold(n, name) {
			return string(r.Field(i))
		}
	}
	return ""
}

// once gives 1 for a word that comes for the first time.
type once map[string]bool

func (o once) of(word string) int64 {
	if o[word] {
		return 0
	}
	o[word] = true
	return 1
}

// counter2003 counts messages by their ids: most events have a row for each
// recipient.
func counter2003() func(*exlogtest.Counts, func(string) string) {
	came, left := once{}, once{}
	return func(c *exlogtest.Counts, field func(string) string) {
		c.Messages += came.of(field("MSGID"))
		if field("Event-ID") == "1031" && field("Partner-Name") == exlogtest.SlowPartner {
			c.Late += left.of(field("MSGID"))
		}
	}
}

func counterReceive() func(*exlogtest.Counts, func(string) string) {
	return func(c *exlogtest.Counts, field func(string) string) {
		event, data := field("event"), field("data")
		c.Sessions += truth(event == "+")
		if event == ">" && strings.HasPrefix(data, "250 2.6.0") {
			c.Messages++
			c.Late += truth(strings.HasPrefix(field("remote-endpoint"), exlogtest.SlowClient+":"))
		}
	}
}

func counterSend() func(*exlogtest.Counts, func(string) string) {
	return func(c *exlogtest.Counts, field func(string) string) {
		event, data := field("event"), field("data")
		c.Sessions += truth(field("context") == "attempting to connect")
		c.Refused += truth(event == "<" && data[0] == '4')
		if event == "<" && strings.Contains(data, ": queued as ") {
			c.Messages++
			c.Late += truth(field("remote-endpoint") == exlogtest.GreyHost)
		}
	}
}

func counterConnections() func(*exlogtest.Counts, func(string) string) {
	return func(c *exlogtest.Counts, field func(string) string) {
		if field("source") != "SMTP" {
			return
		}
		text, direction := field("description"), field("direction")
		c.Sessions += truth(direction == "+")
		c.Failed += truth(strings.HasPrefix(text, "Failed connection to "+exlogtest.DeadHost))
		c.Messages += truth(direction == "-")
		c.Late += truth(direction == "-" && field("destination") == exlogtest.SlowDomain)
	}
}

func counterService() func(*exlogtest.Counts, func(string) string) {
	return func(c *exlogtest.Counts, field func(string) string) {
		method, text := field("cs-method"), field("cs-uri-query")
		inbound := field("s-port") == "0"
		c.Sessions += truth(inbound && method == "EHLO" || strings.HasPrefix(text, "220+"))
		c.Refused += truth(strings.HasPrefix(text, "452+"))
		if inbound && method == "DATA" || strings.HasPrefix(text, "250+2.6.0+") {
			c.Messages++
			c.Late += truth(field("c-ip") == exlogtest.PressedHost)
		}
	}
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
