package journey

import (
	"strings"

	"mailflow/evidence"
)

// Of the messages that are said to have gone to a host, or come from it, at a time
// of which the log of a server is here that has the same first label: how many the
// log has. Hosts called mail or mx1 are everywhere.
type meeting struct {
	server        string
	covered, both int
}

// Where fewer than a quarter of these messages are in the log, the host is another.
// One message may be lost.
const (
	leastMet    = 2
	leastShared = 4
)

// strangers finds the hosts that only have the first label of a server here: where
// the log that names the server has no domain, the messages tell.
func (s *scene) strangers(rows []evidence.Sighting) {
	met := s.meetings(rows)
	full := map[string]bool{} // servers of which a full name is known
	for _, m := range met {
		full[m.server] = full[m.server] || m.both > 0 && m.both*leastShared >= m.covered
	}
	s.strange = map[string]bool{}
	for name, m := range met {
		s.strange[name] = m.covered >= leastMet && m.both*leastShared < m.covered || m.both == 0 && full[m.server]
	}
}

// meetings goes through the rows that name a host which may be a server here.
func (s *scene) meetings(rows []evidence.Sighting) map[string]*meeting {
	met, seen := map[string]*meeting{}, map[[2]string]bool{}
	var queues map[[2]string][]string
	for i := range rows {
		r := &rows[i]
		name, server := plain(r.Peer), ""
		if r.What == evidence.SawCame || r.What == evidence.SawLeft {
			server = s.namesake(name)
		}
		if again := [2]string{name, r.Message}; server == "" || seen[again] {
			continue
		} else {
			seen[again] = true
		}
		if queues == nil {
			queues = queuesOf(rows)
		}
		if met[name] == nil {
			met[name] = &meeting{server: server}
		}
		has := passed(queues[[2]string{server, r.Message}], r, server)
		if has {
			met[name].both++
		}
		if has || s.logs.covers(server, r.At, unsure) {
			met[name].covered++
		}
	}
	return met
}

// namesake is the server, named without a domain, that a full name may mean.
func (s *scene) namesake(name string) string {
	label, domain, long := strings.Cut(name, ".")
	server := s.first[label]
	if !long || server == "" || strings.Contains(server, ".") || isAddress(name) || s.ours(name) || domain == "" {
		return ""
	}
	return server
}

// passed says whether a message has rows at a server. At the server that said so
// itself, it has them under another id.
func passed(queues []string, r *evidence.Sighting, server string) bool {
	for _, q := range queues {
		if r.Server != server || q != r.Queue {
			return true
		}
	}
	return false
}

// queuesOf lists the ids of each message at each server.
func queuesOf(rows []evidence.Sighting) map[[2]string][]string {
	all := map[[2]string][]string{}
	for i := range rows {
		r := &rows[i]
		key := [2]string{r.Server, r.Message}
		if list := all[key]; r.Message != "" && (len(list) == 0 || list[len(list)-1] != r.Queue) && len(list) < maxStops {
			all[key] = append(list, r.Queue)
		}
	}
	return all
}
