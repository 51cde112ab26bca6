package evidence

import (
	"strings"
	"sync"
)

// A Presence says whether an object that something refers to is there.
type Presence int

// What can be said of it.
const (
	Unseen  Presence = iota // not in the export, which need not hold everything
	Here                    // in the export
	Gone                    // not in the export, which holds what stands beside it
	Deleted                 // its name is that of a deleted object
)

// An Index finds what stands in an organization by its distinguished name.
type Index struct {
	Org     *Org
	seen    map[string]string // class by name
	filled  map[string]bool   // names of what has something in it
	classes map[string]bool
	servers map[string]*Server
	groups  map[string]*RoutingGroup
	virtual map[string]*VirtualServer
	named   map[string][]*Server // by name, in lower case

	receivers func() map[owner][]receiver // read once, when first asked for
}

// Index makes the index of an organization.
func (o *Org) Index() *Index {
	ix := &Index{Org: o, seen: map[string]string{}, filled: map[string]bool{}, classes: map[string]bool{},
		servers: map[string]*Server{}, groups: map[string]*RoutingGroup{}, virtual: map[string]*VirtualServer{}, named: map[string][]*Server{}}
	ix.receivers = sync.OnceValue(ix.byOwner)
	for _, s := range o.Seen {
		key := keyDN(s.DN)
		ix.seen[key], ix.classes[s.Class] = s.Class, true
		for up := parentDN(key); up != "" && !ix.filled[up]; up = parentDN(up) {
			ix.filled[up] = true
		}
	}
	for i := range o.Servers {
		s := &o.Servers[i]
		ix.servers[keyDN(s.DN)] = s
		name := strings.ToLower(s.Name)
		ix.named[name] = append(ix.named[name], s)
		for j := range s.Virtual {
			ix.virtual[keyDN(s.Virtual[j].DN)] = &s.Virtual[j]
		}
	}
	for i := range o.RoutingGroups {
		ix.groups[keyDN(o.RoutingGroups[i].DN)] = &o.RoutingGroups[i]
	}
	return ix
}

// Key is the one form of a distinguished name in all its spellings.
func (ix *Index) Key(dn string) string { return keyDN(dn) }

// Same says whether two names are of one object.
func (ix *Index) Same(a, b string) bool { return keyDN(a) == keyDN(b) }

// Group finds a routing group; nil if it is not in the export.
func (ix *Index) Group(dn string) *RoutingGroup { return ix.groups[keyDN(dn)] }

// Virtual finds a virtual server; nil if it is not in the export.
func (ix *Index) Virtual(dn string) *VirtualServer { return ix.virtual[keyDN(dn)] }

// Server finds a server by its distinguished name or by that of anything on it;
// where that or the server's is only a name, by the name, if one server has it.
// nil if it is in none of the sources.
func (ix *Index) Server(dn string) *Server {
	for key := keyDN(dn); key != ""; key = parentDN(key) {
		if s := ix.servers[key]; s != nil {
			return s
		}
	}
	all := ix.named[strings.ToLower(ServerName(dn))]
	if len(all) == 1 && (bare(dn) || bare(all[0].DN)) {
		return all[0]
	}
	return nil
}

// ServerName is the name of the server that a name is of, or of something on
// it: "EX03A" of "CN=1,CN=SMTP,CN=Protocols,CN=EX03A,CN=Servers,...".
func ServerName(dn string) string {
	for at, depth := dn, 0; at != "" && depth < deepest; at, depth = parentDN(at), depth+1 {
		if strings.EqualFold(NameOf(parentDN(at)), "Servers") {
			return NameOf(at)
		}
	}
	return NameOf(dn)
}

// Find says whether an object is there. That it is gone takes three things: the
// export holds what it stands in, or what that stands in; something else that
// stands there; and some other object of its class. Else the export may just not
// reach so far. What stands on a server of Exchange 2007 or later counts as
// there with the server.
func (ix *Index) Find(dn string) Presence {
	key := keyDN(dn)
	if DeletedDN(dn) {
		return Deleted
	}
	if key == "" || ix.seen[key] != "" || ix.filled[key] {
		return Here
	}
	s := ix.Server(dn)
	if s != nil && (s.Modern() || keyDN(s.DN) == key) {
		return Here
	}
	if s != nil && ix.seen[keyDN(s.DN)] == "" && !ix.filled[keyDN(s.DN)] {
		return Unseen // only cmdlets tell of the server, and not of what it has
	}
	if !ix.classes[classByPlace(key)] {
		return Unseen
	}
	for up := parentDN(key); up != ""; up = parentDN(up) {
		if ix.seen[up] == "" {
			continue
		}
		if ix.filled[up] {
			return Gone
		}
		break
	}
	return Unseen
}

// classByPlace tells what an object is, or was, by where it stands.
func classByPlace(key string) string {
	name, parent := splitDN(key)
	container := NameOf(parent)
	switch {
	case container == "servers":
		return ClassServer
	case container == "smtp":
		return ClassVirtual
	case name == "microsoft mta":
		return ClassMTA
	case container == "routing groups":
		return ClassRoutingGroup
	}
	return ""
}
