package evidence

import (
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
