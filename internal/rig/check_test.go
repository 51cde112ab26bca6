//go:build integration

package rig

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// These check the lab without the command: a case that fails while these pass
// is the command's fault. They connect from another address than the cases, so
// that they leave nothing behind in a server's memory.
const checker = "203.0.113.2"

func TestLabHasNoWayOut(t *testing.T) {
	needLab(t)
	out, err := exec.Command("ip", "-n", namespace, "route", "get", "192.0.2.1").CombinedOutput()
	if err == nil {
		t.Fatalf("there is a route out of the lab: %s", out)
	}
}

func TestLabServers(t *testing.T) {
	l := needLab(t)
	t.Parallel()
	ehlo := "EHLO sender.rig.test"
	mail := "MAIL FROM:<check@rig.test>"
	rcpt := func(zone string) string { return "RCPT TO:<check@" + zone + ".test>" }
	for _, c := range []struct {
		name, host string
		say        []string
		want       string        // in the last reply
		after      time.Duration // the whole takes at least this long
	}{
		{"postfix", "10", []string{ehlo, mail, rcpt("healthy")}, "250 2.1.5", 0},
		{"postfix offers STARTTLS", "10", []string{ehlo}, "250-STARTTLS", 0},
		{"postfix without TLS", "14", []string{ehlo, mail, rcpt("plain")}, "250 2.1.5", 0},
		{"unknown recipient", "10", []string{ehlo, mail, "RCPT TO:<nobody@healthy.test>"}, "550 5.1.1", 0},
		{"inside", "inside", []string{ehlo, mail, rcpt("split")}, "250 2.1.5", 0},
		{"greylisting", "15", []string{ehlo, mail, rcpt("greylist")}, "450 4.2.0", 0},
		{"tarpit", "16", []string{ehlo, mail, rcpt("tarpit")}, "250 2.1.5", 11 * time.Second},
		{"postscreen", "17", []string{ehlo, mail, rcpt("postscreen")}, "450 4.3.2", time.Second},
		{"full", "19", []string{ehlo, mail}, "452 4.3.1", 0},
		{"slow banner", "21", nil, "220 ", 11 * time.Second},
		{"blocked", "36", nil, "554 5.3.2", 0},
		{"blocklisted", "37", nil, "554 5.7.1", 0},
		{"exim", "30", []string{ehlo, mail, rcpt("exim")}, "250 Accepted", 0},
		{"exim denies relay", "30", []string{ehlo, mail, rcpt("relaydenied")}, "550 relay not permitted", 0},
		{"exim slow", "31", []string{ehlo, mail, rcpt("eximslow")}, "250 Accepted", 14 * time.Second},
		{"opensmtpd", "41", []string{ehlo, mail, rcpt("opensmtpd")}, "250 2.1.5", 0},
		{"opensmtpd offers STARTTLS", "40", []string{ehlo, "STARTTLS"}, "220 ", 0},
		{"pix", "70", nil, "220 **", 0},
		{"pix and EHLO", "70", []string{ehlo}, "50", 0},
		{"asa", "71", []string{ehlo}, "XXXXXXXX", 0},
		{"asa and mail", "71", []string{ehlo, mail, rcpt("healthy")}, "250 2.1.5", 0},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			addr := "203.0.113." + c.host + ":25"
			if c.host == "inside" {
				addr = "10.99.0.3:25"
			}
			began := time.Now()
			got, err := l.converse(addr, c.say...)
			if err != nil || !strings.Contains(got, c.want) {
				t.Fatalf("last reply %q, %v; want %q", got, err, c.want)
			}
			if took := time.Since(began); took < c.after || took > c.after+8*time.Second {
				t.Errorf("took %v, want a little more than %v", took, c.after)
			}
		})
	}
}

// converse opens a session, says the lines and gives the reply to the last.
func (l *lab) converse(addr string, lines ...string) (reply string, err error) {
	conn, err := l.dial("tcp", checker, addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(40 * time.Second))
	from := bufio.NewReader(conn)
	reply, err = readReply(from)
	for _, line := range lines {
		if err != nil {
			return reply, err
		}
		fmt.Fprintf(conn, "%s\r\n", line)
		reply, err = readReply(from)
	}
	return reply, err
}

func readReply(from *bufio.Reader) (reply string, err error) {
	for {
		line, err := from.ReadString('\n')
		reply += line
		if err != nil || len(line) < 4 || line[3] != '-' {
			return reply, err
		}
	}
}

// The second of two connections is one too many.
func TestLabConnectionLimit(t *testing.T) {
	l := needLab(t)
	t.Parallel()
	first := l.hold(t, checker, "203.0.113.76:25")
	defer first.Close()
	if got, err := l.converse("203.0.113.76:25"); err != nil || !strings.HasPrefix(got, "421 4.7.0") {
		t.Errorf("second connection: %q, %v; want 421 4.7.0", got, err)
	}
}

// hold opens a session and leaves it there.
func (l *lab) hold(t *testing.T, from, addr string) net.Conn {
	t.Helper()
	conn, err := l.dial("tcp", from, addr)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readReply(bufio.NewReader(conn)); err != nil || !strings.HasPrefix(got, "220") {
		t.Fatalf("greeting %q, %v", got, err)
	}
	return conn
}

func TestLabAddresses(t *testing.T) {
	l := needLab(t)
	t.Parallel()
	for addr, want := range map[string]string{
		"203.0.113.74:25":         "refused",
		"203.0.113.99:25":         "refused",
		"203.0.113.73:25":         "timeout",
		"203.0.113.75:25":         "no route",
		"[2001:db8:25::50]:25":    "timeout",
		"[2001:db8:25::10]:25":    "",
		"127.0.0.54:53":           "timeout",
		"127.0.0.57:53":           "timeout",
		"[2001:db8:25::10]:10025": "refused",
	} {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			conn, err := l.dial("tcp", "", addr)
			if err == nil {
				conn.Close()
			}
			if got := fmt.Sprint(err); !strings.Contains(got, want) || (err == nil) != (want == "") {
				t.Errorf("connecting: %v, want %q", err, want)
			}
		})
	}
}

func TestLabNames(t *testing.T) {
	l := needLab(t)
	t.Parallel()
	mx, a := dns.TypeMX, dns.TypeA
	for _, c := range []struct {
		server, name string
		kind         uint16
		want         string // rcode, flags and answers, as told makes them
	}{
		{"127.0.0.53", "healthy.test.", mx, "NOERROR 10 mx.healthy.test."},
		{"127.0.0.53", "mx.healthy.test.", a, "NOERROR 203.0.113.10"},
		{"127.0.0.55", "healthy.test.", mx, "NOERROR 10 mx.healthy.test."},
		{"127.0.0.53", "10.113.0.203.in-addr.arpa.", dns.TypePTR, "NOERROR mx.healthy.test."},
		{"127.0.0.53", "44.113.0.203.in-addr.arpa.", dns.TypePTR, "NXDOMAIN"},
		{"127.0.0.53", "nullmx.test.", mx, "NOERROR 0 ."},
		{"127.0.0.53", "nomx.test.", mx, "NOERROR"},
		{"127.0.0.53", "gone.dangling.test.", a, "NXDOMAIN"},
		{"127.0.0.53", "absent.test.", mx, "NXDOMAIN"},
		{"127.0.0.53", "mail.mxcname.test.", a, "NOERROR mx.healthy.test. 203.0.113.10"},
		{"127.0.0.53", "lame.test.", mx, "SERVFAIL"},
		{"127.0.0.53", "servfail.test.", mx, "SERVFAIL"},
		{"127.0.0.53", "bogus.test.", mx, "SERVFAIL"},
		{"127.0.0.53", "bigmx.test.", mx, "NOERROR TC"},
		{"127.0.0.53", "mx.split.test.", a, "NOERROR 203.0.113.10"},
		{"127.0.0.55", "mx.split.test.", a, "NOERROR 10.99.0.3"},
	} {
		t.Run(c.server+"-"+c.name, func(t *testing.T) {
			t.Parallel()
			got, err := l.ask(c.server, c.name, c.kind)
			if got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// ask sends one question over UDP, twice at most.
func (l *lab) ask(server, name string, kind uint16) (string, error) {
	question := new(dns.Msg).SetQuestion(name, kind)
	question.SetEdns0(1232, false)
	var answer *dns.Msg
	for range 2 {
		conn, err := l.dial("udp", "", server+":53")
		if err != nil {
			return "", err
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		c := &dns.Conn{Conn: conn, UDPSize: 1232}
		if err := c.WriteMsg(question); err != nil {
			return "", err
		}
		if answer, err = c.ReadMsg(); err == nil {
			break
		}
	}
	if answer == nil {
		return "no answer", nil
	}
	return told(answer), nil
}

func told(m *dns.Msg) string {
	words := []string{dns.RcodeToString[m.Rcode]}
	if m.Truncated {
		return words[0] + " TC"
	}
	for _, rr := range m.Answer {
		data := strings.TrimPrefix(rr.String(), rr.Header().String())
		words = append(words, data)
	}
	return strings.Join(words, " ")
}
