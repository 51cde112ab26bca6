package evidence

import (
	"cmp"
	"strings"
)

// The properties are those that Microsoft's pages on the Get- and Set- cmdlets
// of Exchange 2007 to SE name.

func (m *model) exchangeServer(o said) {
	s := &Server{Name: o.name, DN: o.dn, Where: o.where, Roles: rolesOf(o.list("serverrole")), Site: o.ref("site"), Edition: editionOf(o.text("edition"))}
	if s.FQDN = hostName(o.text("fqdn")); s.FQDN == "" {
		s.FQDN = addressed(o.list("networkaddress"))
	}
	s.version(o.text("admindisplayversion"), nil)
	m.told(s)
}

func (m *model) transportServer(o said) {
	s := &Server{Name: o.name, DN: o.dn, Where: o.where, Retry: &RetryTimes{
		TransientCount: o.number("transientfailureretrycount"), Transient: o.span("transientfailureretryinterval"),
		Outbound: o.span("outboundconnectionfailureretryinterval"), Message: o.span("messageretryinterval"),
		DelayNotice: o.span("delaynotificationtimeout"), Expiry: o.span("messageexpirationtimeout"),
		PerDomain: o.number("maxperdomainoutboundconnections"),
	}}
	if *s.Retry == (RetryTimes{}) {
		s.Retry = nil
	} else {
		s.Retry.Where = o.where
	}
	m.told(s)
}

// mailboxServer takes how a mailbox server of Exchange 2007 is clustered.
func (m *model) mailboxServer(o said) {
	m.told(&Server{Name: o.name, DN: o.dn, Where: o.where, Cluster: o.text("clusteredstoragetype")})
}

// told is the server that a cmdlet tells of, with what it tells.
func (m *model) told(from *Server) *Server {
	if at := serverAbove(from.DN); at != "" {
		from.DN, from.Name, from.AdminGroup = at, NameOf(at), ancestorDN(at, 2)
	}
	to := put(m, &m.servers, "server "+from.Name, from.Name, from)
	m.settle(to, from)
	return to
}

// serverAbove is the server that a distinguished name is of, or is on; "" where
// that cannot be told.
func serverAbove(dn string) string {
	for at, depth := dn, 0; at != "" && depth < deepest; at, depth = parentDN(at), depth+1 {
		if strings.EqualFold(NameOf(parentDN(at)), "Servers") {
			return at
		}
	}
	return ""
}

func (m *model) link(o said) {
	c := &Connector{
		Name: o.name, DN: o.dn, Where: o.where, Kind: RoutingGroupLink, RoutingGroup: o.ref("sourceroutinggroup"), Destination: o.ref("targetroutinggroup"),
		Sources: o.refs("sourcetransportservers"), Targets: o.refs("targettransportservers"), Cost: o.number("cost"), LimitBytes: o.bytes("maxmessagesize"),
	}
	if !bare(o.dn) {
		c.RoutingGroup = ancestorDN(o.dn, 2)
	}
	if o.kind == "sendconnector" {
		c.Kind = linkKind("msexchroutingsmtpconnector", cmp.Or(c.RoutingGroup, modernRoutingGroup))
		c.Spaces, c.SmartHosts = o.list("addressspaces"), o.list("smarthosts")
		c.Enabled, c.ByDNS, c.Scoped = o.flag("enabled"), o.flag("dnsroutingenabled"), o.flag("isscopedconnector")
		c.Hybrid, c.FrontEnd, c.FQDN = o.flag("cloudservicesmailenabled"), o.flag("frontendproxyenabled"), hostName(o.text("fqdn"))
	}
	put(m, &m.links, c.Kind+" "+c.Name, linkName(c.Kind, c.Name), c)
}

// linkName is what a connector is found by: a routing group connector may have
// the name of a send connector.
func linkName(kind, name string) string {
	if kind == SMTPLink {
		kind = SendLink // Get-SendConnector lists those of Exchange 2003, too
	}
	return on(kind, name)
}

// on is the name of something on a server.
func on(server, name string) string { return server + "\x00" + name }

func (m *model) receiveConnector(o said) {
	s := m.host(o)
	r := &ReceiveConnector{
		Name: o.name, DN: o.dn, Where: o.where, Enabled: o.flag("enabled"), Bindings: bindingsOf(o.list("bindings")), Ranges: o.list("remoteipranges"),
		Auth: o.list("authmechanism"), Permissions: o.list("permissiongroups"), Role: o.text("transportrole"),
		FQDN: hostName(o.text("fqdn")), Banner: o.text("banner"), LimitBytes: o.bytes("maxmessagesize"),
		Tarpit: o.span("tarpitinterval"), MaxAckDelay: o.span("maxacknowledgementdelay"), RequireTLS: o.flag("requiretls"),
	}
	name := ""
	if s != nil {
		r.Server, name = s.DN, s.Name
	}
	put(m, &m.receive, "receive connector "+o.name+" on "+cmp.Or(name, "an unnamed server"), on(name, o.name), r)
}

// host is the server that an object names or stands on; nil where it says none.
func (m *model) host(o said) *Server {
	at := serverAbove(o.dn)
	if at == "" {
		at = o.ref("server")
	}
	if server, _, ok := strings.Cut(o.text("identity"), `\`); at == "" && ok && bare(server) {
		at = bareDN(server)
	}
	if at == "" {
		return nil
	}
	return m.told(&Server{Name: NameOf(at), DN: at, Where: o.where})
}

func (m *model) limits(o said) {
	from := &TransportLimits{SendBytes: o.bytes("maxsendsize"), ReceiveBytes: o.bytes("maxreceivesize"), Shadow: o.flag("shadowredundancyenabled")}
	if *from == (TransportLimits{}) {
		return
	}
	from.Where = o.where
	if m.org.Limits == nil {
		m.org.Limits = from
		return
	}
	blend(m, "the transport configuration", m.org.Limits, from)
}

// accepted takes an accepted domain (Set-AcceptedDomain: DomainType).
func (m *model) accepted(o said) {
	name := strings.ToLower(strings.TrimSuffix(o.text("domainname"), "."))
	if name == "" || strings.EqualFold(o.text("domaintype"), "ExternalRelay") {
		return
	}
	names := []string{name}
	if sub := o.flag("matchsubdomains"); sub != nil && *sub && !strings.HasPrefix(name, "*") {
		names = append(names, "*."+name)
	}
	for _, n := range names {
		if !m.known["domain\x00"+n] {
			m.known["domain\x00"+n] = true
			m.org.AcceptedDomains = append(m.org.AcceptedDomains, n)
		}
	}
}

func (m *model) storageGroup(o said) {
	s := m.host(o)
	if s == nil {
		return
	}
	x := m.store(o.dn, o.name, s, o.where)
	copies := ""
	if local := o.flag("haslocalcopy"); local != nil && *local {
		copies = "local"
	} else if len(o.list("standbymachines")) > 0 {
		copies = "standby"
	}
	if x.group.Copies == "" && copies != "" {
		x.group.Copies = copies
		tell(&s.Told, s.Where, "storage_groups", o.where)
	}
}

// store is the storage group of that name on a server.
func (m *model) store(dn, name string, s *Server, where Where) *storage {
	x, _ := m.stores.find(dn, on(s.Name, name))
	if x == nil {
		x = &storage{dn: dn, server: s, group: StorageGroup{Name: name}}
		m.stores.add(on(s.Name, name), x)
		tell(&s.Told, s.Where, "storage_groups", where)
	}
	m.stores.learn(x, dn)
	return x
}

// mailDatabase takes a database: of Exchange 2007 in a storage group, later on
// the server that has it active.
func (m *model) mailDatabase(o said) {
	s := m.host(o)
	if s == nil {
		return
	}
	d := &database{dn: o.dn, server: s}
	if group := o.ref("storagegroup"); group != "" {
		name := NameOf(group)
		d.store = m.store(group, name[strings.LastIndexByte(name, '\\')+1:], s, o.where)
	}
	name := databaseName(d, o.name)
	if was, _ := m.databases.find(d.dn, name); was != nil {
		m.databases.learn(was, d.dn)
		return
	}
	m.databases.add(name, d)
	if d.store != nil {
		tell(&s.Told, s.Where, "storage_groups", o.where)
	} else {
		tell(&s.Told, s.Where, "databases", o.where)
	}
}

// databaseName is what a database is found by: before Exchange 2010 servers may
// have databases of the same name.
func databaseName(d *database, name string) string {
	if d.store == nil {
		return on("", name)
	}
	return on(on(d.store.server.Name, d.store.group.Name), name)
}
