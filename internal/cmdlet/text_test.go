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
