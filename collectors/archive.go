package collectors

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"strings"

	"mailflow/diag"
)

// Bounds on what an archive may ask for, whoever made it. Nothing of it is ever
// written to disk.
const (
	maxNested    = 3        // archives inside of each other
	maxInMemory  = 64 << 20 // bytes of an archive inside another, which is held as a whole
	maxUnpacked  = 4 << 30  // bytes that come out of one file on disk; a day of logs is less
	maxRatio     = 200      // how much larger than packed a file may be; logs shrink to a thirtieth
	freeOfRatio  = 64 << 20 // bytes up to which that does not matter
	maxDirectory = 8 << 20  // bytes of the list of what is in an archive: 10,000 long names
	maxLabel     = 255      // bytes of a name
)

// parting parts an archive from what is in it: case.zip//exports/org.ldf. No
// cleaned path has two slashes but at its start, so that it names no file on
// disk.
const parting = "//"

var (
	errTooLarge  = errors.New("an archive of more than 64 MiB inside another: unpack it and name the files")
	errBomb      = errors.New("unpacks to more than 200 times its size: refused; if it is sound, unpack it and name the file")
	errAllSpent  = errors.New("more than 4 GiB come out of this archive: unpack it and name the files")
	errDirectory = errors.New("its list of contents is longer than 8 MiB: unpack it and name the files")
)

func packed(format string) bool {
	return format == formatZip || format == formatGzip || format == formatZstd
}

// damaged says whether reading ended because the content is, and not for a
// reason of ours or of the disk's.
func damaged(err error) bool {
	var corrupt flate.CorruptInputError
	for _, e := range []error{io.ErrUnexpectedEOF, zip.ErrChecksum, zip.ErrFormat, gzip.ErrChecksum, gzip.ErrHeader, errZstd} {
		if errors.Is(err, e) {
			return true
		}
	}
	return errors.As(err, &corrupt)
}

// because is why a file could not be read.
func because(err error) string {
	if damaged(err) {
		return "damaged: " + err.Error()
	}
	return err.Error()
}

// content is what an archive is read from, in any order.
type content struct {
	io.ReaderAt
	size int64
}

// A member is one file in an archive.
type member struct {
	label string // its name, made fit to be shown
	size  int64  // bytes that it takes in the archive
	why   string // why it is not read, if it is not
	open  func() (io.ReadCloser, error)
}

// members lists what is in an archive, in the order that it has there.
func members(format string, c *content, name string) ([]member, error) {
	if format == formatGzip || format == formatZstd {
		return []member{lone(format, c, name)}, nil
	}
	rationed := &ration{c, maxDirectory}
	z, err := zip.NewReader(rationed, c.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // no name of it is ever opened
		return nil, err
	}
	rationed.left = math.MaxInt64
	z.RegisterDecompressor(zipZstd, unzstdInZip)
	var all []member
	unique := labels()
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, "/") && !f.Mode().IsDir() {
			size := int64(min(f.CompressedSize64, uint64(c.size))) // it may say anything
			all = append(all, member{unique(f.Name), size, unreadable(f), f.Open})
		}
	}
	return all, nil
}

// lone is what a format packs that holds one file.
func lone(format string, c *content, name string) member {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	switch ext := path.Ext(name); strings.ToLower(ext) {
	case ".gz", ".zst", ".zstd":
		name = name[:len(name)-len(ext)]
	}
	return member{label: label(name), size: c.size, open: func() (io.ReadCloser, error) {
		packed := io.NewSectionReader(c, 0, c.size)
		if format == formatZstd {
			return unzstd(packed)
		}
		return gzip.NewReader(packed)
	}}
}

// unreadable says why a file in a zip cannot be read (APPNOTE.TXT 4.4.4, 4.4.5).
func unreadable(f *zip.File) string {
	switch {
	case f.Flags&1 != 0:
		return "encrypted: unpack it and name the file"
	case !f.Mode().IsRegular():
		return "no ordinary file"
	case f.Method != zip.Store && f.Method != zip.Deflate && f.Method != zipZstd:
		return fmt.Sprintf("packed by method %d, which is not known here: unpack it and name the file", f.Method)
	}
	return ""
}

// labels gives names out, each once.
func labels() func(name string) string {
	taken, next := map[string]bool{}, map[string]int{}
	return func(name string) string {
		base := label(name)
		one := base
		for taken[one] {
			next[base]++
			one = fmt.Sprintf("%s (%d)", base, next[base]+1)
		}
		taken[one] = true
		return one
	}
}

// label makes of a name in an archive, which may hold anything, one to show.
func label(name string) string {
	name = strings.Map(func(r rune) rune {
		if diag.Unprintable(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(name, `\`, "/"), "\uFFFD"))
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' })
	name = strings.Join(parts, "/")
	if over := len(name) - maxLabel; over > 0 {
		name = "..." + strings.ToValidUTF8(name[over+3:], "")
		name = strings.ReplaceAll(name, ".../", "...")
	}
	if name == "" {
		return "unnamed"
	}
	return name
}

// A ration ends after so many bytes.
type ration struct {
	io.ReaderAt
	left int64
}

func (r *ration) ReadAt(b []byte, off int64) (int, error) {
	if r.left -= int64(len(b)); r.left < 0 {
		return 0, errDirectory
	}
	return r.ReaderAt.ReadAt(b, off)
}

// An opened is an archive, and what is in it by its label.
type opened struct {
	path    string
	level   int    // 1 for a file on disk; 0 is no archive
	left    *int64 // bytes that may still come out of the file on disk
	members map[string]member
	close   func() error
}

// unpacked is what a file in an archive says, as far as the bounds go.
type unpacked struct {
	io.ReadCloser
	size, n int64
	left    *int64
}

func (m member) unpack(left *int64) (io.ReadCloser, error) {
	if m.why != "" {
		return nil, errors.New(m.why)
	}
	if *left <= 0 {
		return nil, errAllSpent
	}
	f, err := m.open()
	if err != nil {
		return nil, err
	}
	return &unpacked{f, m.size, 0, left}, nil
}

func (u *unpacked) Read(b []byte) (int, error) {
	switch {
	case u.n > freeOfRatio && u.n/maxRatio > u.size:
		return 0, errBomb
	case *u.left <= 0:
		return 0, errAllSpent
	}
	n, err := u.ReadCloser.Read(b)
	u.n += int64(n)
	*u.left -= int64(n)
	return n, err
}

// unpack lists what is in an archive among the files found.
func (k *walk) unpack(at int, c *content, in *opened) {
	file := &k.found[at]
	all, err := members(file.Format, c, file.Path)
	switch {
	case in.level == maxNested:
		err = fmt.Errorf("an archive inside of %d others: unpack it and name the files", maxNested)
	case errors.Is(err, errDirectory):
	case err != nil:
		err = fmt.Errorf("a damaged archive, unpack what is left of it and name the files: %w", err)
	case len(all) == 0:
		err = errors.New("an archive with nothing in it")
	}
	if err != nil {
		file.Format, file.Unread = "", err.Error()
		return
	}
	path := file.Path // found moves as it grows
	for _, m := range all {
		name := path + parting + m.label
		if k.full(name) || k.ctx.Err() != nil {
			return
		}
		k.member(name, m, &opened{level: in.level + 1, left: in.left})
	}
}

func (k *walk) member(name string, m member, in *opened) {
	f, err := m.unpack(in.left)
	if err != nil {
		k.unread(name, because(err))
		return
	}
	defer f.Close()
	k.take(name, f, in)
}

// An opener opens evidence by the path that it is listed under. The last archive
// stays open, because what is in one stands together in the list.
type opener struct {
	ctx  context.Context
	w    diag.World
	open []*opened // each inside the one before
}

func newOpener(ctx context.Context, w diag.World) *opener { return &opener{ctx: ctx, w: w} }

// openEvidence opens a file on disk or one in an archive. What is in the reader's
// hands is of use until the next file is opened.
func (o *opener) openEvidence(name string) (io.ReadCloser, error) {
	archive, label, packed := within(name)
	if !packed {
		return o.w.Open(name)
	}
	if strings.Count(name[1:], parting) > maxNested {
		return nil, fmt.Errorf("%s: archives more than %d levels deep", name, maxNested)
	}
	in, err := o.archive(archive)
	if err != nil {
		return nil, err
	}
	o.w.Note("reads " + name)
	m, ok := in.members[label]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return m.unpack(in.left)
}

// within parts the path of a file in an archive.
func within(name string) (archive, label string, ok bool) {
	at := strings.LastIndex(name, parting)
	if at <= 0 {
		return "", name, false
	}
	return name[:at], name[at+len(parting):], true
}

// archive opens an archive and those that it is in, unless they are open.
func (o *opener) archive(name string) (*opened, error) {
	for i, in := range o.open {
		if in.path == name {
			o.shut(i + 1)
			return in, nil
		}
	}
	left := int64(maxUnpacked)
	in := &opened{path: name, level: 1, left: &left}
	if outer, _, nested := within(name); !nested {
		o.shut(0)
	} else if up, err := o.archive(outer); err != nil {
		return nil, err
	} else {
		in.level, in.left = up.level+1, up.left
	}
	if err := o.unpack(in); err != nil {
		return nil, err
	}
	o.open = append(o.open, in)
	return in, nil
}

// unpack lists what is in an archive.
func (o *opener) unpack(in *opened) error {
	f, err := o.openEvidence(in.path)
	if err != nil {
		return err
	}
	in.close = f.Close
	c, err := whole(&stoppable{o.ctx, f}, f)
	if err != nil {
		f.Close()
		return err
	}
	start := make([]byte, min(c.size, 4))
	_, _ = c.ReadAt(start, 0) // what it lacks, it is not recognised by
	all, err := members(recognise(start), c, in.path)
	if err != nil {
		f.Close()
		return err
	}
	in.members = map[string]member{}
	for _, m := range all {
		in.members[m.label] = m
	}
	return nil
}

// shut closes the archives from the nth on.
func (o *opener) shut(n int) {
	for _, in := range o.open[n:] {
		_ = in.close() // it was only read
	}
	o.open = o.open[:n]
}

// close closes what is still open.
func (o *opener) close() { o.shut(0) }

// whole is the content of a file: on disk, else in memory.
func whole(r io.Reader, f io.Reader) (*content, error) {
	at, onDisk := f.(io.ReaderAt)
	if stat, ok := f.(interface{ Stat() (fs.FileInfo, error) }); ok && onDisk {
		info, err := stat.Stat()
		if err != nil {
			return nil, err
		}
		return &content{at, info.Size()}, nil
	}
	b, err := io.ReadAll(io.LimitReader(r, maxInMemory+1))
	if err == nil && len(b) > maxInMemory {
		err = errTooLarge
	}
	return &content{bytes.NewReader(b), int64(len(b))}, err
}
