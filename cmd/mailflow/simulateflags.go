package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/whatif"
	"mailflow/report"
)

// question puts the flags together.
func (f *simulateFlags) question(cmd *cobra.Command, r *diag.Report) (whatif.Question, whatif.Sender, error) {
	var q whatif.Question
	s, err := f.first(r)
	if err == nil {
		q.Mail, err = f.mails()
	}
	if err == nil {
		q.Trouble, err = f.trouble()
	}
	if err == nil && f.rate != "" && !cmd.Flags().Changed("mail") {
		err = errors.New("--rate: how much mail comes? Say --mail 3000 too, and --over 2h@09:00 if not over a day")
	}
	if err != nil {
		return q, s, usage("%v", err)
	}
	q.Seed = f.seed
	return q, s, nil
}

// first is the sender that the flags describe.
func (f *simulateFlags) first(r *diag.Report) (whatif.Sender, error) {
	if f.sender != "" && f.steps != "" {
		return whatif.Sender{}, errors.New("--sender and --steps both say when it tries again: say one of them, and the other with --compare")
	}
	s := whatif.Known()[0]
	var err error
	switch {
	case f.steps != "":
		s, err = whatif.Named(f.steps)
	case f.sender != "":
		s, err = f.named(f.sender, r)
	}
	if err != nil {
		return s, err
	}
	s.Pool = f.pool
	switch f.per {
	case "":
	case "queue", "message":
		s.Queue = f.per == "queue"
	default:
		return s, fmt.Errorf("--per %s: say queue or message", f.per)
	}
	if f.scan != "" {
		if s.Scan, err = whatif.Time(f.scan); err != nil {
			return s, fmt.Errorf("--scan: %w", err)
		}
	}
	if f.opens != "" {
		s.Opens, err = gate(f.opens, r)
	}
	return s, err
}

// other is a sender to compare with: what it does not say is as with the first.
func (f *simulateFlags) other(words string, first whatif.Sender, r *diag.Report) (whatif.Sender, error) {
	s := first
	if g, err := whatif.Opening(words); err == nil {
		s.Name, s.Opens = words, g
		return s, nil
	} else if strings.HasPrefix(words, "every ") {
		return s, usage("--compare %q: %v", words, err)
	}
	s, err := f.named(words, r)
	if err != nil {
		return s, usage("--compare: %v", err)
	}
	s.Pool, s.Opens, s.Pace = first.Pool, first.Opens, first.Pace
	if f.per != "" {
		s.Queue = f.per == "queue"
	}
	return s, nil
}

// named finds a sender among the servers of the evidence, then among the known.
func (f *simulateFlags) named(words string, r *diag.Report) (whatif.Sender, error) {
	for _, s := range configured(r) {
		if strings.EqualFold(s.Name, words) || strings.HasPrefix(strings.ToLower(s.Name), strings.ToLower(words)+", ") {
			return s, nil
		}
	}
	s, err := whatif.Named(words)
	if err != nil && r != nil {
		return s, fmt.Errorf("%w; no server of the evidence has that name", err)
	}
	return s, err
}

// configured are the senders that the evidence configures.
func configured(r *diag.Report) []whatif.Sender {
	if r == nil {
		return nil
	}
	o, _ := diag.Value(r, evidence.Organization)
	registry, _ := diag.Value(r, evidence.OrgRegistry)
	var all []whatif.Sender
	for _, s := range o.Servers {
		var glitch time.Duration
		for _, m := range registry.Glitch() {
			if m.Set && strings.EqualFold(m.Machine, s.Name) {
				glitch = time.Duration(min(m.Value, 1<<31)) * time.Second
			}
		}
		all = append(all, whatif.Of(s, glitch)...)
	}
	return all
}

// gate reads when a sender sends, or takes the schedule of a connector.
func gate(words string, r *diag.Report) (whatif.Gate, error) {
	g, err := whatif.Opening(words)
	if err == nil || r == nil {
		return g, err
	}
	o, _ := diag.Value(r, evidence.Organization)
	for _, c := range o.Connectors {
		switch {
		case !strings.EqualFold(c.Name, words):
		case c.Delivery.Is(evidence.StyleAlways):
			return whatif.Gate{}, nil
		case c.Delivery.Is(evidence.StyleSelected) && c.Delivery.Schedule != nil:
			return whatif.Gate{Week: c.Delivery.Schedule, Name: c.Name}, nil
		default:
			return g, fmt.Errorf("--opens: the evidence has no schedule of the connector %s", report.Visible(c.Name))
		}
	}
	return g, fmt.Errorf("--opens: no connector %q in the evidence, and %w", words, err)
}

func (f *simulateFlags) mails() (m whatif.Mail, err error) {
	m.Count = f.mail
	if m.Day, err = weekday(f.day); err != nil {
		return m, err
	}
	if f.at != "" {
		m.From, err = whatif.Clock(f.at)
		return m, err
	}
	m.From, m.Over, err = whatif.Moment(f.over, 0)
	return m, err
}

func weekday(name string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(name) >= 2 && strings.HasPrefix(strings.ToLower(d.String()), strings.ToLower(name)) {
			return d, nil
		}
	}
	return 0, fmt.Errorf("--day %s: say monday to sunday", name)
}

// downFrom is when the next hop goes down, unless it is said.
const downFrom = 10 * time.Hour

func (f *simulateFlags) trouble() (t whatif.Trouble, err error) {
	read := func(name, text string, take func() error) {
		if text == "" || err != nil {
			return
		}
		if e := take(); e != nil {
			err = fmt.Errorf("--%s: %w", name, e)
		}
	}
	read("down", f.down, func() (e error) { t.DownFrom, t.Down, e = whatif.Moment(f.down, downFrom); return })
	read("greylist", f.greylist, func() (e error) { t.Greylist, e = whatif.Time(f.greylist); return })
	read("fail", f.fail, func() (e error) { t.Fails, e = whatif.Share(f.fail); return })
	read("refuse", f.refuse, func() (e error) { t.Refuses, e = whatif.Share(f.refuse); return })
	read("back-pressure", f.backPressure, func() (e error) { t.Pressure, t.PressureEvery, e = whatif.Between(f.backPressure); return })
	read("rate", f.rate, func() (e error) { t.Rate, e = whatif.Pace(f.rate); return })
	read("key", f.key, func() error {
		if t.OneNet = f.key == "/24"; f.key != "triplet" && !t.OneNet {
			return fmt.Errorf("%s: say triplet or /24", f.key)
		}
		return nil
	})
	return t, err
}
