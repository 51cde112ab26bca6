package analyzers

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	certExpired = &diag.Cause{
		Code: "CERT-EXPIRED", Title: "The certificate is not in date", Severity: diag.Degraded,
		Text:   "the certificate of {subject} {how}; senders that check it put the mail off",
		Ruled:  "the certificate of {subject} is in date until {until}",
		About:  "Most senders encrypt without checking the certificate, so mail still flows. Those with DANE, MTA-STS or a connector that demands a valid certificate (hybrid Exchange, partners) keep the mail until it expires.",
		Read:   "The dates of the certificate against the clock of this case.",
		Remedy: "Renew the certificate and assign it to SMTP (Exchange: Enable-ExchangeCertificate -Services SMTP; for hybrid set TlsCertificateName on the connectors anew).",
		Refs:   []string{"RFC 5280 section 4.1.2.5", "RFC 8461"},
	}
	certName = &diag.Cause{
		Code: "CERT-NAME", Title: "The certificate is for another name", Severity: diag.Degraded,
		Text:   "the certificate of {subject} is for {names}, not for {host}; senders that check it put the mail off",
		Ruled:  "the certificate of {subject} fits its name",
		About:  "A sender that checks compares the certificate with the name that it connected to, the MX host or smart host. Most senders do not check.",
		Read:   "The subject alternative names of the certificate (without any, its common name) against the next hop's name.",
		Remedy: "Get a certificate with the name that senders use: the name in the MX record, or of the smart host.",
		Refs:   []string{"RFC 6125", "RFC 7817", "RFC 8461 section 4.1"},
	}
	certUntrusted = &diag.Cause{
		Code: "CERT-UNTRUSTED", Title: "The certificate comes from no trusted authority", Severity: diag.Degraded,
		Text:   "the certificate of {subject} is not trusted here: {why}; senders that check it put the mail off",
		Ruled:  "the certificate of {subject} is trusted",
		About:  "Self-signed certificates are usual on mail servers and harmless to senders that do not check; Exchange installs one by itself. Senders that check refuse them, and a chain whose intermediate certificate is left out fails with many.",
		Read:   "The chain as the server sent it against the roots trusted on this machine, and those given with --input roots=FILE. Dates and names are judged apart.",
		Remedy: "Use a certificate of an authority that your partners trust, and install its intermediate certificate on the server so that it is sent along.",
		Refs:   []string{"RFC 5280 section 6", "RFC 8446 section 4.4.2"},
	}
)

// certificate judges the certificates shown after STARTTLS.
func certificate() *diag.Analyzer {
	return &diag.Analyzer{Name: "certificate",
		Doc:    "Judges the certificate that each server shows: dates, names, trust.",
		Needs:  []diag.AnyKey{evidence.Sessions, evidence.Hops, evidence.Clock},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Internal, evidence.Identity, evidence.RootsFile},
		Causes: []*diag.Cause{certExpired, certName, certUntrusted},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				if t.first.TLS == nil || len(t.first.TLS.Chain) == 0 {
					continue
				}
				leaf, err := x509.ParseCertificate(t.first.TLS.Chain[0])
				if err != nil {
					continue // the handshake failed on it, and that is its own finding
				}
				found = append(found, inDate(t, leaf, evidence.Clock.In(e)), trusted(e, t))
				found = append(found, named(t, leaf, evidence.Hops.In(e))...)
			}
			return found
		}}
}

func inDate(t talk, leaf *x509.Certificate, now time.Time) diag.Finding {
	const day = "2006-01-02"
	switch {
	case now.After(leaf.NotAfter):
		return t.on(certExpired, diag.Confirmed, diag.Text("how", "expired on "+leaf.NotAfter.UTC().Format(day)))
	case now.Before(leaf.NotBefore):
		return t.on(certExpired, diag.Confirmed, diag.Text("how", "is valid only from "+leaf.NotBefore.UTC().Format(day)))
	}
	return t.on(certExpired, diag.Excluded, diag.Text("until", leaf.NotAfter.UTC().Format(day)))
}

// trusted: within an organization the certificate that Exchange makes for itself
// is as it should be, and nobody checks it.
func trusted(e diag.Evidence, t talk) diag.Finding {
	if why := t.first.TLS.Untrusted; why != "" {
		if nobodyTrusted(e) {
			return t.on(certUntrusted, diag.Unknown, diag.Text("because", "this machine has no list of trusted authorities"),
				diag.Text("how", "install one (ca-certificates), or give one: --input roots=FILE"))
		}
		f := t.on(certUntrusted, diag.Confirmed, diag.Text("why", clip(why, 200)))
		if internal(e, t.first.Host) {
			f.Severity = diag.Note
		}
		return f
	}
	return t.on(certUntrusted, diag.Excluded)
}

func nobodyTrusted(e diag.Evidence) bool {
	self, _ := evidence.Identity.Lookup(e)
	_, given := evidence.RootsFile.Lookup(e)
	return self.Trustless && !given
}

// named judges each host name that leads to this address: several MX names may
// share one.
func named(t talk, leaf *x509.Certificate, hops []evidence.Hop) []diag.Finding {
	addr, _ := netip.ParseAddrPort(t.first.Addr)
	var found []diag.Finding
	seen := map[string]bool{}
	for _, h := range hops {
		if h.Port != addr.Port() || seen[h.Host] || isAddr(h.Host) || !slices.Contains(h.Addrs, addr.Addr().String()) {
			continue
		}
		seen[h.Host] = true
		f := t.on(certName, diag.Excluded, diag.List("names", namesOn(leaf)), diag.Text("host", h.Host))
		f.Subject = at(h.Host, t.first.Addr)
		if !fits(leaf, h.Host) {
			f.Verdict = diag.Confirmed
		}
		found = append(found, f)
	}
	return found
}

// fits falls back to the common name where there is no alternative name, as
// mail servers of Exchange 2003's time have it.
func fits(leaf *x509.Certificate, host string) bool {
	if len(leaf.DNSNames)+len(leaf.IPAddresses) == 0 {
		return strings.EqualFold(leaf.Subject.CommonName, host)
	}
	return leaf.VerifyHostname(host) == nil
}

func namesOn(leaf *x509.Certificate) []string {
	all := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		all = []string{leaf.Subject.CommonName}
	}
	return all[:min(len(all), 10)]
}
