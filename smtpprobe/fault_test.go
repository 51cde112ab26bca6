package smtpprobe

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// What a failed connection is, by the system's error, the family and the time.
func TestConnectFaults(t *testing.T) {
	const v4, v6 = hub, "[2001:db8::25]:25"
	for _, tt := range []struct {
		err  error
		addr string
		took time.Duration
		want string
	}{
		{syscall.ECONNREFUSED, v4, 0, FaultRefused},
		{syscall.ECONNRESET, v4, 0, FaultReset},
		{syscall.ENETUNREACH, v6, 0, FaultLocal},
		{syscall.ENETUNREACH, v6, 80 * time.Millisecond, FaultUnreachable},
		{syscall.EHOSTUNREACH, v4, 3 * time.Second, FaultUnreachable},
		{syscall.EHOSTUNREACH, v4, 0, FaultUnreachable},
		{syscall.EACCES, v4, 0, FaultLocal},
		{syscall.EACCES, v6, 0, FaultUnreachable},
		{syscall.EACCES, "[::ffff:192.0.2.25]:25", 0, FaultLocal},
		{syscall.EPERM, v6, 0, FaultLocal},
		{syscall.EADDRNOTAVAIL, v6, 0, FaultLocal},
		{syscall.EAFNOSUPPORT, v6, 0, FaultLocal},
		{syscall.EMFILE, v4, 0, FaultLocal},
		{syscall.ETIMEDOUT, v4, time.Second, FaultTimeout},
		{wsaETIMEDOUT, v4, 21 * time.Second, FaultTimeout},
		{wsaECONNREFUSED, v4, 0, FaultRefused},
		{wsaENETUNREACH, v6, 0, FaultLocal},
		{wsaEHOSTUNREACH, v4, 0, FaultUnreachable},
		{io.EOF, v4, 0, FaultClosed},
		{errors.New("no such line"), v4, 0, FaultLocal},
	} {
		bubble(t, func(t *testing.T) {
			p := Prober{Dial: func(context.Context, string, string) (net.Conn, error) {
				time.Sleep(tt.took)
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", tt.err)}
			}}
			s := p.Probe(t.Context(), "hub07", tt.addr, "", "")
			if last := s.Last(); len(s.Steps) != 1 || last.Fault != tt.want || last.Err == "" || last.Took() != tt.took {
				t.Errorf("%v of %s after %v: %s, want %s", tt.err, tt.addr, tt.took, steps(s), tt.want)
			}
		})
	}
}

// In the middle of a session Windows' own reset is one too.
func TestErrnoKind(t *testing.T) {
	for _, errno := range []syscall.Errno{wsaECONNABORTED, wsaECONNRESET, syscall.EPIPE} {
		if got := errnoKind(errno, false, 0); got != FaultReset {
			t.Errorf("%d: %s", errno, got)
		}
	}
}
