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
func says(st smtpprobe.Step) diag.Arg { return diag.Text("reply", clip(st.Whole(), 300)) }

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// usWords are what replies say when it is the client's address, name or rate
// that they refuse, and not the mail.
var usWords = regexp.MustCompile(`(?i)rate.?limit|too many|too fast|throttl|block.?list|black.?list|blocked|banned|dnsbl|\brbl\b|spamhaus|barracuda|reputation|your (ip|host|client|address|server)|client host|reverse (dns|lookup|host)|ptr record|cannot find your|policy`)

// aboutUs says whether a refusal is about who we are. From the sending server
// that is the cause; from anywhere else it says nothing about the sender.
func aboutUs(text string) bool { return usWords.MatchString(text) }

// fromSender says whether this runs on the server that sends.
func fromSender(e diag.Evidence) bool {
	v, _ := evidence.Vantage.Lookup(e)
	return v == "sender"
}

// round trims a duration for a sentence.
func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
