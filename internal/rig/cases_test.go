//go:build integration

package rig

import (
	"slices"
	"testing"
)

// A testCase is one thing that is wrong in the lab, and what the command must
// say of it. That is also what it must not say: any other cause of delayed or
// stopped mail that it confirms is a failure, unless also lists it.
type testCase struct {
	name  string   // also the zone, where zone is not given
	zone  string   // mail is for user@ZONE.test
	args  []string // on top of the usual ones; they win
	want  []want
	also  []string // codes that may be confirmed besides
	clean bool     // nothing of severity degraded or worse may be confirmed or suspected
	hold  string   // an address that a connection is held open to, from ourself
}

// A want is a cause that must be among the hypotheses.
type want struct {
	codes    string   // alternatives, separated by |
	verdicts []string // one of them
	subject  string   // the finding's subject contains it
}

func confirmed(codes, subject string) want {
	return want{codes, []string{"confirmed"}, subject}
}

func suspected(codes, subject string) want {
	return want{codes, []string{"suspected"}, subject}
}

// seen leaves open how sure the command is.
func seen(codes, subject string) want {
	return want{codes, []string{"confirmed", "suspected"}, subject}
}

// unsure is for refusals that may be about us: never a fault of theirs.
func unsure(codes, subject string) want {
	return want{codes, []string{"suspected", "could-not-tell"}, subject}
}

func in(k, v string) []string { return []string{"--input", k + "=" + v} }

func resolvers(addrs ...string) (args []string) {
	for _, a := range addrs {
		args = append(args, "--resolver", a)
	}
	return args
}

func TestInOrder(t *testing.T) {
	runCases(t, []testCase{
		{name: "healthy", clean: true},
		{name: "dual", clean: true},
		{name: "plain", clean: true},
		{name: "exim", clean: true},
		{name: "opensmtpd", clean: true},
		{name: "next-hop", zone: "healthy", args: in("next-hop", "mx.healthy.test"), clean: true},
		{name: "sent", zone: "healthy", args: in("send", "yes"), clean: true},
		{name: "sixty-mx", zone: "bigmx", clean: true},
		{name: "noptr", want: []want{confirmed("DNS-PTR-MISSING", "203.0.113.44")}, clean: true},
		{name: "badptr", want: []want{confirmed("DNS-PTR-MISMATCH", "203.0.113.45")}, clean: true},
	})
}

func TestAddresses(t *testing.T) {
	runCases(t, []testCase{
		{name: "onedropped", want: []want{confirmed("ADDRESS-DEAD", "mx.onedropped.test [203.0.113.73]")}},
		{name: "onerefused", want: []want{confirmed("ADDRESS-DEAD", "mx.onerefused.test [203.0.113.74]")}},
		{name: "v6dropped", want: []want{confirmed("ADDRESS-DEAD", "mx.v6dropped.test [2001:db8:25::50]")}},
		{name: "firstmx", want: []want{confirmed("ADDRESS-DEAD", "dead.firstmx.test")}},
		{name: "allrefused", want: []want{confirmed("TCP-REFUSED", "allrefused.test")}},
		{name: "alldropped", args: in("vantage", "sender"), want: []want{confirmed("TCP-TIMEOUT", "alldropped.test")}},
		{name: "alldropped-elsewhere", zone: "alldropped", args: in("vantage", "elsewhere"), want: []want{unsure("TCP-TIMEOUT", "alldropped.test")}},
		{name: "unreachable", args: in("vantage", "sender"), want: []want{confirmed("TCP-UNREACHABLE", "unreachable.test")}},
	})
}

func TestSessions(t *testing.T) {
	again := func(after, source string) []string {
		return slices.Concat(in("retry-after", after), in("source", source))
	}
	runCases(t, []testCase{
		{name: "slowbanner", want: []want{confirmed("SMTP-BANNER-SLOW", "mx.slowbanner.test")}},
		{name: "tarpit", want: []want{confirmed("SMTP-TARPIT", "mx.tarpit.test")}},
		{name: "tarpit-exim", zone: "eximslow", want: []want{confirmed("SMTP-TARPIT", "mx.eximslow.test")}, also: []string{"SMTP-BANNER-SLOW"}},
		{name: "greylist", want: []want{suspected("SMTP-GREYLISTED", "mx.greylist.test")}},
		{name: "greylist-passed", zone: "greylist", args: slices.Concat(in("recipient", "later@greylist.test"), again("25s", "203.0.113.6")),
			want: []want{confirmed("SMTP-GREYLISTED", "mx.greylist.test")}},
		// each from an address that this server has not seen yet
		{name: "postscreen", args: in("source", "203.0.113.4"), want: []want{seen("SMTP-POSTSCREEN", "mx.postscreen.test")}},
		{name: "postscreen-passed", zone: "postscreen", args: again("5s", "203.0.113.5"), want: []want{confirmed("SMTP-POSTSCREEN", "mx.postscreen.test")}},
		{name: "full", want: []want{confirmed("SMTP-BACK-PRESSURE", "mx.full.test")}},
		{name: "connlimit", hold: "203.0.113.76:25", want: []want{unsure("SMTP-CONNECTION-LIMIT|SMTP-REFUSED", "mx.connlimit.test")}},
		{name: "pix", want: []want{confirmed("SMTP-BANNER-MASKED", "mx.pix.test")}},
		{name: "asa", want: []want{confirmed("SMTP-BANNER-MASKED", "mx.asa.test")}},
		{name: "blocked", want: []want{confirmed("SMTP-REFUSED", "mx.blocked.test")}},
		{name: "blocklisted", args: in("vantage", "elsewhere"), want: []want{unsure("SMTP-REFUSED", "mx.blocklisted.test")}},
		{name: "starttls", want: []want{confirmed("SMTP-TLS-FAILS", "mx.starttls.test")}},
		{name: "expired", want: []want{confirmed("CERT-EXPIRED", "mx.expired.test")}},
		{name: "wrongname", want: []want{confirmed("CERT-NAME", "mx.wrongname.test")}},
		{name: "selfsigned", want: []want{confirmed("CERT-UNTRUSTED", "mx.selfsigned.test")}},
		{name: "relaydenied", want: []want{confirmed("SMTP-RELAY-DENIED", "mx.exim.test")}},
		{name: "recipient", zone: "healthy", args: in("recipient", "nobody@healthy.test"), want: []want{confirmed("SMTP-RECIPIENT-REFUSED", "mx.healthy.test")}},
	})
}

func TestNames(t *testing.T) {
	runCases(t, []testCase{
		{name: "nullmx", want: []want{confirmed("DNS-NULL-MX", "nullmx.test")}},
		{name: "mxcname", want: []want{confirmed("DNS-MX-IS-CNAME", "mail.mxcname.test")}},
		{name: "mxip", want: []want{confirmed("DNS-MX-IS-IP", "203.0.113.10")}, also: []string{"DNS-NO-ADDRESS", "DNS-MX-NO-ADDRESS"}},
		{name: "nomx", want: []want{confirmed("DNS-NO-MX", "nomx.test")}},
		{name: "nothing", want: []want{confirmed("DNS-NO-ADDRESS", "nothing.test")}},
		{name: "absent", want: []want{confirmed("DNS-NO-ADDRESS", "absent.test")}},
		{name: "dangling", want: []want{confirmed("DNS-MX-NO-ADDRESS", "gone.dangling.test")}},
		{name: "danglingall", want: []want{confirmed("DNS-MX-NO-ADDRESS|DNS-NO-ADDRESS", "gone.danglingall.test")}},
		{name: "lame", want: []want{confirmed("DNS-ZONE-FAILS", "lame.test")}},
		{name: "servfail", want: []want{confirmed("DNS-ZONE-FAILS", "servfail.test")}},
		{name: "bogus", want: []want{confirmed("DNS-ZONE-FAILS", "bogus.test")}},
		{name: "no-tcp", zone: "bigmx", args: resolvers("127.0.0.54"), want: []want{confirmed("DNS-TCP-FAILS", "127.0.0.54")}},
		{name: "split", args: resolvers("127.0.0.53", "127.0.0.55"), want: []want{confirmed("DNS-ANSWERS-DIFFER", "mx.split.test")}},
		// the certificate shows that mail was judged all the same
		{name: "resolver-down", zone: "expired", args: resolvers("127.0.0.57", "127.0.0.53"),
			want: []want{confirmed("DNS-SERVER-DOWN", "127.0.0.57"), confirmed("CERT-EXPIRED", "mx.expired.test")}},
	})
}
