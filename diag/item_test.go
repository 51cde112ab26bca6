package diag

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// An item says the same of itself before it is recorded and after.
func TestItem(t *testing.T) {
	for want, it := range map[string]*Item{
		`{"kind":"k","value":["a","b"]}`: {Kind: "k", value: []string{"a", "b"}, has: true},
		`{"kind":"k","value":null}`:      {Kind: "k", value: []string(nil), has: true},
		`{"kind":"k","value":{"x":1}}`: {Kind: "k", value: struct {
			X int `json:"x"`
		}{1}, has: true},
		`{"kind":"k","secret":true}`: {Kind: "k", value: "hunter2", has: true, Secret: true},
		`{"kind":"k","value":[1]}`:   {Kind: "k", Value: json.RawMessage(`[1]`)},
		`{"kind":"k","value":"a<b"}`: {Kind: "k", Value: json.RawMessage(`"a<b"`)},
	} {
		b, err := json.Marshal(it)
		if got := strings.ReplaceAll(string(b), `\u003c`, "<"); err != nil || got != want {
			t.Errorf("%s, want %s: %v", got, want, err)
		}
		var read Item
		if err := json.Unmarshal(b, &read); err != nil {
			t.Fatal(err)
		}
		n, list := it.Len()
		if again, listAgain := read.Len(); n != again || list != listAgain || list != strings.Contains(want, "[") {
			t.Errorf("%s: %d %v, recorded %d %v", want, n, list, again, listAgain)
		}
	}
}

// What cannot be written is said, and the rest is written.
func TestItemThatCannotBeRecorded(t *testing.T) {
	b, err := json.Marshal(&Item{Kind: "k", By: "c", value: math.NaN(), has: true})
	if err != nil || !strings.Contains(string(b), `"failed":[{"by":"c","why":"cannot be recorded: `) || strings.Contains(string(b), `"value"`) {
		t.Errorf("%s %v", b, err)
	}
}
