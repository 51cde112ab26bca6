package ldif

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	oracle "github.com/go-ldap/ldif"
	"github.com/google/go-cmp/cmp"
)

// object is an entry as a test makes it: a DN, and names and values in turn.
type object struct {
	DN    string
	Attrs []string
}

// objects makes some, with all that a value may hold.
func objects(r *rand.Rand) []object {
	names := []string{"cn", "member;range=0-1499", "userCertificate;binary", "msExchRoutingMasterDN", "x-1.2_3"}
	return slices.Collect(func(yield func(object) bool) {
		for i := range 1 + r.IntN(8) {
			o := object{DN: strings.ToValidUTF8(fmt.Sprintf("CN=%d%s", i, content(r)), "")}
			for range 1 + r.IntN(9) {
				o.Attrs = append(o.Attrs, names[r.IntN(len(names))], content(r))
			}
			if !yield(o) {
				return
			}
		}
	})
}

func content(r *rand.Rand) string {
	pieces := []string{"a", "Z", " ", ":", "<", "\\", ";", "\"", ",", "'", "X'", "#", "-", "é", "€", "𝄞", "\x00", "\xff", "\r", "\n", "0123456789abcdef", "dn: x"}
	var b strings.Builder
	for range r.IntN(1 << r.IntN(8)) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// plain says that a value can stand in LDIF as it is.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsAny(s, "\x00\r\n") && !strings.HasPrefix(s, " ") && !strings.HasPrefix(s, ":") && !strings.HasPrefix(s, "<")
}

// writeLDIF folds at any column, even inside a character.
func writeLDIF(r *rand.Rand, all []object, eol string) string {
	var b strings.Builder
	put := func(name, value string) {
		line := name + ": " + value
		if !plain(value) || r.IntN(4) == 0 {
			line = name + ":: " + base64.StdEncoding.EncodeToString([]byte(value))
		}
		for width := 1 + r.IntN(80); len(line) > width && width > 1; {
			b.WriteString(line[:width] + eol + " ")
			line = line[width:]
		}
		b.WriteString(line + eol)
	}
	for _, o := range all {
		put("dn", o.DN)
		b.WriteString("changetype: add" + eol)
		for i := 0; i < len(o.Attrs); i += 2 {
			put(o.Attrs[i], o.Attrs[i+1])
		}
		b.WriteString(eol)
	}
	return b.String()
}

// collect reads everything; any problem fails the test.
func collect(t *testing.T, read reader, in io.Reader) []object {
	t.Helper()
	var all []object
	for e := range read(in, func(p Problem) { t.Error(p.Line, p.What) }) {
		o := object{DN: e.DN}
		for name, value := range e.All() {
			o.Attrs = append(o.Attrs, string(name), string(value))
		}
		all = append(all, o)
	}
	return all
}

func TestRoundTrip(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(4, seed))
		want := objects(r)
		text := writeLDIF(r, want, []string{"\n", "\r\n"}[r.IntN(2)])
		if diff := cmp.Diff(want, collect(t, Entries, strings.NewReader(text))); diff != "" {
			t.Fatalf("seed %d: %s\n%s", seed, diff, text)
		}
	}
}

// What go-ldap/ldif can read, this package reads the same way.
func TestOracle(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(5, seed))
		all := objects(r)
		for _, o := range all {
			for i := 0; i < len(o.Attrs); i += 2 {
				o.Attrs[i] = strings.NewReplacer("=", "-", ".", "-", "_", "-").Replace(o.Attrs[i]) // the oracle refuses them
			}
		}
		text := writeLDIF(r, all, "\n")
		parsed, err := oracle.Parse(text)
		if err != nil {
			t.Fatalf("seed %d: the oracle: %v\n%s", seed, err, text)
		}
		ours := slices.Collect(func(yield func(*Entry) bool) {
			for e := range Entries(strings.NewReader(text), nil) {
				if !yield(e.Clone()) {
					return
				}
			}
		})
		if len(ours) != len(parsed.Entries) {
			t.Fatalf("seed %d: %d entries, want %d", seed, len(ours), len(parsed.Entries))
		}
		for i, p := range parsed.Entries {
			compare(t, ours[i], p)
		}
	}
}

func compare(t *testing.T, e *Entry, p *oracle.Entry) {
	t.Helper()
	if e.DN != p.Add.DN {
		t.Fatalf("DN %q, want %q", e.DN, p.Add.DN)
	}
	n := 0
	for _, a := range p.Add.Attributes {
		var got []string
		for name, value := range e.All() {
			if string(name) == a.Type {
				got = append(got, string(value))
			}
		}
		if diff := cmp.Diff(a.Vals, got); diff != "" {
			t.Fatalf("%s of %s: %s", a.Type, e.DN, diff)
		}
		n += len(got)
	}
	if n != len(e.attrs) {
		t.Fatalf("%s has %d values, want %d", e.DN, len(e.attrs), n)
	}
}

// A table that encoding/csv writes comes back as it was.
func TestCSVRoundTrip(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(6, seed))
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.UseCRLF = r.IntN(2) == 0
		put := func(s ...string) {
			if err := w.Write(s); err != nil {
				t.Fatal(err)
			}
		}
		put("DN", "a", "b")
		var want []object
		for i := range 1 + r.IntN(9) {
			o := object{DN: fmt.Sprintf("CN=%d,DC=x\"", i)}
			row := []string{o.DN, "", ""}
			for column, name := range []string{"a", "b"} {
				for range r.IntN(3) {
					value := strings.ToValidUTF8(strings.ReplaceAll(content(r), "\r", ""), "")
					if value == "" || strings.HasSuffix(value, "\\") || strings.Count(value, "\n") > 20 {
						continue
					}
					o.Attrs = append(o.Attrs, name, value)
					row[column+1] += ";" + cell(value)
				}
				row[column+1] = strings.TrimPrefix(row[column+1], ";")
			}
			put(row...)
			want = append(want, o)
		}
		w.Flush()
		text := b.String()
		if got := collect(t, CSV, strings.NewReader(text)); !slices.EqualFunc(want, got, same) {
			t.Fatalf("seed %d: %s\n%s", seed, cmp.Diff(want, got), text)
		}
	}
}

func same(a, b object) bool { return a.DN == b.DN && slices.Equal(a.Attrs, b.Attrs) }

// cell writes one of the values of a cell as csvde does.
func cell(value string) string {
	if strings.ContainsAny(value, "\x00\n") || strings.HasPrefix(value, "X'") {
		return "X'" + hex.EncodeToString([]byte(value)) + "'"
	}
	return strings.ReplaceAll(value, ";", "\\;")
}

// endless repeats a text until so many bytes are read.
type endless struct {
	text string
	at   int
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	e.left -= n
	return n, nil
}

// However long the file, a reader holds one entry.
func TestMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	ldifText := writeLDIF(r, objects(r), "\r\n")
	csvText := "DN,a,b\r\n" + strings.Repeat("\"CN=x,DC=y\",top;person,X'00ff'\r\n", 1000)
	for name, run := range map[string]struct {
		read reader
		text string
		size int
	}{"ldif": {Entries, ldifText, 100 << 20}, "utf-16": {Entries, wideText(ldifText, false, false), 40 << 20}, "csv": {CSV, csvText, 20 << 20}} {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		before, peak, n := m.HeapAlloc, uint64(0), 0
		for range run.read(&endless{text: run.text, left: run.size}, nil) {
			if n++; n%1000 == 0 {
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
		if n < 1000 || peak > before+16<<20 {
			t.Errorf("%s: %d entries, %d bytes before, %d at most", name, n, before, peak)
		}
	}
}
