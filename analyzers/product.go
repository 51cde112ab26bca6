package analyzers

import (
	"regexp"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// The generations that the SMTP session can tell apart
// (knowledge/exchange.md 3.1 and 3.2).
const (
	exchange2003 = "exchange-2003" // or 2000: the session looks the same
	exchange2007 = "exchange-2007"
	exchange2010 = "exchange-2010"
	exchange2013 = "exchange-2013" // or later, or Exchange Online
	windowsSMTP  = "windows-smtp"  // the SMTP service of Windows without Exchange
)

var (
	iisGreeting      = regexp.MustCompile(`Microsoft ESMTP MAIL Service, Version:`)
	exchangeGreeting = regexp.MustCompile(`Microsoft ESMTP MAIL Service ready at`)
)

// generation says what the server runs: as the operator said, else as greeting
// and EHLO show; told says which. "" means that it does not show.
func generation(e diag.Evidence, s smtpprobe.Session) (name string, told bool) {
	if said, ok := evidence.Generation.Lookup(e); ok {
		if said == "exchange-2000" {
			said = exchange2003
		}
		return said, true
	}
	hello, _ := s.Step(smtpprobe.Greeting)
	offers := s.Keywords(false)
	switch text := hello.Whole(); {
	case iisGreeting.MatchString(text) && exchangeVerbs(offers) > 0:
		return exchange2003, false
	case iisGreeting.MatchString(text):
		return windowsSMTP, false
	case !exchangeGreeting.MatchString(text):
		return "", false
	}
	return byKeywords(offers), false
}

// byKeywords tells 2007, 2010 and later apart: only 2010 offers XSHADOW, and
// only up to 2010 XEXCH50.
func byKeywords(offers map[string]string) string {
	switch {
	case has(offers, "XSHADOW"):
		return exchange2010
	case has(offers, "XEXCH50"):
		return exchange2007
	case offers != nil:
		return exchange2013
	}
	return ""
}

func exchangeVerbs(offers map[string]string) int {
	n := 0
	for _, v := range []string{"X-LINK2STATE", "XEXCH50", "X-EXPS"} {
		if has(offers, v) {
			n++
		}
	}
	return n
}

func has(offers map[string]string, keyword string) bool {
	_, ok := offers[keyword]
	return ok
}

// offered lists the keywords of every EHLO of a session: before TLS and after.
func offered(s smtpprobe.Session) map[string]string {
	all := map[string]string{}
	for _, before := range []bool{true, false} {
		for k, v := range s.Keywords(before) {
			all[k] = v
		}
	}
	return all
}

func isExchange(generation string) bool { return strings.HasPrefix(generation, "exchange-") }
