//go:build integration

package rig

import (
	"slices"
	"testing"
	"time"
)

// A testCase is one thing that is wrong in the lab, and what the command must
// say of it. That is also what it must not say: any other cause of delayed or
// stopped mail that it confirms is a failure, unless also lists it.
type testCase struct {
	name   string   // also the zone, where zone is not given
	zone   string   // mail is for user@ZONE.test
	args   []string // on top of the usual ones; they win
	want   []want
	also   []string      // codes that may be confirmed besides
	clean  bool          // nothing of severity degraded or worse may be confirmed or suspected
	hold   string        // an address that a connection is held open to, from ourself
	within time.Duration // the longest that the command may take; 0: no matter
}

// A want is a cause that must be among the hypotheses.
type want struct {
	codes    string   // alternatives, separated by |
	verdicts []string // one of them
	subject  string   // the finding's subject contains it
	severity string   // at least
	wait     float64  // seconds that mail stood still for it, at least
}

func confirmed(codes, subject string) want {
	return want{codes: codes, verdicts: []string{"confirmed"}, subject: subject, severity: "note"}
}

func suspected(codes, subject string) want {
	return want{codes: codes, verdicts: []string{"suspected"}, subject: subject, severity: "note"}
}

// stops is confirmed, and no mail moves.
func stops(codes, subject string) want {
	w := confirmed(codes, subject)
	w.severity = "stopped"
	return w
}

// delays is confirmed, and mail waits for so many seconds. The servers' clocks
// start a little after ours, hence the tolerance.
func delays(codes, subject string, seconds float64) want {
	w := confirmed(codes, subject)
	w.wait = seconds - 0.1
	return w
}

// unsure is for refusals that may be about us: never a fault of theirs.
func unsure(codes, subject string) want {
	return want{codes: codes, verdicts: []string{"suspected", "could-not-tell"}, subject: subject, severity: "note"}
}

// ruledOut is what a session that went well shows.
func ruledOut(codes, subject string) want {
	return want{codes: codes, verdicts: []string{"excluded"}, subject: subject}
}

func in(k, v string) []string { return []string{"--input", k + "=" + v} }

func resolvers(addrs ...string) (args []string) {
	for _, a := range addrs {
		args = append(args, "--resolver", a)
	}
	return args
}

func TestInOrder(t *testing.T) {
	// that the recipient was accepted shows that there was a session at all
	accepted := func(host string) []want { return []want{ruledOut("SMTP-RECIPIENT-REFUSED", host)} }
	runCases(t, []testCase{
		{name: "healthy", clean: true, within: 5 * time.Second, want: accepted("mx.healthy.test")},
		{name: "dual", clean: true, want: append(accepted("203.0.113.10"), accepted("2001:db8:25::10")...)},
		{name: "plain", clean: true, want: accepted("mx.plain.test")},
		{name: "exim", clean: true, want: accepted("mx.exim.test")},
		{name: "opensmtpd", clean: true, want: accepted("mx.opensmtpd.test")},
		{name: "next-hop", zone: "healthy", args: in("next-hop", "mx.healthy.test"), clean: true, want: accepted("mx.healthy.test")},
		{name: "sent", args: slices.Concat(in("recipient", "sent@healthy.test"), in("send", "yes")), clean: true, want: accepted("mx.healthy.test")},
		{name: "sixty-mx", zone: "bigmx", clean: true, want: accepted("bigmx.test")},
		{name: "noptr", clean: true, want: append(accepted("mx.noptr.test"), confirmed("DNS-PTR-MISSING", "203.0.113.44"))},
		{name: "badptr", clean: true, want: append(accepted("mx.badptr.test"), confirmed("DNS-PTR-MISMATCH", "203.0.113.45"))},
	})
	// The case that consents comes through; see delivered for those that do not.
	t.Cleanup(func() {
		// Postfix has said yes before it delivers.
		deadline := time.Now().Add(10 * time.Second)
		for !theLab.delivered("sent@") && time.Now().Before(deadline) {
			time.Sleep(50 * time.Millisecond)
		}
		if !theLab.delivered("sent@") {
			t.Error("no test message was delivered with send=yes")
		}
	})
}

func TestAddresses(t *testing.T) {
	runCases(t, []testCase{
		{name: "onedropped", within: 10 * time.Second, want: []want{delays("ADDRESS-DEAD", "mx.onedropped.test [203.0.113.73]", 5)}},
		{name: "onerefused", want: []want{confirmed("ADDRESS-DEAD", "mx.onerefused.test [203.0.113.74]")}},
		// IPv6 may be what does not work on our side, unless this is the sender or other IPv6 works
		{name: "v6dropped", args: in("vantage", "sender"), want: []want{delays("ADDRESS-DEAD", "mx.v6dropped.test [2001:db8:25::50]", 5)}},
		{name: "v6dropped-elsewhere", zone: "v6dropped", want: []want{unsure("ADDRESS-DEAD", "mx.v6dropped.test [2001:db8:25::50]")}},
		{name: "v6other", want: []want{delays("ADDRESS-DEAD", "mx.v6other.test [2001:db8:25::50]", 5)}},
		{name: "firstmx", want: []want{delays("ADDRESS-DEAD", "dead.firstmx.test", 5)}},
		{name: "allrefused", args: in("vantage", "sender"), want: []want{stops("TCP-REFUSED", "allrefused.test")}},
		{name: "allrefused-elsewhere", zone: "allrefused", args: in("vantage", "elsewhere"), want: []want{unsure("TCP-REFUSED", "allrefused.test")}},
		{name: "alldropped", args: in("vantage", "sender"), want: []want{stops("TCP-TIMEOUT", "alldropped.test")}},
		{name: "alldropped-elsewhere", zone: "alldropped", args: in("vantage", "elsewhere"), want: []want{unsure("TCP-TIMEOUT", "alldropped.test")}},
		{name: "unreachable", args: in("vantage", "sender"), want: []want{stops("TCP-UNREACHABLE", "unreachable.test")}},
	})
}

func TestSessions(t *testing.T) {
	again := func(after, source string) []string {
		return slices.Concat(in("retry-after", after), in("source", source))
	}
	runCases(t, []testCase{
		{name: "slowbanner", want: []want{delays("SMTP-BANNER-SLOW", "mx.slowbanner.test", 12)}},
		{name: "tarpit", want: []want{delays("SMTP-TARPIT", "mx.tarpit.test", 4)}},
		{name: "tarpit-exim", zone: "eximslow", want: []want{delays("SMTP-TARPIT", "mx.eximslow.test", 5)}, also: []string{"SMTP-BANNER-SLOW"}},
		{name: "greylist", want: []want{suspected("SMTP-GREYLISTED", "mx.greylist.test")}},
		{name: "greylist-passed", zone: "greylist", args: slices.Concat(in("recipient", "later@greylist.test"), again("25s", "203.0.113.6")),
			want: []want{confirmed("SMTP-GREYLISTED", "mx.greylist.test")}},
		// each from an address that this server has not seen yet
		{name: "postscreen", args: in("source", "203.0.113.4"), want: []want{confirmed("SMTP-POSTSCREEN", "mx.postscreen.test")}},
		{name: "postscreen-passed", zone: "postscreen", args: again("5s", "203.0.113.5"), want: []want{confirmed("SMTP-POSTSCREEN", "mx.postscreen.test")}},
		{name: "full", want: []want{confirmed("SMTP-BACK-PRESSURE", "mx.full.test")}},
		{name: "connlimit", hold: "203.0.113.76:25", want: []want{unsure("SMTP-CONNECTION-LIMIT|SMTP-REFUSED", "mx.connlimit.test")}},
		{name: "pix", want: []want{confirmed("SMTP-BANNER-MASKED", "mx.pix.test")}},
		{name: "asa", want: []want{confirmed("SMTP-BANNER-MASKED", "mx.asa.test")}},
		// a refusal at connect is theirs when it is said to the sender itself
		{name: "blocked", args: in("vantage", "sender"), want: []want{stops("SMTP-REFUSED", "mx.blocked.test")}},
		{name: "blocklisted-sender", zone: "blocklisted", args: in("vantage", "sender"), want: []want{stops("SMTP-REFUSED", "mx.blocklisted.test")}},
		{name: "blocklisted", args: in("vantage", "elsewhere"), want: []want{unsure("SMTP-REFUSED", "mx.blocklisted.test")}},
		{name: "starttls", want: []want{confirmed("SMTP-TLS-FAILS", "mx.starttls.test")}},
		{name: "expired", want: []want{confirmed("CERT-EXPIRED", "mx.expired.test")}},
		{name: "wrongname", want: []want{confirmed("CERT-NAME", "mx.wrongname.test")}},
		{name: "selfsigned", want: []want{confirmed("CERT-UNTRUSTED", "mx.selfsigned.test")}},
		{name: "relaydenied", want: []want{stops("SMTP-RELAY-DENIED", "mx.exim.test")}},
		{name: "recipient", zone: "healthy", args: in("recipient", "nobody@healthy.test"), want: []want{stops("SMTP-RECIPIENT-REFUSED", "mx.healthy.test")}},
	})
}

func TestNames(t *testing.T) {
	runCases(t, []testCase{
		{name: "nullmx", want: []want{stops("DNS-NULL-MX", "nullmx.test")}},
		{name: "mxcname", want: []want{confirmed("DNS-MX-IS-CNAME", "mail.mxcname.test")}},
		{name: "mxip", want: []want{stops("DNS-MX-IS-IP|DNS-MX-NO-ADDRESS", "mxip.test"), confirmed("DNS-MX-IS-IP", "mxip.test")}},
		{name: "nomx", want: []want{confirmed("DNS-NO-MX", "nomx.test")}},
		{name: "nothing", want: []want{stops("DNS-NO-ADDRESS", "nothing.test")}},
		{name: "absent", want: []want{stops("DNS-NO-ADDRESS", "absent.test")}},
		{name: "dangling", want: []want{confirmed("DNS-MX-NO-ADDRESS", "gone.dangling.test")}},
		{name: "danglingall", want: []want{stops("DNS-MX-NO-ADDRESS|DNS-NO-ADDRESS", "gone.danglingall.test")}},
		{name: "lame", want: []want{stops("DNS-ZONE-FAILS", "lame.test")}},
		{name: "servfail", want: []want{stops("DNS-ZONE-FAILS", "servfail.test")}},
		{name: "bogus", want: []want{stops("DNS-ZONE-FAILS", "bogus.test")}},
		{name: "no-tcp", zone: "bigmx", args: resolvers("127.0.0.54"), want: []want{confirmed("DNS-TCP-FAILS", "127.0.0.54")}},
		{name: "split", args: resolvers("127.0.0.53", "127.0.0.55"), want: []want{confirmed("DNS-ANSWERS-DIFFER", "mx.split.test")}},
		// the certificate shows that mail was judged all the same
		{name: "resolver-down", zone: "expired", args: resolvers("127.0.0.57", "127.0.0.53"),
			want: []want{confirmed("DNS-SERVER-DOWN", "127.0.0.57"), confirmed("CERT-EXPIRED", "mx.expired.test")}},
	})
}
