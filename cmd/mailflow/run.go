package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/report"
)

// caseFlags are the flags that make a case; "run" and "plan" share them.
type caseFlags struct {
	symptom, label, id string
	inputs, resolvers  []string
	offline            bool
	passwordFile       string
	warn               io.Writer // for what the operator might not expect; nil for nobody
}

func (f *caseFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.symptom, "symptom", "", "what is wrong: "+strings.Join(symptomNames(), ", ")+" (default: look at everything)")
	flags.StringVar(&f.label, "label", "", "a name for this analysis")
	flags.StringVar(&f.id, "case", "", "the number of the support case")
	flags.StringArrayVar(&f.inputs, "input", nil, "an answer, as NAME=VALUE; may be repeated (\"mailflow plan\" lists the names)")
	flags.StringArrayVar(&f.resolvers, "resolver", nil, "a DNS server to ask instead of this machine's; may be repeated")
	flags.StringVar(&f.passwordFile, "password-file", "", "a file whose first line is the password for --input directory (else "+passwordVariable+" in the environment, else asked for)")
	flags.BoolVar(&f.offline, "offline", false, "ask nobody: judge only the evidence given")
	cmd.RegisterFlagCompletionFunc("symptom", cobra.FixedCompletions(symptomNames(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("input", cobra.FixedCompletions(inputNames(), cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp))
}

func symptomNames() []string {
	var all []string
	for _, s := range catalog().Symptoms {
		all = append(all, s.Name)
	}
	return all
}

func inputNames() []string {
	var all []string
	for _, in := range collectors.Inputs() {
		if !in.Secret {
			all = append(all, in.Provides.Kind().Name+"=")
		}
	}
	return all
}

// build makes the case. An evidence file that is a case file or report of an
// earlier run is replayed; what else is named is evidence to read.
func (f *caseFlags) build(cat *diag.Catalog, evidence []string) (*diag.Case, error) {
	c := &diag.Case{Tool: tool(), Label: f.label, ID: f.id, Symptom: f.symptom, Offline: f.offline, Answers: map[string]string{}}
	if f.symptom != "" && cat.Symptom(f.symptom) == nil {
		return nil, usage("no symptom %q: say one of %s", f.symptom, strings.Join(symptomNames(), ", "))
	}
	var paths []string
	var old *diag.Report
	for _, path := range evidence {
		info, err := os.Stat(path)
		if err != nil {
			return nil, usage("evidence %s: %v (a recipient or server is named with --input recipient=... or --input next-hop=...)", path, errors.Unwrap(err))
		}
		switch before := f.earlier(cat, path, info.Mode().IsRegular()); {
		case before == nil:
			paths = append(paths, path)
		case old != nil:
			return nil, usage("%s: a case is replayed alone, and another is named before it", path)
		default:
			old = before
		}
	}
	if len(paths) > 0 {
		c.Answers["evidence"] = strings.Join(paths, "\n")
	}
	if err := f.answer(cat, c); err != nil {
		return nil, err
	}
	if old == nil {
		return c, nil
	}
	return c, f.replay(cat, c, old)
}

// answer takes the answers in and refuses those that cannot be right, before
// anything is touched.
func (f *caseFlags) answer(cat *diag.Catalog, c *diag.Case) error {
	all := f.inputs
	if len(f.resolvers) > 0 {
		all = append(slices.Clone(all), "resolver="+strings.Join(f.resolvers, ","))
	}
	given := map[string]string{}
	for _, kv := range all {
		name, value, ok := strings.Cut(kv, "=")
		in := cat.Input(name)
		if secret(cat, name) {
			return usage("--input: others on this machine can read what stands on a command line: for a password use --password-file, or %s in the environment", passwordVariable)
		}
		if !ok || in == nil { // the value is not repeated: a password may stand behind a name that is misspelt
			return usage("--input %s: no such input; the names are %s", name, strings.Join(inputNames(), " "))
		}
		if _, err := in.Parse(value); err != nil {
			return usage("--input %s: %v", name, err)
		}
		if given[name] != "" && listed(name) {
			value = given[name] + "," + value
		}
		given[name] = value
	}
	maps.Copy(c.Answers, given)
	return nil
}

// secret says whether an input of that name is a password, or was meant to be. A
// name without a value may hold one too: "directory-password:...".
func secret(cat *diag.Catalog, name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "password") || slices.ContainsFunc(cat.Inputs, func(in *diag.Input) bool {
		return in.Secret && strings.EqualFold(in.Provides.Kind().Name, strings.TrimSpace(name))
	})
}

// listed says which inputs may be given several times.
func listed(name string) bool { return name == "recipient" || name == "next-hop" || name == "resolver" }

// earlier reads a case file or XML report of an earlier run; nil if the file is
// neither. What is no ordinary file is not even opened: a pipe would wait for
// its writer.
func (f *caseFlags) earlier(cat *diag.Catalog, path string, ordinary bool) *diag.Report {
	if !ordinary {
		return nil
	}
	r, torn, err := read(cat, path)
	if err != nil {
		return nil
	}
	if torn != nil {
		f.note(torn.Error())
	}
	return r
}

func load(cat *diag.Catalog, path string) (*diag.Report, error) {
	r, torn, err := read(cat, path)
	if torn != nil {
		fmt.Fprintln(os.Stderr, "mailflow: "+report.Visible(torn.Error()))
	}
	return r, err
}

// read reads a case file or XML report. torn says that the file goes on, and
// why it could be read no further.
func read(cat *diag.Catalog, path string) (r *diag.Report, torn, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	events, err := report.Read(f)
	if err != nil && len(events) == 0 {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	r = diag.NewReport(cat)
	for _, ev := range events {
		r.Add(ev)
	}
	if err != nil {
		torn = fmt.Errorf("%s is damaged, and only what stands before is read: %w", path, err)
	}
	return r, torn, nil
}

// replay takes an earlier run over. Its file may come from anybody, so that
// nobody is asked on its word: only where this command line says whom.
func (f *caseFlags) replay(cat *diag.Catalog, c *diag.Case, old *diag.Report) error {
	if !f.offline && c.Answers["recipient"]+c.Answers["next-hop"]+c.Answers["directory"] != "" {
		if dropped := c.Renew(old); len(dropped) > 0 {
			f.note("everything is asked anew; of the earlier run these are not taken over, say them again if they shall hold: " + strings.Join(dropped, ", "))
		}
		return nil
	}
	for name := range c.Answers {
		if !f.offline && name != "evidence" && cat.Steers(name) {
			return usage("--input %s: that is for asking anew, and whom to ask is not taken from a file: say --input recipient=... or --input next-hop=... too", name)
		}
	}
	if !f.offline {
		f.note("an earlier run is judged anew, and nobody is asked; to ask anew say whom: --input recipient=... or --input next-hop=...")
	}
	c.Resume(old)
	return nil
}

// note tells the operator what he might not expect.
func (f *caseFlags) note(text string) {
	if f.warn != nil {
		fmt.Fprintln(f.warn, "mailflow: "+report.Visible(text))
	}
}

type runFlags struct {
	caseFlags
	out     []string
	failOn  string
	verbose bool
	quiet   bool
}

func runCommand() *cobra.Command {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run [flags] [EVIDENCE ...]",
		Short: "Diagnose, and write the report",
		Long: `Diagnoses a case and writes the report. EVIDENCE names files and folders; a case
file (.jsonl) or XML report of an earlier run is judged anew with today's rules,
and nobody is asked. With --input recipient or next-hop beside it, everything is
asked anew, and nothing on the word of that file.

Results go to standard output, progress to standard error. Exit status: 0 nothing
at or above --fail-on was found, 1 something was, 2 wrong usage, 3 could not
complete, 130 interrupted. The report is written in each case but 2.`,
		Example: `  mailflow run --symptom outbound-delayed --label "2003 to 2007" --case 1234 \
      --input next-hop=hub01.contoso.com --input internal=yes --input vantage=sender \
      --out report.xml --out report.html
  mailflow run --input recipient=user@example.com --resolver 192.0.2.53 --out -.json
  mailflow run yesterday.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.out, "out", nil, "a file to write: .xml .html .json .jsonl .txt; - is text on standard output, -.json and so on other formats; may be repeated")
	flags.StringVar(&f.failOn, "fail-on", "delayed", "exit with 1 when a cause of this severity or worse is found: note, degraded, delayed, stopped")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "in text: the evidence and every session too")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"note", "degraded", "delayed", "stopped"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f *runFlags) run(cmd *cobra.Command, args []string) error {
	cat := catalog()
	f.warn = cmd.ErrOrStderr()
	c, err := f.build(cat, args)
	if err != nil {
		return err
	}
	if len(c.Record) == 0 && c.Answers["recipient"]+c.Answers["next-hop"]+c.Answers["directory"]+c.Answers["evidence"] == "" {
		return usage("whom is mail late for? Say --input recipient=user@example.com, or the server it is handed to: --input next-hop=hub01.contoso.com, or a domain controller to read the configuration from: --input directory=dc01.contoso.com, or name evidence files")
	}
	if err := f.secrets(cmd, c); err != nil {
		return err
	}
	return f.diagnose(cmd, cat, c, collectors.Live(c.Answers["source"]))
}

// diagnose runs a case, writes the reports and gives the exit status. The
// outputs are checked first, so that a long run is not lost to a typing error.
func (f *runFlags) diagnose(cmd *cobra.Command, cat *diag.Catalog, c *diag.Case, w diag.World) error {
	var failOn diag.Severity
	if err := failOn.UnmarshalText([]byte(f.failOn)); err != nil || failOn == diag.Unset {
		return usage("--fail-on %s: say note, degraded, delayed or stopped", f.failOn)
	}
	outs, err := outputs(f.out)
	if err != nil {
		return err
	}
	r := follow(cmd.Context(), w, cat, c, newProgress(cmd.ErrOrStderr(), f.quiet))
	runtime.GC() // what the reading of logs left would stand beside the report, which is long where they are: 10 MB of 60
	if err := f.write(cmd.OutOrStdout(), outs, r); err != nil {
		return incomplete(err)
	}
	return outcome(r, failOn)
}

// follow runs the case to its end and folds the events into a report.
func follow(ctx context.Context, w diag.World, cat *diag.Catalog, c *diag.Case, p *progress) *diag.Report {
	r := diag.NewReport(cat)
	for ev := range diag.Run(ctx, w, cat, c) {
		r.Add(ev)
		p.show(ev)
	}
	p.end()
	return r
}

func outcome(r *diag.Report, failOn diag.Severity) error {
	closed, _ := r.Closed()
	switch {
	case closed.Interrupted:
		return &exit{exitInterrupted, errors.New("interrupted; the report says so")}
	case r.Worst() >= failOn:
		return &exit{code: exitFound}
	case !r.Judged():
		return incomplete(errors.New("nothing could be judged; the report says what is missing"))
	}
	return nil
}

// An output is one report to write.
type output struct {
	path   string // "" for standard output
	format string // a name with the ending that chooses the format
}

func outputs(names []string) ([]output, error) {
	var all []output
	for _, name := range names {
		o := output{name, name}
		if name == "-" {
			o = output{"", "-.txt"}
		} else if strings.HasPrefix(name, "-.") {
			o = output{"", name}
		}
		if err := report.Known(o.format); err != nil {
			return nil, usage("--out %s: %v", name, err)
		}
		if info, err := os.Stat(dirOf(o.path)); err != nil || !info.IsDir() {
			return nil, usage("--out %s: there is no folder %s", name, dirOf(o.path))
		}
		all = append(all, o)
	}
	return all, nil
}

// write writes every output, and text to standard output unless another format
// goes there.
func (f *runFlags) write(stdout io.Writer, outs []output, r *diag.Report) error {
	var files []output
	text := true
	for _, o := range outs {
		if o.format != "-.txt" {
			files = append(files, o)
			text = text && o.path != ""
		}
	}
	err := writeAll(stdout, files, r)
	if text {
		err = errors.Join(err, report.Text(stdout, r, textOptions(stdout, f.verbose)))
	}
	return err
}

// writeFile writes beside the file and then puts it in place, so that a report
// is never half there.
func writeFile(path string, r *diag.Report) error {
	tmp, err := os.CreateTemp(dirOf(path), ".mailflow-*")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(report.Write(path, tmp, r), tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
