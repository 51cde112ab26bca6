package diag

import (
	"errors"
	"fmt"
	"regexp"
)

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// Validate says whether the catalog is well formed: unique names and codes,
// texts for every cause, every need provided, no circle. A test calls it.
func (cat *Catalog) Validate() error {
	v := &validation{cat: cat, names: map[string]bool{}}
	for _, in := range cat.Inputs {
		v.name("input", in.Provides.Kind().Name)
		v.check(in.Prompt != "" && in.Parse != nil, "input %s: no prompt or no Parse", in.Provides.Kind().Name)
	}
	for _, c := range cat.Collectors {
		v.name("collector", c.Name)
		v.check(c.derived || c.Does != "", "collector %s: Does is empty", c.Name)
		v.provided(c.Name, c.Needs, c.Uses)
	}
	for _, s := range cat.Symptoms {
		v.name("symptom", s.Name)
		v.check(s.Title != "" && s.Plain != "", "symptom %s: no title or plain words", s.Name)
	}
	for _, a := range cat.Analyzers("") {
		v.name("analyzer", a.Name)
		v.check(a.Doc != "" && a.Run != nil && len(a.Needs)+len(a.Uses) > 0, "analyzer %s: no doc, no Run or reads nothing", a.Name)
		v.provided(a.Name, a.Needs, a.Uses)
	}
	for _, c := range cat.Causes() {
		v.cause(c)
	}
	v.circles()
	return errors.Join(v.errs...)
}

type validation struct {
	cat   *Catalog
	names map[string]bool
	errs  []error
}

func (v *validation) check(ok bool, format string, args ...any) {
	if !ok {
		v.errs = append(v.errs, fmt.Errorf(format, args...))
	}
}

func (v *validation) name(what, name string) {
	v.check(name != "", "%s without a name", what)
	v.check(!v.names[what+name], "%s %s: twice", what, name)
	v.names[what+name] = true
}

func (v *validation) cause(c *Cause) {
	v.name("cause", c.Code)
	full := c.Title != "" && c.Text != "" && c.Ruled != "" && c.About != "" && c.Read != "" && c.Remedy != "" && len(c.Refs) > 0
	v.check(full && c.Severity != Unset, "cause %s: a text, a reference or the severity is missing", c.Code)
	for _, b := range c.Behind {
		v.check(v.cat.Cause(b.Code) == b, "cause %s stands behind %s, which no analyzer reports", c.Code, b.Code)
	}
	for _, t := range c.Tests {
		v.check(t.Do != "" && t.Takes > 0, "cause %s: a test without words or without its time", c.Code)
		for _, code := range t.Against {
			v.check(v.cat.Cause(code) != nil, "cause %s: a test against %s, which no analyzer reports", c.Code, code)
		}
	}
}

func (v *validation) provided(reader string, lists ...[]AnyKey) {
	for _, keys := range lists {
		for _, k := range keys {
			ok := v.cat.inputFor(k.Kind()) != nil || len(v.cat.collectorsFor(k.Kind())) > 0
			v.check(ok, "%s reads %s, which nothing provides", reader, k.Kind().Name)
		}
	}
}

func (v *validation) circles() {
	state := map[*Kind]int{} // 1 on the path, 2 done
	var visit func(k *Kind)
	visit = func(k *Kind) {
		v.check(state[k] != 1, "%s is made from itself", k.Name)
		if state[k] != 0 {
			return
		}
		state[k] = 1
		for _, c := range v.cat.collectorsFor(k) {
			for _, n := range append(append([]AnyKey{}, c.Needs...), c.Uses...) {
				visit(n.Kind())
			}
		}
		state[k] = 2
	}
	for _, c := range v.cat.Collectors {
		visit(c.Provides.Kind())
	}
}

var optional = regexp.MustCompile(`\[[^\]]*\]`)

// CheckFinding says what is wrong with a finding of an analyzer: a code that
// it did not declare, or a placeholder outside brackets without an argument.
// It looks at the cause's text and not at the finished sentence: what a server
// said is in that, and may look like a placeholder.
func CheckFinding(a *Analyzer, f Finding) error {
	for _, c := range a.Causes {
		if c.Code != f.Code {
			continue
		}
		_, complete := replaceArgs(optional.ReplaceAllString(template(c, f), ""), f)
		if !complete {
			return fmt.Errorf("%s: finding %s about %s has no argument for a part of %q", a.Name, f.Code, f.Subject, template(c, f))
		}
		return nil
	}
	return fmt.Errorf("%s reports %s, which it does not declare", a.Name, f.Code)
}
