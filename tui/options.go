package tui

import (
	"context"
	"os"
	"path/filepath"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
)

// Options says what the front end works with.
type Options struct {
	Catalog *diag.Catalog
	World   func(source string) diag.World // the world, with connections from this address if it is not ""
	Tool    string                         // name and version, for the record
	State   string                         // folder for autosaved cases and settings; "" is mailflow in the user's configuration folder
	Answers map[string]string              // to begin a new case with, by input name
	Now     func() time.Time               // nil is time.Now
}

func (opt Options) complete() Options {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.State == "" {
		if dir, err := os.UserConfigDir(); err == nil {
			opt.State = filepath.Join(dir, "mailflow")
		}
	}
	return opt
}

// Run shows the front end on the terminal until the operator leaves it. When
// it returns, a run that was under way has ended, and what it found is saved.
func Run(ctx context.Context, opt Options) error {
	m := New(opt)
	m.ctx = ctx
	defer m.finish()
	_, err := tea.NewProgram(m, tea.WithContext(ctx), tea.WithAltScreen(), tea.WithMouseCellMotion()).Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
