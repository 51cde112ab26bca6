package collectors

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// A part is one file of an archive in the making.
type part struct {
	name    string
	content []byte
}

func zipped(t testing.TB, parts ...part) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate}
		if len(p.content) < 100 { // a packer costs more than it saves
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(content)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb packs a little more than what is free of the ratio, in pieces that are
// all alike: deflated for a zip, and as a gzip of many members.
func bomb(t testing.TB) (inZip, inGzip []byte) {
	t.Helper()
	const piece = 1 << 20
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err == nil {
		_, err = w.Write(make([]byte, piece))
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	deflated := append(bytes.Repeat(packed.Bytes(), freeOfRatio/piece+4), 1, 0, 0, 0xff, 0xff) // a last, empty block
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	h := &zip.FileHeader{Name: "zeros", Method: zip.Deflate, CompressedSize64: uint64(len(deflated)), UncompressedSize64: freeOfRatio + 4*piece}
	raw, err := z.CreateRaw(h)
	if err == nil {
		_, err = raw.Write(deflated)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), bytes.Repeat(gzipped(t, make([]byte, piece)), freeOfRatio/piece+4)
}

// worldOf has these files and nothing else, without a way to jump about in them.
func worldOf(named map[string][]byte) diag.World {
	return diag.World{Note: func(string) {}, Open: func(name string) (io.ReadCloser, error) {
		if b, ok := named[name]; ok {
			return io.NopCloser(bytes.NewReader(b)), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}}
}

// told lists files as "path=format" or "path: why not".
func told(found []evidence.File) string {
	var all []string
	for _, f := range found {
		if f.Unread != "" {
			all = append(all, f.Path+": "+f.Unread)
		} else {
			all = append(all, f.Path+"="+f.Format)
		}
	}
	return strings.Join(all, "\n")
}

func TestFilesInAnArchive(t *testing.T) {
	org, notes := []byte(export), []byte("what we tried so far\n")
	deep := zipped(t, part{"4.ldf", org})
	for _, n := range []string{"3.zip", "2.zip", "1.zip"} {
		deep = zipped(t, part{n, deep})
	}
	for _, c := range []struct {
		name    string
		archive []byte
		want    string
	}{
		{"folders", zipped(t, part{"a/", nil}, part{"a/org.txt", org}, part{"a/b/notes", notes}),
			"x=zip\nx//a/org.txt=LDIF\nx//a/b/notes: no reader here knows this format yet"},
		{"compressed", gzipped(t, org), "x=gzip\nx//x=LDIF"},
		{"compressed in an archive", zipped(t, part{"a/org.ldf.gz", gzipped(t, org)}), "x=zip\nx//a/org.ldf.gz=gzip\nx//a/org.ldf.gz//org.ldf=LDIF"},
		{"archives in an archive", deep, "x=zip\nx//1.zip=zip\nx//1.zip//2.zip=zip\nx//1.zip//2.zip//3.zip: an archive inside of 3 others: unpack it and name the files"},
		{"twice the same name", zipped(t, part{"org.ldf", org}, part{"org.ldf", org}, part{"org.ldf (2)", org}, part{"/org.ldf", org}),
			"x=zip\nx//org.ldf=LDIF\nx//org.ldf (2)=LDIF\nx//org.ldf (2) (2)=LDIF\nx//org.ldf (3)=LDIF"},
		{"names that lead elsewhere", zipped(t, part{"../../etc/passwd", org}, part{`C:\a\b.ldf`, org}, part{"//server//share", org}, part{"a\x1b[2J\xff", org}, part{"", org}),
			"x=zip\nx//../../etc/passwd=LDIF\nx//C:/a/b.ldf=LDIF\nx//server/share=LDIF\nx//a\uFFFD[2J\uFFFD=LDIF\nx//unnamed=LDIF"},
		{"nothing", zipped(t), "x: an archive with nothing in it"},
		{"an empty file", zipped(t, part{"a", nil}), "x=zip\nx//a: empty"},
	} {
		w := worldOf(map[string][]byte{"x": c.archive})
		found := walked(t.Context(), w, "x")
		if got := told(found); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
		sameAgain(t, w, found)
	}
}

// sameAgain opens each file that a list holds, and wants what was listed.
func sameAgain(t *testing.T, w diag.World, found []evidence.File) {
	t.Helper()
	o := newOpener(t.Context(), w)
	defer o.close()
	for _, f := range found {
		if f.SHA256 == "" {
			continue
		}
		r, err := o.openEvidence(f.Path)
		if err != nil {
			t.Errorf("%s: %v", f.Path, err)
			continue
		}
		again, _ := identify(t.Context(), f.Path, struct{ io.Reader }{r})
		r.Close()
		if again.SHA256 != f.SHA256 || again.Bytes != f.Bytes {
			t.Errorf("%s is another file when it is opened again", f.Path)
		}
	}
}

func TestFilesInAnArchiveInAFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "mail"), 0o700); err != nil {
		t.Fatal(err)
	}
	inner := zipped(t, part{"deep/org.dat", wideText(export)})
	if err := os.WriteFile(filepath.Join(dir, "mail", "holiday.jpg"), zipped(t, part{"inner", inner}, part{"org.ldf", []byte(export)}), 0o600); err != nil {
		t.Fatal(err)
	}
	found := walked(t.Context(), Live(""), filepath.ToSlash(dir)+"//mail")
	base := filepath.Join(dir, "mail", "holiday.jpg")
	want := strings.Join([]string{base + "=zip", base + "//inner=zip", base + "//inner//deep/org.dat=LDIF", base + "//org.ldf=LDIF"}, "\n")
	if got := told(found); got != want {
		t.Errorf("%s\nwant:\n%s", got, want)
	}
	w := Live("")
	w.Note = func(string) {}
	sameAgain(t, w, found)
}

// flagged sets bit 0 of the flags of every file in a zip: it is encrypted.
func flagged(archive []byte) []byte {
	for _, header := range []struct {
		mark  string
		flags int
	}{{"PK\x01\x02", 8}, {"PK\x03\x04", 6}} {
		for at := 0; ; at++ {
			next := bytes.Index(archive[at:], []byte(header.mark))
			if next < 0 {
				break
			}
			at += next
			archive[at+header.flags] |= 1
		}
	}
	return archive
}

// method changes how every file in a zip says that it was packed.
func method(archive []byte, number byte) []byte {
	for at := 0; ; at++ {
		next := bytes.Index(archive[at:], []byte("PK\x01\x02"))
		if next < 0 {
			return archive
		}
		at += next
		archive[at+10] = number
	}
}

func TestDamagedAndHostileArchives(t *testing.T) {
	var org []byte
	for i := range 2000 {
		org = fmt.Appendf(org, "dn: CN=%x,DC=contoso,DC=com\nobjectClass: top\n\n", i*i)
	}
	sound := zipped(t, part{"org.ldf", org}, part{"b.txt", []byte("b")})
	torn := bytes.Clone(sound)
	copy(torn[len(torn)/2:], "damage") // in the packed export, behind what its unpacker holds back
	zipBomb, gzipBomb := bomb(t)
	for _, c := range []struct {
		name    string
		archive []byte
		want    []string // a part of each line
	}{
		{"encrypted", flagged(bytes.Clone(sound)), []string{"x=zip", "x//org.ldf: encrypted: unpack it", "x//b.txt: encrypted"}},
		{"unknown method", method(bytes.Clone(sound), 9), []string{"x=zip", "x//org.ldf: packed by method 9", "x//b.txt: packed by method 9"}},
		{"cut off in its list", sound[:len(sound)-30], []string{"x: a damaged archive"}},
		{"cut off before its list", sound[:len(sound)/2], []string{"x: a damaged archive"}},
		{"a bomb", zipBomb, []string{"x=zip", "x//zeros: unpacks to more than 200 times"}},
		{"a bomb by gzip", gzipBomb, []string{"x=gzip", "x//x: unpacks to more than 200 times"}},
		{"no gzip behind its mark", []byte("\x1f\x8b\x08 and no more"), []string{"x=gzip", "x//x: damaged"}},
		{"damaged inside", torn, []string{"x=zip", "x//org.ldf=LDIF", "x//b.txt: no reader"}},
	} {
		lines := strings.Split(told(walked(t.Context(), worldOf(map[string][]byte{"x": c.archive}), "x")), "\n")
		ok := len(lines) == len(c.want)
		for i := range min(len(lines), len(c.want)) {
			ok = ok && strings.HasPrefix(lines[i], c.want[i])
		}
		if !ok {
			t.Errorf("%s: %q, want %q", c.name, lines, c.want)
		}
	}
}

// What comes out of one file on disk is bounded over all of its archives.
func TestArchivesAreBoundedInAll(t *testing.T) {
	left := int64(100)
	k := &walk{ctx: t.Context(), w: worldOf(nil)}
	k.take("x", bytes.NewReader(zipped(t, part{"a", make([]byte, 90)}, part{"b", make([]byte, 90)}, part{"c", make([]byte, 90)})), &opened{left: &left})
	if len(k.found) != 4 || !strings.HasPrefix(k.found[3].Unread, "more than 4 GiB") || k.found[1].SHA256 == "" || k.found[3].SHA256 != "" {
		t.Errorf("%s", told(k.found))
	}
}

// A list of contents without end is not read to its end.
func TestArchiveWithAnEndlessList(t *testing.T) {
	var parts []part
	for i := range 200 {
		parts = append(parts, part{fmt.Sprintf("%d%s", i, strings.Repeat("n", 60000)), nil})
	}
	found := walked(t.Context(), worldOf(map[string][]byte{"x": zipped(t, parts...)}), "x")
	if len(found) != 1 || !strings.Contains(found[0].Unread, "list of contents") {
		t.Errorf("%.300s", told(found))
	}
}

// An archive of very many files is cut off where a folder is, and soon.
func TestArchiveOfManyFiles(t *testing.T) {
	var parts []part
	for i := range maxFiles + 10 {
		parts = append(parts, part{fmt.Sprintf("%05d.ldf", i), []byte("dn: DC=x\nobjectClass: top\n")})
	}
	w := worldOf(map[string][]byte{"x": zipped(t, parts...)})
	found := walked(t.Context(), w, "x", "y")
	if last := found[len(found)-1]; len(found) != maxFiles+1 || !strings.Contains(last.Unread, "more than 10000 files") {
		t.Fatalf("%d files, the last %+v", len(found), last)
	}
	o := newOpener(t.Context(), w)
	defer o.close()
	for _, f := range found[1:maxFiles] {
		r, err := o.openEvidence(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
}

// A path in an archive never leads to a file on disk, whatever it says.
func TestOpenEvidenceStaysInside(t *testing.T) {
	var asked []string
	w := worldOf(map[string][]byte{"x": zipped(t, part{"a", []byte("a")})})
	open := w.Open
	w.Open = func(name string) (io.ReadCloser, error) {
		asked = append(asked, name)
		return open(name)
	}
	o := newOpener(t.Context(), w)
	for _, path := range []string{"x//../../etc/passwd", "x//b", "x//a//b", "gone//a", "x//" + strings.Repeat("a//", 1000000)} {
		if f, err := o.openEvidence(path); err == nil {
			f.Close()
			t.Errorf("%.40s is there", path)
		}
	}
	o.close()
	slices.Sort(asked)
	if got := slices.Compact(asked); !slices.Equal(got, []string{"gone", "x"}) {
		t.Errorf("opened %q", got)
	}
}

func TestArchiveEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	k := &walk{ctx: ctx, w: worldOf(nil)}
	left := int64(maxUnpacked)
	archive := zipped(t, part{"a", []byte("a")}, part{"b", []byte("b")})
	file, whole := identify(ctx, "x", bytes.NewReader(archive))
	k.found = append(k.found, file)
	cancel()
	if k.unpack(0, whole, &opened{left: &left}); len(k.found) != 1 {
		t.Errorf("%s", told(k.found))
	}
}

// FuzzArchive: no archive makes more of itself than the bounds allow, and what
// is listed can be opened by the path that it is listed under.
func FuzzArchive(f *testing.F) {
	f.Add(zipped(f, part{"a/b.ldf", []byte(export)}, part{"../c", nil}, part{`d\e`, []byte("e")}))
	f.Add(zipped(f, part{"in.zip", zipped(f, part{"a", []byte("a")})}))
	f.Add(gzipped(f, []byte(export)))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, archive []byte) {
		w := worldOf(map[string][]byte{"x": archive})
		seen := map[string]bool{}
		found := walked(t.Context(), w, "x")
		for _, f := range found {
			if seen[f.Path] || strings.Count(f.Path, parting) > maxNested || strings.ContainsFunc(f.Path, diag.Unprintable) {
				t.Errorf("%q", f.Path)
			}
			seen[f.Path] = true
		}
		sameAgain(t, w, found)
	})
}
