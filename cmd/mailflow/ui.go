package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/internal/lab"
	"mailflow/tui"
)

// uiFlags are those of "mailflow" alone, which is the terminal interface.
type uiFlags struct {
	accessible bool
	story      string
}

func (f *uiFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.accessible, "accessible", false, "plain questions and lines instead of screens, for screen readers")
	flags.StringVar(&f.story, "story", "", "work on the mail world of this story file instead of the real one")
}

// run shows the terminal interface. Without a terminal it says what to do
// instead.
func (f *uiFlags) run(cmd *cobra.Command) error {
	opt := tui.Options{Catalog: catalog(), World: collectors.Live, Tool: tool()}
	if f.story != "" {
		stop, err := f.play(&opt)
		if err != nil {
			return incomplete(err)
		}
		defer stop()
	}
	if f.accessible {
		return ended(tui.Accessible(cmd.Context(), opt, cmd.InOrStdin(), cmd.OutOrStdout()))
	}
	if !terminal(cmd.InOrStdin()) || !terminal(cmd.OutOrStdout()) {
		return usage("the screens need a terminal, and this is none: \"mailflow run\" works without one (\"mailflow run --help\"), and \"mailflow --accessible\" asks plain questions")
	}
	return ended(tui.Run(cmd.Context(), opt))
}

// play puts a story's world in the place of the real one.
func (f *uiFlags) play(opt *tui.Options) (stop func(), err error) {
	var s *lab.Story
	if s, err = readStory(f.story); err != nil {
		return nil, err
	}
	w, stop, err := s.World()
	opt.World, opt.Answers = func(string) diag.World { return w }, s.Answers
	return stop, err
}

func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

func ended(err error) error {
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, context.Canceled):
		return &exit{exitInterrupted, errors.New("interrupted; the case is saved, and the start page offers it again")}
	}
	return incomplete(err)
}
