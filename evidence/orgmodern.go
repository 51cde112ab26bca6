package evidence

import "time"

// SendLink is the kind of a connector of Exchange 2007 and later: it leads out
// of the organization, or to a part of it by a name.
const SendLink = "send connector"

// Told says where single values of an object were read, by their names in JSON,
// if not where the object was.
type Told map[string]Where

// A Site is a site of Active Directory: Exchange 2007 and later route by sites.
type Site struct {
	Name  string `json:"name"`
	DN    string `json:"dn,omitempty"`
	Where Where  `json:"where"`
	Hub   *bool  `json:"hub_site,omitempty"` // mail on a least-cost path over it stops there (Set-AdSite -HubSiteEnabled)
	Told  Told   `json:"told,omitempty"`
}

// An ADSiteLink joins sites of Active Directory.
type ADSiteLink struct {
	Name         string   `json:"name"`
	DN           string   `json:"dn,omitempty"`
	Where        Where    `json:"where"`
	Sites        []string `json:"sites"`                   // DNs or names
	Cost         *int     `json:"cost,omitempty"`          // for replication
	ExchangeCost *int     `json:"exchange_cost,omitempty"` // for mail, where set (Set-AdSiteLink -ExchangeCost)
	LimitBytes   *int64   `json:"limit_bytes,omitempty"`   // nil: none, or unknown
	Told         Told     `json:"told,omitempty"`
}

// A ReceiveConnector takes mail on servers of Exchange 2007 and later.
type ReceiveConnector struct {
	Name        string    `json:"name"`
	DN          string    `json:"dn,omitempty"`
	Where       Where     `json:"where"`
	Server      string    `json:"server"` // DN or name
	Enabled     *bool     `json:"enabled,omitempty"`
	Bindings    []string  `json:"bindings,omitempty"`    // "0.0.0.0:25", "[::]:25"
	Ranges      []string  `json:"ranges,omitempty"`      // as written: "10.0.0.0-10.0.0.255", "10.0.0.0/24", "::-ffff:..."
	Auth        []string  `json:"auth,omitempty"`        // "None" or "Tls", "Integrated", "BasicAuth", "BasicAuthRequireTLS", "ExchangeServer", "ExternalAuthoritative"; nil where unknown
	Permissions []string  `json:"permissions,omitempty"` // "None" or "AnonymousUsers", "ExchangeUsers", "ExchangeServers", "ExchangeLegacyServers", "Partners", "Custom"; nil where unknown
	Role        string    `json:"role,omitempty"`        // "HubTransport", "FrontendTransport"
	FQDN        string    `json:"fqdn,omitempty"`
	Banner      string    `json:"banner,omitempty"`
	LimitBytes  *int64    `json:"limit_bytes,omitempty"`
	Tarpit      *Duration `json:"tarpit_s,omitempty"`
	MaxAckDelay *Duration `json:"max_acknowledgement_delay_s,omitempty"`
	RequireTLS  *bool     `json:"require_tls,omitempty"`
	Told        Told      `json:"told,omitempty"`
}

// A Duration is a setting; it is written in seconds.
type Duration float64

// Duration is it in Go's units.
func (d Duration) Duration() time.Duration { return time.Duration(float64(d) * float64(time.Second)) }

// RetryTimes is what a server of Exchange 2007 or later is set to (Get-TransportServer,
// Get-TransportService). Nil is unknown, not the default.
type RetryTimes struct {
	Where          Where     `json:"where"`
	TransientCount *int      `json:"transient_count,omitempty"`
	Transient      *Duration `json:"transient_s,omitempty"`    // TransientFailureRetryInterval
	Outbound       *Duration `json:"outbound_s,omitempty"`     // OutboundConnectionFailureRetryInterval
	Message        *Duration `json:"message_s,omitempty"`      // MessageRetryInterval
	DelayNotice    *Duration `json:"delay_notice_s,omitempty"` // DelayNotificationTimeout
	Expiry         *Duration `json:"expiry_s,omitempty"`       // MessageExpirationTimeout
	PerDomain      *int      `json:"per_domain,omitempty"`     // MaxPerDomainOutboundConnections
}

// TransportLimits is what holds for the whole organization (Get-TransportConfig).
type TransportLimits struct {
	Where        Where  `json:"where"`
	SendBytes    *int64 `json:"send_bytes,omitempty"`
	ReceiveBytes *int64 `json:"receive_bytes,omitempty"`
	Shadow       *bool  `json:"shadow_redundancy,omitempty"`
}
