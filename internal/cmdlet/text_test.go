package cmdlet

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"mailflow/internal/charset"
)

func open(r io.Reader) *bufio.Reader { return charset.NewReader(r) }

// A head that ends inside of a character is still UTF-8, and what comes before
// keeps its columns.
func TestSniffCutInACharacter(t *testing.T) {
	list := "Größe      : 1\r\nSmartHosts : {}, ö"
	for end := strings.LastIndex(list, "ö"); end <= len(list); end++ {
		if got := Sniff([]byte(list[:end])); got != FL {
			t.Errorf("%q: %q", list[:end], got)
		}
	}
}

// TestWrappedByTheConsole: a value that went on at the left edge is put together;
// a line below a short one is still damage.
func TestWrappedByTheConsole(t *testing.T) {
	long := strings.Repeat("x", 70)
	in := "RunspaceId    : 1\r\nSourceContext : " + long + "\r\n" + long[:20] + "\r\nEventId       : SEND\r\n\r\nRunspaceId : 2\r\nwhat is this\r\n"
	var said []string
	var objects []*Object
	for o := range Objects(strings.NewReader(in), FL, func(p Problem) { said = append(said, p.What) }) {
		objects = append(objects, o)
	}
	if len(objects) != 1 || objects[0].Text("SourceContext") != strings.Repeat("x", 90) || objects[0].Text("EventId") != "SEND" || len(said) != 1 {
		t.Errorf("%+v %q", objects, said)
	}
}
