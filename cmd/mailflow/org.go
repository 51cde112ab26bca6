package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/report"
)

// viewFlags are those of the commands that show what the evidence says, and
// judge nothing.
type viewFlags struct {
	caseFlags
	out   []string
	quiet bool
}

func (f *viewFlags) add(cmd *cobra.Command) {
	f.caseFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.out, "out", nil, "a file to write too: .txt .html .xml .json .jsonl; -.json and so on for standard output; may be repeated")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	for _, name := range []string{"symptom", "offline", "resolver"} { // nothing is judged, and nobody asked but a domain controller
		flags.MarkHidden(name)
	}
}

func orgCommand() *cobra.Command {
	f := &viewFlags{}
	cmd := &cobra.Command{
		Use:   "org [flags] EVIDENCE ...",
		Short: "Show the Exchange organization: how its mail flows, who may manage it",
		Long: `Shows the Exchange organization as exports of its configuration describe it: under
"How mail flows" routing groups, sites and connectors, those that keep mail first;
under "Who may manage it" the administrative groups, and why no rights can be given
on a routing group; then editions and databases. Long lists are cut with a note.

EVIDENCE names exports of the directory (ldifde, csvde) and of cmdlets
(Export-Clixml), folders and archives with them, or a case file of an earlier run.
Nobody is asked, but with --input directory=... a domain controller.

Exit status: 0 shown, 2 wrong usage, 3 no configuration could be read, 130
interrupted.`,
		Example: `  mailflow org org.ldf
  mailflow org exports.zip --out organization.html
  mailflow org --input directory=dc01.contoso.com --input directory-login=kerberos`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.org(cmd, args) },
	}
	f.add(cmd)
	return cmd
}

func (f *viewFlags) org(cmd *cobra.Command, args []string) error {
	r, err := f.gather(cmd, args, evidence.Organization, nil)
	if err != nil {
		return err
	}
	_, ok := diag.Value(r, evidence.Organization)
	return f.tell(cmd, r, ok, func(width int) []string { return report.OrganizationText(r, width) })
}

// gather runs a case without a symptom, for one kind of evidence. needs are the
// answers that it takes.
func (f *viewFlags) gather(cmd *cobra.Command, args []string, key diag.AnyKey, needs []string) (*diag.Report, error) {
	cat := catalog()
	cat.Symptoms, cat.Always = nil, []diag.AnyKey{evidence.Clock, evidence.Files, evidence.Zone, evidence.OrgRegistry, key}
	f.warn = cmd.ErrOrStderr()
	f.offline = f.offline || !f.asksDirectory()
	c, err := f.build(cat, args)
	if err != nil {
		return nil, err
	}
	c.Symptom = "" // an earlier run may have had one
	if err := f.lacks(c, needs); err != nil {
		return nil, err
	}
	if err := f.secrets(cmd, c); err != nil {
		return nil, err
	}
	if _, err := outputs(f.out); err != nil { // before a long run is lost to a typing error
		return nil, err
	}
	return follow(cmd.Context(), collectors.Live(""), cat, c, newProgress(cmd.ErrOrStderr(), f.quiet || c.Offline)), nil
}

// asksDirectory says whether a domain controller is to be asked.
func (f *viewFlags) asksDirectory() bool {
	return slices.ContainsFunc(f.inputs, func(kv string) bool { return strings.HasPrefix(kv, evidence.DirServer.Kind().Name+"=") })
}

// lacks says what the command line lacks.
func (f *viewFlags) lacks(c *diag.Case, needs []string) error {
	if len(c.Record) == 0 && c.Answers["evidence"]+c.Answers[evidence.DirServer.Kind().Name] == "" {
		return usage("which organization? Name an export of its configuration.\n%s", howTo())
	}
	for _, name := range needs {
		if c.Answers[name] == "" {
			return usage("from which server does the message start, and where does it go? Say --from EX03A --to user@contoso.com")
		}
	}
	return nil
}

// howTo says how to get a configuration, a way to a line, so that the commands
// can be copied.
func howTo() string {
	return "Give " + strings.ReplaceAll(evidence.OrgEntries.Kind().Doc, ". ", ".\n  ")
}

// tell writes the reports that were asked for, and the view to standard output
// unless one of them goes there.
func (f *viewFlags) tell(cmd *cobra.Command, r *diag.Report, ok bool, lines func(width int) []string) error {
	outs, err := outputs(f.out)
	if err != nil {
		return err
	}
	toStdout := slices.ContainsFunc(outs, func(o output) bool { return o.path == "" && o.format != "-.txt" })
	outs = slices.DeleteFunc(outs, func(o output) bool { return o.format == "-.txt" && o.path == "" })
	w := cmd.OutOrStdout()
	if err := writeAll(w, outs, r); err != nil {
		return err
	}
	if ok && !toStdout {
		if _, err := io.WriteString(w, strings.Join(lines(textOptions(w, false).Width), "\n")+"\n"); err != nil {
			return incomplete(err)
		}
	}
	if closed, _ := r.Closed(); closed.Interrupted {
		return &exit{exitInterrupted, errors.New("interrupted")}
	}
	if !ok {
		return incomplete(missing(r))
	}
	return nil
}

// missing says why there is no configuration, and how to get one.
func missing(r *diag.Report) error {
	why, empty := reasons(r)
	files, _ := diag.Value(r, evidence.Files)
	for _, file := range files {
		if file.Unread != "" && len(why) < 10 {
			why = append(why, file.Path+": "+file.Unread)
		}
	}
	if len(why) == 0 {
		why = empty
	}
	if _, there := diag.Value(r, evidence.Organization); there {
		return fmt.Errorf("the path could not be worked out:\n  %s", visible(why))
	}
	return fmt.Errorf("no Exchange configuration could be read:\n  %s\n%s", visible(why), howTo())
}

// reasons are why no way to the organization led there: of those that were tried,
// and of those that had nothing to begin with. These count only where none was
// tried.
func reasons(r *diag.Report) (tried, empty []string) {
	for _, it := range r.Items() {
		if it.Has() || !strings.HasPrefix(it.Kind, "org") {
			continue
		}
		for _, x := range it.Failed {
			to, text := &tried, x.By+": "+x.Why
			if strings.HasPrefix(x.Why, "offline: ") {
				to = &empty
			} else if lacks, ok := strings.CutPrefix(x.Why, "needs "); ok {
				to, text = &empty, x.By+": needs "+givable(r, lacks, map[string]bool{})
			}
			if !slices.Contains(*to, text) {
				*to = append(*to, text)
			}
		}
	}
	return tried, empty
}

// givable follows what a collector lacks, "evidence, files", down to what the
// operator could give.
func givable(r *diag.Report, lacks string, seen map[string]bool) string {
	first, _, _ := strings.Cut(lacks, ", ")
	seen[first] = true
	if in := r.Catalog().Input(first); in != nil {
		return in.Provides.Kind().Doc
	}
	for _, it := range r.Items() {
		for _, x := range it.Failed {
			if below, ok := strings.CutPrefix(x.Why, "needs "); ok && it.Kind == first && !seen[strings.Split(below, ", ")[0]] {
				return givable(r, below, seen)
			}
		}
	}
	return first
}

// visible puts each text on a line of its own.
func visible(all []string) string {
	for i, s := range all {
		all[i] = report.Visible(s)
	}
	return strings.Join(all, "\n  ")
}
