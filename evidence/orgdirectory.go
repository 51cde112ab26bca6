package evidence

import "strings"

// The classes that the model is made of, in the form that Class gives.
const (
	ClassOrg          = "msexchorganizationcontainer"
	ClassAdminGroup   = "msexchadmingroup"
	ClassRoutingGroup = "msexchroutinggroup"
	ClassConnectors   = "msexchconnectors"
	ClassServer       = "msexchexchangeserver"
	ClassVirtual      = "protocolcfgsmtpserver"
	ClassMTA          = "mta"
	ClassStorageGroup = "msexchstoragegroup"
	ClassReceive      = "msexchsmtpreceiveconnector"
	ClassSite         = "site"
	ClassSiteLink     = "sitelink"
	classPrivateMDB   = "msexchprivatemdb"
	classPublicMDB    = "msexchpublicmdb"
)

// modernRoutingGroup is where every server of Exchange 2007 and later stands,
// and its send connectors with them (knowledge/exchange.md, RC-11; exports of
// Get-SendConnector show names and class of such objects).
const modernRoutingGroup = "Exchange Routing Group (DWBGZMFD01QNBJR)"

// linkKind says what kind of connector an object of a class is, in the routing
// group that it stands in.
func linkKind(class, group string) string {
	switch class {
	case "msexchroutinggroupconnector":
		return RoutingGroupLink
	case "msexchroutingsmtpconnector":
		if strings.EqualFold(NameOf(group), modernRoutingGroup) {
			return SendLink
		}
		return SMTPLink
	case "x400link":
		return X400Link
	case "siteconnector":
		return SiteLink
	case "mailgateway":
		return GatewayLink
	}
	return ""
}

// Classes are those that mail flow in Exchange is configured by, the most
// special first: a connector is also a mailGateway. Whatever else an export
// holds is none of our business. An msExchExchangeServer is also of the class
// server; an object that is only that stands in a site of Active Directory, and
// is a domain controller.
func Classes() []string {
	return []string{ClassOrg, ClassAdminGroup, ClassRoutingGroup, ClassConnectors, ClassServer, ClassVirtual, ClassMTA, ClassStorageGroup, classPrivateMDB, classPublicMDB,
		"msexchroutinggroupconnector", "msexchroutingsmtpconnector", "x400link", "siteconnector", "mailgateway", ClassReceive, ClassSite, ClassSiteLink,
		"msexchadmingroupcontainer", "msexchroutinggroupcontainer", "msexchserverscontainer", "msexchinformationstore", "msexchprotocolcfgsmtpcontainer"}
}

// Class says which of the Classes an object is of, by its objectClass values or,
// where an export lacks them, by its objectCategory (the name of the class in
// the schema, with hyphens); "" for any other.
func Class(objectClasses []string, category string) string {
	of := map[string]bool{strings.ToLower(strings.ReplaceAll(NameOf(category), "-", "")): true}
	for _, c := range objectClasses {
		of[strings.ToLower(strings.TrimSpace(c))] = true
	}
	for _, c := range Classes() {
		if of[c] {
			return c
		}
	}
	return ""
}

// Attributes are those that the model reads, in lower case.
func Attributes() []string {
	return strings.Fields(strings.ToLower(`objectClass objectCategory instanceType whenChanged cn displayName
		msExchMixedMode msExchRoutingMasterDN msExchRoutingGroupMembersBL msExchHomeRoutingGroup
		serialNumber versionNumber networkAddress msExchCurrentServerRoles msExchServerSite msExchOwningServer
		activationStyle activationSchedule msExchRoutingOversizedStyle msExchRoutingOversizedSchedule delivContLength messageSizeLimit
		msExchRoutingDisallowPriority msExchSourceBridgeheadServersDN msExchTargetBridgeheadServersDN msExchDestinationRGDN
		routingList connectedDomains cost homeMTA authOrig unauthOrig dLMemSubmitPerms dLMemRejectPerms dLMemDefault
		msExchSmtpSmartHost msExchSmtpSmartHostType msExchSmtpExternalDNSServers msExchSmtpRemoteQueueRetries
		msExchSmtpFullyQualifiedDomainName msExchServerBindings msExchServerAutoStart
		msExchSmtpReceiveBindings msExchSmtpReceiveRemoteIPRanges siteList msExchCost`))
}

// take puts an object of the directory into the model.
func (m *model) take(o object) {
	switch o.class {
	case ClassOrg:
		if m.org.DN != "" {
			m.problem("two organizations: " + m.org.Name + " and " + NameOf(o.dn))
			return
		}
		m.org.Name, m.org.DN, m.org.Mixed = NameOf(o.dn), o.dn, o.flag("msExchMixedMode")
	case ClassAdminGroup:
		m.org.AdminGroups = append(m.org.AdminGroups, AdminGroup{Name: NameOf(o.dn), DN: o.dn, Where: o.where})
	case ClassRoutingGroup:
		g := &RoutingGroup{Name: NameOf(o.dn), DN: o.dn, Where: o.where, Master: o.text("msExchRoutingMasterDN"), Members: o.list("msExchRoutingGroupMembersBL"), Whole: o.whole()}
		m.groups[o.key] = g
		m.rgs = append(m.rgs, g)
	case ClassConnectors:
		if g := m.groups[keyDN(parentDN(o.dn))]; g != nil {
			g.Connectors = true
		}
	case ClassServer:
		m.server(o)
	case ClassVirtual:
		s := m.serverAt(ancestorDN(o.dn, 3), o.where)
		s.Virtual = append(s.Virtual, virtual(o))
	case ClassStorageGroup:
		s := m.serverAt(ancestorDN(o.dn, 2), o.where)
		m.stores.add(on(s.Name, NameOf(o.dn)), &storage{dn: o.dn, server: s, group: StorageGroup{Name: NameOf(o.dn)}})
	case classPrivateMDB, classPublicMDB:
		m.database(o)
	case ClassReceive:
		m.receiver(o)
	case ClassSite:
		m.sites.add(NameOf(o.dn), &Site{Name: NameOf(o.dn), DN: o.dn, Where: o.where})
	case ClassSiteLink:
		m.siteLink(o)
	default:
		m.connector(o)
	}
}

// serverAt is the server of that name, even where only its parts were exported.
func (m *model) serverAt(dn string, where Where) *Server {
	if s, _ := m.servers.find(dn, NameOf(dn)); s != nil {
		m.servers.learn(s, dn)
		return s
	}
	s := &Server{Name: NameOf(dn), DN: dn, Where: where, AdminGroup: ancestorDN(dn, 2)}
	m.servers.add(s.Name, s)
	return s
}

func (m *model) server(o object) {
	s := m.serverAt(o.dn, o.where)
	s.RoutingGroup, s.Roles, s.Site = o.text("msExchHomeRoutingGroup"), o.number("msExchCurrentServerRoles"), o.text("msExchServerSite")
	s.FQDN = addressed(o.list("networkAddress"))
	s.version(o.text("serialNumber"), o.number("versionNumber"))
}

// addressed is what a computer calls itself among the addresses of a server.
func addressed(addresses []string) string {
	fqdn := ""
	for _, a := range addresses {
		if kind, name, _ := strings.Cut(a, ":"); strings.EqualFold(kind, "ncacn_ip_tcp") {
			fqdn = hostName(name)
		}
	}
	return fqdn
}

func hostName(s string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
}

func virtual(o object) VirtualServer {
	return VirtualServer{
		Name: NameOf(o.dn), Title: o.text("displayName"), DN: o.dn, Where: o.where,
		FQDN:      hostName(o.text("msExchSmtpFullyQualifiedDomainName")),
		SmartHost: o.text("msExchSmtpSmartHost"), SmartHostType: o.number("msExchSmtpSmartHostType"),
		ExternalDNS: o.text("msExchSmtpExternalDNSServers"), Retries: o.text("msExchSmtpRemoteQueueRetries"),
		Bindings: o.list("msExchServerBindings"), AutoStart: o.flag("msExchServerAutoStart"),
	}
}

func (m *model) connector(o object) {
	group := ancestorDN(o.dn, 2)
	kind := linkKind(o.class, group)
	if kind == "" {
		return // a container
	}
	c := &Connector{
		Name: NameOf(o.dn), DN: o.dn, Where: o.where, Kind: kind, RoutingGroup: group, Destination: o.text("msExchDestinationRGDN"),
		Sources: o.list("msExchSourceBridgeheadServersDN"), Targets: o.list("msExchTargetBridgeheadServersDN"),
		Delivery: o.timetable("activationStyle", "activationSchedule"),
		Oversize: o.timetable("msExchRoutingOversizedStyle", "msExchRoutingOversizedSchedule"),
		Cost:     o.number("cost"), Spaces: o.list("routingList"), Joins: o.list("connectedDomains"), SmartHost: o.text("msExchSmtpSmartHost"),
		ContentKB: o.number("delivContLength"), LimitKB: o.number("messageSizeLimit"), Priorities: o.number("msExchRoutingDisallowPriority"),
		Allowed: len(o.list("authOrig")) + len(o.list("dLMemSubmitPerms")), Refused: len(o.list("unauthOrig")) + len(o.list("dLMemRejectPerms")),
		Whole: o.whole(),
	}
	if kind == SendLink {
		c.SmartHosts, c.SmartHost = hostsOf(c.SmartHost), ""
	}
	if g := m.groups[keyDN(group)]; g != nil {
		g.Connectors = true
	}
	m.links.add(linkName(kind, c.Name), c)
}

// receiver takes a receive connector. Of its attributes only the names and the
// plain ones are known (knowledge/exchange.md, 2.3.7): how authentication,
// permissions and limits are kept is documented nowhere, the cmdlets tell those.
func (m *model) receiver(o object) {
	s := m.serverAt(ancestorDN(o.dn, 3), o.where)
	m.receive.add(on(s.Name, NameOf(o.dn)), &ReceiveConnector{Name: NameOf(o.dn), DN: o.dn, Where: o.where, Server: s.DN,
		Bindings: bindingsOf(o.all("msExchSmtpReceiveBindings")), Ranges: o.all("msExchSmtpReceiveRemoteIPRanges")})
}

// siteLink takes a link between sites. Exchange routes over those for IP
// (Exchange 2007 help: Set-AdSiteLink). That msExchCost is the cost for mail is
// inferred: Microsoft's list of deployment permissions has it as an attribute of
// site links, and Set-AdSiteLink sets one cost only. Whether a site is a hub
// stands in msExchTransportSiteFlags, whose bits are documented nowhere.
func (m *model) siteLink(o object) {
	if !strings.EqualFold(NameOf(parentDN(o.dn)), "IP") {
		return
	}
	m.siteLinks.add(NameOf(o.dn), &ADSiteLink{Name: NameOf(o.dn), DN: o.dn, Where: o.where,
		Sites: o.list("siteList"), Cost: o.number("cost"), ExchangeCost: o.number("msExchCost")})
}

// database takes a database: one in a storage group is counted there; from
// Exchange 2010 on it stands apart and names its server.
func (m *model) database(o object) {
	d := &database{dn: o.dn}
	d.store, _ = m.stores.find(parentDN(o.dn), "")
	if owner := o.text("msExchOwningServer"); d.store == nil && owner != "" && strings.EqualFold(NameOf(parentDN(o.dn)), "Databases") {
		d.server = m.servers.byDN[keyDN(owner)]
	}
	m.databases.add(databaseName(d, NameOf(o.dn)), d)
}
