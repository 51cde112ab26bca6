package evidence

import (
	"slices"
	"strings"
)

// A shelf holds the objects of one kind in the order in which they came, to be
// found by distinguished name or, as exports of cmdlets often lack that, by name.
type shelf[T any] struct {
	all   []*T
	byDN  map[string]*T
	named map[string][]*T
	dn    func(*T) *string
}

func newShelf[T any](dn func(*T) *string) shelf[T] {
	return shelf[T]{byDN: map[string]*T{}, named: map[string][]*T{}, dn: dn}
}

// add puts an object on the shelf. A name is in the shelf's own form: that of a
// receive connector has its server before it.
func (s *shelf[T]) add(name string, v *T) {
	s.all = append(s.all, v)
	if key := keyDN(*s.dn(v)); s.byDN[key] == nil {
		s.byDN[key] = v
	}
	name = strings.ToLower(name)
	s.named[name] = append(s.named[name], v)
}

// find looks for an object by its distinguished name or, where it or the one
// sought has none, by its name; several of that name are none.
func (s *shelf[T]) find(dn, name string) (v *T, several bool) {
	if v := s.byDN[keyDN(dn)]; v != nil && !bare(dn) {
		return v, false
	}
	all := s.named[strings.ToLower(name)]
	if i := slices.IndexFunc(all, func(v *T) bool { return bare(*s.dn(v)) }); i >= 0 {
		return all[i], false
	}
	if !bare(dn) || len(all) == 0 {
		return nil, false
	}
	if len(all) > 1 {
		return nil, true
	}
	return all[0], false
}

// learn gives an object the distinguished name that another source tells.
func (s *shelf[T]) learn(v *T, dn string) {
	if at := s.dn(v); bare(*at) && !bare(dn) {
		*at = dn
		s.byDN[keyDN(dn)] = v
	}
}

// full is the distinguished name of the one object of a name; the name itself
// where it is unknown, or that of several.
func (s *shelf[T]) full(name string) string {
	if !bare(name) {
		return name
	}
	if all := s.named[strings.ToLower(NameOf(name))]; len(all) == 1 {
		return *s.dn(all[0])
	}
	return name
}
