package tui

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"mailflow/diag"
)

// silent is a world in which every host takes the connection and says nothing;
// one at "10.0.0.9:25" does not even take it.
func silent(ctx context.Context, _, addr string) (net.Conn, error) {
	if addr == "10.0.0.9:25" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	a, b := net.Pipe()
	go func() {
		io.Copy(io.Discard, b)
		b.Close()
	}()
	return a, nil
}

func TestSkipOneHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSwitchboard(diag.World{Dial: silent})
		ctx := t.Context()
		talk, err := b.dial(ctx, "tcp", "10.0.0.7:25")
		if err != nil {
			t.Fatal(err)
		}
		other, err := b.dial(ctx, "tcp", "10.0.0.8:25")
		if err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 2)
		go func() { _, err := talk.Read(make([]byte, 1)); errs <- err }()
		go func() { _, err := b.dial(ctx, "tcp", "10.0.0.9:25"); errs <- err }()
		time.Sleep(time.Second)
		if all := b.list(); len(all) != 3 || all[0].stage != talking || all[2].stage != dialling {
			t.Errorf("the hosts are %+v", all)
		}
		for _, addr := range []string{"10.0.0.7:25", "10.0.0.9:25"} {
			if !b.skip(addr) || b.skip(addr) {
				t.Errorf("%s is not skipped once", addr)
			}
			if err := <-errs; !errors.Is(err, context.Canceled) || err.Error() != "skipped by the operator" {
				t.Errorf("%s ends with %v", addr, err)
			}
			if _, err := b.dial(ctx, "tcp", addr); !errors.Is(err, context.Canceled) {
				t.Errorf("%s is dialled again: %v", addr, err)
			}
		}
		if _, err := other.Write([]byte("x")); err != nil {
			t.Errorf("the other host: %v", err)
		}
		talk.Close()
		other.Close()
		if all := b.list(); all[1].stage != hungUp {
			t.Errorf("the other host is %s", all[1].stage)
		}
		if b.skip("10.0.0.8:25") || b.skip("10.9.9.9:25") {
			t.Error("skips where nothing goes on")
		}
	})
}

// TestDNSIsNoHost: DNS servers are asked, not talked to.
func TestDNSIsNoHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSwitchboard(diag.World{Dial: silent})
		for _, network := range []string{"udp", "tcp"} {
			c, err := b.dial(t.Context(), network, "10.0.0.53:53")
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
		if all := b.list(); len(all) != 0 {
			t.Errorf("hosts: %+v", all)
		}
	})
}
