package evidence

import (
	"fmt"

	"mailflow/diag"
)

// What the directory says of the Exchange organization.
var (
	OrgEntries = diag.NewKey[Directory]("org.entries", `for Exchange with routing groups (2000 to 2010), an export of its configuration from Active Directory. On a domain controller or an Exchange server, Windows Server 2003 too, run: `+
		`ldifde -f org.ldf -d "CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com" -p subtree (with the forest's root domain in place of DC=contoso,DC=com), and name org.ldf as evidence`)
	Organization = diag.NewKey[Org]("org", "the Exchange organization as the directory describes it: servers, routing groups, connectors")
)

// A Directory is what exports of the directory said, as far as it is about
// mail flow in Exchange.
type Directory struct {
	Exports []Export `json:"exports"`
	Entries []Entry  `json:"entries"`
}

// An Export is one file and how reading it went.
type Export struct {
	Path     string    `json:"path"`
	Format   string    `json:"format"` // "LDIF" or "CSVDE"
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
}

// A Where is the place that something was read from.
type Where struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Entry int    `json:"entry"` // which of the entries
}

// String is the place in words.
func (w Where) String() string { return fmt.Sprintf("%s line %d", w.File, w.Line) }

// An Org is the Exchange organization. What the directory refers to and does not
// hold stays in it as the name that it was; see Index.Find.
type Org struct {
	Name          string         `json:"name"`
	DN            string         `json:"dn"`
	Mixed         *bool          `json:"mixed_mode,omitempty"`
	AdminGroups   []AdminGroup   `json:"admin_groups,omitempty"`
	RoutingGroups []RoutingGroup `json:"routing_groups,omitempty"`
	Servers       []Server       `json:"servers,omitempty"`
	Connectors    []Connector    `json:"connectors,omitempty"`
	Seen          []Seen         `json:"seen,omitempty"`     // every object, for what may be missing
	Problems      []string       `json:"problems,omitempty"` // what makes the picture incomplete
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
}

// A StorageGroup is a group of mailbox and public folder databases.
type StorageGroup struct {
	Name      string `json:"name"`
	Databases int    `json:"databases"`
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
