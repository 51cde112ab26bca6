package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/report"
)

func probeCommand() *cobra.Command {
	f := &caseFlags{}
	quiet := false
	cmd := &cobra.Command{
		Use:   "probe [flags] HOST|DOMAIN|ADDRESS ...",
		Short: "Hold one SMTP session with every address, and show it with times",
		Long: `Holds one SMTP session with every address of a host, or of every mail exchanger of
a domain, and prints what was said with the time of each step. It stops before
DATA. A mail address names its domain, and the recipient for RCPT TO.`,
		Example: "  mailflow probe example.com\n  mailflow probe user@example.com --input sender=me@contoso.com\n  mailflow probe 192.0.2.25",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, target := range args {
				f.inputs = append(f.inputs, inputFor(target)+"="+target)
			}
			return f.probe(cmd, quiet)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.inputs, "input", nil, "an answer, as NAME=VALUE; may be repeated (\"mailflow plan\" lists the names)")
	flags.StringArrayVar(&f.resolvers, "resolver", nil, "a DNS server to ask instead of this machine's; may be repeated")
	flags.BoolVarP(&quiet, "quiet", "q", false, "no progress")
	return cmd
}

// inputFor takes an address, and a host with a port, for the server itself;
// any other name for a domain, which without MX is its own mail host (RFC 5321
// 5.1).
func inputFor(target string) string {
	if _, err := netip.ParseAddr(strings.Trim(target, "[]")); err == nil {
		return evidence.NextHops.Kind().Name
	}
	if strings.Contains(target, ":") && !strings.Contains(target, "@") {
		return evidence.NextHops.Kind().Name
	}
	return evidence.Recipients.Kind().Name
}

// probe runs the collectors alone, without any analyzer.
func (f *caseFlags) probe(cmd *cobra.Command, quiet bool) error {
	cat := catalog()
	c, err := f.build(cat, nil)
	if err != nil {
		return err
	}
	cat.Symptoms, cat.Always = nil, []diag.AnyKey{evidence.Sessions}
	r := follow(cmd.Context(), collectors.Live(c.Answers["source"]), cat, c, newProgress(cmd.ErrOrStderr(), quiet))
	if err := report.Transcript(cmd.OutOrStdout(), r, textOptions(cmd.OutOrStdout(), true)); err != nil {
		return incomplete(err)
	}
	if closed, _ := r.Closed(); closed.Interrupted {
		return &exit{code: exitInterrupted}
	}
	return talked(r)
}

// talked is 0 when every address took part in a session to its end, 1 when one
// did not, 3 when there was none.
func talked(r *diag.Report) error {
	all, ok := diag.Value(r, evidence.Sessions)
	if !ok {
		var why []error
		for _, it := range r.Items() {
			for _, f := range it.Failed {
				if it.By != "operator" && it.Kind != evidence.Files.Kind().Name {
					why = append(why, fmt.Errorf("%s: %s", it.Kind, f.Why))
				}
			}
		}
		return incomplete(errors.Join(why...))
	}
	for _, s := range all {
		if !s.Last().Ok() {
			return &exit{code: exitFound}
		}
	}
	return nil
}
