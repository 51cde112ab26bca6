// Package mailflow holds the files that the command carries with it.
package mailflow

import _ "embed"

// FoundingCase is the story that "mailflow demo" plays: Exchange 2003 hands
// mail to a 2007 hub with two addresses, of which one is dead.
//
//go:embed testdata/cases/founding-case.txtar
var FoundingCase []byte
