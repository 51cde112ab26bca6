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
	noService    meaning = "no mail service"
	needsTLS     meaning = "TLS is demanded"
	authFails    meaning = "authentication fails"
	anonymous    meaning = "authentication is demanded"
	firstContact meaning = "first contact"
	greylisting  meaning = "greylisting"
	aboutClient  meaning = "about the client"
	noRelay      meaning = "relaying"
	tooLarge     meaning = "size"
	badRecipient meaning = "recipient"
	badSender    meaning = "sender"
	badMessage   meaning = "message"
	putOff       meaning = "put off"
	turnedAway   meaning = "turned away"
)

var (
	fullWords   = regexp.MustCompile(`(?i)insufficient (system (resources|storage)|disk space)|space shortage`)
	countWords  = regexp.MustCompile(`(?i)too many (concurrent |simultaneous )?(smtp )?(connections|sessions)|connection (count|limit)|(maximum|number).{0,20}connections|server ports are busy`)
	idleWords   = regexp.MustCompile(`(?i)not active|not accepting network messages`)
	closedWords = regexp.MustCompile(`(?i)no (smtp|e?-?mail) (service|server)|not accept(ing)? (any )?(e?-?mail|network messages)`) // "ESMTP not accepting messages" is how sendmail turns one client away
	tlsWords    = regexp.MustCompile(`(?i)(must|need|require).{0,20}\b(starttls|tls)\b|\b(starttls|tls|encryption)\b.{0,20}(first|required)`)
	failWords   = regexp.MustCompile(`(?i)cannot achieve exchange server authentication|temporary authentication failure|need to authenticate first|authentication (failed|unsuccessful)`)
	anonWords   = regexp.MustCompile(`(?i)not (authenticated|logged in)|authentication (is )?required|auth(enticate)? first|must (be )?authenticat`)
	filterWords = regexp.MustCompile(`(?i)4\.7\.1 service unavailable - try again later`) // of Postfix whose milter is gone (postconf(5): milter_default_action)
	greyWords   = regexp.MustCompile(`(?i)gr[ae]y.?list`)
	relayWords  = regexp.MustCompile(`(?i)relay(ing)? (access )?(is )?(denied|not (permitted|allowed|possible)|prohibited)|(unable|not (permitted|allowed)|refus(e|ing)) to relay|cannot relay|rcpthosts`)
	relayWord   = regexp.MustCompile(`(?i)\brelay`)
	sizeWords   = regexp.MustCompile(`(?i)message (size|length|too (large|big))|size (limit|exceeds)|too (large|big)`)
	rcptWords   = regexp.MustCompile(`(?i)recipient|mailbox|user unknown|unknown user|no such (user|address|mailbox)|user not found`)
	senderWords = regexp.MustCompile(`(?i)sender|return.?path|mail from`)
	senderAtTo  = regexp.MustCompile(`(?i)sender (address|domain|verify)|domain of sender`)
)

// meaningOf reads a reply. The order matters: a more exact sign comes first.
// What was accepted is never judged by its text.
func meaningOf(st smtpprobe.Step) meaning {
	text, enhanced := st.Whole(), st.Enhanced()
	later := st.Code/100 == 4
	switch {
	case st.Code < 400:
		return accepted
	case later && (enhanced == "4.3.1" || !strings.HasPrefix(enhanced, "4.2.") && fullWords.MatchString(text)):
		return backPressure // 4.2.2 is one mailbox that is full, whatever the words
	case st.Name == smtpprobe.RCPT && relayWords.MatchString(text) && !listed(text):
		return noRelay
	case tlsWords.MatchString(text) && st.Name != smtpprobe.STARTTLS:
		return needsTLS
	case st.Code == 535, failWords.MatchString(text), st.Code == 454 && enhanced == "4.7.0" && st.Name != smtpprobe.STARTTLS:
		return authFails
	case st.Code == 530, strings.HasSuffix(enhanced, ".7.3"), anonWords.MatchString(text):
		return anonymous
	case st.Code == 450 && enhanced == "4.3.2":
		return firstContact
	case later && greyWords.MatchString(text):
		return greylisting
	case st.Code == 421 && idleWords.MatchString(text):
		return notActive
	case st.Code == 421 && (enhanced == "4.3.2" || countWords.MatchString(text)):
		return tooMany
	case !later && isSize(st, enhanced, text):
		return tooLarge
	case early(st):
		return atTheDoor(st, enhanced, text)
	}
	return byVerb(st, enhanced, text)
}

// isSize: 552 alone may as well be a full mailbox or content that is not liked.
func isSize(st smtpprobe.Step, enhanced, text string) bool {
	return strings.HasSuffix(enhanced, ".3.4") || enhanced == "5.2.3" ||
		st.Code == 552 && enhanced == "" && sizeWords.MatchString(text)
}

// early says whether a step comes before any mail is named.
func early(st smtpprobe.Step) bool {
	return st.Name == smtpprobe.Greeting || st.Name == smtpprobe.EHLO || st.Name == smtpprobe.HELO
}

// atTheDoor reads the replies to the connection and to EHLO. A server that
// knows neither EHLO nor HELO serves no mail; what else it says to these is
// about our name or address.
func atTheDoor(st smtpprobe.Step, enhanced, text string) meaning {
	lower := strings.ToLower(text)
	switch {
	case aboutUs(enhanced, text):
		return aboutClient
	case st.Code == 521, closedWords.MatchString(text) && !strings.Contains(lower, " from "):
		return noService
	case st.Name != smtpprobe.Greeting && (st.Code == 500 || st.Code == 502):
		return noService
	case st.Name != smtpprobe.Greeting && st.Code/100 == 5:
		return aboutClient
	case st.Code/100 == 4 && st.Code != 421:
		return putOff
	}
	return turnedAway
}

// byVerb reads the replies whose meaning depends on what they answer.
func byVerb(st smtpprobe.Step, enhanced, text string) meaning {
	switch {
	case aboutUs(enhanced, text):
		return aboutClient
	case st.Code == 421:
		return turnedAway
	case st.Code/100 == 4:
		return putOff
	case st.Name == smtpprobe.RCPT && relayWord.MatchString(text):
		return noRelay
	case st.Name == smtpprobe.RCPT && (senderAtTo.MatchString(text) || strings.HasSuffix(enhanced, ".1.8")):
		return badSender // Postfix judges the sender at RCPT
	case st.Name == smtpprobe.RCPT:
		return unless(rcptWords, st, enhanced, text, badRecipient)
	case st.Name == smtpprobe.MAIL:
		return unless(senderWords, st, enhanced, text, badSender)
	case st.Name == smtpprobe.DATA || st.Name == smtpprobe.Body:
		return badMessage
	}
	return turnedAway
}

// unless: a refusal for reasons of policy (X.7.*), or without any (554), may be
// about us in words that we do not know, in whatever language. It is about the
// mail only where it says so.
func unless(words *regexp.Regexp, st smtpprobe.Step, enhanced, text string, plain meaning) meaning {
	policy := strings.HasPrefix(enhanced, "5.7.") || st.Code == 554 && (enhanced == "" || enhanced == "5.0.0")
	if policy && !words.MatchString(text) {
		return aboutClient
	}
	return plain
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
