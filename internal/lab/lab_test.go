package lab

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"mailflow/diag"
)

// begin reads a story and starts its world, which ends with the test.
func begin(t *testing.T, text string) diag.World {
	t.Helper()
	s, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	w, stop, err := s.World()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return w
}

// dial connects to an address of the world, with a minute of patience.
func dial(t *testing.T, w diag.World, network, addr string) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := w.Dial(ctx, network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// watch measures virtual time.
type watch struct {
	t     *testing.T
	began time.Time
}

func newWatch(t *testing.T) *watch { return &watch{t, time.Now()} }

// lap wants that much time since the last lap.
func (w *watch) lap(want time.Duration, what string) {
	w.t.Helper()
	now := time.Now()
	if got := now.Sub(w.began); got != want {
		w.t.Errorf("%s took %v, want %v", what, got, want)
	}
	w.began = now
}

func TestDialOutcomes(t *testing.T) {
	const story = `
-- smtp 10.0.0.1 --
connect: refused
-- smtp 10.0.0.2 --
connect: unreachable
-- smtp 10.0.0.3 --
connect: local
-- smtp 10.0.0.4 --
connect: silent
-- smtp 10.0.0.5 --
connect: wait 2s
-- smtp 10.0.0.6 --
connect: wait 3s refused
-- smtp 10.0.0.7:2525 [2001:db8::25] --
-- dns 10.0.0.8 --
tcp: refused
-- network --
rtt: 50ms
`
	for _, c := range []struct {
		addr, err string
		took      time.Duration
	}{
		{"10.0.0.1:25", "dial tcp 10.0.0.1:25: connect: connection refused", 50 * time.Millisecond},
		{"10.0.0.2:25", "dial tcp 10.0.0.2:25: connect: no route to host", 50 * time.Millisecond},
		{"10.0.0.3:25", "dial tcp 10.0.0.3:25: connect: network is unreachable", 0},
		{"10.0.0.4:25", "dial tcp 10.0.0.4:25: i/o timeout", time.Minute},
		{"10.0.0.5:25", "", 2050 * time.Millisecond},
		{"10.0.0.6:25", "dial tcp 10.0.0.6:25: connect: connection refused", 3050 * time.Millisecond},
		{"10.0.0.7:2525", "", 50 * time.Millisecond},
		{"10.0.0.7:25", "dial tcp 10.0.0.7:25: connect: connection refused", 50 * time.Millisecond},
		{"[2001:db8::25]:25", "", 50 * time.Millisecond},
		{"10.0.0.8:53", "dial tcp 10.0.0.8:53: connect: connection refused", 50 * time.Millisecond},
		{"10.9.9.9:25", "dial tcp 10.9.9.9:25: i/o timeout", time.Minute},
		{"ex07.contoso.com:25", `dial tcp: a story's world has no "ex07.contoso.com:25": give an IP address and port`, 0},
	} {
		t.Run(c.addr, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, at := begin(t, story), newWatch(t)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				conn, err := w.Dial(ctx, "tcp", c.addr)
				at.lap(c.took, "dial")
				if got := errText(err); got != c.err {
					t.Fatalf("dial: %q, want %q", got, c.err)
				}
				if err != nil {
					return
				}
				if conn.RemoteAddr().String() != c.addr {
					t.Errorf("remote address %v", conn.RemoteAddr())
				}
				conn.Close()
			})
		})
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestDialEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, "")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(7*time.Second, cancel)
		at := newWatch(t)
		_, err := w.Dial(ctx, "tcp", "10.0.0.1:25")
		at.lap(7*time.Second, "canceled dial")
		var ne net.Error
		if !errors.Is(err, context.Canceled) || !errors.As(err, &ne) || ne.Timeout() {
			t.Errorf("canceled dial: %v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = w.Dial(ctx, "tcp", "10.0.0.1:25")
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &ne) || !ne.Timeout() {
			t.Errorf("late dial: %v", err)
		}
	})
}

// Stop ends dials, reads and scripts, whatever they wait for.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Read([]byte("-- smtp 10.0.0.1 --\ngreeting: wait 4m 220 late\n-- smtp 10.0.0.2 --\nconnect: silent\n"))
		if err != nil {
			t.Fatal(err)
		}
		w, stop, err := s.World()
		if err != nil {
			t.Fatal(err)
		}
		conn := dial(t, w, "tcp", "10.0.0.1:25")
		errs := make(chan error, 2)
		go func() { _, err := conn.Read(make([]byte, 1)); errs <- err }()
		go func() { _, err := w.Dial(context.Background(), "tcp", "10.0.0.2:25"); errs <- err }()
		time.Sleep(time.Second)
		stop()
		stop()
		for range 2 {
			if err := <-errs; err == nil {
				t.Error("no error after stop")
			}
		}
		if _, err := w.Dial(t.Context(), "tcp", "10.0.0.1:25"); err == nil {
			t.Error("a dial after stop")
		}
	})
}

func TestDialCountsPerWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Read([]byte("-- smtp 10.0.0.1 --\nconnect: refused\n[2]\nconnect: accepted\n[4]\nconnect: unreachable\n"))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			w, stop, err := s.World()
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []bool{false, true, true, false, false} {
				c, err := w.Dial(t.Context(), "tcp", "10.0.0.1:25")
				if (err == nil) != want {
					t.Errorf("dial %d: %v", i+1, err)
				}
				if err == nil {
					c.Close()
				}
			}
			stop()
		}
	})
}
