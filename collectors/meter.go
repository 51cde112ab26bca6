package collectors

import (
	"fmt"
	"io"
	"time"

	"mailflow/diag"
)

// tell is how often the reading of a large file is told of.
const tell = 2 * time.Second

// A meter is a reader that tells how far it is: bytes, speed and time left.
type meter struct {
	r     io.Reader
	note  func(text string)
	name  string
	total int64 // bytes of the file, 0 if not known
	read  int64
	begun time.Time
	told  time.Time
}

func newMeter(w diag.World, r io.Reader, name string, total int64) *meter {
	now := time.Now()
	return &meter{r: r, note: w.Note, name: name, total: total, begun: now, told: now}
}

// Read notes how far it is, every few seconds.
func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.read += int64(n)
	if now := time.Now(); now.Sub(m.told) >= tell {
		m.told = now
		m.note(m.name + ": " + m.words(now.Sub(m.begun)))
	}
	return n, err
}

func (m *meter) words(took time.Duration) string {
	speed := float64(m.read) / took.Seconds()
	text := inMegabytes(m.read) + " read"
	if m.total > 0 {
		text = fmt.Sprintf("%s of %s read", inMegabytes(m.read), inMegabytes(m.total))
	}
	text += fmt.Sprintf(", %.0f MB/s", speed/1e6)
	if left := float64(m.total - m.read); m.total > 0 && left > 0 {
		text += ", " + diag.Seconds(max(time.Second, time.Duration(left/speed*float64(time.Second)).Round(time.Second))) + " left"
	}
	return text
}

func inMegabytes(n int64) string {
	if n >= 1e9 {
		return fmt.Sprintf("%.2f GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.0f MB", float64(n)/1e6)
}
