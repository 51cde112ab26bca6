package analyzers

import (
	"net/netip"
	"regexp"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// at names one address of a host, as findings do: "hub [192.0.2.7]", with the
// port where it is not 25.
func at(host, addr string) string {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return host + " [" + addr + "]"
	}
	port := ""
	if ap.Port() != 25 {
		port = addr[strings.LastIndexByte(addr, ':'):]
	}
	if ap.Addr().String() == host {
		return host + port
	}
	return host + " [" + ap.Addr().String() + "]" + port
}

// A talk is what was said with one address: the first session, and the second
// look where there was one.
type talk struct {
	subject string
	first   smtpprobe.Session
	again   []smtpprobe.Session
	from    []string // where in the evidence
}

// all lists the sessions, the first first.
func (t talk) all() []smtpprobe.Session {
	return append([]smtpprobe.Session{t.first}, t.again...)
}

// talks lists what was said with each address.
func talks(e diag.Evidence) []talk {
	var all []talk
	repeats, _ := evidence.Repeats.Lookup(e)
	for i, s := range evidence.Sessions.In(e) {
		t := talk{subject: at(s.Host, s.Addr), first: s, from: []string{ref("smtp.sessions", i)}}
		for j, r := range repeats {
			if r.Addr == s.Addr {
				t.again = append(t.again, r)
				t.from = append(t.from, ref("smtp.repeats", j))
			}
		}
		all = append(all, t)
	}
	return all
}

// spoken lists the talks in which the server greeted.
func spoken(e diag.Evidence) []talk {
	var all []talk
	for _, t := range talks(e) {
		if st, ok := t.first.Step(smtpprobe.Greeting); ok && st.Code != 0 {
			all = append(all, t)
		}
	}
	return all
}

// on starts a finding about a talk.
func (t talk) on(c *diag.Cause, v diag.Verdict, args ...diag.Arg) diag.Finding {
	return diag.Finding{Code: c.Code, Verdict: v, Subject: t.subject, Args: args, From: t.from}
}

func ref(kind string, i int) string {
	return kind + "[" + diag.Number("", i).String() + "]"
}

// span is the time that a step took, as a wait.
func span(steps ...smtpprobe.Step) *diag.Span {
	return &diag.Span{From: steps[0].Began, To: steps[len(steps)-1].End()}
}

// replied finds the first command of a session with a reply that fits.
func replied(s smtpprobe.Session, fits func(smtpprobe.Step) bool) (smtpprobe.Step, bool) {
	for _, st := range s.Steps {
		if st.Code != 0 && fits(st) {
			return st, true
		}
	}
	return smtpprobe.Step{}, false
}

// says is the reply as an argument: word for word, and not too long.
func says(st smtpprobe.Step) diag.Arg { return diag.Text("reply", clip(valid(st.Whole()), 300)) }

// valid makes text of what a peer sent, which need not be any.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// usWords are what replies say when it is the client's address, name or rate
// that they refuse, and not the mail; listWords, when it stands on a list.
var (
	usWords = regexp.MustCompile(`(?i)rate.?limit|too fast|throttl|reputation|your (ip|host|client|address|server|connection|access)|administrative prohibition|RestrictDomainsTo|client (host|does not have perm)|` +
		`reverse (dns|lookup|host)|ptr record|cannot find your|hel[o0] (command|name)|\bspf\b|` +
		`too many (concurrent |simultaneous |invalid |unknown |bad |failed |smtp |protocol |syntax )?(connections|sessions|errors|messages|e?-?mails|requests|attempts|commands|users|recipients (from|per|received))`)
	listWords   = regexp.MustCompile(`(?i)block.?list|black.?list|blocked|banned|dnsbl|\brbl\b|spamhaus|spamcop|barracuda`)
	policyWords = regexp.MustCompile(`(?i)policy`)
)

// listed says whether a reply speaks of block lists.
func listed(text string) bool { return listWords.MatchString(text) }

// aboutUs says whether a refusal is about who we are. From the sending server
// that is the cause; from anywhere else it says nothing about the sender. A
// policy is about security (X.7.*) or it is some other policy; 4.7.5xx is how
// Exchange Online limits a source.
func aboutUs(enhanced, text string) bool {
	_, detail, _ := strings.Cut(enhanced, ".7.")
	return usWords.MatchString(text) || listed(text) ||
		policyWords.MatchString(text) && (enhanced == "" || detail != "") ||
		enhanced[:min(len(enhanced), 4)] == "4.7." && len(detail) == 3 && detail[0] == '5'
}

// logsOn says whether an Exchange server of one's own organization would log on
// here where we, who never do, are turned down.
func logsOn(e diag.Evidence, t talk) bool {
	return internal(e, t.first.Host) && offersLogon(offered(t.first))
}

// offersLogon says whether Exchange servers can log on to each other there.
func offersLogon(offers map[string]string) bool {
	return has(offers, "X-EXPS") || has(offers, "X-EXPS=LOGIN")
}

// isExchanger says whether the server is one that the recipient's own domain
// names: then it must take the mail from anybody.
func isExchanger(e diag.Evidence, t talk) bool {
	hops, _ := evidence.Hops.Lookup(e)
	for _, h := range hops {
		if h.Host == t.first.Host && (h.How == evidence.ByMX || h.How == evidence.ByFallback) {
			return true
		}
	}
	return false
}

// doubt is why a refusal that we met may not meet the sender: because it is
// about who connects, or because we do not log on. It returns the arguments of
// a finding that could not tell; none when there is no doubt.
func doubt(e diag.Evidence, t talk, st smtpprobe.Step, about meaning) []diag.Arg {
	reply := clip(valid(st.Whole()), 200)
	switch {
	case about == anonymous && isExchanger(e, t) && !logsOn(e, t):
		return nil // no sender in the world logs on to an MX
	case about == anonymous, logsOn(e, t) && (about == noRelay || about == aboutClient):
		return []diag.Arg{diag.Text("because", "this session did not log on, and a sender that does may pass: "+reply),
			diag.Text("how", "look for the same reply in the sending server's own log")}
	case (about == aboutClient || about == authFails || about == noRelay && !isExchanger(e, t)) && !fromSender(e):
		return []diag.Arg{diag.Text("because", "the server refuses this client, and may take the sender's mail: "+reply),
			diag.Text("how", "run this on the sending server, and say --input vantage=sender")}
	}
	return nil
}

// fromSender says whether this runs on the server that sends.
func fromSender(e diag.Evidence) bool {
	v, _ := evidence.Vantage.Lookup(e)
	return v == "sender"
}

// round trims a duration for a sentence.
func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
