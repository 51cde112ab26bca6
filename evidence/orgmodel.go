package evidence

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

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
	classPrivateMDB   = "msexchprivatemdb"
	classPublicMDB    = "msexchpublicmdb"
)

// linkKinds says what kind of connector an object of a class is.
func linkKind(class string) string {
	switch class {
	case "msexchroutinggroupconnector":
		return RoutingGroupLink
	case "msexchroutingsmtpconnector":
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
// holds is none of our business.
func Classes() []string {
	return []string{ClassOrg, ClassAdminGroup, ClassRoutingGroup, ClassConnectors, ClassServer, ClassVirtual, ClassMTA, ClassStorageGroup, classPrivateMDB, classPublicMDB,
		"msexchroutinggroupconnector", "msexchroutingsmtpconnector", "x400link", "siteconnector", "mailgateway",
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
		serialNumber versionNumber networkAddress msExchCurrentServerRoles
		activationStyle activationSchedule msExchRoutingOversizedStyle msExchRoutingOversizedSchedule delivContLength messageSizeLimit
		msExchRoutingDisallowPriority msExchSourceBridgeheadServersDN msExchTargetBridgeheadServersDN msExchDestinationRGDN
		routingList connectedDomains cost homeMTA authOrig unauthOrig dLMemSubmitPerms dLMemRejectPerms dLMemDefault
		msExchSmtpSmartHost msExchSmtpSmartHostType msExchSmtpExternalDNSServers msExchSmtpRemoteQueueRetries
		msExchSmtpFullyQualifiedDomainName msExchServerBindings msExchServerAutoStart`))
}

// An object is an entry with its attributes by name.
type object struct {
	dn, key, class string
	where          Where
	attrs          map[string]Attribute
}

func newObject(d Directory, i int) object {
	e := d.Entries[i]
	o := object{dn: e.DN, key: keyDN(e.DN), where: Where{Line: e.Line, Entry: i}, attrs: map[string]Attribute{}}
	if e.Export >= 0 && e.Export < len(d.Exports) {
		o.where.File = d.Exports[e.Export].Path
	}
	for _, a := range e.Attrs {
		name := strings.ToLower(a.Name)
		was := o.attrs[name]
		o.attrs[name] = Attribute{Name: a.Name, Values: append(was.Values, a.Values...), Bytes: append(was.Bytes, a.Bytes...)}
	}
	o.class = Class(o.attrs["objectclass"].Values, o.text("objectCategory"))
	return o
}

func (o object) list(name string) []string {
	return slices.DeleteFunc(slices.Clone(o.attrs[strings.ToLower(name)].Values), func(s string) bool { return strings.TrimSpace(s) == "" })
}

func (o object) text(name string) string {
	if all := o.list(name); len(all) > 0 {
		return strings.TrimSpace(all[0])
	}
	return ""
}

func (o object) number(name string) *int {
	n, err := strconv.ParseInt(o.text(name), 10, 64)
	if err != nil {
		return nil
	}
	v := int(n)
	return &v
}

func (o object) flag(name string) *bool {
	switch strings.ToUpper(o.text(name)) {
	case "TRUE":
		return new(true)
	case "FALSE":
		return new(false)
	}
	return nil
}

// whole says whether the object was exported with all its attributes: every
// object has an instanceType, and who chose attributes did not choose that.
func (o object) whole() bool { return o.text("instanceType") != "" }

func (o object) timetable(style, schedule string) Timetable {
	t := Timetable{Style: o.number(style)}
	a, ok := o.attrs[strings.ToLower(schedule)]
	if !ok || len(a.Bytes)+len(a.Values) == 0 {
		return t
	}
	var raw []byte
	if raw = []byte(strings.Join(a.Values, "")); len(a.Bytes) > 0 {
		raw = a.Bytes[0]
	}
	s, err := ParseSchedule(raw)
	if err != nil {
		t.Fault = err.Error()
		return t
	}
	t.Schedule = &s
	return t
}

// NewOrg makes the model of what the exports hold. It refuses nothing: what an
// object lacks stays empty, and what it names and is not there stays a name.
func NewOrg(d Directory) Org {
	m := &model{servers: map[string]*Server{}, groups: map[string]*RoutingGroup{}, stores: map[string]*StorageGroup{}, known: map[string]bool{}}
	m.doubts(d)
	var all []object
	for i := range d.Entries {
		o := newObject(d, i)
		switch {
		case o.class == "":
			continue
		case m.known[o.key]:
			m.problem(fmt.Sprintf("%s stands twice; the first counts and not that of %s", NameOf(o.dn), o.where))
			continue
		}
		m.known[o.key] = true
		m.org.Seen = append(m.org.Seen, Seen{o.dn, o.class})
		all = append(all, o)
	}
	slices.SortStableFunc(all, func(a, b object) int { return cmp.Compare(turn(a.class), turn(b.class)) })
	for _, o := range all {
		m.take(o)
	}
	return m.finish()
}

// turn puts what others stand in before them.
func turn(class string) int { return slices.Index(Classes(), class) }

// mostProblems bounds what the model says of an export that is all damage.
const mostProblems = 20

// A model is an organization in the making.
type model struct {
	org     Org
	known   map[string]bool
	servers map[string]*Server
	groups  map[string]*RoutingGroup
	stores  map[string]*StorageGroup
	order   []*Server
	rgs     []*RoutingGroup
	sgs     []storage
}

// A storage is a storage group and the server that it is on.
type storage struct {
	server *Server
	group  *StorageGroup
}

func (m *model) problem(text string) {
	if len(m.org.Problems) < mostProblems {
		m.org.Problems = append(m.org.Problems, text)
	}
}

// doubts says what the readers could not read.
func (m *model) doubts(d Directory) {
	for _, x := range d.Exports {
		if n := len(x.Problems) + x.More; n > 0 && len(x.Problems) > 0 {
			m.problem(fmt.Sprintf("%s could not be read in %d places, the first is line %d: %s", x.Path, n, x.Problems[0].Line, x.Problems[0].Text))
		}
	}
}

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
		g := &StorageGroup{Name: NameOf(o.dn)}
		m.stores[o.key] = g
		m.sgs = append(m.sgs, storage{m.serverAt(ancestorDN(o.dn, 2), o.where), g})
	case classPrivateMDB, classPublicMDB:
		if g := m.stores[keyDN(parentDN(o.dn))]; g != nil {
			g.Databases++
		}
	default:
		m.connector(o)
	}
}

// serverAt is the server of that name, even where only its parts were exported.
func (m *model) serverAt(dn string, where Where) *Server {
	key := keyDN(dn)
	if m.servers[key] == nil {
		m.servers[key] = &Server{Name: NameOf(dn), DN: dn, Where: where, AdminGroup: ancestorDN(dn, 2)}
		m.order = append(m.order, m.servers[key])
	}
	return m.servers[key]
}

func (m *model) server(o object) {
	s := m.serverAt(o.dn, o.where)
	s.RoutingGroup, s.Roles = o.text("msExchHomeRoutingGroup"), o.number("msExchCurrentServerRoles")
	for _, a := range o.list("networkAddress") {
		if kind, name, _ := strings.Cut(a, ":"); strings.EqualFold(kind, "ncacn_ip_tcp") {
			s.FQDN = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
		}
	}
	s.version(o)
}

var serial = regexp.MustCompile(`(?i)^Version (\d{1,3})\.(\d{1,3}) \(Build (\d{1,6})`)

// version reads what the server runs: from the text that every version writes,
// else from a number whose layout in the directory nobody has documented.
func (s *Server) version(o object) {
	s.Serial = o.text("serialNumber")
	if f := serial.FindStringSubmatch(s.Serial); f != nil {
		s.Major, _ = strconv.Atoi(f[1])
		s.Minor, _ = strconv.Atoi(f[2])
		s.Build, _ = strconv.Atoi(f[3])
		s.Build %= 30000 // service packs of 2007 and later may add 30000
	} else if n := o.number("versionNumber"); n != nil {
		s.Guessed = true
		switch v := *n; {
		case v>>28 == 7:
			s.Major, s.Minor, s.Build = v>>22&63, v>>16&63, v&0x7fff
		case v >= 6944 && v < 8000:
			s.Major, s.Minor, s.Build = 6, 5, v
		case v >= 4417 && v < 6944:
			s.Major, s.Minor, s.Build = 6, 0, v
		}
	}
	s.Generation = product(s.Major, s.Minor, s.Build)
}

func product(major, minor, build int) string {
	switch {
	case major == 4 || major == 5:
		return "exchange-5.5"
	case major == 6 && minor < 5:
		return "exchange-2000"
	case major == 6:
		return "exchange-2003"
	case major == 8:
		return "exchange-2007"
	case major == 14:
		return "exchange-2010"
	case major == 15 && minor == 0:
		return "exchange-2013"
	case major == 15 && minor == 1:
		return "exchange-2016"
	case major == 15 && build < 2562:
		return "exchange-2019"
	case major == 15:
		return "exchange-se"
	}
	return ""
}

func virtual(o object) VirtualServer {
	return VirtualServer{
		Name: NameOf(o.dn), Title: o.text("displayName"), DN: o.dn, Where: o.where,
		FQDN:      strings.ToLower(strings.TrimSuffix(o.text("msExchSmtpFullyQualifiedDomainName"), ".")),
		SmartHost: o.text("msExchSmtpSmartHost"), SmartHostType: o.number("msExchSmtpSmartHostType"),
		ExternalDNS: o.text("msExchSmtpExternalDNSServers"), Retries: o.text("msExchSmtpRemoteQueueRetries"),
		Bindings: o.list("msExchServerBindings"), AutoStart: o.flag("msExchServerAutoStart"),
	}
}

func (m *model) connector(o object) {
	kind := linkKind(o.class)
	if kind == "" {
		return // a container
	}
	c := Connector{
		Name: NameOf(o.dn), DN: o.dn, Where: o.where, Kind: kind, RoutingGroup: ancestorDN(o.dn, 2), Destination: o.text("msExchDestinationRGDN"),
		Sources: o.list("msExchSourceBridgeheadServersDN"), Targets: o.list("msExchTargetBridgeheadServersDN"),
		Delivery: o.timetable("activationStyle", "activationSchedule"),
		Oversize: o.timetable("msExchRoutingOversizedStyle", "msExchRoutingOversizedSchedule"),
		Cost:     o.number("cost"), Spaces: o.list("routingList"), Joins: o.list("connectedDomains"), SmartHost: o.text("msExchSmtpSmartHost"),
		ContentKB: o.number("delivContLength"), LimitKB: o.number("messageSizeLimit"), Priorities: o.number("msExchRoutingDisallowPriority"),
		Allowed: len(o.list("authOrig")) + len(o.list("dLMemSubmitPerms")), Refused: len(o.list("unauthOrig")) + len(o.list("dLMemRejectPerms")),
		Whole: o.whole(),
	}
	if g := m.groups[keyDN(c.RoutingGroup)]; g != nil {
		g.Connectors = true
	}
	m.org.Connectors = append(m.org.Connectors, c)
}

// finish brings servers and their groups together, whichever of the two says so.
func (m *model) finish() Org {
	listed := map[string]bool{}
	for _, g := range m.rgs {
		for _, member := range g.Members {
			listed[keyDN(g.DN)+"\x00"+keyDN(member)] = true
			if s := m.servers[keyDN(member)]; s != nil && s.RoutingGroup == "" {
				s.RoutingGroup = g.DN
			}
		}
	}
	for _, x := range m.sgs {
		x.server.StorageGroups = append(x.server.StorageGroups, *x.group)
	}
	for _, s := range m.order {
		if g := m.groups[keyDN(s.RoutingGroup)]; g != nil && !listed[keyDN(g.DN)+"\x00"+keyDN(s.DN)] {
			g.Members = append(g.Members, s.DN)
		}
		m.org.Servers = append(m.org.Servers, *s)
	}
	for _, g := range m.rgs {
		m.org.RoutingGroups = append(m.org.RoutingGroups, *g)
	}
	return m.org
}
