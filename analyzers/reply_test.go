package analyzers

import (
	"strings"
	"testing"

	"mailflow/smtpprobe"
)

// TestMeaningOf reads replies as servers of many makes and languages word them.
func TestMeaningOf(t *testing.T) {
	const (
		greeting = smtpprobe.Greeting
		ehlo     = smtpprobe.EHLO
		mail     = smtpprobe.MAIL
		rcpt     = smtpprobe.RCPT
		body     = smtpprobe.Body
	)
	for _, c := range []struct {
		verb, reply string
		want        meaning
	}{
		// What is accepted is not judged by its text.
		{greeting, "220 mx ESMTP blocked by policy, greylisted", accepted},
		{rcpt, "250 2.1.5 relay denied? not here; too many connections welcome", accepted},
		{smtpprobe.DATA, "354 insufficient system resources are a thing of the past", accepted},

		// The door.
		{greeting, "554 No SMTP service here", noService},
		{greeting, "521 mx.example.com does not accept mail", noService},
		{greeting, "554 5.3.2 System not accepting network messages", noService},
		{greeting, "554 We do not accept mail from dynamic hosts", turnedAway},
		{greeting, "554", turnedAway},
		{greeting, "554 mx.example.com ESMTP not accepting messages", turnedAway}, // sendmail, to one client
		{greeting, "421 mx.example.com ESMTP not accepting messages", turnedAway},
		{greeting, "554-mx.example.com|554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.", aboutClient}, // IronPort
		{greeting, "554 5.7.1 Service unavailable; client host [192.0.2.9] blocked using zen.spamhaus.org", aboutClient},
		{greeting, "550 Your IP is banned", aboutClient},
		{greeting, "421 4.3.2 Service not active", notActive},
		{greeting, "421 4.3.2 System not accepting network messages", notActive},
		{greeting, "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel", tooMany},
		{greeting, "421 4.3.2 All server ports are busy", tooMany},
		{greeting, "421 4.7.0 mx.example.com Error: too many connections from 192.0.2.9", tooMany},
		{greeting, "421 Too many concurrent SMTP connections; please try again later.", tooMany},
		{greeting, "421 Service not available, closing transmission channel", turnedAway},
		{greeting, "450 4.3.0 Try again", putOff},
		{ehlo, "500 5.3.3 Unrecognized command", noService},
		{ehlo, "502 Command not implemented", noService},
		{ehlo, "501 5.5.4 Invalid domain name", aboutClient},
		{ehlo, "504 5.5.2 <pc>: Helo command rejected: need fully-qualified hostname", aboutClient},

		// Short of room, or something else that is full.
		{mail, "452 4.3.1 Insufficient system resources", backPressure},
		{mail, "431 4.3.1 Mail system full", backPressure},
		{mail, "452 4.4.5 Insufficient disk space; try again later", backPressure},
		{mail, "452 space shortage, please try later", backPressure},
		{mail, "452 4.3.1 Nicht genug Speicherplatz", backPressure},
		{rcpt, "452 4.2.2 mailbox full", putOff},
		{rcpt, "452 4.2.2 insufficient system storage for this user", putOff},
		{rcpt, "452 4.5.3 Too many recipients", putOff},
		{rcpt, "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages", putOff},

		// Put off.
		{rcpt, "451 4.3.0 Mailbox busy", putOff},
		{rcpt, "450 4.1.8 <a@example.org>: Sender address rejected: Domain not found", putOff},
		{rcpt, "451 4.3.5 Server configuration problem: policy service unreachable", putOff},
		{rcpt, "451 4.7.1 Bitte versuchen Sie es spaeter noch einmal", putOff},
		{rcpt, "450 4.3.2 Service currently unavailable", firstContact},
		{rcpt, "450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/", greylisting},
		{rcpt, "451 Graylisted", greylisting},
		{rcpt, "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.9]", aboutClient},
		{rcpt, "450 4.7.1 <pc>: Helo command rejected: Host not found", aboutClient},
		{mail, "451 4.7.500 Server busy. Please try again later from [192.0.2.9].", aboutClient},
		{mail, "451 4.7.650 The mail server has been temporarily rate limited due to IP reputation.", aboutClient},
		{rcpt, "421 4.7.0 mx Error: too many errors", aboutClient},
		{mail, "421 4.4.2 mx Error: timeout exceeded", turnedAway},

		// TLS and logging on.
		{mail, "530 5.7.0 Must issue a STARTTLS command first", needsTLS},
		{mail, "503 5.5.1 STARTTLS first", needsTLS},
		{mail, "451 5.7.3 STARTTLS is required to send mail", needsTLS},
		{mail, "530 5.7.1 Client was not authenticated", anonymous},
		{mail, "454 5.7.3 Client was not authenticated.", anonymous},
		{rcpt, "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", anonymous},
		{rcpt, "550 5.7.1 Anmeldung erforderlich", aboutClient},
		{mail, "451 5.7.3 Cannot achieve Exchange Server authentication", authFails},
		{mail, "454 4.7.0 Temporary authentication failure", authFails},
		{mail, "504 Need to authenticate first", authFails},
		{mail, "535 5.7.3 Authentication unsuccessful", authFails},

		// The sender.
		{mail, "550 5.1.7 Invalid address", badSender},
		{mail, "550 5.7.1 Null sender not accepted here", badSender},
		{mail, "553 unbekannter Absender", badSender},
		{mail, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", aboutClient},
		{mail, "550 5.7.1 Zugriff verweigert", aboutClient},
		{mail, "550 5.7.23 SPF validation failed", aboutClient},
		{rcpt, "550 5.1.8 <a@example.org>: Sender address rejected: Domain not found", badSender},
		{rcpt, "550 Sender verify failed", badSender},

		// The recipient.
		{rcpt, "550 5.1.1 User unknown", badRecipient},
		{rcpt, "550 5.4.1 Recipient address rejected: Access denied", badRecipient},
		{rcpt, "550 5.7.1 This recipient takes mail from authorized senders only", badRecipient},
		{rcpt, "550 Unbekannter Empfaenger", badRecipient},
		{rcpt, "552 5.2.2 mailbox over quota", badRecipient},
		{rcpt, "552 Quota exceeded", badRecipient},
		{rcpt, "550 5.7.1 Service unavailable; client host [192.0.2.9] blocked using Spamhaus", aboutClient},
		{rcpt, "554 Transaction failed", aboutClient},
		{rcpt, "550 #5.1.0 Address rejected.", badRecipient}, // IronPort
		{rcpt, "550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.", aboutClient},
		{rcpt, "550 #5.7.1 Rejected", aboutClient},
		{rcpt, "452 Too many recipients received this hour", aboutClient},
		{rcpt, "550 Administrative prohibition", aboutClient}, // Exim's word for any of its rules
		{rcpt, "550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched the message's recipient domain. The connector had either the RestrictDomainsToIPAddresses or RestrictDomainsToCertificate set", aboutClient},
		{rcpt, "550 5.7.1 rejected by local policy", aboutClient},

		// Relaying.
		{rcpt, "550 5.7.1 Unable to relay for bob@example.com", noRelay},
		{rcpt, "554 5.7.1 <bob@example.com>: Relay access denied", noRelay},
		{rcpt, "550 5.7.1 <bob@example.com>... Relaying denied. Proper authentication required.", noRelay},
		{rcpt, "550 relay not permitted", noRelay},
		{rcpt, "454 4.7.1 <bob@example.com>: Relay access denied", noRelay}, // Postfix, as it comes
		{rcpt, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", noRelay},
		{rcpt, "554 5.7.1 rejected: open relay listed in our DNSBL", aboutClient},

		// The message.
		{body, "552 5.3.4 Message size exceeds fixed limit", tooLarge},
		{mail, "552 message size exceeds fixed maximum", tooLarge},
		{body, "552 5.7.0 This message was blocked because its content presents a potential security issue", aboutClient},
		{body, "552 rejected as spam", badMessage},
		{body, "552 Requested mail action aborted: exceeded storage allocation", badMessage},
		{body, "550 5.6.0 header does not conform", badMessage},
		{body, "554 Nachricht abgelehnt", badMessage},
		{body, "451 4.7.1 Service unavailable - try again later", putOff},
	} {
		if got := meaningOf(answered(c.verb, c.reply)); got != c.want {
			t.Errorf("%s: %s\nmeans %q, want %q", c.verb, c.reply, got, c.want)
		}
	}
}

// answered is a step with that reply; its lines are parted by "|".
func answered(verb, reply string) smtpprobe.Step {
	st := smtpprobe.Step{Name: verb}
	for _, line := range strings.Split(reply, "|") {
		st.Reply = append(st.Reply, smtpprobe.Line(line))
	}
	for _, digit := range reply[:3] {
		st.Code = st.Code*10 + int(digit-'0')
	}
	return st
}

// TestRefusal: the first refusal counts, and what another command made good
// does not.
func TestRefusal(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []smtpprobe.Step
		verb  string
		want  meaning
	}{
		{"nothing", []smtpprobe.Step{answered(smtpprobe.Greeting, "220"), answered(smtpprobe.EHLO, "250-mx|250 SIZE")}, "", accepted},
		{"EHLO made good by HELO", []smtpprobe.Step{answered(smtpprobe.EHLO, "502 what?"), answered(smtpprobe.HELO, "250 mx")}, "", accepted},
		{"neither EHLO nor HELO", []smtpprobe.Step{answered(smtpprobe.EHLO, "502 what?"), answered(smtpprobe.HELO, "502 what?")}, smtpprobe.HELO, noService},
		{"STARTTLS is judged elsewhere", []smtpprobe.Step{answered(smtpprobe.STARTTLS, "454 4.7.0 no"), answered(smtpprobe.RCPT, "550-5.1.1 no such user|550 5.1.1 here")}, smtpprobe.RCPT, badRecipient},
		{"what follows does not count", []smtpprobe.Step{answered(smtpprobe.MAIL, "550 5.1.7 no"), answered(smtpprobe.RCPT, "503 MAIL first")}, smtpprobe.MAIL, badSender},
	} {
		st, about := refusal(smtpprobe.Session{Steps: c.steps})
		if about != c.want || st.Name != c.verb {
			t.Errorf("%s: %s %q, want %s %q", c.name, st.Name, about, c.verb, c.want)
		}
	}
}
