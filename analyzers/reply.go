package analyzers

import (
	"regexp"
	"strings"

	"mailflow/smtpprobe"
)

// A meaning is what a refusal or deferral is about. Each reply has one, so that
// one reply makes one finding (knowledge/exchange.md 1.9).
type meaning string

const (
	accepted     meaning = ""
	backPressure meaning = "back pressure"
	tooMany      meaning = "too many connections"
	notActive    meaning = "service not active"
	needsAuth    meaning = "authentication"
	firstContact meaning = "first contact"
	greylisting  meaning = "greylisting"
	aboutClient  meaning = "about the client"
	noRelay      meaning = "relaying"
	tooLarge     meaning = "size"
	badRecipient meaning = "recipient"
	badSender    meaning = "sender"
	putOff       meaning = "put off"
	turnedAway   meaning = "turned away"
)

var (
	fullWords   = regexp.MustCompile(`(?i)insufficient system (resources|storage)`)
	countWords  = regexp.MustCompile(`(?i)too many (concurrent |simultaneous )?(smtp )?(connections|sessions)|connection (count|limit)|maximum.{0,20}connections`)
	idleWords   = regexp.MustCompile(`(?i)service not (active|available), closing|service not active`)
	authWords   = regexp.MustCompile(`(?i)need to authenticate|authentication required|was not authenticated|cannot achieve exchange server authentication|temporary authentication failure`)
	greyWords   = regexp.MustCompile(`(?i)gr[ae]y.?list`)
	relayWords  = regexp.MustCompile(`(?i)\brelay`)
	senderWords = regexp.MustCompile(`(?i)sender|return.?path|mail from`)
)

// meaningOf reads a reply. The order matters: a more exact sign comes first.
func meaningOf(st smtpprobe.Step) meaning {
	text, enhanced := st.Whole(), st.Enhanced()
	switch {
	case st.Code < 400:
		return accepted
	case st.Code == 452 && (enhanced == "4.3.1" || fullWords.MatchString(text)):
		return backPressure
	case st.Code == 421 && strings.Contains(strings.ToLower(text), "not active"):
		return notActive
	case st.Code == 421 && (countWords.MatchString(text) || enhanced == "4.3.2"):
		return tooMany
	case isAuth(st, enhanced, text):
		return needsAuth
	case st.Code == 450 && enhanced == "4.3.2":
		return firstContact
	case st.Code/100 == 4 && greyWords.MatchString(text):
		return greylisting
	case st.Code == 552 || strings.HasSuffix(enhanced, ".3.4") || enhanced == "5.2.3":
		return tooLarge
	}
	return byVerb(st, enhanced, text)
}

func isAuth(st smtpprobe.Step, enhanced, text string) bool {
	return strings.HasSuffix(enhanced, ".7.3") || st.Code == 530 || st.Code == 535 || authWords.MatchString(text) ||
		st.Code == 454 && enhanced == "4.7.0" && st.Name != smtpprobe.STARTTLS
}

// byVerb reads the replies whose meaning depends on what they answer.
func byVerb(st smtpprobe.Step, enhanced, text string) meaning {
	switch {
	case st.Name == smtpprobe.RCPT && st.Code/100 == 5 && relayWords.MatchString(text):
		return noRelay
	case aboutUs(text):
		return aboutClient
	case st.Code/100 == 4 && st.Code != 421:
		return putOff
	case st.Name == smtpprobe.RCPT && senderWords.MatchString(text) && strings.HasSuffix(enhanced, ".1.8"):
		return badSender // Postfix judges the sender at RCPT
	case st.Name == smtpprobe.RCPT && st.Code/100 == 5:
		return badRecipient
	case st.Name == smtpprobe.MAIL && st.Code/100 == 5:
		return badSender
	}
	return turnedAway
}

// refusal finds the first command that was answered with a 4xx or 5xx, and
// what that is about. An EHLO that HELO made good does not count, nor does
// STARTTLS, nor what comes behind the sender's or recipient's refusal.
func refusal(s smtpprobe.Session) (smtpprobe.Step, meaning) {
	_, helo := s.Step(smtpprobe.HELO)
	st, ok := replied(s, func(st smtpprobe.Step) bool {
		return st.Code >= 400 && st.Name != smtpprobe.STARTTLS && st.Name != smtpprobe.RSET && st.Name != smtpprobe.QUIT &&
			!(st.Name == smtpprobe.EHLO && helo)
	})
	if !ok {
		return st, accepted
	}
	return st, meaningOf(st)
}
