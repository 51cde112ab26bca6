package journey

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"mailflow/evidence"
)

// hosts tells which names mean the same server, and which servers have a log.
type hosts struct {
	names map[string]string // of servers with a log, in lower case: the name they go by
	first map[string]string // by the first label alone; "" where several have it
	homes []string          // the domains of these servers

	strange map[string]bool // hosts elsewhere that have the first label of a server with a log
}

func hostsOf(rows []evidence.Sighting) *hosts {
	spelled := map[string]string{}
	for _, r := range rows {
		if key := strings.ToLower(r.Server); spelled[key] == "" || r.Server < spelled[key] {
			spelled[key] = r.Server
		}
	}
	h := &hosts{names: map[string]string{}, first: map[string]string{}}
	for _, key := range longestFirst(spelled) {
		h.add(key, spelled[key])
	}
	return h
}

// longestFirst lists names with their domain before those without.
func longestFirst(spelled map[string]string) []string {
	var keys []string
	for key := range spelled {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if la, lb := strings.Contains(a, "."), strings.Contains(b, "."); la != lb {
			if la {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return keys
}

func (h *hosts) add(key, name string) {
	label, domain, long := strings.Cut(key, ".")
	if isAddress(key) || nameless(key) {
		h.names[key] = name
		return
	}
	if !long {
		if same := h.first[key]; same != "" {
			name = same
		}
		h.names[key] = name
		if _, known := h.first[key]; !known {
			h.first[key] = name
		}
		return
	}
	h.names[key] = name
	if _, twice := h.first[label]; twice {
		h.first[label] = ""
	} else {
		h.first[label] = name
	}
	if !slices.Contains(h.homes, domain) && strings.Contains(domain, ".") {
		h.homes = append(h.homes, domain)
	}
}

// server is the name that a server of a sighting goes by.
func (h *hosts) server(name string) string { return h.names[strings.ToLower(name)] }

// known finds the server with a log that a name means.
func (h *hosts) known(name string) (string, bool) {
	key := plain(name)
	if s, ok := h.names[key]; ok && key != "" {
		return s, true
	}
	label, _, long := strings.Cut(key, ".")
	if isAddress(key) || key == "" {
		return "", false
	}
	s := h.first[label]
	if h.strange[key] || s == "" || long && strings.Contains(s, ".") { // two names with a domain have to be the same
		return "", false
	}
	return s, true
}

// is says whether a name means this server.
func (h *hosts) is(name, server string) bool {
	s, ok := h.known(name)
	return ok && s == server
}

// ours says whether a host is one of the same organization: its name has no
// domain, or a server with a log is in the same, or its address is private.
func (h *hosts) ours(name string) bool {
	key := plain(name)
	if a, err := netip.ParseAddr(key); err == nil {
		return a.IsPrivate() || a.IsLinkLocalUnicast()
	}
	_, domain, long := strings.Cut(key, ".")
	return key != "" && (!long || slices.ContainsFunc(h.homes, func(home string) bool {
		return domain == home || strings.HasSuffix(domain, "."+home) || strings.HasSuffix(home, "."+domain) && !everybodys(domain)
	}))
}

// everybodys says whether anybody may register names beneath a domain: com, co.uk.
func everybodys(domain string) bool {
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return suffix == domain
}

// plain is a name without what logs write around it.
func plain(name string) string {
	return strings.ToLower(strings.Trim(name, ". []"))
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

// loopback says whether a name is this host's for itself: a content filter that
// runs beside the mail server is reached so.
func loopback(name string) bool {
	key := plain(name)
	a, err := netip.ParseAddr(key)
	return err == nil && a.IsLoopback() || key == "localhost" || strings.HasPrefix(key, "localhost.")
}
