package sessionlog

import (
	"bytes"
	"strings"
)

// servers tells which files are of one server. A send log names its server
// nowhere; but a server's own addresses stand in all of its logs, so that files
// with one of them in common are of the same server.
type servers struct {
	list  []server
	known map[string]int32 // by an address of its own, or its name
}

type server struct {
	of   int32  // itself, or one that it is the same as
	name string // as connectors of its own begin with: "EX01" of "EX01\Default EX01"
	fqdn string // as it calls itself in a greeting
	helo string // as it calls itself in EHLO
	addr string // the first of its addresses
}

// maxServerNames bounds what servers are known by.
const maxServerNames = 10_000

func newServers() servers { return servers{known: map[string]int32{}} }

// add makes a server for a file.
func (s *servers) add() int32 {
	at := int32(len(s.list))
	s.list = append(s.list, server{of: at})
	return at
}

// root is the one that stands for all that are the same.
func (s *servers) root(at int32) int32 {
	for s.list[at].of != at {
		s.list[at].of = s.list[s.list[at].of].of
		at = s.list[at].of
	}
	return at
}

// is says that the server of a file has a name or an address, and so which it is.
func (s *servers) is(at int32, known string) {
	at = s.root(at)
	other, found := s.known[known]
	if !found {
		if len(s.known) < maxServerNames {
			s.known[known] = at
		}
		return
	}
	s.unite(s.root(other), at)
}

// unite makes two servers one: the earlier stands for both, with what is known of
// either.
func (s *servers) unite(a, b int32) {
	if x, y := s.list[a].name, s.list[b].name; a == b || x != "" && y != "" && !strings.EqualFold(x, y) {
		return // nodes behind one address of a cluster are servers of their own
	}
	if b < a {
		a, b = b, a
	}
	x, y := &s.list[a], &s.list[b]
	y.of = a
	for _, f := range []struct{ to, from *string }{{&x.name, &y.name}, {&x.fqdn, &y.fqdn}, {&x.helo, &y.helo}, {&x.addr, &y.addr}} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
}

// label is what a server is called: as its connectors do, by its full name, or by
// an address.
func (s server) label() string {
	for _, name := range []string{s.name, s.fqdn, s.helo, s.addr} {
		if name != "" {
			return name
		}
	}
	return ""
}

// full is the full name of a server, as its greeting or its EHLO has it.
func (s server) full() string {
	for _, name := range []string{s.fqdn, s.helo, s.name} {
		if name != "" {
			return name
		}
	}
	return ""
}

// owner is the server of which a connector is one: "EX01" of "EX01\Default EX01".
func owner(connector []byte) []byte {
	if at := bytes.IndexByte(connector, '\\'); at > 0 {
		return connector[:at]
	}
	return nil
}

// host is an address without its port.
func host(endpoint []byte) []byte {
	if at := bytes.LastIndexByte(endpoint, ':'); at > 0 && bytes.IndexByte(endpoint, ':') == at {
		return endpoint[:at]
	}
	if len(endpoint) > 0 && endpoint[0] == '[' {
		if to := bytes.IndexByte(endpoint, ']'); to > 0 {
			return endpoint[1:to]
		}
	}
	return endpoint
}

// loopback recognises addresses that every server has.
func loopback(addr []byte) bool {
	return bytes.HasPrefix(addr, []byte("127.")) || string(addr) == "::1" || len(addr) == 0 || bytes.HasPrefix(addr, []byte("0.0.0.0")) || string(addr) == "::"
}
