package analyzers

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var bannerMasked = &diag.Cause{
	Code: "SMTP-BANNER-MASKED", Title: "A device on the way rewrites the SMTP session", Severity: diag.Delayed,
	Text:   "something between here and {subject} rewrites SMTP: {signs}",
	Ruled:  "{subject} shows no sign of a device that rewrites SMTP",
	About:  "Firewalls with SMTP inspection (Cisco PIX \"fixup protocol smtp\", ASA \"inspect esmtp\") replace the greeting by stars and mask verbs that they do not know. Authentication between Exchange servers, chunked transfer and TLS then fail, sessions are dropped, and messages wait for retries or arrive twice. A short session typed by hand still works.",
	Read:   "A greeting whose text is stars, together with an EHLO that is refused or keywords that are X'ed out. Stars alone may be somebody's taste.",
	Remedy: "Switch the inspection off for this path: \"no fixup protocol smtp 25\" on a PIX, remove \"inspect esmtp\" from the policy on an ASA. Filtering between Exchange servers of one organization is not supported.",
	Refs:   []string{"KB 295725", "KB 822941"},
}

// masked looks for devices that rewrite SMTP.
func masked() *diag.Analyzer {
	return &diag.Analyzer{Name: "masked",
		Doc:    "Looks for devices between sender and server that rewrite the session.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats},
		Causes: []*diag.Cause{bannerMasked},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				signs := maskSigns(t.first)
				f := t.on(bannerMasked, diag.Excluded, diag.Text("signs", strings.Join(signs, "; ")))
				if len(signs) == 1 {
					f.Verdict = diag.Suspected
				} else if len(signs) > 1 {
					f.Verdict = diag.Confirmed
				}
				found = append(found, f)
			}
			return found
		}}
}

// crossedOut is a keyword as an ASA leaves it: XXXX, or XXXXXXXA for STARTTLS.
var crossedOut = regexp.MustCompile(`^X{4,}[A-Z]?$`)

// maskSigns lists what speaks for rewriting. An EHLO that is refused counts
// only beside another sign: old servers refuse it too.
func maskSigns(s smtpprobe.Session) []string {
	var signs []string
	hello, _ := s.Step(smtpprobe.Greeting)
	if stars(hello.Text()) {
		signs = append(signs, "the greeting is \""+clip(hello.Whole(), 80)+"\"")
	}
	for _, key := range slices.Sorted(maps.Keys(s.Keywords(true))) {
		if crossedOut.MatchString(key) {
			signs = append(signs, "a keyword in the EHLO reply is X'ed out ("+key+")")
			break
		}
	}
	if ehlo, ok := s.Step(smtpprobe.EHLO); ok && ehlo.Code/100 == 5 && len(signs) > 0 {
		signs = append(signs, "EHLO is answered \""+clip(ehlo.Whole(), 80)+"\"")
	}
	return signs
}

// stars says whether a text is masked: such devices leave blanks and a few
// digits and turn the rest into stars. A line of words between stars is not.
func stars(text string) bool {
	n, all := 0, 0
	for _, r := range text {
		if r == ' ' {
			continue
		}
		all++
		if r == '*' {
			n++
		}
	}
	return n >= 4 && n*10 >= all*8
}
