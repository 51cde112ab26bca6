//go:build linux

package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// duckdbEnv names a folder in which "npm install @duckdb/node-api" was run.
const duckdbEnv = "MAILFLOW_BENCH_DUCKDB"

// BenchmarkTrackingLogDuckDB is BenchmarkTrackingLog against DuckDB on two threads,
// with the question about delay alone.
func BenchmarkTrackingLogDuckDB(b *testing.B) {
	folder := os.Getenv(duckdbEnv)
	if folder == "" {
		b.Skip(duckdbEnv + " is not set: run npm install @duckdb/node-api in a folder and name it there")
	}
	name, ours := written(b, 1e9, tracked), command(b)
	var mine, peer []run
	for b.Loop() {
		db := exec.Command("node", "duckdb.js", name)
		db.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(folder, "node_modules"))
		peer = append(peer, gauge(b, db))
		mine = append(mine, gauge(b, exec.Command(ours, "run", "-q", "--offline", "--out", filepath.Join(b.TempDir(), "x.json"), name)))
	}
	told(b, mine, peer, "duckdb")
}
