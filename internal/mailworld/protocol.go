package mailworld

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// protocolFields are those of SMTP protocol logs of 2007 and later
// (knowledge/evidence-formats.md, section 3).
const protocolFields = "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context"

// A talk is one session as one side logs it.
type talk struct {
	x                   *server
	file, connector, id string
	localEnd, remoteEnd string
	at                  time.Time
	step                time.Duration
	n                   int
}

func (k *talk) say(event, data, context string) {
	k.x.write(k.file, k.at, strings.Join([]string{k.x.local(k.at).UTC().Format(stamp), quoted(k.connector), k.id, strconv.Itoa(k.n), k.localEnd, k.remoteEnd, event, quoted(data), context}, ",")+"\r\n")
	k.n++
	k.at = k.at.Add(k.step)
}

// talkWords are what both sides say in a session, first who says it: the client or the
// server.
func (t *trip) talkWords(client, server, reply string) []string {
	return []string{
		"s220 " + server + " Microsoft ESMTP MAIL Service ready", "cEHLO " + client, "s250-" + server + " Hello [192.0.2.200]", "s250-SIZE 10485760", "s250-PIPELINING", "s250-DSN", "s250 CHUNKING",
		"cMAIL FROM:<" + t.from + "> SIZE=" + fmt.Sprint(t.size), "cRCPT TO:<" + t.to[0] + ">", "s250 2.1.0 Sender OK", "s250 2.1.5 Recipient OK", "cDATA", "s354 Start mail input; end with <CRLF>.<CRLF>",
		"s" + reply, "cQUIT", "s221 2.0.0 Service closing transmission channel",
	}
}

// sessions writes the session by which a message came, those that failed, and the one
// by which it left.
func (x *server) sessions(s *sim, t *trip) {
	from, fromIP := t.cameFrom()
	reply := fmt.Sprintf("250 2.6.0 <%s> [InternalId=%s] Queued mail for delivery", t.id, t.queue)
	words := t.talkWords(from, x.name, reply)
	k := &talk{x: x, file: "RECV", connector: x.name + `\Default ` + x.short(), id: t.session, localEnd: x.ip + ":25", remoteEnd: fmt.Sprintf("%s:%d", fromIP, 20000+s.IntN(40000)), step: s.between(time.Millisecond, 15*time.Millisecond)}
	k.at = t.came.Add(-14 * k.step) // the reply to the data is said when the message is there
	k.held(words, 's')
	to, toIP := t.goesTo()
	for _, f := range t.fails {
		x.failedSession(s, f, toIP, x.hop)
	}
	if t.left.IsZero() || t.failed != "" || t.inBoxes() {
		return
	}
	k = &talk{x: x, file: "SEND", connector: x.hop, id: t.sent, remoteEnd: toIP + ":25", step: s.between(time.Millisecond, 15*time.Millisecond)}
	k.at = t.left.Add(-15 * k.step)
	k.say("*", "", "attempting to connect")
	k.localEnd = fmt.Sprintf("%s:%d", x.ip, 20000+s.IntN(40000))
	k.held(t.talkWords(x.name, to, t.reply()), 'c')
}

// held logs a session that was held to its end; ours says which side logs it.
func (k *talk) held(words []string, ours byte) {
	k.say("+", "", "")
	for _, w := range words {
		event := "<"
		if w[0] == ours {
			event = ">"
		}
		k.say(event, w[1:], "")
	}
	if ours == 'c' {
		k.say("-", "", "Local")
	} else {
		k.say("-", "", "Remote")
	}
}

// failedSession is one that came to nothing.
func (x *server) failedSession(s *sim, f fail, ip, connector string) {
	k := &talk{x: x, file: "SEND", connector: connector, id: s.sessionID(f.at), remoteEnd: ip + ":25", step: 3 * time.Millisecond, at: f.at.Add(-20 * time.Millisecond)}
	k.say("*", "", "attempting to connect")
	if strings.Contains(f.reason, "timed out") {
		k.say("*", "", "Failed to connect. Winsock error code: 10060, Win32 error code: 10060")
		return
	}
	k.localEnd = fmt.Sprintf("%s:%d", x.ip, 20000+s.IntN(40000))
	k.say("+", "", "")
	k.say("<", "220 mx ESMTP", "")
	k.say(">", "EHLO "+x.name, "")
	k.say("<", f.reason, "")
	k.say("-", "", "Remote")
}
