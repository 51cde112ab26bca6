// Command mailflow finds out why mail is late. This package holds flags,
// wiring and exit codes, and no logic.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // Windows has no time zones by their names

	"github.com/spf13/cobra"

	"mailflow/analyzers"
	"mailflow/collectors"
	"mailflow/diag"
)

// version is set by the Makefile; a build by "go install" knows its own.
var version = ""

// The exit codes.
const (
	exitOK          = 0
	exitFound       = 1
	exitUsage       = 2
	exitIncomplete  = 3
	exitInterrupted = 130
)

// An exit is an outcome with its code. Its text, if any, goes to stderr.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func usage(format string, args ...any) error { return &exit{exitUsage, fmt.Errorf(format, args...)} }

func incomplete(err error) error { return &exit{exitIncomplete, err} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { <-ctx.Done(); stop() }() // a second interrupt ends the program at once
	os.Exit(status(command().ExecuteContext(ctx)))
}

// status prints what went wrong and gives the exit code. What is no exit of
// ours comes from the command line itself.
func status(err error) int {
	if err == nil {
		return exitOK
	}
	var e *exit
	if !errors.As(err, &e) {
		e = &exit{exitUsage, err}
	}
	if text := e.Error(); text != "" {
		fmt.Fprintln(os.Stderr, "mailflow: "+text)
	}
	if e.code == exitUsage {
		fmt.Fprintln(os.Stderr, "\"mailflow --help\" and \"mailflow COMMAND --help\" say more.")
	}
	return e.code
}

func command() *cobra.Command {
	ui := &uiFlags{}
	root := &cobra.Command{
		Use:   "mailflow",
		Short: "Find out why mail is late",
		Long: `mailflow finds out why mail is late. From a symptom it asks DNS and the mail
servers on the way, judges what they say, and writes a report that names the
cause, its evidence, the remedy, and what could not be told.

It reads and asks, and changes nothing. No message is sent without --input send=yes.

Without a command it leads through a case on the screen.`,
		Example: `  mailflow
  mailflow run --symptom outbound-delayed --input next-hop=hub01.contoso.com --out report.xml
  mailflow run --input recipient=user@example.com --out report.html
  mailflow demo`,
		Version: ourVersion(), SilenceUsage: true, SilenceErrors: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return ui.run(cmd) },
	}
	ui.add(root)
	root.SetVersionTemplate("mailflow {{.Version}}\n")
	root.AddCommand(runCommand(), planCommand(), showCommand(), convertCommand(), explainCommand(), probeCommand(), demoCommand(), routeCommand(), orgCommand(), simulateCommand())
	return root
}

func ourVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}

func tool() string { return "mailflow " + ourVersion() }

// catalog is everything that this program knows.
func catalog() *diag.Catalog {
	return &diag.Catalog{Inputs: collectors.Inputs(), Collectors: collectors.All(), Symptoms: analyzers.Symptoms(), Always: collectors.Always()}
}
