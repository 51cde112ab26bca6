package collectors

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/cmdlet"
	"mailflow/internal/directory"
)

// GreetingFloor is the least time to wait for a greeting. Healthy servers
// behind a reverse look-up, a greet pause or Exchange's delayed
// acknowledgement were seen to take 20 to 30 s (knowledge/peers.md 6).
const GreetingFloor = 35 * time.Second

// Inputs lists what only the operator can say.
func Inputs() []*diag.Input {
	return []*diag.Input{
		{Provides: evidence.Recipients, Prompt: "To whom is mail late? (address or domain; several with commas)", Example: "user@example.com", Parse: parseMailboxes},
		{Provides: evidence.NextHops, Prompt: "Which server is the mail handed to next, if you know it? (name or address, several with commas)", Example: "hub01.contoso.com", Parse: parseHops},
		{Provides: evidence.Internal, Prompt: "Is that server part of your own organization?", Example: "yes", Parse: parseYes},
		{Provides: evidence.Vantage, Prompt: "Does this run on the server that sends? (sender, elsewhere)", Example: "sender", Parse: oneOf("sender", "elsewhere")},
		{Provides: evidence.Generation, Prompt: "What does the next hop run?", Example: "exchange-2007", Parse: oneOf("exchange-2000", "exchange-2003", "exchange-2007", "exchange-2010", "exchange-2013", "exchange-2016", "exchange-2019", "exchange-se", "exchange-online", "other")},
		{Provides: evidence.Sender, Prompt: "Which sender shall MAIL FROM name? (empty: the null sender)", Example: "user@contoso.com", Parse: parseSender},
		{Provides: evidence.EHLOName, Prompt: "Which name shall EHLO say?", Example: "mail.contoso.com", Parse: parseEHLO},
		{Provides: evidence.Resolvers, Prompt: "Which DNS servers shall be asked? (empty: this machine's)", Example: "192.0.2.53", Parse: parseResolvers},
		{Provides: evidence.Source, Prompt: "From which address of this machine? (empty: the system's choice)", Example: "192.0.2.7", Parse: parseSource},
		{Provides: evidence.Patience, Prompt: "How long to wait for a greeting or a reply? (at least 35s; rfc: the limits of RFC 5321)", Example: "rfc", Default: "1m", Parse: parsePatience},
		{Provides: evidence.ConnectFor, Prompt: "How long to wait for a connection?", Example: "30s", Default: "30s", Parse: parseDuration(time.Second, 10*time.Minute)},
		{Provides: evidence.RetryAfter, Prompt: "Try a deferred recipient again after how long? (empty: once, at once)", Example: "5m", Parse: parseDuration(time.Second, time.Hour)},
		{Provides: evidence.Send, Prompt: "Send one small test message to the recipient?", Example: "yes", Parse: parseYes},
		{Provides: evidence.RootsFile, Prompt: "Which PEM file has further root certificates to trust?", Example: "ca.pem", Parse: parseText},
		{Provides: evidence.Bridges, Prompt: "Try the bridgeheads of the connectors in the evidence too? (only inside their network)", Example: "yes", Parse: parseYes},
		{Provides: evidence.DirServer, Prompt: "Which domain controller shall be asked for the Exchange configuration? (it is only read)", Example: "dc01.contoso.com", Parse: parseDirectory},
		{Provides: evidence.DirHow, Prompt: "How to sign in there? (simple, ntlm, kerberos)", Example: "kerberos", Default: "simple", Parse: oneOf("simple", "ntlm", "kerberos")},
		{Provides: evidence.DirUser, Prompt: "With which account?", Example: "reader@contoso.com", Parse: parseText},
		{Provides: evidence.DirSecret, Prompt: "Its password? (never written down)", Secret: true, Parse: parseSecret},
		{Provides: evidence.DirClear, Prompt: "Send that password unencrypted?", Example: "no", Parse: parseYes},
		{Provides: evidence.PathFrom, Prompt: "Which path does a message take: from which server?", Example: "EX03A", Parse: parseText},
		{Provides: evidence.PathTo, Prompt: "To which server or address?", Example: "user@contoso.com", Parse: parseText},
		{Provides: evidence.PathSize, Prompt: "How large is it?", Example: "5MB", Parse: parseSize},
		{Provides: evidence.PathAt, Prompt: "When is it sent? (in the time zone below)", Example: "2026-11-23T09:05", Parse: parseMoment},
		{Provides: evidence.Message, Prompt: "Which message shall be followed over all servers? (its Message-ID)", Example: "abc@contoso.com", Parse: parseMessageID},
		{Provides: evidence.Zone, Prompt: "In which time zone shall schedules be shown?", Example: "Europe/Berlin", Default: "UTC", Parse: parseZone},
		{Provides: evidence.Paths, Prompt: "Which files or folders hold evidence?", Example: "logs.zip", Parse: parsePaths},
	}
}

// parseMessageID reads a Message-ID as it stands in headers or logs, with <> or
// without.
func parseMessageID(s string) (any, error) {
	id := strings.Trim(strings.TrimSpace(s), "<>")
	if id == "" || len(id) > maxLabel || strings.ContainsFunc(id, diag.Unprintable) {
		return nil, fmt.Errorf("%q is no Message-ID: it looks like abc@contoso.com", s)
	}
	return id, nil
}

func parseText(s string) (any, error) { return strings.TrimSpace(s), nil }

// parsePaths reads a list of file names, one a line: names may hold commas.
func parsePaths(s string) (any, error) { return strings.Split(strings.TrimSpace(s), "\n"), nil }

func parseYes(s string) (any, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "y", "true", "1":
		return true, nil
	case "no", "n", "false", "0":
		return false, nil
	}
	return nil, fmt.Errorf("%q: say yes or no", s)
}

func oneOf(words ...string) func(string) (any, error) {
	return func(s string) (any, error) {
		for _, w := range words {
			if strings.EqualFold(strings.TrimSpace(s), w) {
				return w, nil
			}
		}
		return nil, fmt.Errorf("%q: say one of %s", s, strings.Join(words, ", "))
	}
}

func parseDuration(least, most time.Duration) func(string) (any, error) {
	return func(s string) (any, error) {
		d, err := time.ParseDuration(strings.TrimSpace(s))
		if err != nil {
			return nil, fmt.Errorf("%q is no duration: say 30s or 5m", s)
		}
		if d < least || d > most {
			return nil, fmt.Errorf("%s: say between %s and %s", d, least, most)
		}
		return d, nil
	}
}

// parsePatience reads the time to wait for a greeting or reply; 0 stands for
// the limits of RFC 5321 4.5.3.2.
func parsePatience(s string) (any, error) {
	if strings.EqualFold(strings.TrimSpace(s), "rfc") {
		return time.Duration(0), nil
	}
	return parseDuration(GreetingFloor, time.Hour)(s)
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
}

func parseMailboxes(s string) (any, error) {
	var all []evidence.Mailbox
	for _, item := range list(s) {
		domain, address := item, ""
		if at := strings.LastIndexByte(item, '@'); at >= 0 {
			domain, address = item[at+1:], item
		}
		name, err := hostName(domain)
		if err != nil {
			return nil, err
		}
		if strings.ContainsFunc(address, diag.Unprintable) || strings.ContainsAny(address, "<>") || strings.HasPrefix(address, "@") {
			return nil, fmt.Errorf("%q is no mail address", address)
		}
		if address != "" {
			address = address[:strings.LastIndexByte(address, '@')+1] + name
		}
		all = append(all, evidence.Mailbox{Address: address, Domain: name})
	}
	if len(all) == 0 {
		return nil, errors.New("name an address or a domain")
	}
	return all, nil
}

// hostName brings a domain to the form that DNS and SMTP use: ASCII, lower
// case, no final dot. Underscores stay: Windows host names have them.
// Letters are mapped as browsers do (UTS 46): macOS may write an umlaut as two
// characters.
func hostName(s string) (string, error) {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	ascii, err := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false)).ToASCII(s)
	if err != nil || s == "" || len(ascii) > 253 {
		return "", fmt.Errorf("%q is no domain name", s)
	}
	for _, label := range strings.Split(ascii, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", fmt.Errorf("%q is no domain name", s)
		}
	}
	if last := ascii[strings.LastIndexByte(ascii, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return "", fmt.Errorf("%q is neither a domain name nor an IP address", s) // RFC 3696 section 2
	}
	return ascii, nil
}

func parseHops(s string) (any, error) {
	var all []evidence.HostPort
	for _, item := range list(s) {
		h, err := parseHop(item)
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	if len(all) == 0 {
		return nil, errors.New("name a server")
	}
	return all, nil
}

// parseHop reads host, host:port, address, address:port, [address]:port and
// the [address] of an Exchange smart host.
func parseHop(item string) (evidence.HostPort, error) {
	host, port := strings.Trim(item, "[]"), uint64(25)
	if _, err := netip.ParseAddr(host); err != nil {
		if h, p, err := net.SplitHostPort(item); err == nil {
			if port, err = strconv.ParseUint(p, 10, 16); err != nil || port == 0 {
				return evidence.HostPort{}, fmt.Errorf("%q: %q is no port", item, p)
			}
			host = h
		}
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return evidence.HostPort{Host: addr.Unmap().String(), Port: uint16(port)}, nil
	}
	name, err := hostName(host)
	return evidence.HostPort{Host: name, Port: uint16(port)}, err
}

func parseSender(s string) (any, error) {
	s = strings.Trim(strings.TrimSpace(s), "<>")
	if s != "" && (!strings.Contains(s, "@") || strings.ContainsFunc(s, diag.Unprintable) || strings.ContainsAny(s, "<> ")) {
		return nil, fmt.Errorf("%q is no mail address", s)
	}
	return s, nil
}

func parseEHLO(s string) (any, error) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && !strings.ContainsFunc(s, diag.Unprintable) && !strings.Contains(s, " ") {
		return s, nil // an address literal, RFC 5321 4.1.3
	}
	return hostName(s)
}

func parseResolvers(s string) (any, error) {
	var all []string
	for _, item := range list(s) {
		at, err := netip.ParseAddrPort(item)
		if addr, bare := netip.ParseAddr(strings.Trim(item, "[]")); bare == nil {
			at, err = netip.AddrPortFrom(addr, 53), nil
		}
		if err != nil || at.Port() == 0 {
			return nil, fmt.Errorf("%q is no IP address: name DNS servers by address", item)
		}
		at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
		if !slices.Contains(all, at.String()) {
			all = append(all, at.String())
		}
	}
	if len(all) == 0 {
		return nil, errors.New("name a DNS server by its IP address")
	}
	return all, nil
}

func parseSource(s string) (any, error) {
	addr, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return nil, fmt.Errorf("%q is no IP address", s)
	}
	return addr.String(), nil
}

// parseDirectory checks the way to a domain controller; see directory.ParseTarget.
func parseDirectory(s string) (any, error) {
	s = strings.TrimSpace(s)
	_, err := directory.ParseTarget(s)
	return s, err
}

// parseSecret takes a password as it is: blanks at its ends may belong to it.
func parseSecret(s string) (any, error) { return s, nil }

// parseSize reads "5MB", "300 KB", "1048576".
func parseSize(s string) (any, error) {
	n, unlimited, ok := cmdlet.Size(strings.TrimSpace(s))
	if !ok || unlimited || n < 0 {
		return nil, fmt.Errorf("%q is no size: say 5MB, 300KB or a number of bytes", s)
	}
	return n, nil
}

// momentForms are how a time is said on the command line.
var momentForms = [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"}

// parseMoment checks a time; without an offset it is in the zone that is asked
// for, so that the text is kept.
func parseMoment(s string) (any, error) {
	s = strings.TrimSpace(s)
	for _, form := range momentForms {
		if _, err := time.Parse(form, s); err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%q is no time: say 2026-11-23T09:05, or with an offset 2026-11-23T09:05:00+01:00", s)
}

func parseZone(s string) (any, error) { return evidence.LoadZone(strings.TrimSpace(s)) }
