package diag

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"
)

// SchemaVersion is the version of the case file: the events of a run, one JSON
// object a line.
const SchemaVersion = "mailflow-case/1"

// An Event is one step of a run; exactly one of the pointers is set. The
// stream stays valid with every Started and Noted removed.
type Event struct {
	At       time.Time `json:"at"`
	Opened   *Opened   `json:"opened,omitempty"`
	Started  *Started  `json:"started,omitempty"`
	Noted    *Noted    `json:"noted,omitempty"`
	Gathered *Item     `json:"gathered,omitempty"`
	Judged   *Judged   `json:"judged,omitempty"`
	Closed   *Closed   `json:"closed,omitempty"`
}

// Opened begins a run: the case and its plan.
type Opened struct {
	Schema  string   `json:"schema"`
	Tool    string   `json:"tool"` // name and version of the program
	Label   string   `json:"label,omitempty"`
	Case    string   `json:"case,omitempty"`
	Symptom string   `json:"symptom,omitempty"`
	Offline bool     `json:"offline,omitempty"`
	Inputs  []Answer `json:"inputs,omitempty"`
	Plan    Plan     `json:"plan"`
}

// An Answer is what the operator gave for one input. A secret's Value is empty.
type Answer struct {
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Secret bool   `json:"secret,omitempty"`
}

// Started says that a collector or an analyzer began.
type Started struct {
	Node string `json:"node"`
	Kind string `json:"kind,omitempty"` // what it provides; empty for an analyzer
}

// Noted is progress, in words, for the operator who waits.
type Noted struct {
	Node string `json:"node"`
	Text string `json:"text"`
}

// An Item is one kind of evidence: its value, or why it could not be had.
type Item struct {
	Kind     string          `json:"kind"`
	By       string          `json:"by,omitempty"` // the collector, or "operator"
	Began    time.Time       `json:"began,omitzero"`
	TookNS   int64           `json:"took_ns,omitempty"`
	Derived  bool            `json:"derived,omitempty"`  // worked out from other evidence
	Secret   bool            `json:"secret,omitempty"`   // the value is not kept
	Replayed bool            `json:"replayed,omitempty"` // from an earlier run
	Value    json.RawMessage `json:"value,omitempty"`    // as a record has it; of a run see JSON
	Failed   []Failure       `json:"failed,omitempty"`   // each way tried in vain
	value    any
	has      bool
}

// JSON is the value as the case file has it, nil for none. Of a run it is made when
// it is asked for: most views have no use for it, and that of a large log takes as
// long as a quarter of the log.
func (it *Item) JSON() (json.RawMessage, error) {
	if it.Value != nil || !it.has || it.Secret {
		return it.Value, nil
	}
	return json.Marshal(it.value)
}

// MarshalJSON is the item in the case file.
func (it *Item) MarshalJSON() ([]byte, error) {
	type plain Item
	p, err := plain(*it), error(nil)
	if p.Value, err = it.JSON(); err != nil {
		p.Failed = append(slices.Clip(p.Failed), Failure{By: p.By, Why: "cannot be recorded: " + err.Error(), Bug: true})
	}
	return json.Marshal(p)
}

// Len is how many there are, where the evidence is a list.
func (it *Item) Len() (n int, list bool) {
	var all []json.RawMessage
	switch v := reflect.ValueOf(it.value); {
	case it.Secret:
	case v.Kind() == reflect.Slice && !v.IsNil():
		return v.Len(), true
	case json.Unmarshal(it.Value, &all) == nil && all != nil:
		return len(all), true
	}
	return 0, false
}

// A Failure is one way to get a kind of evidence that came to nothing.
type Failure struct {
	By  string `json:"by"`
	Why string `json:"why"`
	Bug bool   `json:"bug,omitempty"` // our fault: a crash
}

// Has says whether the evidence is there.
func (it *Item) Has() bool { return it.has || len(it.Value) > 0 || it.Secret && len(it.Failed) == 0 }

// Took is how long it took to get.
func (it *Item) Took() time.Duration { return time.Duration(it.TookNS) }

// Judged is what one analyzer concluded, or why it could not.
type Judged struct {
	Analyzer string    `json:"analyzer"`
	Findings []Finding `json:"findings,omitempty"`
	Lacks    []string  `json:"lacks,omitempty"` // kinds it needs that could not be had
	Bug      string    `json:"bug,omitempty"`   // it crashed: ours, not a mail fault
}

// Closed ends a run.
type Closed struct {
	TookNS      int64 `json:"took_ns"`
	Interrupted bool  `json:"interrupted,omitempty"`
}
