package collectors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

// sums works out the hashes of the evidence files, beside their reading: nobody
// has to wait for them.
func sums() *diag.Collector {
	col := diag.NewCollector("file sums", "reads the evidence files that you named, for their SHA-256", evidence.FileSums,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.FileSum, error) {
			var all []evidence.FileSum
			for _, f := range evidence.Files.In(e) {
				if f.Bytes == 0 || f.SHA256 != "" || strings.Contains(f.Path, parting) {
					continue
				}
				if s, err := sumOf(ctx, w, f.Path); err == nil {
					all = append(all, evidence.FileSum{Path: f.Path, SHA256: s})
				}
			}
			return all, nil
		})
	col.Offline = true
	return col
}

func sumOf(ctx context.Context, w diag.World, path string) (string, error) {
	f, err := w.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, &stoppable{ctx, f}, make([]byte, 256<<10)); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
