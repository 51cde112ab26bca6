package tui

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
)

// A runner carries a case out beside the screen. Every event is saved as it
// happens; the screen fetches what has come ten times a second.
type runner struct {
	board  *switchboard
	cancel context.CancelFunc
	done   chan struct{} // closed when the run has ended and is saved

	mu    sync.Mutex // held for moments only
	came  []diag.Event
	ended bool
	file  string // where it is saved
	fault error  // why it is not
}

// A tickMsg says that it is time to look what has come.
type tickMsg struct{ of *runner }

const tickEvery = 100 * time.Millisecond

func (r *runner) tick() tea.Cmd {
	return tea.Tick(tickEvery, func(time.Time) tea.Msg { return tickMsg{r} })
}

// startRun begins a run, saved under the name in the folder.
func startRun(ctx context.Context, w diag.World, cat *diag.Catalog, c *diag.Case, folder, name string) *runner {
	ctx, cancel := context.WithCancel(ctx)
	r := &runner{board: newSwitchboard(w), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		defer cancel()
		r.follow(ctx, cat, c, folder, name)
	}()
	return r
}

func (r *runner) follow(ctx context.Context, cat *diag.Catalog, c *diag.Case, folder, name string) {
	s := createCase(folder, name)
	r.note(s)
	for ev := range diag.Run(ctx, r.board.through(), cat, c) {
		s.write(ev)
		r.mu.Lock()
		r.came = append(r.came, ev)
		r.mu.Unlock()
	}
	s.close()
	r.note(s)
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
}

func (r *runner) note(s *saver) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.file, r.fault = s.path, s.err
}

// take is what has come since the last time, and whether that was all.
func (r *runner) take() ([]diag.Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	came := r.came
	r.came = nil
	return came, r.ended
}

// savedAt is the case file, or why there is none.
func (r *runner) savedAt() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.file, r.fault
}
