package main

import (
	"github.com/spf13/cobra"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/report"
)

// routeFlags say which message takes which way. Each is an input of the case, by
// the same name.
type routeFlags struct {
	viewFlags
	from, to, size, at, zone string
}

func routeCommand() *cobra.Command {
	f := &routeFlags{}
	cmd := &cobra.Command{
		Use:   "route --from SERVER --to SERVER|ADDRESS [flags] EVIDENCE ...",
		Short: "Show the path of one message through the Exchange organization",
		Long: `Works out the path that one message takes through the Exchange organization, from
its configuration alone: servers, connectors, costs, size limits, and how long it
waits for a schedule; then the paths not taken, and what could not be told. Mail is
not sent and no server is connected to.

EVIDENCE names exports of the directory (ldifde, csvde) and of cmdlets
(Export-Clixml), folders and archives with them, or a case file of an earlier run.
Nobody is asked, but with --input directory=... a domain controller.

Exit status: 0 the message gets there, or leaves the organization, at once; 1 it
waits for a schedule, or does not get there; 2 wrong usage; 3 could not tell; 130
interrupted.`,
		Example: `  mailflow route --from EX03A --to EX07MBX org.ldf
  mailflow route --from EX03A --to user@example.com --size 5MB \
      --at 2026-11-23T09:05 --zone Europe/Berlin org.ldf exports.zip
  mailflow route --from EX03A --to EX07MBX org.ldf --out path.html
  mailflow route --from EX07HUB --to EX03A yesterday.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.route(cmd, args) },
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "the server that the message starts from")
	flags.StringVar(&f.to, "to", "", "the server, address or domain that it goes to")
	flags.StringVar(&f.size, "size", "", "its size: 5MB, 300KB (default: small enough for every limit)")
	flags.StringVar(&f.at, "at", "", "when it is sent: 2026-11-23T09:05, in the time zone of --zone (default: now)")
	flags.StringVar(&f.zone, "zone", "", "the time zone to read and show times in: Europe/Berlin (default: UTC)")
	return cmd
}

func (f *routeFlags) route(cmd *cobra.Command, args []string) error {
	for _, x := range []struct{ name, value string }{{"from", f.from}, {"to", f.to}, {"size", f.size}, {"at", f.at}, {"zone", f.zone}} {
		if x.value != "" {
			f.inputs = append(f.inputs, x.name+"="+x.value)
		}
	}
	r, err := f.gather(cmd, args, evidence.MailPath, []string{"from", "to"})
	if err != nil {
		return err
	}
	p, ok := diag.Value(r, evidence.MailPath)
	if err := f.tell(cmd, r, ok, func(width int) []string { return report.PathLines(p, width) }); err != nil {
		return err
	}
	return arrival(p)
}

// arrival is the exit status of a path.
func arrival(p evidence.Path) error {
	switch p.Outcome {
	case evidence.Arrives, evidence.Leaves:
		if p.Wait.Now > 0 {
			return &exit{code: exitFound}
		}
		return nil
	case evidence.Stuck, evidence.NoPath, evidence.Returned:
		return &exit{code: exitFound}
	}
	return &exit{code: exitIncomplete}
}
