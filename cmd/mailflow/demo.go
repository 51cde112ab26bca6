package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"mailflow"
	"mailflow/diag"
	"mailflow/internal/lab"
)

func demoCommand() *cobra.Command {
	f := &runFlags{}
	story := ""
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play a mail world in this process and diagnose it",
		Long: `Plays a story: a small mail world with DNS zones and SMTP hosts and their habits,
inside this process. No port is opened and no network is touched. The diagnosis is
the real one. Without --story it is the founding case: Exchange 2003 hands mail to
an Exchange 2007 hub that has two addresses, of which one is dead.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.demo(cmd, story) },
	}
	flags := cmd.Flags()
	flags.StringVar(&story, "story", "", "the story file to play (docs/stories.md says how to write one)")
	flags.StringArrayVar(&f.out, "out", []string{"report.xml", "report.html"}, "a file to write, as with \"run\"; may be repeated")
	flags.StringVar(&f.failOn, "fail-on", "", "exit with 1 when a cause of this severity or worse is found (default: never)")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "in text: the evidence and every session too")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	return cmd
}

// demo finds something on purpose, so that finding it is no failure.
func (f *runFlags) demo(cmd *cobra.Command, path string) error {
	s, err := readStory(path)
	if err != nil {
		return incomplete(err)
	}
	w, stop, err := s.World()
	if err != nil {
		return incomplete(err)
	}
	defer stop()
	fmt.Fprintf(cmd.ErrOrStderr(), "The story: %s\n", s.Title)
	never := f.failOn == ""
	if never {
		f.failOn = "stopped"
	}
	err = f.diagnose(cmd, catalog(), storyCase(s), w)
	if e, ok := err.(*exit); ok && never && e.code == exitFound {
		return nil
	}
	return err
}

func readStory(path string) (*lab.Story, error) {
	text := mailflow.FoundingCase
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		text = b
	}
	s, err := lab.Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func storyCase(s *lab.Story) *diag.Case {
	return &diag.Case{Tool: tool(), Label: s.Label, ID: s.ID, Symptom: s.Symptom, Offline: s.Offline, Answers: s.Answers}
}
