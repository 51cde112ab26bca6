package smtpprobe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"
)

// A fault is an error whose kind is known where it is found.
type fault struct{ kind, text string }

func (f *fault) Error() string { return f.text }

// judge is the kind of an error that ended the step, and its words.
func (w *wire) judge(err error, took time.Duration) (kind, text string) {
	kind = kindOf(err, w.step.Name)
	if w.ctx.Err() != nil && (kind == FaultTimeout || w.step.Name == Connect) {
		return FaultCanceled, clean(context.Cause(w.ctx))
	}
	var errno syscall.Errno
	if errors.As(err, &errno) && kind == "" {
		addr, _ := netip.ParseAddrPort(w.session.Addr)
		kind = errnoKind(errno, addr.Addr().Unmap().Is6(), took)
	}
	if kind == "" && w.step.Name == Connect {
		kind = FaultLocal // the dialer's own reasons
	}
	if kind == "" {
		kind = FaultReset // whatever it was, the connection broke
	}
	return kind, clean(err)
}

// kindOf is the kind of an error that is not the system's; "" if it is.
func kindOf(err error, step string) string {
	var known *fault
	var op *net.OpError
	var errno syscall.Errno
	switch {
	case errors.As(err, &known):
		return known.kind
	case errors.Is(err, context.Canceled): // one host is skipped, the others go on
		return FaultCanceled
	case isTimeout(err):
		return FaultTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return FaultClosed
	case errors.As(err, &errno), errors.Is(err, io.ErrClosedPipe):
		return ""
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"): // crypto/tls: alerts
		return FaultHandshake
	case step == Handshake:
		return FaultHandshake
	}
	return ""
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// Windows' own numbers for the errors of sockets (winsock2.h). On that system
// syscall.ECONNREFUSED and its like are numbers that no call returns.
const (
	wsaENETUNREACH  = syscall.Errno(10051)
	wsaECONNABORTED = syscall.Errno(10053)
	wsaECONNRESET   = syscall.Errno(10054)
	wsaETIMEDOUT    = syscall.Errno(10060) // after 21 s of connecting; Go does not count it as a timeout
	wsaECONNREFUSED = syscall.Errno(10061)
	wsaEHOSTDOWN    = syscall.Errno(10064)
	wsaEHOSTUNREACH = syscall.Errno(10065)
)

// nearby is how soon this machine's own routing table answers, at the latest. An
// ICMP message from beyond the own network takes longer.
const nearby = 10 * time.Millisecond

// errnoKind is the kind of an error of the system.
//
// ENETUNREACH is what connect gives at once when there is no route, but also what
// an ICMP "network unreachable" becomes; only the time tells them apart.
// EHOSTUNREACH is ICMP (host unreachable, and over IPv4 "administratively
// prohibited", code 13) or a neighbour that does not answer ARP.
//
// EACCES: over IPv6, Linux makes it of ICMPv6 "administratively prohibited"
// (RFC 4443 3.1 code 1), which is how firewalls reject by default, so a machine
// on the way says that the host cannot be reached. Over IPv4 no ICMP becomes
// EACCES: it is a local route of type prohibit, or SELinux. EPERM is always
// local: a packet filter or a sandbox on this machine. Windows' WSAEACCES (10013)
// is its own firewall. The rest (no address, no such family, network down, no sockets
// left) is local too.
func errnoKind(errno syscall.Errno, ipv6 bool, took time.Duration) string {
	switch errno {
	case wsaETIMEDOUT:
		return FaultTimeout
	case syscall.ECONNREFUSED, wsaECONNREFUSED:
		return FaultRefused
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, wsaECONNRESET, wsaECONNABORTED:
		return FaultReset
	case syscall.EHOSTUNREACH, syscall.EHOSTDOWN, syscall.ENOPROTOOPT, wsaEHOSTUNREACH, wsaEHOSTDOWN:
		return FaultUnreachable
	case syscall.ENETUNREACH, wsaENETUNREACH:
		if took > nearby {
			return FaultUnreachable
		}
	case syscall.EACCES:
		if ipv6 {
			return FaultUnreachable
		}
	}
	return FaultLocal
}

// maxErr bounds the words of an error, in which a peer may have had its say.
const maxErr = 1 << 10

// clean is the text of an error, fit for any record.
func clean(err error) string {
	text := err.Error()
	return strings.ToValidUTF8(text[:min(len(text), maxErr)], "\uFFFD")
}
