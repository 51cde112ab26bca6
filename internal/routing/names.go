package routing

import (
	"slices"
	"strconv"
	"strings"

	"mailflow/evidence"
)

// A goal is where a message goes to: one of these.
type goal struct {
	server *evidence.Server
	group  int
	site   string // the key of a site
	domain string // in lower case
}

// fold is a name as names are compared.
func fold(s string) string { return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), ".")) }

// server finds a server by its name, host name or distinguished name, or by the
// distinguished name of something on it.
func (t *topology) server(name string) *evidence.Server {
	if strings.Contains(name, "=") {
		return t.ix.Server(name)
	}
	return t.byName[fold(name)]
}

// nameServers makes the names of servers; where two have one, that of the lower
// distinguished name counts.
func (t *topology) nameServers() {
	for i := range t.org.Servers {
		s := &t.org.Servers[i]
		names := []string{s.Name, s.FQDN}
		for _, v := range s.Virtual {
			names = append(names, v.FQDN)
		}
		for _, n := range names {
			if had := t.byName[fold(n)]; fold(n) != "" && (had == nil || s.DN < had.DN) {
				t.byName[fold(n)] = s
			}
		}
	}
}

// findServer finds the server to start from, or says why not.
func (t *topology) findServer(name string) (*evidence.Server, string) {
	if strings.TrimSpace(name) == "" {
		return nil, "no server to start from was named: --input from=SERVER"
	}
	if s := t.server(name); s != nil {
		return s, ""
	}
	return nil, "no server " + quote(name) + " is in what was given" + t.near(name, t.serverNames())
}

func (t *topology) serverNames() []string {
	var all []string
	for _, s := range t.org.Servers {
		all = append(all, s.Name)
	}
	return all
}

// findGoal finds what the message goes to, or says why not: a server first, then
// a routing group, a site, and an address or domain.
func (w *walk) findGoal() (goal, string) {
	name := strings.TrimSpace(w.q.To)
	if name == "" {
		return goal{}, "nothing to send to was named: --input to=SERVER or to=user@example.com"
	}
	if _, domain, ok := cutLast(name, "@"); ok {
		return w.domainGoal(domain)
	}
	if s := w.server(name); s != nil {
		w.path.To = s.Name
		return w.serverGoal(s)
	}
	if g := w.groupNamed(name); g != nowhere {
		w.path.To = w.groups[g].name
		return goal{group: g}, ""
	}
	if at, ok := w.sites.byKey[siteKey(name)]; ok {
		w.path.To = w.sites.names[at]
		return goal{group: w.modern, site: siteKey(name)}, ""
	}
	if strings.Contains(name, ".") && !strings.ContainsAny(name, "= ") && !w.hostOfServers(name) {
		return w.domainGoal(name)
	}
	why := "no server, routing group or site " + quote(name) + " is in what was given" + w.near(name, w.allNames())
	if strings.Contains(name, ".") {
		why += "; if it is a domain, ask for an address in it"
	}
	return goal{}, why
}

func (w *walk) serverGoal(s *evidence.Server) (goal, string) {
	g := w.groupOf(s)
	if g == nowhere {
		return goal{}, "what was given does not tell the routing group of " + s.Name + ": export the whole configuration, with all attributes"
	}
	w.old(s)
	return goal{server: s, group: g}, ""
}

// old says that Exchange 5.5 keeps a routing table of its own.
func (w *walk) old(s *evidence.Server) {
	if s.Generation == "exchange-5.5" {
		w.unsure(s.Name + " runs Exchange 5.5, which routes by a table of its own (GWART); what is told here is how 2000/2003 would route")
	}
}

// domainGoal is mail to an address. Where its mailbox is stands with the user,
// not in the configuration.
func (w *walk) domainGoal(domain string) (goal, string) {
	domain = fold(domain)
	if domain == "" || strings.ContainsAny(domain, " \t") {
		return goal{}, quote(w.q.To) + " is no address"
	}
	own := slices.ContainsFunc(w.org.AcceptedDomains, func(d string) bool { return matches(d, domain) })
	if own {
		return goal{}, domain + " is a domain of this organization, and its configuration does not tell which server a mailbox is on: " +
			"look at homeMDB or msExchHomeServerName of the user (from 2007 on: Get-Mailbox USER | fl ServerName) and ask again with --input to=SERVER"
	}
	if len(w.org.AcceptedDomains) == 0 {
		w.unsure("what was given does not tell the organization's own domains: if " + domain + " is one of them, the message goes to the user's mailbox server; ask again with --input to=SERVER")
	}
	return goal{domain: domain}, ""
}

// hostOfServers says whether a name stands where those of known servers do, so
// that it is rather a server that was misspelled than a domain.
func (t *topology) hostOfServers(name string) bool {
	_, domain, _ := strings.Cut(fold(name), ".")
	return slices.ContainsFunc(t.org.Servers, func(s evidence.Server) bool {
		_, d, ok := strings.Cut(fold(s.FQDN), ".")
		return ok && d == domain
	})
}

func (t *topology) allNames() []string {
	all := t.serverNames()
	for _, g := range t.groups {
		all = append(all, g.name)
	}
	return append(all, t.sites.names...)
}

// near names what somebody may have meant: " (did you mean EX03A?)".
func (t *topology) near(name string, all []string) string {
	short, _, _ := strings.Cut(fold(evidence.ServerName(name)), ".")
	least := min(2, len(short)/2)
	var close []string
	for _, n := range all {
		by := distance(short, fold(n))
		if n == "" || by > least {
			continue
		}
		if by < least {
			least, close = by, nil
		}
		close = append(close, n)
	}
	if len(close) == 0 {
		return ""
	}
	slices.Sort(close)
	close = slices.Compact(close)
	return " (did you mean " + strings.Join(close[:min(3, len(close))], " or ") + "?)"
}

// longestName bounds what is compared letter by letter; names of servers have 15
// letters, those of groups and sites 64.
const longestName = 64

// distance counts the letters to change, add or leave out from one name to the
// other (Levenshtein).
func distance(a, b string) int {
	if len(a) > longestName || len(b) > longestName || abs(len(a)-len(b)) > 2 {
		return longestName
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := last
			if a[i] != b[j] {
				change++
			}
			last = row[j+1]
			row[j+1] = min(change, row[j]+1, last+1)
		}
	}
	return row[len(b)]
}

func abs(n int) int { return max(n, -n) }

// cutLast cuts at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// quote shows what somebody typed, within bounds.
func quote(s string) string {
	const most = 100
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strconv.Quote(strings.TrimSpace(s))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
