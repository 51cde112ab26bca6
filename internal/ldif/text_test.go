package ldif

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailflow/internal/charset"
)

// bufferSize is where a line begins to come in pieces.
const bufferSize = charset.BufferSize

// What is one character shows only when the line is whole again; one value in
// ANSI says nothing of the others.
func TestCharactersOfAValue(t *testing.T) {
	in := lines("dn: CN=K\xC3", " \xB6ln", "a: \xE2\x82", " \xAC 5", "b: \xF6", "c: \xC3\xB6")
	want := lines("1 CN=Köln", `  a="€ 5"`, `  b="ö"`, `  c="ö"`)
	if diff := cmp.Diff(want, show(Entries, strings.NewReader(in))); diff != "" {
		t.Error(diff)
	}
}
