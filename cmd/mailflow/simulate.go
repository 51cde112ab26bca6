package main

import (
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/whatif"
	"mailflow/report"
)

// simulateFlags say what is played. They are told apart by what they are about:
// the mail, the sender, and what stands in the way.
type simulateFlags struct {
	caseFlags
	mail                                                  int
	over, at, day                                         string
	sender, steps, per, scan, opens                       string
	pool                                                  int
	down, greylist, key, fail, refuse, backPressure, rate string
	seed                                                  uint64
	compare, out                                          []string
	hop                                                   string
}

func simulateCommand() *cobra.Command {
	f := &simulateFlags{}
	cmd := &cobra.Command{
		Use:   "simulate [flags] [EVIDENCE ...]",
		Short: "Play a sender's retry timers against a failure: how late would mail be?",
		Long: `Plays how a server tries again against a failure, message by message, and tells
how late mail would be: with the defaults of a product, with the intervals that an
export of the configuration holds, or with others. Nothing is sent and nobody is
asked. The same question has the same answer; --seed throws other dice.

With logs or a case file as EVIDENCE, and no failure named, it takes the hop whose
mail was late, plays the rhythm that was found there, and shows beside what was seen
what other settings would give. docs/simulate.md says what is simplified.

SENDER is a product by words of its name, a server of the evidence, intervals such as
4x1m,6x5m,10m of which the last repeats, or "every 15m": the first sender, on a
schedule. Exit status: 0 shown, 2 wrong usage, 3 the evidence does not say enough.`,
		Example: `  mailflow simulate --sender "Exchange Edge server" --down 45m
  mailflow simulate --sender Postfix --greylist 5m --pool 8 --compare "Exchange Hub" --compare 5m
  mailflow simulate --opens "every 30m" --compare "every 15m" --compare always
  mailflow simulate --rate 10/min --mail 3000 --over 2h@09:00
  mailflow simulate --sender EX03A --fail 30% org.ldf
  mailflow simulate yesterday.jsonl --compare 5m --out delays.json`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.simulate(cmd, args) },
	}
	f.add(cmd)
	return cmd
}

func (f *simulateFlags) add(cmd *cobra.Command) {
	f.caseFlags.add(cmd)
	for _, name := range []string{"symptom", "offline", "resolver", "label", "case", "input", "password-file"} { // nobody is asked, and no case made
		cmd.Flags().MarkHidden(name)
	}
	flags := cmd.Flags()
	flags.StringVar(&f.sender, "sender", "", "who sends: a product, a server of the evidence, or intervals (default: Exchange 2007 and later, Hub Transport)")
	flags.StringVar(&f.steps, "steps", "", "the intervals between attempts: 4x1m,6x5m,10m; the last repeats")
	flags.StringVar(&f.per, "per", "", "whose timer it is: queue or message (default: as the product does; message for intervals)")
	flags.StringVar(&f.scan, "scan", "", "attempts begin only when the queue is looked through: every 5m")
	flags.StringVar(&f.opens, "opens", "", "when it sends: \"every 30m\", \"every 1h for 15m at 10m\" (UTC), or a connector of the evidence")
	flags.IntVar(&f.pool, "pool", 1, "how many addresses it sends from, another at each attempt")
	flags.StringVar(&f.down, "down", "", "the next hop is down: 45m, or 45m@09:30 (default: from 10:00)")
	flags.StringVar(&f.greylist, "greylist", "", "greylisting lets a second attempt pass after: 5m")
	flags.StringVar(&f.key, "key", "triplet", "what greylisting knows a client by: triplet, or /24 where the pool is in one")
	flags.StringVar(&f.fail, "fail", "", "share of connections that fail: 30%")
	flags.StringVar(&f.refuse, "refuse", "", "share of single messages that are put off at each attempt: 30%")
	flags.StringVar(&f.backPressure, "back-pressure", "", "no mail is taken: 10m/2h, ten minutes of each two hours")
	flags.StringVar(&f.rate, "rate", "", "how much the next hop takes: 10/min (with --mail)")
	flags.IntVar(&f.mail, "mail", 10000, "how many messages come")
	flags.StringVar(&f.over, "over", "24h", "over which time, evenly: 24h, 2h@09:00")
	flags.StringVar(&f.at, "at", "", "all at once instead: 09:00")
	flags.StringVar(&f.day, "day", "monday", "the day, for the schedule of a connector")
	flags.StringVar(&f.hop, "hop", "", "of logs: which hop, \"HUB01 to Internet\" (default: the one with most late mail)")
	flags.StringArrayVar(&f.compare, "compare", nil, "another sender, to set beside; may be repeated")
	flags.StringArrayVar(&f.out, "out", nil, "a file to write too: .json .txt; -.json for standard output; may be repeated")
	flags.Uint64Var(&f.seed, "seed", 1, "throw other dice")
}

// simulate plays what was asked for, or what the evidence shows.
func (f *simulateFlags) simulate(cmd *cobra.Command, args []string) error {
	if err := f.outputs(); err != nil {
		return err
	}
	var r *diag.Report
	if len(args) > 0 {
		var err error
		if r, err = f.gather(cmd, args); err != nil {
			return err
		}
	}
	if r != nil && !f.asked(cmd) {
		return f.fitted(cmd, r)
	}
	q, s, err := f.question(cmd, r)
	if err != nil {
		return err
	}
	all := []whatif.Sender{s}
	for _, words := range f.compare {
		other, err := f.other(words, s, r)
		if err != nil {
			return err
		}
		all = append(all, other)
	}
	results, err := played(q, all, whatif.Play)
	if err != nil {
		return usage("%v", err)
	}
	record, width := whatif.Recorded(q, results), textOptions(cmd.OutOrStdout(), false).Width
	if len(results) == 1 {
		return f.tell(cmd, record, whatif.Lines(q, results[0], width))
	}
	return f.tell(cmd, record, whatif.Compared(q, results, width))
}

func played(q whatif.Question, all []whatif.Sender, play func(whatif.Question, whatif.Sender) whatif.Result) ([]whatif.Result, error) {
	var results []whatif.Result
	for _, s := range all {
		if err := whatif.Check(q, s); err != nil {
			return nil, err
		}
		results = append(results, play(q, s))
	}
	return results, nil
}

// asked says whether a failure, a schedule or a sender was named: then the evidence
// is only there to look them up in.
func (f *simulateFlags) asked(cmd *cobra.Command) bool {
	for _, name := range []string{"sender", "steps", "opens", "down", "greylist", "fail", "refuse", "back-pressure", "rate"} {
		if cmd.Flags().Changed(name) {
			return true
		}
	}
	return false
}

// gather reads the evidence, and asks nobody.
func (f *simulateFlags) gather(cmd *cobra.Command, args []string) (*diag.Report, error) {
	cat := catalog()
	cat.Symptoms, cat.Always = nil, []diag.AnyKey{evidence.Clock, evidence.Files, evidence.Zone, evidence.OrgRegistry, evidence.Organization, evidence.Traffic, evidence.Rhythms}
	f.warn, f.offline = cmd.ErrOrStderr(), true
	c, err := f.build(cat, args)
	if err != nil {
		return nil, err
	}
	c.Symptom = ""
	return follow(cmd.Context(), collectors.Live(""), cat, c, newProgress(cmd.ErrOrStderr(), true)), nil
}

// fitted plays the hop whose mail was late.
func (f *simulateFlags) fitted(cmd *cobra.Command, r *diag.Report) error {
	traffic, _ := diag.Value(r, evidence.Traffic)
	rhythms, ok := diag.Value(r, evidence.Rhythms)
	if !ok {
		return incomplete(errors.New("the evidence holds no logs of mail that passed; to play a failure name it: --down 45m, --greylist 5m, --opens \"every 30m\""))
	}
	x, err := whatif.Fitted(traffic, rhythms, f.hop)
	if err != nil {
		return incomplete(errors.New(report.Visible(err.Error())))
	}
	x.Question.Seed = f.seed
	all := []whatif.Sender{x.Sender}
	for _, words := range f.compare {
		other, err := f.other(words, x.Sender, r)
		if err != nil {
			return err
		}
		all = append(all, other)
	}
	if len(f.compare) == 0 {
		all = append(all, x.Others...)
	}
	results, err := played(x.Question, all, func(_ whatif.Question, s whatif.Sender) whatif.Result { return x.Play(s) })
	if err != nil {
		return incomplete(err)
	}
	record := whatif.Recorded(x.Question, results)
	record.Observe(x)
	return f.tell(cmd, record, x.Lines(results, textOptions(cmd.OutOrStdout(), false).Width))
}

// outputs refuses what cannot be written, before anything is played.
func (f *simulateFlags) outputs() error {
	for _, name := range f.out {
		if !strings.HasSuffix(name, ".json") && !strings.HasSuffix(name, ".txt") {
			return usage("--out %s: the ending chooses the format, .json or .txt", report.Visible(name))
		}
	}
	return nil
}

// tell writes what was asked for, and the text to standard output unless JSON goes
// there.
func (f *simulateFlags) tell(cmd *cobra.Command, record whatif.Record, lines []string) error {
	for i, l := range lines {
		lines[i] = report.Visible(l)
	}
	stdout, text := cmd.OutOrStdout(), []byte(strings.TrimRight(strings.Join(lines, "\n"), "\n")+"\n")
	data, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return incomplete(err)
	}
	toStdout := text
	for _, name := range f.out {
		b := text
		if strings.HasSuffix(name, ".json") {
			b = append(data, '\n')
		}
		if strings.HasPrefix(name, "-.") {
			toStdout = b
		} else if err := os.WriteFile(name, b, 0o644); err != nil {
			return incomplete(err)
		}
	}
	if _, err := stdout.Write(toStdout); err != nil {
		return incomplete(err)
	}
	return nil
}
