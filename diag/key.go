package diag

import (
	"encoding/json"
	"fmt"
)

// A Kind is a kind of evidence. Name is its stable name in case files
// ("dns.route"); Doc is one line for the operator who lacks it: what it is and
// how to get it.
type Kind struct {
	Name, Doc string
	decode    func([]byte) (any, error)
}

// AnyKey is a Key of whatever type.
type AnyKey interface{ Kind() *Kind }

// A Key names a kind of evidence and fixes the Go type of its value.
type Key[T any] struct{ kind *Kind }

// NewKey declares a kind of evidence. The value must survive a round trip
// through JSON: the case file is how it is kept.
func NewKey[T any](name, doc string) Key[T] {
	decode := func(b []byte) (any, error) {
		var v T
		err := json.Unmarshal(b, &v)
		return v, err
	}
	return Key[T]{&Kind{Name: name, Doc: doc, decode: decode}}
}

// Kind returns the kind without its type.
func (k Key[T]) Kind() *Kind { return k.kind }

// In returns the value of evidence that the reader declared in Needs.
func (k Key[T]) In(e Evidence) T {
	v, ok := k.Lookup(e)
	if !ok {
		panic(fmt.Sprintf("%s reads %s, which is not there: declare it in Needs", e.reader, k.kind.Name))
	}
	return v
}

// Lookup returns the value of evidence that the reader declared in Uses, and
// whether there is any.
func (k Key[T]) Lookup(e Evidence) (T, bool) {
	if !e.declared[k.kind] {
		panic(fmt.Sprintf("%s reads %s without declaring it in Needs or Uses", e.reader, k.kind.Name))
	}
	v, ok := e.values[k.kind].(T)
	return v, ok
}

// Evidence is what one reader declared that it reads, and nothing else.
type Evidence struct {
	reader   string
	declared map[*Kind]bool
	values   map[*Kind]any
}

// A Given is a piece of evidence in a test's hands; see Give.
type Given struct {
	kind  *Kind
	value any
}

// Give pairs a key with a value, for NewEvidence.
func Give[T any](k Key[T], v T) Given { return Given{k.kind, v} }

// NewEvidence makes evidence by hand, so that an analyzer can be tested by a
// value. Keys in absent are declared without a value.
func NewEvidence(absent []AnyKey, given ...Given) Evidence {
	e := newEvidence("test", absent)
	for _, g := range given {
		e.declared[g.kind] = true
		e.values[g.kind] = g.value
	}
	return e
}

func newEvidence(reader string, keys ...[]AnyKey) Evidence {
	e := Evidence{reader, map[*Kind]bool{}, map[*Kind]any{}}
	for _, list := range keys {
		for _, k := range list {
			e.declared[k.Kind()] = true
		}
	}
	return e
}
