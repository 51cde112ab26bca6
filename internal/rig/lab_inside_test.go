//go:build integration

package rig

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// privileged says what this machine lacks for a lab.
func privileged() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: network namespaces and port 25 need root", errCannotHere)
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("%w: the servers are Debian's packages: %v", errCannotHere, err)
	}
	err := onThread(func() error { return unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS) })
	if err != nil {
		return fmt.Errorf("%w: root may not make a namespace: %v", errCannotHere, err)
	}
	return nil
}

// onThread runs f on a thread that is thrown away after it, because f changes
// what the thread belongs to.
func onThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		done <- f()
	}()
	return <-done
}

// inside runs f in the lab's network. Sockets that f makes stay in it, so the
// test can go on using them from outside.
func (l *lab) inside(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(l.netns.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter %s: %w", namespace, err)
		}
		return f()
	})
}

// dial connects inside the lab. A connection to an address of the loopback
// device has that same address as its source unless it is told another: from.
func (l *lab) dial(network, from, to string) (conn net.Conn, err error) {
	d := net.Dialer{Timeout: 2 * time.Second}
	switch {
	case from == "":
	case network == "udp":
		d.LocalAddr = &net.UDPAddr{IP: net.ParseIP(from)}
	default:
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	err = l.inside(func() (err error) {
		conn, err = d.Dial(network, to)
		return err
	})
	return conn, err
}

// listen opens a port inside the lab.
func (l *lab) listen(addr string) (ln net.Listener, err error) {
	err = l.inside(func() (err error) {
		ln, err = net.Listen("tcp", addr)
		return err
	})
	return ln, err
}
