package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"mailflow/diag"
	"mailflow/report"
)

// Accessible leads the way through with plain questions and lines, for screen
// readers: nothing is drawn over, and there are no boxes.
func Accessible(ctx context.Context, opt Options, in io.Reader, out io.Writer) error {
	m := New(opt)
	m.ctx, m.look = ctx, look{mono: true}
	t := &talk{m: m, out: out, ctx: ctx, lines: readLines(ctx, in)}
	t.takeState()
	err := t.task()
	if errors.Is(err, io.EOF) {
		err = nil // the end of the input is a way to leave
	}
	return errors.Join(err, t.err)
}

// A talk is the way through in questions and answers. It asks the same fields
// as the screens.
type talk struct {
	m     *Model
	ctx   context.Context
	out   io.Writer
	lines <-chan string
	err   error // of writing
}

// readLines reads lines beside, so that an interrupt ends a question too.
func readLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(in)
		for scan.Scan() {
			select {
			case lines <- scan.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

func (t *talk) takeState() {
	if msg, ok := t.m.readState()().(stateMsg); ok {
		t.m.Update(msg)
	}
}

func (t *talk) say(format string, args ...any) {
	if _, err := fmt.Fprintf(t.out, format+"\n", args...); err != nil && t.err == nil {
		t.err = err
	}
}

// ask gives the next line; io.EOF when there is none.
func (t *talk) ask(prompt string) (string, error) {
	t.say("%s", prompt)
	select {
	case line, ok := <-t.lines:
		if !ok {
			return "", io.EOF
		}
		return strings.TrimSpace(strings.Map(printable, line)), nil
	case <-t.ctx.Done():
		return "", t.ctx.Err()
	}
}

// choose asks for one of several; the number or, when empty, the standard.
func (t *talk) choose(prompt string, standard int, of ...string) (int, error) {
	t.say("\n%s", prompt)
	for i, words := range of {
		t.say("  %d. %s", i+1, words)
	}
	for {
		line, err := t.ask(fmt.Sprintf("Type a number, or press Enter for %d:", standard+1))
		if err != nil {
			return 0, err
		}
		if line == "" {
			return standard, nil
		}
		if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(of) {
			return n - 1, nil
		}
		t.say("Please type a number from 1 to %d.", len(of))
	}
}

func (t *talk) task() error {
	for {
		n, err := t.choose("mailflow finds out why mail is late. Select a task.", 0,
			"Mail flow troubleshooter: mail is late, waits in a queue, comes back, or arrives only every so often",
			fmt.Sprintf("Open a saved case (%d are saved)", len(t.m.saved.cases)), "Quit")
		switch {
		case err != nil || n == 2:
			return err
		case n == 1:
			err = t.openSaved()
		default:
			t.m.fresh()
			err = t.newCase()
		}
		if err != nil {
			return err
		}
	}
}

func (t *talk) openSaved() error {
	var names []string
	for _, c := range t.m.saved.cases {
		names = append(names, c.at.UTC().Format("2006-01-02 15:04 UTC ")+report.Visible(joined(": ", c.id, c.label)))
	}
	n, err := t.choose("Which case?", 0, append(names, "another file")...)
	if err != nil {
		return err
	}
	path := ""
	if n < len(names) {
		path = t.m.saved.cases[n].path
	} else if path, err = t.ask("The path of a case file (.jsonl) or report (.xml):"); err != nil {
		return err
	}
	msg, _ := load(t.m.opt.Catalog, cleanPath(path))().(loadedMsg)
	if msg.err != nil {
		t.say("It cannot be opened: %s", report.Visible(msg.err.Error()))
		return nil
	}
	t.m.saved.loaded(t.m, msg)
	if t.m.notice != "" {
		t.say("%s", t.m.notice)
	}
	return t.results()
}

func (t *talk) newCase() error {
	s := &t.m.complaint
	s.enter(t.m)
	for _, f := range s.form.fields {
		if err := t.field(f); err != nil {
			return err
		}
	}
	s.keep(t.m)
	return t.questions()
}

// field asks one question until the answer can be right.
func (t *talk) field(f *field) error {
	if !f.text() {
		var of []string
		for _, c := range f.choices {
			of = append(of, joined(" = ", c.words, c.more))
		}
		n, err := t.choose(f.prompt, f.chosen, of...)
		if err == nil {
			f.chosen = n
		}
		return err
	}
	prompt := "\n" + f.prompt
	if h := joined(", ", prefix("for example ", f.example), prefix("Enter alone: ", report.Visible(strings.ReplaceAll(f.value(), "\n", ", "))), prefix("standard: ", f.standard)); h != "" {
		prompt += "\n  (" + h + ")"
	}
	return t.text(f, prompt)
}

func prefix(what, text string) string {
	if text == "" {
		return ""
	}
	return what + text
}

func (t *talk) text(f *field, prompt string) error {
	for {
		line, err := t.ask(prompt)
		switch {
		case err != nil:
			return err
		case line == "?" && f.lacking != "":
			t.say("It is %s. Leave it empty if you do not have it.", f.lacking)
			continue
		case line == "-":
			f.renounce()
			return nil
		case line == "":
			return nil
		case f.many:
			path := cleanPath(line)
			if err := lookAt(path); err != nil {
				t.say("That cannot be right: %s", report.Visible(err.Error()))
				continue
			}
			f.items = append(f.items, path)
			t.say("Taken in: %s. Another one? Enter alone ends the list.", report.Visible(path))
			continue
		}
		old := f.value()
		f.set(line)
		if f.look(); f.problem() == nil {
			return nil
		}
		t.say("That cannot be right: %s", report.Visible(f.problem().Error()))
		f.set(old)
	}
}

func (t *talk) questions() error {
	s := &t.m.questions
	s.enter(t.m)
	t.say("\nQuestions. Enter alone leaves an answer as it is, a minus takes it out, ? says how to get it.")
	for _, more := range []bool{false, true} {
		if more {
			if n, err := t.choose(fmt.Sprintf("Answer %d more questions, rarely needed?", s.form.folds()), 0, "no", "yes"); err != nil || n == 0 {
				if err != nil {
					return err
				}
				break
			}
		}
		for i := 0; i < len(s.form.of(nil, more)); i++ { // an answer may bring further questions
			if err := t.field(s.form.of(nil, more)[i].field); err != nil {
				return err
			}
		}
	}
	if s.submit(t.m); t.m.at != atConsent {
		t.say("\n%s", t.m.notice)
		return t.questions()
	}
	return t.consent()
}

func (t *talk) consent() error {
	const width = 78
	t.say("")
	for _, l := range t.m.consent.text(t.m, width) {
		t.say("%s", l)
	}
	n, err := t.choose("Begin? Nothing was touched yet.", 0, "no, back to the questions", "yes, begin")
	if err != nil {
		return err
	}
	if n == 0 {
		return t.questions()
	}
	t.carryOut()
	if err := t.results(); err != nil {
		return err
	}
	t.takeState()
	return nil
}

// carryOut runs the case and tells each step in a line.
func (t *talk) carryOut() {
	m := t.m
	c, began := m.theCase(), m.opt.Now()
	m.report = diag.NewReport(m.opt.Catalog)
	s := createCase(m.casesFolder(), caseName(began, c.Label))
	for ev := range diag.Run(t.ctx, m.opt.World(c.Answers["source"]), m.opt.Catalog, c) {
		s.write(ev)
		m.report.Add(ev)
		t.tell(ev, ev.At.Sub(began).Seconds())
	}
	s.close()
	m.unsaved = true
	if s.err != nil {
		t.say("This case could not be saved by itself: %s. Please export it.", report.Visible(s.err.Error()))
		return
	}
	t.say("The case is saved in %s.", report.Visible(s.path))
}

func (t *talk) tell(ev diag.Event, at float64) {
	switch {
	case ev.Noted != nil:
		t.say("%.1f s: %s", at, report.Visible(ev.Noted.Text))
	case ev.Started != nil:
		t.say("%.1f s: begins %s", at, ev.Started.Node)
	case ev.Judged != nil:
		for _, f := range ev.Judged.Findings {
			if f.Verdict >= diag.Suspected {
				t.say("%.1f s: FOUND, %s: %s at %s", at, f.Verdict, f.Code, report.Visible(f.Subject))
			}
		}
	case ev.Closed != nil:
		t.say("%.1f s: the run has ended", at)
	}
}

// results prints the report and asks what to do with it.
func (t *talk) results() error {
	t.say("")
	if err := report.Text(t.out, t.m.report, report.TextOptions{Width: 78}); err != nil {
		return err
	}
	for {
		n, err := t.choose("What now?", 0, "export the report", "add evidence and run what that unlocks", "back to the tasks")
		switch {
		case err != nil:
			return err
		case n == 1:
			t.m.before = t.m.report
			return t.questions()
		case n == 2:
			return nil
		}
		if err := t.exportAll(); err != nil {
			return err
		}
	}
}

func (t *talk) exportAll() error {
	s := &t.m.export
	s.enter(t.m)
	for _, f := range s.form.fields {
		if err := t.field(f); err != nil {
			return err
		}
	}
	cmd := s.grant(t.m, s.form.done())
	if cmd == nil {
		t.say("%s", t.m.notice)
		return nil
	}
	if msg, ok := cmd().(writtenMsg); ok {
		s.written(t.m, msg)
	}
	for _, path := range s.wrote {
		t.say("Written: %s", report.Visible(path))
	}
	if t.m.notice != "" {
		t.say("%s", report.Visible(t.m.notice))
	}
	return nil
}
