package lab

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mailflow/diag"
)

func (s *Story) readCase(sec section) error {
	seen := map[string]bool{}
	for _, l := range sec.lines() {
		key, value, ok := strings.Cut(l.text, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || key == "" || strings.Contains(key, " ") {
			return sec.errorf(l.n, "%q is not \"key: value\"", l.text)
		}
		if seen[key] && key == "evidence" { // one line for each file
			s.Answers[key] += "\n" + value
			continue
		}
		if seen[key] {
			return sec.errorf(l.n, "a second %q", key)
		}
		seen[key] = true
		if err := s.setCase(key, value); err != nil {
			return sec.errorf(l.n, "%w", err)
		}
	}
	return nil
}

func (s *Story) setCase(key, value string) error {
	switch key {
	case "symptom":
		s.Symptom = value
	case "label":
		s.Label = value
	case "case":
		s.ID = value
	case "offline":
		if value != "yes" && value != "no" {
			return fmt.Errorf("offline is yes or no, not %q", value)
		}
		s.Offline = value == "yes"
	default:
		s.Answers[key] = value
	}
	return nil
}

func (s *Story) readNetwork(sec section) error {
	for _, l := range sec.lines() {
		value, ok := strings.CutPrefix(l.text, "rtt:")
		if !ok {
			return sec.errorf(l.n, "%q: only \"rtt: DURATION\" is known", l.text)
		}
		d, err := duration(strings.TrimSpace(value))
		if err != nil {
			return sec.errorf(l.n, "%w", err)
		}
		s.rtt = d
	}
	return nil
}

// readWant reads the wanted findings. The word "nothing" says that none is
// suspected or confirmed, so it bears no such line beside it.
func (s *Story) readWant(sec section) error {
	nothing, positive := false, false
	for _, l := range sec.lines() {
		if l.text == "nothing" {
			nothing = true
			continue
		}
		w, err := parseWant(l.text)
		if err != nil {
			return sec.errorf(l.n, "%w", err)
		}
		w.Line = l.n
		positive = positive || w.Verdict >= diag.Suspected
		if nothing && positive {
			return sec.errorf(l.n, "a suspected or confirmed finding beside \"nothing\"")
		}
		s.Want = append(s.Want, w)
	}
	if nothing && positive {
		return sec.errorf(sec.line, "\"nothing\" beside a suspected or confirmed finding")
	}
	if !nothing && len(s.Want) == 0 {
		return sec.errorf(sec.line, "say \"nothing\" when nothing is to be found")
	}
	return nil
}

// parseWant reads: CODE verdict "subject" [wait=20s..40s] [explained-by=CODE].
func parseWant(text string) (Want, error) {
	var w Want
	code, rest, _ := strings.Cut(text, " ")
	verdict, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if err := w.Verdict.UnmarshalText([]byte(verdict)); err != nil {
		return w, err
	}
	w.Code = code
	rest = strings.TrimSpace(rest)
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return w, fmt.Errorf("a quoted subject is due after %q", verdict)
	}
	if w.Subject, err = strconv.Unquote(quoted); err != nil {
		return w, fmt.Errorf("subject %s: %w", quoted, err)
	}
	for _, word := range strings.Fields(rest[len(quoted):]) {
		if err := w.option(word); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *Want) option(word string) error {
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "explained-by":
		w.ExplainedBy = value
		return nil
	case "wait":
		from, to, span := strings.Cut(value, "..")
		if !span {
			to = from
		}
		least, err := duration(from)
		if err != nil {
			return err
		}
		most, err := duration(to)
		if err != nil {
			return err
		}
		if most < least {
			return fmt.Errorf("%q ends before it begins", word)
		}
		w.Wait = &[2]time.Duration{least, most}
		return nil
	}
	return fmt.Errorf("%q is neither wait= nor explained-by=", word)
}
