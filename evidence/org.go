package evidence

import (
	"fmt"

	"mailflow/diag"
)

// What the directory says of the Exchange organization.
var (
	OrgEntries = diag.NewKey[Directory]("org.entries", `the Exchange configuration. Of 2000 to 2010 (routing groups), on a domain controller or an Exchange server run: `+
		`ldifde -f org.ldf -d "CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com" -p subtree (with the forest's root domain in place of DC=contoso,DC=com). `+
		`Of 2007 and later, in the Exchange Management Shell: Get-SendConnector | Export-Clixml send.xml, and so on with Get-ReceiveConnector, Get-ExchangeServer, Get-TransportServer (Get-TransportService from 2013 on), Get-RoutingGroupConnector, Get-AdSite, Get-AdSiteLink. `+
		`Name the files as evidence. Or let it be read live: --input directory=dc01.contoso.com`)
	Organization = diag.NewKey[Org]("org", "the Exchange organization as the directory describes it: servers, routing groups, connectors")
)

// A Directory is what exports of the directory said, as far as it is about
// mail flow in Exchange.
type Directory struct {
	Exports []Export `json:"exports"`
	Entries []Entry  `json:"entries"`
}

// What cmdlets, the registry and earlier reports say of it.
var (
	OrgCmdlets = diag.NewKey[Cmdlets]("org.cmdlets", `for Exchange 2007 and later, what its cmdlets say. In the Exchange Management Shell run, for each of ExchangeServer, SendConnector, ReceiveConnector, TransportServer (TransportService from 2013 on), TransportConfig, RoutingGroupConnector (2007 and 2010), AdSite, AdSiteLink, MailboxDatabase, StorageGroup (2007): `+
		`Get-SendConnector | Export-Clixml sendconnector.xml, and name the files as evidence`)
	OrgRegistry = diag.NewKey[Registry]("org.registry", `registry exports of the Exchange 2000/2003 servers: on each run reg query HKLM\System\CurrentControlSet\Services\RESvc\Parameters > %COMPUTERNAME%.txt, and name the files as evidence`)
	BPAReports  = diag.NewKey[[]BPAReport]("org.bpa", "data files of the Exchange Best Practices Analyzer or the Exchange Troubleshooting Assistant (*.data.xml)")
)

// Cmdlets is what exports of cmdlets said, as far as it is about mail flow.
type Cmdlets struct {
	Exports []Export       `json:"exports"`
	Objects []CmdletObject `json:"objects"`
}

// A CmdletObject is one object that a cmdlet gave out.
type CmdletObject struct {
	Type   string      `json:"type"` // what it is: "sendconnector"; one of CmdletTypes
	Export int         `json:"export"`
	Line   int         `json:"line"`
	Props  []Attribute `json:"properties"`
	Cut    []string    `json:"cut,omitempty"` // properties whose lists the export cut short
}

// Registry is what registry exports said about transport.
type Registry struct {
	Exports []Export        `json:"exports"`
	Values  []RegistryValue `json:"values"`
}

// A RegistryValue is a value, or a key that an export reaches to.
type RegistryValue struct {
	Machine string `json:"machine,omitempty"` // whose it is, where the export says so
	Key     string `json:"key"`
	Name    string `json:"name,omitempty"`
	Kind    string `json:"kind"` // "dword", "string", ...; "key" for a key all of whose values follow, "listed" for one of which some may be missing
	Text    string `json:"text,omitempty"`
	Number  uint64 `json:"number,omitempty"`
	Export  int    `json:"export"`
	Line    int    `json:"line"`
}

// A BPAReport is what an earlier analysis by Microsoft's tools found.
type BPAReport struct {
	Path   string     `json:"path"`
	Tool   string     `json:"tool,omitempty"` // its configuration's name and version
	Label  string     `json:"label,omitempty"`
	Began  string     `json:"began,omitempty"`        // as written: it has no zone
	Done   string     `json:"done,omitempty"`         // "OK", "Aborted", "Failed"; "" when it was cut off
	Issues []BPAIssue `json:"issues,omitempty"`       // about mail flow
	Others int        `json:"others,omitempty"`       // issues for another case
	Titles []string   `json:"other_titles,omitempty"` // of the first of these
	Damage []Problem  `json:"problems,omitempty"`
}

// A BPAIssue is one issue of such a report.
type BPAIssue struct {
	Class string `json:"class"` // "Error", "Warning", "BestPractice", "NonDefault", ...
	Name  string `json:"name,omitempty"`
	Title string `json:"title,omitempty"`
	Text  string `json:"text,omitempty"`
	About string `json:"about,omitempty"` // the server or object
	Line  int    `json:"line"`
}

// An Export is one file, or one answer of a live directory, and how reading it
// went.
type Export struct {
	Path     string    `json:"path"`
	Format   string    `json:"format"` // "LDIF", "CSVDE", "LDAP", "CLIXML", "CSV", "list", "registry"
	Objects  int       `json:"objects"`
	Kept     int       `json:"kept"`
	Problems []Problem `json:"problems,omitempty"`
	More     int       `json:"more_problems,omitempty"`
}

// A Problem is a place that could not be read, or is doubtful.
type Problem struct {
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

// An Entry is one object, with those of its attributes that bear on mail flow.
type Entry struct {
	DN     string      `json:"dn"`
	Export int         `json:"export"` // which of the exports
	Line   int         `json:"line"`
	Attrs  []Attribute `json:"attributes"`
}

// An Attribute is one attribute with its values: text, or bytes for those that
// are none.
type Attribute struct {
	Name   string   `json:"name"`
	Values []string `json:"values,omitempty"`
	Bytes  [][]byte `json:"bytes,omitempty"`
	Cut    bool     `json:"cut,omitempty"` // there were more, which were left out
}

// A Where is the place that something was read from.
type Where struct {
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"` // 0 for what a live directory said
	Kind  string `json:"kind,omitempty"` // of the evidence: "" for org.entries, "org.cmdlets"
	Entry int    `json:"entry"`          // which of the entries, or of the objects
}

// String is the place in words.
func (w Where) String() string {
	if w.Line == 0 {
		return w.File
	}
	return fmt.Sprintf("%s line %d", w.File, w.Line)
}

// An Org is the Exchange organization. What the directory refers to and does not
// hold stays in it as the name that it was; see Index.Find.
type Org struct {
	Name          string             `json:"name"`
	DN            string             `json:"dn"`
	Mixed         *bool              `json:"mixed_mode,omitempty"`
	AdminGroups   []AdminGroup       `json:"admin_groups,omitempty"`
	RoutingGroups []RoutingGroup     `json:"routing_groups,omitempty"`
	Servers       []Server           `json:"servers,omitempty"`
	Connectors    []Connector        `json:"connectors,omitempty"`
	Sites         []Site             `json:"sites,omitempty"`
	SiteLinks     []ADSiteLink       `json:"site_links,omitempty"`
	Receive       []ReceiveConnector `json:"receive_connectors,omitempty"`
	Limits        *TransportLimits   `json:"transport_limits,omitempty"`
	// AcceptedDomains are those whose addresses are in the organization, in lower
	// case: "contoso.com", "*.contoso.com" with all below it. Those that it only
	// relays to the outside (ExternalRelay) are none.
	AcceptedDomains []string `json:"accepted_domains,omitempty"`
	Asked           []string `json:"asked,omitempty"`    // cmdlet types of which the exports have an object (CmdletTypes)
	Seen            []Seen   `json:"seen,omitempty"`     // every object, for what may be missing
	Problems        []string `json:"problems,omitempty"` // what makes the picture incomplete: damage
	// Differs are sentences on where the sources do not fit together, and what
	// counts: nothing is missing, but it may be wrong there.
	Differs []string `json:"differs,omitempty"`
}

// A Seen is an object that the export holds.
type Seen struct {
	DN    string `json:"dn"`
	Class string `json:"class"`
}

// An AdminGroup says who may manage what stands in it. Mail does not flow by it.
type AdminGroup struct {
	Name  string `json:"name"`
	DN    string `json:"dn"`
	Where Where  `json:"where"`
}

// A RoutingGroup is a set of servers that hand mail to each other directly.
type RoutingGroup struct {
	Name       string   `json:"name"`
	DN         string   `json:"dn"`
	Where      Where    `json:"where"`
	Master     string   `json:"master,omitempty"`  // DN
	Members    []string `json:"members,omitempty"` // DNs, by the group's or the servers' own word
	Connectors bool     `json:"connectors"`        // the export shows what connectors the group has
	Whole      bool     `json:"whole"`             // exported with all its attributes
}

// A Server is one Exchange server.
type Server struct {
	Name          string          `json:"name"`
	DN            string          `json:"dn"`
	Where         Where           `json:"where"`
	AdminGroup    string          `json:"admin_group,omitempty"`   // DN
	RoutingGroup  string          `json:"routing_group,omitempty"` // DN
	Serial        string          `json:"serial,omitempty"`        // "Version 6.5 (Build 7638.2: Service Pack 2)"
	Major         int             `json:"major,omitempty"`
	Minor         int             `json:"minor,omitempty"`
	Build         int             `json:"build,omitempty"`
	Generation    string          `json:"generation,omitempty"` // "exchange-2003"; "" when unknown
	Guessed       bool            `json:"guessed,omitempty"`    // the generation is read from an encoding known from memory only
	Roles         *int            `json:"roles,omitempty"`
	FQDN          string          `json:"fqdn,omitempty"` // what the computer calls itself (networkAddress)
	Virtual       []VirtualServer `json:"virtual_servers,omitempty"`
	StorageGroups []StorageGroup  `json:"storage_groups,omitempty"`
	Databases     int             `json:"databases,omitempty"` // without those in storage groups; from 2010 on those that it has active
	Site          string          `json:"site,omitempty"`      // DN or name of the site of Active Directory
	Edition       string          `json:"edition,omitempty"`   // "Standard", "Enterprise", ...; "" when unknown
	Cluster       string          `json:"cluster,omitempty"`   // ClusteredStorageType: "NonShared" (continuous replication), "Shared" (single copy), "Disabled"; "" when unknown
	Retry         *RetryTimes     `json:"retry,omitempty"`
	Told          Told            `json:"told,omitempty"` // where a value came from, by its name here, if not from Where
}

// A StorageGroup is a group of mailbox and public folder databases.
type StorageGroup struct {
	Name      string `json:"name"`
	Databases int    `json:"databases"`
	Copies    string `json:"copies,omitempty"` // "local", "standby": continuous replication, where known
}

// A VirtualServer is one SMTP virtual server of Exchange 2000 or 2003.
type VirtualServer struct {
	Name          string   `json:"name"` // "1"
	Title         string   `json:"title,omitempty"`
	DN            string   `json:"dn"`
	Where         Where    `json:"where"`
	FQDN          string   `json:"fqdn,omitempty"`
	SmartHost     string   `json:"smart_host,omitempty"`
	SmartHostType *int     `json:"smart_host_type,omitempty"`
	ExternalDNS   string   `json:"external_dns,omitempty"`
	Retries       string   `json:"retries,omitempty"` // minutes, with commas
	Bindings      []string `json:"bindings,omitempty"`
	AutoStart     *bool    `json:"auto_start,omitempty"`
}

// The kinds of connectors.
const (
	RoutingGroupLink = "routing group connector"
	SMTPLink         = "SMTP connector"
	X400Link         = "X.400 connector"
	SiteLink         = "site connector"
	GatewayLink      = "connector"
)

// A Connector leads mail out of a routing group.
type Connector struct {
	Name         string    `json:"name"`
	DN           string    `json:"dn"`
	Where        Where     `json:"where"`
	Kind         string    `json:"kind"`
	RoutingGroup string    `json:"routing_group"`         // DN of the group that it stands in
	Destination  string    `json:"destination,omitempty"` // DN of the group that it leads to
	Sources      []string  `json:"sources,omitempty"`     // DNs of the bridgeheads that send
	Targets      []string  `json:"targets,omitempty"`     // DNs of the bridgeheads that take the mail
	Delivery     Timetable `json:"delivery"`
	Oversize     Timetable `json:"oversize"`
	Cost         *int      `json:"cost,omitempty"`
	Spaces       []string  `json:"address_spaces,omitempty"`
	Joins        []string  `json:"connected_groups,omitempty"` // routing groups that an SMTP or X.400 connector joins
	SmartHost    string    `json:"smart_host,omitempty"`
	ContentKB    *int      `json:"content_length_kb,omitempty"` // delivContLength
	LimitKB      *int      `json:"size_limit_kb,omitempty"`     // messageSizeLimit
	Priorities   *int      `json:"refused_priorities,omitempty"`
	Allowed      int       `json:"allowed,omitempty"` // senders and groups that may use it
	Refused      int       `json:"refused,omitempty"`
	Whole        bool      `json:"whole"` // exported with all its attributes
	// Of send connectors; the directory tells of these only the smart hosts.
	Enabled    *bool    `json:"enabled,omitempty"`
	ByDNS      *bool    `json:"dns_routing,omitempty"` // by MX, not over smart hosts
	SmartHosts []string `json:"smart_hosts,omitempty"`
	Scoped     *bool    `json:"scoped,omitempty"`      // for the servers of its site only
	Hybrid     *bool    `json:"hybrid,omitempty"`      // CloudServicesMailEnabled
	LimitBytes *int64   `json:"limit_bytes,omitempty"` // nil: none, or unknown
	FQDN       string   `json:"fqdn,omitempty"`
	FrontEnd   *bool    `json:"front_end,omitempty"` // FrontendProxyEnabled
	Told       Told     `json:"told,omitempty"`      // where a value came from, by its name here, if not from Where
}

// What a style says of when a connector opens (activationStyle).
const (
	StyleNever    = 0
	StyleSelected = 1
	StyleAlways   = 2
	StyleRemote   = 3 // when the other side asks
)

// A Timetable is when something may be sent. The schedule counts only where the
// style is StyleSelected, and stays behind when it is set to another.
type Timetable struct {
	Style    *int      `json:"style,omitempty"`
	Schedule *Schedule `json:"schedule,omitempty"`
	Fault    string    `json:"fault,omitempty"` // why the schedule could not be read
}

// Is says whether the style is this one; no style is none.
func (t Timetable) Is(style int) bool { return t.Style != nil && *t.Style == style }

// Legacy says whether this is Exchange 2000 or 2003, which route by routing
// groups and link state. False also where the version is unknown.
func (s Server) Legacy() bool {
	return s.Generation == "exchange-5.5" || s.Generation == "exchange-2000" || s.Generation == "exchange-2003"
}

// Modern says whether this is Exchange 2007 or later, which routes by Active
// Directory sites. False also where the version is unknown.
func (s Server) Modern() bool { return s.Generation != "" && !s.Legacy() }

// Subject names a virtual server as findings do: "EX03A, SMTP virtual server 1".
func (s Server) Subject(v VirtualServer) string { return s.Name + ", SMTP virtual server " + v.Name }
