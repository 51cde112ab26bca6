package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mailflow/diag"
	"mailflow/report"
)

func planCommand() *cobra.Command {
	f := &caseFlags{}
	asJSON := false
	cmd := &cobra.Command{
		Use:   "plan [flags] [EVIDENCE ...]",
		Short: "Say what would be asked and touched, before anything is",
		Long:  "Says which questions are open and what a run with these answers would touch. Nothing is touched.",
		RunE: func(cmd *cobra.Command, args []string) error {
			cat := catalog()
			f.warn = cmd.ErrOrStderr()
			c, err := f.build(cat, args)
			if err != nil {
				return err
			}
			p := cat.Plan(c)
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(p)
			}
			printPlan(cmd.OutOrStdout(), p)
			return nil
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func printPlan(w io.Writer, p diag.Plan) {
	if p.Title != "" {
		fmt.Fprintf(w, "%s (%s)\n\n", p.Title, p.Symptom)
	}
	fmt.Fprintln(w, "What would be touched:")
	if len(p.Touches) == 0 {
		fmt.Fprintln(w, "  nothing")
	}
	for _, t := range p.Touches {
		if len(t.Lacks) > 0 {
			fmt.Fprintf(w, "  - %s: not without an answer to %s\n", t.Collector, strings.Join(t.Lacks, ", "))
			continue
		}
		fmt.Fprintf(w, "  - %s: %s\n", t.Collector, t.Does)
		for _, words := range t.Words {
			fmt.Fprintf(w, "      %s\n", words)
		}
	}
	fmt.Fprintln(w, "\nWhat you could still say (--input NAME=VALUE):")
	for _, q := range p.Questions {
		fmt.Fprintf(w, "  %-14s %s", q.Name, q.Prompt)
		if q.Default != "" {
			fmt.Fprintf(w, " [%s]", q.Default)
		} else if q.Example != "" {
			fmt.Fprintf(w, " (e.g. %s)", q.Example)
		}
		fmt.Fprintln(w)
	}
	for i, g := range p.Gaps {
		if i == 0 {
			fmt.Fprintln(w, "\nWhat no analyzer here judges yet:")
		}
		fmt.Fprintf(w, "  - %s\n", g)
	}
}

func showCommand() *cobra.Command {
	verbose := false
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved case file or XML report as text",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := load(catalog(), args[0])
			if err != nil {
				return incomplete(err)
			}
			return report.Text(cmd.OutOrStdout(), r, textOptions(cmd.OutOrStdout(), verbose))
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "the evidence and every session too")
	return cmd
}

func convertCommand() *cobra.Command {
	var out []string
	cmd := &cobra.Command{
		Use:     "convert FILE --out OTHER",
		Short:   "Write a saved case file or XML report in another format",
		Example: "  mailflow convert case.jsonl --out report.html",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outs, err := outputs(out)
			if err != nil {
				return err
			}
			if len(outs) == 0 {
				return usage("convert %s to what? Say --out report.html", args[0])
			}
			r, err := load(catalog(), args[0])
			if err != nil {
				return incomplete(err)
			}
			return writeAll(cmd.OutOrStdout(), outs, r)
		},
	}
	cmd.Flags().StringArrayVar(&out, "out", nil, "the file to write: .xml .html .json .jsonl .txt; -.json and so on for standard output; may be repeated")
	return cmd
}

func writeAll(stdout io.Writer, outs []output, r *diag.Report) error {
	var errs []error
	for _, o := range outs {
		if o.path != "" {
			errs = append(errs, writeFile(o.path, r))
		} else {
			errs = append(errs, report.Write(o.format, stdout, r))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return incomplete(err)
	}
	return nil
}
