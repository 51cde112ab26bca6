package evidence

import (
	"fmt"
	"time"

	"mailflow/diag"
)

// What only the operator can say.
var (
	Recipients = diag.NewKey[[]Mailbox]("recipient", "the address or domain that mail is late for: --input recipient=user@example.com")
	NextHops   = diag.NewKey[[]HostPort]("next-hop", "the server that mail is handed to, when it is known by name: --input next-hop=hub01.contoso.com")
	Sender     = diag.NewKey[string]("sender", "the sender to name in MAIL FROM: --input sender=user@contoso.com")
	EHLOName   = diag.NewKey[string]("ehlo", "the name to say in EHLO: --input ehlo=mail.contoso.com")
	Resolvers  = diag.NewKey[[]string]("resolver", "the DNS servers to ask: --resolver 192.0.2.53")
	Internal   = diag.NewKey[bool]("internal", "whether the next hop is a server of the same organization: --input internal=yes")
	Vantage    = diag.NewKey[string]("vantage", "where this runs: --input vantage=sender on the sending server itself, else vantage=elsewhere")
	Generation = diag.NewKey[string]("generation", "what the next hop runs, if known: --input generation=exchange-2007")
	Patience   = diag.NewKey[time.Duration]("patience", "how long to wait for a greeting or reply: --input patience=35s, or patience=rfc")
	ConnectFor = diag.NewKey[time.Duration]("connect-limit", "how long to wait for a TCP connection: --input connect-limit=30s")
	RetryAfter = diag.NewKey[time.Duration]("retry-after", "how long to wait before a deferred recipient is tried again: --input retry-after=5m")
	Send       = diag.NewKey[bool]("send", "consent to send one small test message: --input send=yes")
	Source     = diag.NewKey[string]("source", "the address of this machine to connect from: --input source=192.0.2.7")
	RootsFile  = diag.NewKey[string]("roots", "a PEM file of further root certificates to trust: --input roots=ca.pem")
	Bridges    = diag.NewKey[bool]("bridgeheads", "whether to try the bridgeheads of the connectors in the evidence, when this runs inside that network: --input bridgeheads=yes")
	PathFrom   = diag.NewKey[string]("from", "the server that a message starts from: --input from=EX03A")
	PathTo     = diag.NewKey[string]("to", "the server or address that the message goes to: --input to=user@contoso.com")
	PathSize   = diag.NewKey[int64]("size", "the size of the message: --input size=5MB")
	PathAt     = diag.NewKey[string]("at", "when it is sent: --input at=2026-11-23T09:05")
	Zone       = diag.NewKey[TimeZone]("zone", "the time zone to show schedules in: --input zone=Europe/Berlin")
	DirServer  = diag.NewKey[string]("directory", "a domain controller to read the Exchange configuration from: --input directory=dc01.contoso.com")
	DirUser    = diag.NewKey[string]("directory-user", "the account to read the directory with: --input directory-user=reader@contoso.com")
	DirSecret  = diag.NewKey[string]("directory-password", "its password: asked for, or from the environment (MAILFLOW_PASSWORD), or from a file")
	DirHow     = diag.NewKey[string]("directory-login", "how to sign in: --input directory-login=kerberos")
	DirClear   = diag.NewKey[bool]("directory-cleartext", "consent to send the password unencrypted")
	Paths      = diag.NewKey[[]string]("evidence", "files and folders with evidence: name them after the options")
)

// A Mailbox is a recipient: an address, or only a domain.
type Mailbox struct {
	Address string `json:"address,omitempty"` // "" when only the domain is known
	Domain  string `json:"domain"`            // lower case, ASCII, without a final dot
}

// A HostPort is a server by name or address, and its port.
type HostPort struct {
	Host string `json:"host"` // name without a final dot, or IP address
	Port uint16 `json:"port"` // 25 unless said otherwise
}

// A TimeZone is one of the IANA database; it is written as its name.
type TimeZone struct {
	name string
	loc  *time.Location
}

// LoadZone finds a time zone by its name: "Europe/Berlin", "UTC".
func LoadZone(name string) (TimeZone, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" { // what this machine calls local, no other does
		return TimeZone{}, fmt.Errorf("no time zone %q: say one as Europe/Berlin, America/New_York or UTC", name)
	}
	return TimeZone{name, loc}, nil
}

// String is the zone's name.
func (z TimeZone) String() string { return z.name }

// Location is the zone in Go's terms; UTC for the zero value.
func (z TimeZone) Location() *time.Location {
	if z.loc == nil {
		return time.UTC
	}
	return z.loc
}

// MarshalText writes the name.
func (z TimeZone) MarshalText() ([]byte, error) { return []byte(z.name), nil }

// UnmarshalText reads a name.
func (z *TimeZone) UnmarshalText(b []byte) (err error) {
	*z, err = LoadZone(string(b))
	return err
}
