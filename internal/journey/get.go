package journey

import (
	"fmt"
	"strings"
	"time"

	"mailflow/evidence"
)

// The families of logs, as the sightings name them, and two that only a reply
// gives away.
const (
	tracking     = "tracking"
	tracking2003 = "tracking-2003"
	postfix      = "postfix"
	exim         = "exim"
	sendmail     = "sendmail"
)

// get says how to get the log of a server for a time. Where nothing of it is known
// but its name, and that is no name of ours, its postmaster has to be asked.
func (v *voyage) get(server, reply string, m evidence.Missing, at time.Time) string {
	there, known := v.known(server)
	family := v.families[there]
	if !known {
		family = familyOf(reply)
	}
	if known || v.ours(server) {
		stamp := m.From.Format("20060102")
		if h := v.lacks(there, m.From, m.To); h != nil && known && h.from.Equal(m.From) && h.to.Equal(m.To) {
			stamp = h.stamp()
		}
		return fetch(family, server, m, stamp)
	}
	id := queueOf(reply)
	if id != "" {
		id = "queue id " + id + ", "
	}
	return fmt.Sprintf("%s what became of it: %s%s UTC. If it is yours: add its log of that hour", evidence.AskPostmaster, id, at.UTC().Format(dayTime))
}

// fetch names folder and files of a log. Exchange names the files of message
// tracking by the hour, or by the day up to 2010, in UTC.
func fetch(family, server string, m evidence.Missing, stamp string) string {
	day, hours := m.From.Format("20060102"), hoursOf(m)
	switch family {
	case tracking:
		return fmt.Sprintf(`on %s: %%ExchangeInstallPath%%TransportRoles\Logs\MessageTracking\MSGTRK*%s*.log, %s`, server, stamp, hours)
	case tracking2003:
		return fmt.Sprintf(`\\%s\%s.log\%s.log, %s`, short(server), short(server), day, hours)
	case postfix:
		return fmt.Sprintf("on %s: /var/log/mail.log (or maillog), %s", server, hours)
	case exim:
		return fmt.Sprintf("on %s: /var/log/exim4/mainlog (or /var/log/exim/main.log), %s", server, hours)
	case sendmail:
		return fmt.Sprintf("on %s: /var/log/maillog (or mail.log), %s", server, hours)
	}
	return fmt.Sprintf(`on %s: its log of mail, %s. Exchange 2007 and later: %%ExchangeInstallPath%%TransportRoles\Logs\MessageTracking\MSGTRK*%s*.log; Exchange 2000/2003: \\%s\%s.log\%s.log; others: mail.log`,
		server, hours, day, short(server), short(server), day)
}

func hoursOf(m evidence.Missing) string {
	return fmt.Sprintf("from %s to %s UTC", m.From.Format("2006-01-02 15:04"), m.To.Format("2006-01-02 15:04"))
}

func short(server string) string {
	if isAddress(server) {
		return server
	}
	name, _, _ := strings.Cut(server, ".")
	return strings.ToUpper(name)
}

// familyOf tells a mail server by how it acknowledges a message: Exchange 2007 and
// later by its internal id, the SMTP service of Windows by the words alone.
func familyOf(reply string) string {
	switch {
	case strings.Contains(reply, "[InternalId="):
		return tracking
	case strings.Contains(reply, "Queued mail for delivery"):
		return tracking2003
	case strings.Contains(reply, "Ok: queued as "):
		return postfix
	case strings.Contains(reply, "OK id="):
		return exim
	case strings.Contains(reply, "Message accepted for delivery"):
		return sendmail
	}
	return ""
}

// queueOf is the id that a reply gives.
func queueOf(reply string) string {
	for _, before := range []string{"ueued as ", "OK id=", "InternalId="} {
		if _, rest, ok := strings.Cut(reply, before); ok {
			end := strings.IndexFunc(rest, func(r rune) bool {
				return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-')
			})
			if end < 0 {
				end = len(rest)
			}
			return rest[:min(end, 40)]
		}
	}
	return ""
}
