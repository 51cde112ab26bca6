package mailworld

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// columns are those of message tracking, by generation (knowledge/evidence-formats.md,
// section 2).
func (x *server) columns() []string {
	all := strings.Fields(`date-time client-ip client-hostname server-ip server-hostname source-context connector-id source event-id internal-message-id message-id
		network-message-id recipient-address recipient-status total-bytes recipient-count related-recipient-address reference message-subject sender-address return-path message-info
		directionality tenant-id original-client-ip original-server-ip custom-data transport-traffic-type log-id schema-version`)
	drop := map[string]bool{}
	switch x.log {
	case tracking2007:
		all = all[:22]
		drop["network-message-id"] = true
	case tracking2010:
		all = all[:27]
		drop["network-message-id"] = true
	}
	var kept []string
	for _, name := range all {
		if !drop[name] {
			kept = append(kept, name)
		}
	}
	return kept
}

// tracked writes the rows of one trip into message tracking.
func (x *server) tracked(s *sim, t *trip) {
	from, fromIP := t.cameFrom()
	x.track(t, t.came, map[string]string{
		"client-ip": fromIP, "client-hostname": from, "server-ip": x.ip, "server-hostname": x.name, "source-context": t.session + ";" + x.local(t.came).UTC().Format(stamp) + ";0",
		"connector-id": x.name + `\Default ` + x.short(), "source": "SMTP", "event-id": "RECEIVE", "message-info": "0cI: ",
		"recipient-address": strings.Join(t.all(), ";"), "recipient-count": fmt.Sprint(len(t.all())),
	})
	if t.step == 0 && t.here != "" {
		at := t.came.Add(s.between(50*time.Millisecond, 900*time.Millisecond))
		x.track(t, at, map[string]string{"client-ip": x.ip, "client-hostname": x.name, "server-hostname": "mbx1.contoso.com", "source": "STOREDRIVER", "event-id": "DELIVER", "recipient-address": t.here, "recipient-count": "1"})
	}
	for _, f := range t.fails {
		x.track(t, f.at, map[string]string{
			"client-ip": x.ip, "client-hostname": x.name, "server-hostname": "", "source-context": f.reason, "connector-id": pick(s, "", x.hop), "source": "SMTP", "event-id": "DEFER",
		})
	}
	switch {
	case t.failed != "":
		x.track(t, t.left, map[string]string{"client-hostname": x.name, "server-hostname": "", "source": "ROUTING", "event-id": "FAIL", "recipient-status": t.failed})
	case t.left.IsZero():
	case t.inBoxes():
		x.track(t, t.left, map[string]string{
			"client-ip": x.ip, "client-hostname": x.name, "server-ip": "192.0.2.99", "server-hostname": "mbx1.contoso.com", "source-context": t.session + ";" + x.local(t.left).UTC().Format(stamp) + ";ClientSubmitTime:",
			"source": "STOREDRIVER", "event-id": "DELIVER", "message-info": x.tree(s, t),
		})
	default:
		x.sent(s, t)
	}
}

func (x *server) sent(s *sim, t *trip) {
	to, toIP := t.goesTo()
	event := "SEND"
	if x.log == tracking2016 && next(t.path, t.step) == nil && s.IntN(2) == 0 {
		event = "SENDEXTERNAL"
	}
	session := t.sent
	if session == "" {
		session = s.sessionID(t.left)
		t.sent = session
	}
	x.track(t, t.left, map[string]string{
		"client-ip": x.ip, "client-hostname": x.name, "server-ip": toIP, "server-hostname": to, "source-context": session + ";" + t.reply(), "connector-id": x.hop,
		"source": "SMTP", "event-id": event, "recipient-status": strings.Repeat(";250 2.1.5 Recipient OK", len(t.to))[1:], "message-info": x.tree(s, t),
	})
}

// track writes one row. values are those of columns by their name; the others have
// what most rows have.
func (x *server) track(t *trip, at time.Time, values map[string]string) {
	if x.order == nil {
		x.order = x.columns()
	}
	var row strings.Builder
	row.Grow(700)
	for i, name := range x.order {
		if i > 0 {
			row.WriteByte(',')
		}
		value, set := values[name]
		if !set {
			value = x.general(t, at, name)
		}
		row.WriteString(quoted(value))
	}
	row.WriteString("\r\n")
	x.write("track", at, row.String())
}

// general is what most rows have in a column.
func (x *server) general(t *trip, at time.Time, name string) string {
	switch name {
	case "date-time":
		return x.local(at).UTC().Format(stamp)
	case "internal-message-id":
		return t.queue
	case "message-id":
		return "<" + t.id + ">"
	case "network-message-id":
		return fmt.Sprintf("%08x-1a2b-4c3d-8e4f-08de%08x", t.n, t.n)
	case "recipient-address":
		return strings.Join(t.to, ";")
	case "total-bytes":
		return strconv.Itoa(t.size)
	case "recipient-count":
		return strconv.Itoa(len(t.to))
	case "message-subject":
		return t.subject
	case "sender-address", "return-path":
		return t.from
	case "directionality":
		return "Originating"
	case "original-client-ip":
		return "192.0.2.200"
	case "custom-data":
		return "S:DeliveryPriority=Normal"
	case "transport-traffic-type":
		return "Email"
	case "schema-version":
		return "15.01.2507.039"
	}
	return ""
}

func quoted(s string) string {
	if strings.ContainsAny(s, `,"`) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// tree is where the time went, by the word of the server: in 2010 and before only
// when the message began.
func (x *server) tree(s *sim, t *trip) string {
	origin := x.local(t.born).UTC().Format(stamp)
	if x.log != tracking2016 {
		return origin
	}
	all, agent := t.left.Sub(t.came).Seconds(), t.agent.Seconds()
	receive, send := min(0.2, all/8)*s.Float64(), min(0.6, all/4)*s.Float64()
	other := 0.02 * s.Float64()
	rest := max(0, all-agent-receive-send-other)
	category := fmt.Sprintf("CAT=%.3f(CATOS=%.3f|CATRT=%.3f(CATRT-Transport Rule Agent=%.3f))", other, other/4, other/2, other/3)
	if agent > 0 {
		category = fmt.Sprintf("CAT=%.3f(CATRT=%.3f(%s=%.3f))", agent+other, agent+other/2, x.slow, agent)
	}
	queue := "QDE"
	if t.inBoxes() {
		queue = "QDM"
	}
	return fmt.Sprintf("%s;LSRV=%s:TOTAL-HUB=%.3f|SMR=%.3f(SMRDE=%.3f|SMRC=%.3f)|%s|%s=%.3f|SMS=%.3f(SMSC=%.3f)",
		origin, x.name, all, receive, receive/2, receive/2, category, queue, rest, send, send/3)
}

const header2003 = "# Message Tracking Log File\r\n# Exchange System Attendant Version 6.5.7638.1\r\n# Date\tTime\tClient-IP\tClient-hostname\tPartner-name\tServer-hostname\tServer-IP\tRecipient-address\tEvent-ID\tMSGID\tPriority\t" +
	"Recipient-report-status\tTotal-bytes\tNumber-recipients\tOrigination-time\tEncryption\tService-version\tLinked-MSGID\tMessage-Subject\tSender-address\r\n"

// tracked2003 writes a trip as Exchange 2003 does: to the second, a row for each
// event (knowledge/evidence-formats.md, section 1).
func (x *server) tracked2003(s *sim, t *trip) {
	from, fromIP := t.cameFrom()
	to, toIP := t.goesTo()
	one := func(event string, at time.Time, client, clientIP, partner, whom string) {
		l := x.local(at).UTC()
		x.write("track", at, strings.Join([]string{l.Format("2006-1-2"), l.Format("15:4:5 GMT"), clientIP, client, partner, x.short(), x.ip, whom, event, t.id, "0", "0", fmt.Sprint(t.size), fmt.Sprint(len(t.all())),
			x.local(t.born).UTC().Format("2006-1-2 15:4:5 GMT"), "0", "Version: 6.0.3790.3959", "-", " " + t.subject, t.from, "-"}, "\t")+"\r\n")
	}
	row := func(event string, at time.Time, client, clientIP, partner string) {
		for _, whom := range t.to {
			one(event, at, client, clientIP, partner, whom)
		}
	}
	at, room := t.came, 150*time.Millisecond
	if !t.left.IsZero() {
		room = min(room, t.left.Sub(t.came)/10)
	}
	for _, event := range []string{"1019", "1025", "1024", "1033"} {
		row(event, at, from, fromIP, "-")
		if t.step == 0 && t.here != "" {
			one(event, at, from, fromIP, "-", t.here)
		}
		at = at.Add(s.upTo(room))
	}
	if t.step == 0 && t.here != "" {
		one("1036", at, "-", "-", "-", t.here)
		one("1023", at, "-", "-", "-", t.here)
		one("1028", at.Add(s.upTo(900*time.Millisecond)), "-", "-", "-", t.here)
	}
	row("1034", at, from, fromIP, to)
	for _, f := range t.fails {
		row("1020", f.at, to, toIP, to)
	}
	switch {
	case t.failed != "":
		row("1030", t.left, "-", "-", "-")
	case !t.left.IsZero():
		row("1020", t.left.Add(-s.upTo(room)), to, toIP, to)
		row("1031", t.left, to, toIP, to)
	}
}

// all are the recipients with which a message comes to a server.
func (t *trip) all() []string {
	if t.step == 0 && t.here != "" {
		return append(slices.Clone(t.to), t.here)
	}
	return t.to
}
