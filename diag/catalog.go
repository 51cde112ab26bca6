package diag

import (
	"context"
	"io"
	"net"
)

// A World is everything outside the process that a collector may touch. Live,
// demonstration and test runs differ in it and in the Case, and nowhere else.
type World struct {
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	Open func(name string) (io.ReadCloser, error)
	Note func(text string) // progress; Run sets it, and notes each Dial and Open too
}

// An Input is evidence that only the operator can give. Its name is that of
// the kind it provides.
type Input struct {
	Provides AnyKey
	Prompt   string // the question
	Example  string // an answer that would do
	Default  string // the answer when there is none; "" leaves the evidence absent
	Secret   bool   // the answer is never written to a file
	Parse    func(answer string) (any, error)
}

// A Collector is a way to get a kind of evidence. Several may provide the same
// kind: the first whose needs are met runs, and the next if it fails.
type Collector struct {
	Name     string
	Does     string // for consent: "opens TCP port 25 of each address of the next hops"
	Provides AnyKey
	Needs    []AnyKey
	Uses     []AnyKey                // read when present
	Offline  bool                    // asks nobody, so it runs offline too: a clock, files handed over
	Plan     func(Evidence) []string // what it would touch with these answers, in words; nil if Does says all
	derived  bool
	run      func(context.Context, World, Evidence) (any, error)
}

// NewCollector makes a collector that touches the world. When the context ends
// it returns what it has; an error means that there is nothing.
func NewCollector[T any](name, does string, key Key[T], needs, uses []AnyKey, f func(context.Context, World, Evidence) (T, error)) *Collector {
	run := func(ctx context.Context, w World, e Evidence) (any, error) { return f(ctx, w, e) }
	return &Collector{Name: name, Does: does, Provides: key, Needs: needs, Uses: uses, run: run}
}

// Derive makes a collector that touches nothing; it is worked out anew on
// replay, so a better reader improves yesterday's case.
func Derive[T any](name string, key Key[T], needs, uses []AnyKey, f func(Evidence) (T, error)) *Collector {
	run := func(_ context.Context, _ World, e Evidence) (any, error) { return f(e) }
	return &Collector{Name: name, Provides: key, Needs: needs, Uses: uses, derived: true, run: run}
}

// An Analyzer judges evidence. Run is pure: it is given no World and no
// context, so it cannot do I/O and cannot hang.
type Analyzer struct {
	Name   string
	Doc    string   // what it judges and why that delays mail
	Needs  []AnyKey // without these it does not run
	Uses   []AnyKey // read when present
	Causes []*Cause // every cause that Run may report
	Run    func(Evidence) []Finding
}

// A Cause is one catalogued reason for a delay. Text and Ruled are sentences
// with {name} for each argument; a part in [brackets] is left out when an
// argument in it is missing. {subject} is the finding's subject.
type Cause struct {
	Code     string
	Title    string   // a few words
	Text     string   // the finding as a sentence
	Ruled    string   // the sentence when it is excluded
	About    string   // what it is and why mail waits for it
	Read     string   // what was read, and which threshold decides
	Remedy   string   // what to do
	Refs     []string // RFC section, KB article, page
	Severity Severity
	Behind   []*Cause // causes that, once confirmed for the same subject, explain this one away
	Place    bool     // it says where mail waits and not yet why: once it is confirmed there is more to find out
	Tests    []Test   // what the operator could do to tell it from others
}

// A Symptom is what the operator came with; it chooses the analyzers.
type Symptom struct {
	Name      string // "outbound-delayed"
	Title     string // the wording of the Exchange Troubleshooting Assistant
	Plain     string // the complaint in plain words
	Analyzers []*Analyzer
	Gaps      []string // what this symptom needs that no analyzer here judges yet
}

// A Catalog is everything the engine knows: explicit lists, no registry.
type Catalog struct {
	Inputs     []*Input
	Collectors []*Collector
	Symptoms   []*Symptom
	Always     []AnyKey // gathered in every run, whatever the symptom
}

// Symptom finds a symptom by name; nil if there is none.
func (cat *Catalog) Symptom(name string) *Symptom {
	for _, s := range cat.Symptoms {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Analyzers lists the analyzers of a symptom, or of every symptom for "".
func (cat *Catalog) Analyzers(symptom string) []*Analyzer {
	if s := cat.Symptom(symptom); s != nil {
		return s.Analyzers
	}
	var all []*Analyzer
	seen := map[*Analyzer]bool{}
	for _, s := range cat.Symptoms {
		for _, a := range s.Analyzers {
			if !seen[a] {
				seen[a] = true
				all = append(all, a)
			}
		}
	}
	return all
}

// Causes lists every cause of the catalog once, in the order of the analyzers.
// Several may report one: a reply of a server and its event log tell the same.
func (cat *Catalog) Causes() []*Cause {
	var all []*Cause
	seen := map[*Cause]bool{}
	for _, a := range cat.Analyzers("") {
		for _, c := range a.Causes {
			if !seen[c] {
				seen[c] = true
				all = append(all, c)
			}
		}
	}
	return all
}

// Cause finds a cause by its code; nil if there is none.
func (cat *Catalog) Cause(code string) *Cause {
	for _, c := range cat.Causes() {
		if c.Code == code {
			return c
		}
	}
	return nil
}

// Input finds an input by its name; nil if there is none.
func (cat *Catalog) Input(name string) *Input {
	for _, in := range cat.Inputs {
		if in.Provides.Kind().Name == name {
			return in
		}
	}
	return nil
}

func (cat *Catalog) inputFor(k *Kind) *Input {
	for _, in := range cat.Inputs {
		if in.Provides.Kind() == k {
			return in
		}
	}
	return nil
}

func (cat *Catalog) collectorsFor(k *Kind) []*Collector {
	var ways []*Collector
	for _, c := range cat.Collectors {
		if c.Provides.Kind() == k {
			ways = append(ways, c)
		}
	}
	return ways
}

// kinds lists every kind that the analyzers read, and what those are made of,
// each after what it is made from.
func (cat *Catalog) kinds(analyzers []*Analyzer) []*Kind {
	var order []*Kind
	seen := map[*Kind]bool{}
	var visit func(keys []AnyKey)
	visit = func(keys []AnyKey) {
		for _, key := range keys {
			k := key.Kind()
			if seen[k] {
				continue
			}
			seen[k] = true
			for _, c := range cat.collectorsFor(k) {
				visit(c.Needs)
				visit(c.Uses)
			}
			order = append(order, k)
		}
	}
	visit(cat.Always)
	for _, a := range analyzers {
		visit(a.Needs)
		visit(a.Uses)
	}
	return order
}

// dependsOn says whether a kind is made, however indirectly, from one of the
// named inputs.
func (cat *Catalog) dependsOn(kind string, inputs map[string]bool) bool {
	seen := map[string]bool{}
	var visit func(name string) bool
	visit = func(name string) bool {
		if inputs[name] {
			return true
		}
		if seen[name] {
			return false
		}
		seen[name] = true
		for _, c := range cat.Collectors {
			if c.Provides.Kind().Name != name {
				continue
			}
			for _, k := range append(append([]AnyKey{}, c.Needs...), c.Uses...) {
				if visit(k.Kind().Name) {
					return true
				}
			}
		}
		return false
	}
	return visit(kind)
}
