package analyzers

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var receiveMismatch = &diag.Cause{
	Code: "CONNECTOR-RECEIVE-MISMATCH", Title: "Another receive connector takes the session than the one that was meant for it", Severity: diag.Delayed,
	Text:   "on {server} the receive connector {subject} takes sessions from {client}, and {lacks}[; {other} would have it][; {heard}][; {because}] ({where})",
	Ruled:  "[on {server} the receive connector ]{subject}[ takes sessions from {client} and] has what they need",
	About:  "Each session is taken by the one receive connector whose range of remote addresses fits the sender's most closely. A connector made for a scanner, an application or a relay, with a range that covers another Exchange server too, so takes that server's sessions away from the default connector. If it lacks Exchange authentication or the sender's permission group, the servers cannot log on to each other: mail is put off (451 5.7.3, 454 4.7.0, 530) and waits for retries.",
	Read:   "RemoteIPRanges, Bindings, AuthMechanism and PermissionGroups of the receive connectors (Get-ReceiveConnector), the address from which this run connects or the sending server's own, and what EHLO offered. Confirmed where this runs on the sending server and EHLO there offers no logon either.",
	Remedy: "Take the sending server's address out of the remote IP ranges of the connector (Set-ReceiveConnector -RemoteIPRanges), so that the default connector fits; or give it Exchange Server authentication and the sender's permission group: ExchangeServers, and ExchangeLegacyServers for 2000/2003.",
	Refs:   []string{"Exchange Server documentation: Receive connectors", "KB 979175"},
}

// receiveConnectors judges which receive connector takes the sender's sessions.
func receiveConnectors() *diag.Analyzer {
	return &diag.Analyzer{Name: "receive-connectors",
		Doc:    "Works out which receive connector of the target takes the sending server's sessions, and whether it has what that hop needs.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Uses:   []diag.AnyKey{evidence.Sessions, evidence.Route, evidence.Vantage, evidence.Identity},
		Causes: []*diag.Cause{receiveMismatch},
		Run: func(e diag.Evidence) []diag.Finding {
			o := org(e)
			var found []diag.Finding
			for _, m := range o.meetings(e) {
				found = append(found, o.received(m)...)
			}
			return sift(found, "sessions")
		}}
}

// A meeting is a client that connects, or would, to a server whose receive
// connectors are known.
type meeting struct {
	server *evidence.Server
	client netip.Addr
	local  netip.Addr // where the session ended; invalid where none was held
	port   uint16
	kind   int    // what the sender is, as sentBy...
	sender string // its name, where it is known
	live   bool   // the session was held from the sending server itself
	offers map[string]string
	from   []string
}

// meetings lists the sessions of this run with such servers, and the connectors
// whose bridgeheads DNS knows. What this run held itself is the surer.
func (o organization) meetings(e diag.Evidence) []meeting {
	all := o.held(e)
	if len(all) > 0 {
		return all
	}
	return o.configured(e)
}

// held lists the sessions that this run held on the sending server. From
// anywhere else another connector may fit than the sender's.
func (o organization) held(e diag.Evidence) []meeting {
	sessions, _ := evidence.Sessions.Lookup(e)
	if !fromSender(e) {
		return nil
	}
	var all []meeting
	for i, s := range sessions {
		server := o.byHost(s.Host)
		client, errA := netip.ParseAddrPort(s.Local)
		local, errB := netip.ParseAddrPort(s.Addr)
		if server == nil || !server.Modern() || errA != nil || errB != nil || !s.Connected() {
			continue
		}
		m := meeting{server: server, client: seenAs(s, client.Addr().Unmap()), local: local.Addr().Unmap(), port: local.Port(), live: true, offers: offered(s), from: []string{ref("smtp.sessions", i)}}
		self, _ := evidence.Identity.Lookup(e)
		m.sentBy(o.byHost(cmp.Or(self.Name, s.Name)))
		all = append(all, m)
	}
	return all
}

// helloFrom is the client's address as Exchange says it in the reply to EHLO:
// "hub01.contoso.com Hello [192.0.2.7]".
var helloFrom = regexp.MustCompile(`(?i) hello \[(?:IPv6:)?([0-9a-f.:]+)\]`)

// seenAs is the address that the server sees: another one where it is translated
// on the way.
func seenAs(s smtpprobe.Session, own netip.Addr) netip.Addr {
	st, _ := s.Step(smtpprobe.EHLO)
	if f := helloFrom.FindStringSubmatch(st.Whole()); f != nil {
		if a, err := netip.ParseAddr(f[1]); err == nil {
			return a.Unmap()
		}
	}
	return own
}

// sentBy says which server of the organization connects; nil for none of those
// that are known.
func (m *meeting) sentBy(s *evidence.Server) {
	switch {
	case s == nil || s == m.server:
	case s.Legacy():
		m.kind, m.sender = sentByLegacy, s.Name
	case s.Modern():
		m.kind, m.sender = sentByModern, s.Name
	}
}

// mostMeetings bounds the pairs of servers that are judged without a session.
const mostMeetings = 1000

// configured lists what the connectors between routing groups bring together:
// their sending bridgeheads, by the addresses that DNS gives for these.
func (o organization) configured(e diag.Evidence) []meeting {
	route, _ := evidence.Route.Lookup(e)
	if len(route) == 0 {
		return nil // then no address is known
	}
	var all []meeting
	seen := map[[2]*evidence.Server]bool{}
	for _, c := range o.Org.Connectors {
		sources := o.serversOf(c.Sources, route)
		for _, target := range o.serversOf(c.Targets, nil) {
			for _, source := range sources {
				if pair := [2]*evidence.Server{source, target}; target.Modern() && !seen[pair] && len(all) < mostMeetings {
					seen[pair] = true
					all = append(all, meet(route, source, target)...)
				}
			}
		}
	}
	return all
}

// serversOf finds servers by their names; with look-ups, only those of which
// one was made.
func (o organization) serversOf(dns []string, route []evidence.Lookup) []*evidence.Server {
	var all []*evidence.Server
	for _, dn := range dns {
		s := o.Server(dn)
		if s == nil || slices.Contains(all, s) {
			continue
		}
		if _, asked := evidence.Best(route, s.FQDN, "A"); route == nil || asked {
			all = append(all, s)
		}
		if len(all) == mostMeetings {
			break
		}
	}
	return all
}

// meet lists the addresses from which one server may connect to another.
func meet(route []evidence.Lookup, sender, server *evidence.Server) []meeting {
	var all []meeting
	for _, typ := range []string{"A", "AAAA"} {
		l, _ := evidence.Best(route, sender.FQDN, typ)
		for _, rr := range l.Records(typ) {
			if a, err := netip.ParseAddr(rr.Data); err == nil {
				m := meeting{server: server, client: a.Unmap(), port: 25}
				m.sentBy(sender)
				all = append(all, m)
			}
		}
	}
	return all
}

// byHost finds a server by a name that a session was held with.
func (o organization) byHost(host string) *evidence.Server {
	for i := range o.Org.Servers {
		s := &o.Org.Servers[i]
		if host != "" && (strings.EqualFold(s.FQDN, host) || strings.EqualFold(s.Name, host)) {
			return s
		}
	}
	return nil
}

// received judges one meeting.
func (o organization) received(m meeting) []diag.Finding {
	if !o.receives(m.server) {
		return nil // its receive connectors were not given
	}
	c, why := o.Winner(m.server.DN, m.client, m.local, m.port)
	if c == nil {
		f := of(receiveMismatch, diag.Unknown, m.server.Name, m.server.Where, diag.Text("server", m.server.Name), diag.Text("client", m.who()), diag.Text("lacks", "which connector that is cannot be told"))
		return []diag.Finding{undecided(f, why, "Get-ReceiveConnector | Export-Clixml receive.xml")}
	}
	f := of(receiveMismatch, diag.Confirmed, c.Name, c.Where, diag.Text("server", m.server.Name), diag.Text("client", m.who()))
	f.From = append(f.From, m.from...)
	lacks, known := m.lacks(c)
	switch {
	case !known:
		return []diag.Finding{undecided(f, "what was given does not tell its authentication, or its permission groups are set by hand (Custom)", "Get-ReceiveConnector | Export-Clixml receive.xml; Get-ReceiveConnector NAME | Get-ADPermission")}
	case lacks == "":
		return m.fitting(f, c)
	}
	f.Args = append(f.Args, diag.Text("lacks", lacks))
	if other := o.better(m, c); other != "" {
		f.Args = append(f.Args, diag.Text("other", other))
	}
	return []diag.Finding{m.sure(f, c)}
}

// fitting is of a connector that has what the hop needs, by the configuration.
// That nothing is amiss takes that EHLO showed the same to the sender itself.
func (m meeting) fitting(f diag.Finding, c *evidence.ReceiveConnector) []diag.Finding {
	logon, _ := c.Authenticates()
	switch {
	case m.kind == sentByNobodyKnown || !m.live || len(m.offers) == 0:
		return nil
	case logon && !offersLogon(m.offers):
		f.Args = append(f.Args, diag.Text("lacks", "has all that the hop needs by what was given"))
		return []diag.Finding{undecided(f, "EHLO there offers no logon, so that another connector took the session, or the settings are newer than what was given", "Get-ReceiveConnector | Export-Clixml receive.xml, once more and of every server")}
	}
	f.Verdict = diag.Excluded
	return []diag.Finding{f}
}

func (o organization) receives(s *evidence.Server) bool {
	for i := range o.Org.Receive {
		if o.Server(o.Org.Receive[i].Server) == s {
			return true
		}
	}
	return false
}

// who is the client in words.
func (m meeting) who() string {
	if m.sender == "" {
		return m.client.String()
	}
	return m.sender + " (" + m.client.String() + ")"
}

// lacks says what a connector has not that the hop needs; "" where it has all.
func (m meeting) lacks(c *evidence.ReceiveConnector) (what string, known bool) {
	logon, knownAuth := c.Authenticates()
	servers, knownServers := c.Admits("ExchangeServers")
	legacy, knownLegacy := c.Admits("ExchangeLegacyServers")
	anyone, knownAnyone := c.Admits("AnonymousUsers")
	switch {
	case !knownAuth || !knownServers || !knownLegacy || !knownAnyone:
		return "", false
	case m.kind == sentByNobodyKnown && anyone:
		return "", true
	case !logon:
		return "offers no Exchange authentication", true
	case m.kind == sentByLegacy && !legacy:
		return "does not admit servers of Exchange 2000/2003 (ExchangeLegacyServers)", true
	case m.kind == sentByModern && !servers, !servers && !legacy:
		return "does not admit Exchange servers", true
	}
	return "", true
}

// better finds a connector of the same server that has what the hop needs.
func (o organization) better(m meeting, than *evidence.ReceiveConnector) string {
	for i := range o.Org.Receive {
		c := &o.Org.Receive[i]
		if c == than || o.Server(c.Server) != m.server || c.Enabled != nil && !*c.Enabled || !c.Listens(m.local, m.port) {
			continue
		}
		if lacks, known := m.lacks(c); known && lacks == "" {
			return c.Name
		}
	}
	return ""
}

// sure holds the configuration against what EHLO showed to the sending server.
// EHLO shows who may log on, and not whom that admits.
func (m meeting) sure(f diag.Finding, c *evidence.ReceiveConnector) diag.Finding {
	logon, _ := c.Authenticates()
	heard := offersLogon(m.offers)
	switch {
	case m.kind == sentByNobodyKnown:
		return lessSure(f, "whether the sender is an Exchange server of this organization is not known", "")
	case !m.live:
		return lessSure(f, "no session was held from there: run this on the sending server, with --input vantage=sender and "+m.server.Name+" as next hop", "")
	case len(m.offers) == 0:
		return lessSure(f, "the session did not get as far as EHLO", "")
	case heard != logon:
		return lessSure(f, "EHLO there shows another connector, or settings newer than what was given", "")
	case logon:
		return lessSure(f, "EHLO shows who may log on, and not whom that admits: look for 5.7.1 or 4.7.0 in the sending server's log", "")
	}
	f.Args = append(f.Args, diag.Text("heard", "EHLO offers no logon there"))
	return f
}
