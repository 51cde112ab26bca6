package collectors

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestZstd: what zstd packed is read alone, in archives and around them; what is
// damaged is said, with what could be read.
func TestZstd(t *testing.T) {
	org := []byte(export)
	packed := zstdPacked(t, org)
	var inside bytes.Buffer
	z := zip.NewWriter(&inside)
	z.RegisterCompressor(zipZstd, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
	w, err := z.CreateHeader(&zip.FileHeader{Name: "org.ldf", Method: zipZstd})
	if err == nil {
		_, err = w.Write(org)
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		content    []byte
		want       string
	}{
		{"alone", "org.ldf.zst", packed, "org.ldf.zst=zstd\norg.ldf.zst//org.ldf=LDIF"},
		{"in a zip", "x", zipped(t, part{"a/org.ldf.zst", packed}), "x=zip\nx//a/org.ldf.zst=zstd\nx//a/org.ldf.zst//org.ldf=LDIF"},
		{"around a zip", "x.zst", zstdPacked(t, zipped(t, part{"org.ldf", org})), "x.zst=zstd\nx.zst//x=zip\nx.zst//x//org.ldf=LDIF"},
		{"as a method of zip", "x", inside.Bytes(), "x=zip\nx//org.ldf=LDIF"},
		{"the mark and no more", "x", []byte(zstdMagic), "x=zstd\nx//x: damaged: unexpected EOF"},
	} {
		w := worldOf(map[string][]byte{c.path: c.content})
		found := walked(t.Context(), w, c.path)
		if got := told(found); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
		sameAgain(t, w, found)
	}
	wrong := bytes.Clone(packed)
	wrong[len(wrong)-1] ^= 1 // of the checksum
	if got := told(walked(t.Context(), worldOf(map[string][]byte{"x": wrong}), "x")); !strings.Contains(got, "x//x=LDIF") && !strings.Contains(got, "damaged") {
		t.Error(got)
	}
}

// TestZstdBounds: neither much out of little nor a far look back is given in to.
func TestZstdBounds(t *testing.T) {
	piece := zstdPacked(t, make([]byte, 1<<20))
	bomb := bytes.Repeat(piece, freeOfRatio>>20+4)
	found := walked(t.Context(), worldOf(map[string][]byte{"x": bomb}), "x")
	if last := found[len(found)-1]; !strings.Contains(last.Unread, "200 times") {
		t.Error(told(found))
	}
	window := append([]byte(zstdMagic), 0x00, 0xB0, 0x01, 0x00, 0x00) // a window of 4 GiB, RFC 8878 3.1.1.1.2
	r, err := unzstd(bytes.NewReader(window))
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if err == nil || !strings.Contains(err.Error(), "128 MiB") {
		t.Error(err)
	}
}
