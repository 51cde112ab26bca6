package collectors

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

const (
	zstdMagic     = "\x28\xb5\x2f\xfd" // RFC 8878 3.1.1
	zipZstd       = 93                 // APPNOTE.TXT 4.4.5
	maxZstdWindow = 1 << 27            // bytes that a file may ask to be held; the limit of the zstd program, too
)

var (
	errZstd   = errors.New("not what zstd writes")
	errWindow = errors.New("packed with more than 128 MiB to look back (zstd --long): unpack it and name the file")
)

// isZstd recognises what zstd packed.
func isZstd(start []byte) bool { return bytes.HasPrefix(start, []byte(zstdMagic)) }

// unzstd reads what zstd packed: one frame behind the other, without goroutines
// of its own.
func unzstd(in io.Reader) (io.ReadCloser, error) {
	source := &faultSource{Reader: in}
	d, err := zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
	if err != nil {
		return nil, err
	}
	return &zstdReader{d, source}, nil
}

// unzstdInZip is unzstd for a member of a zip.
func unzstdInZip(in io.Reader) io.ReadCloser {
	r, err := unzstd(in)
	if err != nil {
		return io.NopCloser(&faultSource{Reader: bytes.NewReader(nil), err: err})
	}
	return r
}

// A faultSource keeps the error of its reader, so that an error of the packed
// bytes can be told from one of the disk's.
type faultSource struct {
	io.Reader
	err error
}

func (f *faultSource) Read(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.Reader.Read(b)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

type zstdReader struct {
	*zstd.Decoder
	from *faultSource
}

func (z *zstdReader) Read(b []byte) (int, error) {
	n, err := z.Decoder.Read(b)
	switch {
	case err == nil || err == io.EOF:
	case z.from.err != nil:
		err = z.from.err
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		err = errWindow
	case !errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("%w: %v", errZstd, err)
	}
	return n, err
}

func (z *zstdReader) Close() error {
	z.Decoder.Close()
	return nil
}
