//go:build linux

package bench

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mailflow/internal/exlog/exlogtest"
	"mailflow/internal/maillog/maillogtest"
)

// A run is a process that was measured from outside.
type run struct {
	wall, cpu time.Duration
	peak      float64 // megabytes
}

// gauge runs a command, whose exit status is not looked at. Linux counts the peak of
// the process that starts it as its own: this one has to stay small.
func gauge(tb testing.TB, c *exec.Cmd) run {
	tb.Helper()
	began := time.Now()
	out, err := c.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: it found something
		tb.Fatalf("%s: %v\n%s", c, err, out)
	}
	used := c.ProcessState.SysUsage().(*syscall.Rusage)
	return run{time.Since(began), c.ProcessState.UserTime() + c.ProcessState.SystemTime(), float64(used.Maxrss) / 1000}
}

// peerEnv names the program that this test binary is to be instead of a test.
const peerEnv = "MAILFLOW_BENCH_PEER"

func TestMain(m *testing.M) {
	if os.Getenv(peerEnv) == "encoding/csv" {
		if err := byEncodingCSV(os.Stdout, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// byEncodingCSV is what a first program would do with the same question: for each
// connector the percentiles of the time from the earliest RECEIVE of a message at a
// server to each SEND or DELIVER there, wherever in the file that row stands; the
// deferrals; and at what lag of 2 to 180 minutes the departures are most like
// themselves. It follows no message, and forgives no damage.
func byEncodingCSV(w io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
	r.Comment, r.ReuseRecord, r.FieldsPerRecord = '#', true, -1
	q := question{came: map[[2]string]int64{}, left: map[string][]departure{}}
	for {
		row, err := r.Read()
		if err == io.EOF {
			q.answer(w)
			return nil
		}
		if err == nil {
			err = q.take(row)
		}
		if err != nil {
			return err
		}
	}
}

// A question is what byEncodingCSV works out.
type question struct {
	came     map[[2]string]int64 // of a message at a server, in milliseconds
	left     map[string][]departure
	deferred int
}

type departure struct {
	at      int64
	message [2]string
}

// take reads the columns by their numbers in the rows of tracked.
func (q *question) take(row []string) error {
	at, err := time.Parse("2006-01-02T15:04:05.000Z", row[0])
	if err != nil {
		return err
	}
	switch row[8] {
	case "RECEIVE":
		key := [2]string{strings.Clone(row[10]), strings.Clone(row[4])}
		if first, ok := q.came[key]; !ok || at.UnixMilli() < first {
			q.came[key] = at.UnixMilli()
		}
	case "SEND", "DELIVER", "SENDEXTERNAL":
		name := strings.Clone(row[6])
		q.left[name] = append(q.left[name], departure{at.UnixMilli(), [2]string{strings.Clone(row[10]), strings.Clone(row[2])}})
	case "DEFER":
		q.deferred++
	}
	return nil
}

func (q *question) answer(w io.Writer) {
	for name, all := range q.left {
		var waits []int64
		minutes := map[int64]float64{}
		for _, d := range all {
			minutes[d.at/60_000]++
			if from, ok := q.came[d.message]; ok {
				waits = append(waits, d.at-from)
			}
		}
		if len(waits) == 0 {
			continue
		}
		slices.Sort(waits)
		lag, alike := likeness(minutes)
		fmt.Fprintln(w, name, len(waits), waits[len(waits)/2], waits[len(waits)*95/100], waits[len(waits)*99/100], lag, alike, q.deferred)
	}
}

// likeness is the lag at which counts by the minute are most like themselves.
func likeness(minutes map[int64]float64) (lag int64, best float64) {
	mean, square := 0.0, 0.0
	for _, n := range minutes {
		mean += n / float64(len(minutes))
	}
	for _, n := range minutes {
		square += (n - mean) * (n - mean)
	}
	for l := int64(2); l <= 180; l++ {
		sum := 0.0
		for at, n := range minutes {
			sum += (n - mean) * (minutes[at+l] - mean)
		}
		if sum/square > best {
			lag, best = l, sum/square
		}
	}
	return lag, best
}

// command builds the command, once for a benchmark.
func command(tb testing.TB) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "mailflow")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", name, "mailflow/cmd/mailflow").CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	return name
}

// written makes a log, and reads it once, so that the page cache has it.
func written(tb testing.TB, size int64, make func(io.Writer, uint64, int64) error) string {
	tb.Helper()
	f, err := os.CreateTemp(tb.TempDir(), "*.log")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	if err := make(f, 1, size); err != nil {
		tb.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		tb.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, f); err != nil {
		tb.Fatal(err)
	}
	return f.Name()
}

func tracked(w io.Writer, seed uint64, size int64) error {
	_, err := exlogtest.Tracking(w, seed, size)
	return err
}

func postfixed(w io.Writer, seed uint64, size int64) error {
	_, err := maillogtest.Postfix(w, seed, size)
	return err
}

// BenchmarkTrackingLog is a complete analysis of 1 GB of message tracking, from
// the command line to the report, against encoding/csv with the question about delay
// alone.
func BenchmarkTrackingLog(b *testing.B) {
	name, ours := written(b, 1e9, tracked), command(b)
	var mine, peer []run
	for b.Loop() {
		peers := exec.Command(os.Args[0], name)
		peers.Env = append(os.Environ(), peerEnv+"=encoding/csv")
		peer = append(peer, gauge(b, peers))
		mine = append(mine, gauge(b, exec.Command(ours, "run", "-q", "--offline", "--out", filepath.Join(b.TempDir(), "x.json"), name)))
	}
	told(b, mine, peer, "csv")
}

// BenchmarkPostfixLog is the same of 100 MB of a Postfix log against pflogsumm,
// where that is installed.
func BenchmarkPostfixLog(b *testing.B) {
	peerPath, err := exec.LookPath("pflogsumm")
	if err != nil {
		b.Skip("pflogsumm is not installed: apt-get install pflogsumm")
	}
	name, ours := written(b, 100e6, postfixed), command(b)
	var mine, peer []run
	for b.Loop() {
		peer = append(peer, gauge(b, exec.Command(peerPath, name)))
		mine = append(mine, gauge(b, exec.Command(ours, "run", "-q", "--offline", "--out", filepath.Join(b.TempDir(), "x.json"), name)))
	}
	told(b, mine, peer, "pflogsumm")
}

// Formats are the logs besides message tracking of 2007 and later and Postfix.
func formats() map[string]func(io.Writer, uint64, int64) error {
	exchange := func(make func(io.Writer, uint64, int64) (exlogtest.Counts, error)) func(io.Writer, uint64, int64) error {
		return func(w io.Writer, seed uint64, size int64) error {
			_, err := make(w, seed, size)
			return err
		}
	}
	mail := func(make func(io.Writer, uint64, int64) (maillogtest.Counts, error)) func(io.Writer, uint64, int64) error {
		return func(w io.Writer, seed uint64, size int64) error {
			_, err := make(w, seed, size)
			return err
		}
	}
	return map[string]func(io.Writer, uint64, int64) error{
		"tracking": tracked, "tracking-2003": exchange(exlogtest.Tracking2003), "smtp-receive": exchange(exlogtest.Receive), "smtp-send": exchange(exlogtest.Send),
		"connectivity": exchange(exlogtest.Connectivity), "w3c-smtp": exchange(exlogtest.W3C),
		"postfix": postfixed, "exim": mail(maillogtest.Exim), "sendmail": mail(maillogtest.Sendmail),
	}
}

// BenchmarkLogFormats is a complete analysis of 100 MB of each format, from the
// command line to the report; that of Exim against eximstats, where it is installed.
func BenchmarkLogFormats(b *testing.B) {
	const size = 100e6
	ours, all := command(b), formats()
	for _, format := range slices.Sorted(maps.Keys(all)) {
		b.Run(format, func(b *testing.B) {
			name := written(b, size, all[format])
			peerPath, err := exec.LookPath("eximstats")
			var mine, peer []run
			for b.Loop() {
				mine = append(mine, gauge(b, exec.Command(ours, "run", "-q", "--offline", "--out", filepath.Join(b.TempDir(), "x.json"), name)))
				if format == "exim" && err == nil {
					peer = append(peer, gauge(b, exec.Command(peerPath, "-nr", "-ne", name))) // without lists of 28 MB
				}
			}
			if len(peer) > 0 {
				told(b, mine, peer, "eximstats")
			}
			m := median(mine)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(size/1e6/m.wall.Seconds(), "MB/s")
			b.ReportMetric(m.cpu.Seconds(), "cpu-s")
			b.ReportMetric(m.peak, "MB")
		})
	}
}

// told reports the median of ours, and how often it goes into the peer's.
func told(b *testing.B, mine, peer []run, name string) {
	m, p := median(mine), median(peer)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(m.wall.Seconds(), "s")
	b.ReportMetric(m.cpu.Seconds(), "cpu-s")
	b.ReportMetric(m.peak, "MB")
	b.ReportMetric(p.wall.Seconds()/m.wall.Seconds(), name+"-wall-x")
	b.ReportMetric(p.cpu.Seconds()/m.cpu.Seconds(), name+"-cpu-x")
	b.ReportMetric(m.peak/p.peak, name+"-memory-share")
}

func median(all []run) run {
	pick := func(of func(run) float64) float64 {
		values := make([]float64, len(all))
		for i, r := range all {
			values[i] = of(r)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return run{time.Duration(pick(func(r run) float64 { return float64(r.wall) })), time.Duration(pick(func(r run) float64 { return float64(r.cpu) })),
		pick(func(r run) float64 { return r.peak })}
}

// BenchmarkLogGrowth is the memory for four times the log: one that does not grow
// with it is 1.
func BenchmarkLogGrowth(b *testing.B) {
	small, large, ours := written(b, 1_075e6, tracked), written(b, 4_300e6, tracked), command(b)
	var ratio float64
	for b.Loop() {
		if ratio > 0 {
			continue // once tells
		}
		a := gauge(b, exec.Command(ours, "run", "-q", "--offline", "--out", filepath.Join(b.TempDir(), "x.json"), small))
		c := gauge(b, exec.Command(ours, "run", "-q", "--offline", "--out", filepath.Join(b.TempDir(), "x.json"), large))
		ratio = c.peak / a.peak
		b.ReportMetric(c.peak, "MB")
		b.ReportMetric(c.wall.Seconds(), "s")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratio, "memory-x")
}
