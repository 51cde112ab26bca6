// Package directory reads the configuration that Exchange keeps in Active
// Directory from a live server over LDAP (RFC 4511). It binds, searches and
// unbinds, and can send nothing else: the connection lets no other request
// out. What a server sends is checked and counted before it is decoded.
//
// A password goes only over TLS, unless it was said twice that it may go in
// clear. NTLM and Kerberos send none, but neither signs nor seals: a domain
// controller that requires signing refuses them on an unencrypted connection.
package directory

import "time"

// Time limits. A domain controller answers each of these in well under a
// second; the limits are what a loaded one or a slow line may take, and what
// somebody waits for without thinking that the tool hangs.
const (
	dialTime   = 20 * time.Second // Windows gives a connection up after 21 s (3, 6 and 12 s for its three tries), Linux after two minutes
	tlsTime    = 15 * time.Second
	bindTime   = 15 * time.Second
	ticketTime = 30 * time.Second // gokrb5 gives each KDC 5 s by UDP and 5 s by TCP: three that are silent
	pageTime   = 60 * time.Second // below the 120 s after which a domain controller gives a search up (MaxQueryDuration, KB 315071)
	walkTime   = 10 * time.Minute // for one subtree: a large organisation has some hundred pages, each of a few seconds on a slow line
	closeTime  = 2 * time.Second  // for saying goodbye
)

// Limits on what a server may send. They are far above what a large
// organisation has, and far below what hurts this machine.
const (
	pageSize     = 500      // below the 1000 a domain controller allows (MaxPageSize, KB 315071)
	maxPages     = 2_000    // for a server that gives small pages, or the same cookie for ever
	maxObjects   = 100_000  // the configuration of a large forest has some ten thousand
	maxValue     = 1 << 20  // bytes; the longest known, address book templates, have some hundred KiB
	maxValues    = 100_000  // of one attribute
	maxEntry     = 64 << 20 // bytes of one object, ranges included
	maxAttrs     = 2_000    // of one object: the whole schema has some 4000, an object a few hundred
	maxDN        = 16 << 10 // bytes
	maxMessage   = 16 << 20 // bytes of one reply; a domain controller's own limit for requests is 10 MB (MaxReceiveBuffer)
	maxElements  = 1 << 18  // of one reply: each costs some 250 bytes when decoded
	maxDepth     = 10       // of one reply; an entry has 6 levels, a control 5
	maxControls  = 64 << 10 // bytes of a reply's controls: their values are decoded once more, unseen by our check
	searchBytes  = 64 << 20 // of all replies to one request
	searchPieces = 2 << 20  // elements of all replies to one request
	bindBytes    = 1 << 20  // of all replies to one step of a login
	maxWords     = 300      // bytes of the server's text in an error
)
