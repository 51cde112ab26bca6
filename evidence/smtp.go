package evidence

import (
	"time"

	"mailflow/diag"
	"mailflow/smtpprobe"
)

// What the servers say on port 25.
var (
	Identity = diag.NewKey[Self]("local.identity", "the name that this machine says in EHLO: --input ehlo=mail.contoso.com")
	Sessions = diag.NewKey[[]smtpprobe.Session]("smtp.sessions", "an SMTP session with every address of every next hop")
	Repeats  = diag.NewKey[[]smtpprobe.Session]("smtp.repeats", "a second session with each address that was slow or deferred")
	Clock    = diag.NewKey[time.Time]("clock", "the time by this machine's clock when the case began")
)

// Self is who this machine says it is.
type Self struct {
	Name string `json:"name"` // "" when the machine has no full name: its address is said instead
	From string `json:"from"` // "operator", "host name"
	// Trustless says that this machine has no list of authorities to trust, so
	// no certificate can be judged by one.
	Trustless bool `json:"trustless,omitempty"`
}
