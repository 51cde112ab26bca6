package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mailflow/diag"
)

func explainCommand() *cobra.Command {
	markdown := false
	cmd := &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain a cause: what it means, what was read, what to do, sources",
		Args:  cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return codes(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w, cat := cmd.OutOrStdout(), catalog()
			switch {
			case markdown:
				catalogue(w, cat)
			case len(args) == 0:
				for _, c := range cat.Causes() {
					fmt.Fprintf(w, "%-24s %-9s %s\n", c.Code, c.Severity, c.Title)
				}
			default:
				c := cat.Cause(strings.ToUpper(args[0]))
				if c == nil {
					return usage("no cause %q; \"mailflow explain\" lists them", args[0])
				}
				explain(w, c)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "the whole catalogue as Markdown")
	return cmd
}

func codes() []string {
	var all []string
	for _, c := range catalog().Causes() {
		all = append(all, c.Code)
	}
	return all
}

func explain(w io.Writer, c *diag.Cause) {
	fmt.Fprintf(w, "%s: %s\nSeverity: %s\n", c.Code, c.Title, c.Severity)
	for _, part := range []struct{ head, text string }{
		{"What it means", c.About}, {"What is read", c.Read}, {"What to do", c.Remedy},
	} {
		fmt.Fprintf(w, "\n%s\n%s", part.head, wrap(part.text, "  ", 78))
	}
	for i, b := range c.Behind {
		if i == 0 {
			fmt.Fprint(w, "\nExplained away by\n")
		}
		fmt.Fprintf(w, "  %s: %s\n", b.Code, b.Title)
	}
	fmt.Fprint(w, "\nSources\n")
	for _, ref := range c.Refs {
		fmt.Fprintf(w, "  %s\n", ref)
	}
}

func wrap(text, indent string, width int) string {
	var out strings.Builder
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+len(word)+1 > width && line != indent {
			out.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	out.WriteString(line + "\n")
	return out.String()
}

// catalogue prints docs/catalogue.md.
func catalogue(w io.Writer, cat *diag.Catalog) {
	fmt.Fprint(w, "# The catalogue\n\nEvery cause that mailflow can name. Made by `make docs` from the code; do not edit.\n\n## Symptoms\n\n")
	for _, s := range cat.Symptoms {
		fmt.Fprintf(w, "- `%s`: %s (\"%s\")\n", s.Name, s.Title, s.Plain)
		for _, g := range s.Gaps {
			fmt.Fprintf(w, "  - not judged yet: %s\n", g)
		}
	}
	told := map[*diag.Cause]bool{}
	for _, a := range cat.Analyzers("") {
		fmt.Fprintf(w, "\n## %s\n\n%s\n", a.Name, a.Doc)
		for _, c := range a.Causes {
			if told[c] {
				fmt.Fprintf(w, "\nIt may report %s, too: see above.\n", c.Code)
				continue
			}
			told[c] = true
			fmt.Fprintf(w, "\n### %s\n\n**%s.** Severity: %s.\n\n%s\n\n*What is read.* %s\n\n*What to do.* %s\n\n*Sources.* %s.\n",
				c.Code, c.Title, c.Severity, c.About, c.Read, c.Remedy, strings.Join(c.Refs, "; "))
			for _, b := range c.Behind {
				fmt.Fprintf(w, "\n*Explained away by* %s.\n", b.Code)
			}
		}
	}
	fmt.Fprint(w, "\n## What can be said with --input\n\n| name | question | example | default |\n|---|---|---|---|\n")
	for _, in := range cat.Inputs {
		fmt.Fprintf(w, "| `%s` | %s | `%s` | %s |\n", in.Provides.Kind().Name, in.Prompt, in.Example, in.Default)
	}
}
