//go:build integration

package rig

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"time"
)

// A daemon is a server that we started, in the foreground.
type daemon struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// startAll starts every server and waits until all of them listen.
func (l *lab) startAll() error {
	if err := l.prepare(); err != nil {
		return err
	}
	for _, d := range l.commands() {
		if err := l.start(d[0], d[1:]...); err != nil {
			return err
		}
	}
	if err := l.startMiddleboxes(); err != nil {
		return err
	}
	for _, addr := range []string{
		"198.51.100.1:53", "127.0.0.53:53", "127.0.0.55:53", "127.0.0.1:10023",
		"203.0.113.10:25", "203.0.113.30:25", "203.0.113.41:25", "203.0.113.70:25",
	} {
		if err := l.waitFor(addr); err != nil {
			return err
		}
	}
	return nil
}

// commands are the servers, by name, and how each is started.
func (l *lab) commands() [][]string {
	return [][]string{
		{"named", l.path("bin/named"), "-f", "-4", "-n", "1", "-c", l.path("named.conf")},
		{"unbound", l.path("bin/unbound"), "-d", "-c", l.path("unbound.conf")},
		{"postgrey", "postgrey", "--inet=127.0.0.1:10023", "--dbdir=" + l.path("postgrey"), "--delay=20",
			// every pair of sender and recipient is new, whoever brings it
			"--auto-whitelist-clients=0", "--whitelist-clients=/dev/null", "--whitelist-recipients=/dev/null"},
		{"postfix", "postfix", "-c", l.path("postfix"), "start-fg"},
		{"exim", "bash", "overlay.sh", l.dir, servers + "/exim", "Debian-exim",
			fmt.Sprintf("mkdir -p /var/spool/exim4; chown -R Debian-exim /var/spool/exim4 %[1]s/exim; mkdir -p /etc/exim4; cp %[1]s/exim4.conf /etc/exim4/", l.dir),
			"/usr/sbin/exim4", "-bdf"},
		{"opensmtpd", "bash", "overlay.sh", l.dir, servers + "/opensmtpd", "opensmtpd opensmtpq",
			fmt.Sprintf("mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd; chmod 711 /var/spool/smtpd; "+
				"install -m 600 %[1]s/pki/rsa.key /etc/lab.key; install -m 600 %[1]s/pki/rsa.pem /etc/lab.pem; install -m 600 %[1]s/smtpd.conf /etc/smtpd.conf", l.dir),
			"/usr/sbin/smtpd", "-d"},
	}
}

// prepare makes what the servers expect to find.
func (l *lab) prepare() error {
	// AppArmor, where it is on, keeps Debian's named and unbound out of folders
	// like ours, by the path of the program: a copy is not held to it.
	for _, program := range []string{"named", "unbound"} {
		if err := exec.Command("cp", "/usr/sbin/"+program, l.path("bin/"+program)).Run(); err != nil {
			return fmt.Errorf("copy %s: %w", program, err)
		}
	}
	for folder, name := range map[string]string{"postfix-data": "postfix", "postgrey": "postgrey", "sender-postfix-data": "postfix", "sender-postgrey": "postgrey"} {
		u, err := user.Lookup(name)
		if err != nil {
			return err
		}
		uid, _ := strconv.Atoi(u.Uid)
		if err := os.Chown(l.path(folder), uid, -1); err != nil {
			return err
		}
	}
	return os.Mkdir(l.path("postfix-queue"), 0o755)
}

// start runs a server inside the lab and remembers it.
func (l *lab) start(name string, args ...string) error {
	log, err := os.Create(l.path("log/" + name))
	if err != nil {
		return err
	}
	defer log.Close() // the server has its own copy
	d := &daemon{name: name, done: make(chan struct{})}
	d.cmd = exec.Command("ip", append([]string{"netns", "exec", namespace}, args...)...)
	d.cmd.Stdout, d.cmd.Stderr = log, log
	// Ctrl-C at the test must not stop the servers before the test has.
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		return err
	}
	l.mutex.Lock()
	l.daemons = append(l.daemons, d)
	l.mutex.Unlock()
	go func() {
		d.cmd.Wait()
		close(d.done)
	}()
	return nil
}

// waitFor waits until a port answers, and tells of a server that has ended.
func (l *lab) waitFor(addr string) error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		conn, err := l.dial("tcp", "", addr)
		if err == nil {
			return conn.Close()
		}
		if err := l.ended(); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("nothing listens at %s: %w", addr, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// ended tells of a server that does not run any more.
func (l *lab) ended() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, d := range l.daemons {
		select {
		case <-d.done:
			return fmt.Errorf("%s ended: %v\n%s", d.name, d.cmd.ProcessState, l.log(d.name))
		default:
		}
	}
	return nil
}

// log is the end of what a server said.
func (l *lab) log(name string) string {
	text, _ := os.ReadFile(l.path("log/" + name))
	return string(text[max(0, len(text)-3000):])
}

// reap waits for what net.sh has ended.
func (l *lab) reap() error {
	timeout := time.After(5 * time.Second)
	for _, d := range l.daemons {
		select {
		case <-d.done:
		case <-timeout:
			return fmt.Errorf("%s still runs, process %d", d.name, d.cmd.Process.Pid)
		}
	}
	return nil
}
