package collectors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/bpa"
	"mailflow/internal/charset"
	"mailflow/internal/cmdlet"
	"mailflow/internal/eventlog"
	"mailflow/internal/exlog"
	"mailflow/internal/ldif"
	"mailflow/internal/maillog"
	"mailflow/internal/queuelist"
	"mailflow/internal/regfile"
)

// Bounds of the evidence that an operator hands over.
const (
	maxFiles = 10000
	maxDepth = 16
)

// files lists what the operator handed over and says of each file what it is.
// A format that nobody here reads is listed as unread, never passed over.
func files() *diag.Collector {
	col := diag.NewCollector("files", "reads the evidence files that you named", evidence.Files,
		[]diag.AnyKey{evidence.Paths}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.File, error) {
			walk := &walk{ctx: ctx, w: w}
			for _, path := range evidence.Paths.In(e) {
				walk.named(path)
			}
			return walk.found, nil
		})
	col.Offline = true
	return col
}

type walk struct {
	ctx   context.Context
	w     diag.World
	found []evidence.File
}

// named takes a path as the operator said it. Two slashes in a row part an
// archive from what is in it, and so may not stand elsewhere.
func (k *walk) named(path string) {
	if strings.Contains(path, parting) {
		path = filepath.Clean(path)
	}
	k.visit(path, 0)
}

func (k *walk) visit(path string, depth int) {
	if k.full(path) || k.ctx.Err() != nil {
		return
	}
	f, err := k.w.Open(path)
	if err != nil {
		k.unread(path, err.Error())
		return
	}
	defer f.Close()
	if stat, ok := f.(interface{ Stat() (fs.FileInfo, error) }); ok {
		info, err := stat.Stat()
		switch {
		case err == nil && info.IsDir():
			k.folder(path, f, depth)
			return
		case err == nil && !info.Mode().IsRegular():
			k.unread(path, "no ordinary file")
			return
		}
	}
	left := int64(maxUnpacked)
	k.take(path, f, &opened{left: &left})
}

// take reads one file, and what is in it.
func (k *walk) take(path string, f io.Reader, in *opened) {
	file, whole := identify(k.ctx, path, f)
	k.found = append(k.found, file)
	if packed(file.Format) {
		k.unpack(len(k.found)-1, whole, in)
	}
}

// full ends the walk where enough is found, and says so once.
func (k *walk) full(path string) bool {
	if len(k.found) == maxFiles {
		k.unread(path, fmt.Sprintf("this and what comes behind it: more than %d files", maxFiles))
	}
	return len(k.found) > maxFiles
}

func (k *walk) unread(path, why string) {
	k.found = append(k.found, evidence.File{Path: path, Unread: why})
}

func (k *walk) folder(path string, f io.Reader, depth int) {
	dir, ok := f.(fs.ReadDirFile)
	if !ok || depth == maxDepth {
		k.unread(path, fmt.Sprintf("a folder %d levels down", depth))
		return
	}
	entries, err := dir.ReadDir(maxFiles + 1)
	if err != nil && err != io.EOF {
		k.unread(path, err.Error())
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return bytes.Compare([]byte(a.Name()), []byte(b.Name())) })
	for _, entry := range entries {
		name := filepath.Join(path, entry.Name())
		switch {
		case k.full(name):
			return
		case entry.Type()&fs.ModeSymlink != 0: // it may lead in a circle, or out of the folder
			k.unread(name, "a symbolic link, which is not followed: name its target")
		case entry.IsDir() || entry.Type().IsRegular():
			k.visit(name, depth+1)
		default: // opening a pipe would wait for its writer
			k.unread(name, "no ordinary file")
		}
	}
}

// identify says what a file is, by how it begins. One that is not on a disk is
// read as a whole, for its size and its hash: see sums for the others. Of an
// archive it gives the content too, where that can be had a second time.
func identify(ctx context.Context, path string, f io.Reader) (evidence.File, *content) {
	file := evidence.File{Path: path}
	at, onDisk := f.(io.ReaderAt)
	sum, start := sha256.New(), &head{whole: !onDisk}
	var n int64
	var err error
	if size, known := sizeOf(f); known && onDisk {
		_, err = io.Copy(start, &stoppable{ctx, io.LimitReader(f, maxHead)})
		n = size
	} else {
		n, err = io.Copy(io.MultiWriter(sum, start), &stoppable{ctx, f})
		file.SHA256 = hex.EncodeToString(sum.Sum(nil))
	}
	file.Bytes = n
	format := recognise(start.kept)
	switch {
	case err != nil && format != "" && !packed(format) && damaged(err): // its reader takes what there is, and says where it ends
		file.Format, file.SHA256 = format, ""
	case err != nil:
		file.Unread, file.SHA256 = because(err), ""
	case n == 0:
		file.Unread = "empty"
	case packed(format) && !onDisk && n > int64(len(start.kept)):
		file.Unread = errTooLarge.Error()
	case format != "":
		file.Format = format
	default:
		file.Unread = unknown(start.kept)
	}
	if !onDisk {
		at = bytes.NewReader(start.kept)
	}
	return file, &content{at, n}
}

// sizeOf is the size of a regular file.
func sizeOf(f io.Reader) (int64, bool) {
	if stat, ok := f.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := stat.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size(), true
		}
	}
	return 0, false
}

// What a file may be read as.
const (
	formatLDIF     = "LDIF"
	formatCSVDE    = "CSVDE"
	formatCLIXML   = "CLIXML"
	formatCSV      = "CSV"
	formatList     = "list"
	formatRegistry = "registry"
	formatBPA      = "BPA"
	formatZip      = "zip"
	formatGzip     = "gzip"
	formatZstd     = "zstd"
	formatLDAP     = "LDAP" // no file

	formatTracking     = "message tracking"
	formatTracking2003 = "message tracking 2003"
	formatPostfix      = "postfix log"
	formatExim         = "exim log"
	formatSendmail     = "sendmail log"
)

// logFormat names the logs of Exchange and of the SMTP service of Windows.
func logFormat(kind exlog.Kind) string {
	switch kind {
	case exlog.Tracking:
		return formatTracking
	case exlog.Tracking2003:
		return formatTracking2003
	case exlog.Receive:
		return "smtp receive log"
	case exlog.Send:
		return "smtp send log"
	case exlog.Protocol:
		return "smtp protocol log"
	case exlog.Connectivity:
		return "connectivity log"
	case exlog.W3CSMTP:
		return "smtp service log"
	}
	return ""
}

// mailFormat names the logs of other mail servers.
func mailFormat(kind maillog.Kind) string {
	switch kind {
	case maillog.Postfix:
		return formatPostfix
	case maillog.Exim:
		return formatExim
	case maillog.Sendmail:
		return formatSendmail
	}
	return ""
}

// recognise says what a file is by how it begins; "" when nobody here reads it.
// Who asks for more signs comes first: a CSV of a directory is a table too.
func recognise(start []byte) string {
	switch ldif.Sniff(start) {
	case "ldif":
		return formatLDIF
	case "csvde":
		return formatCSVDE
	}
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte("PK\x05\x06")): // the latter has no members (APPNOTE.TXT 4.3.16)
		return formatZip
	case bytes.HasPrefix(start, []byte("\x1f\x8b\x08")): // RFC 1952 2.3.1
		return formatGzip
	case isZstd(start):
		return formatZstd
	case isXML(start) && bpa.Sniff(start):
		return formatBPA
	case regfile.Sniff(start):
		return formatRegistry
	}
	text := charset.Head(start)
	if format := logFormat(exlog.Sniff(text)); format != "" {
		return format
	}
	if format := eventFormat(eventlog.Sniff(start)); format != "" {
		return format
	}
	if format := cmdlet.Sniff(start); format != "" {
		return subject(format, start)
	}
	if format := mailFormat(maillog.Sniff(text)); format != "" {
		return format
	}
	return string(queuelist.Sniff(start))
}

// isXML says whether a file begins like XML, in whatever encoding. To look for
// an element in what is none takes a while.
func isXML(start []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(start, "\xef\xbb\xbf\xff\xfe\x00 \t\r\n"), []byte("<"))
}

// maxHead is how much of a file says what it is.
const maxHead = 64 << 10

// A head keeps how a file begins, and if asked the whole of an archive.
type head struct {
	kept  []byte
	whole bool
}

func (h *head) Write(b []byte) (int, error) {
	room := maxHead
	if h.whole && (bytes.HasPrefix(h.kept, []byte("PK")) || bytes.HasPrefix(h.kept, []byte("\x1f\x8b")) || isZstd(h.kept)) {
		room = maxInMemory
	}
	h.kept = append(h.kept, b[:max(0, min(len(b), room-len(h.kept)))]...)
	return len(b), nil
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(b)
}
