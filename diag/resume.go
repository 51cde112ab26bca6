package diag

import "cmp"

// Resume takes an earlier run over: yesterday's evidence, today's rules. What
// the case says already goes before what was said then.
//
// The earlier run may come from anybody, so nothing of it leads to a touch. The
// case is offline from here on, and files that the earlier run names are opened
// only if the case names them too.
func (c *Case) Resume(old *Report) {
	c.Offline = true
	c.head(old)
	said := c.Answers
	c.Answers = map[string]string{}
	for _, a := range old.Opened().Inputs {
		c.Answers[a.Name] = a.Value
	}
	for name, answer := range said {
		c.Answers[name] = answer
	}
	c.Record = old.Recorded(c.Answers)
	for _, name := range old.cat.opens(c.Record) {
		if said[name] == "" {
			delete(c.Answers, name)
		}
	}
}

// Renew begins an earlier run anew: everything is asked again, with what the
// case says by itself. Of the earlier run only its head is taken over, and the
// answers that no collector acts on; dropped names the others.
func (c *Case) Renew(old *Report) (dropped []string) {
	c.head(old)
	for _, a := range old.Opened().Inputs {
		switch {
		case c.Answers[a.Name] != "" || a.Value == "":
		case old.cat.Steers(a.Name):
			dropped = append(dropped, a.Name)
		default:
			c.Answers[a.Name] = a.Value
		}
	}
	return dropped
}

func (c *Case) head(old *Report) {
	o := old.Opened()
	c.Label, c.ID, c.Symptom = cmp.Or(c.Label, o.Label), cmp.Or(c.ID, o.Case), cmp.Or(c.Symptom, o.Symptom)
}

// Steers says whether a collector that touches the world acts on an input,
// however indirectly. An unknown input may.
func (cat *Catalog) Steers(input string) bool {
	for _, col := range cat.Collectors {
		if !col.derived && cat.dependsOn(col.Provides.Kind().Name, map[string]bool{input: true}) {
			return true
		}
	}
	return cat.Input(input) == nil
}

// opens names the inputs on which the collectors act that run offline too, and
// whose evidence the record does not have.
func (cat *Catalog) opens(record map[string]*Item) []string {
	var names []string
	for _, col := range cat.Collectors {
		if col.Offline && record[col.Provides.Kind().Name] == nil {
			for _, k := range append(append([]AnyKey{}, col.Needs...), col.Uses...) {
				names = append(names, k.Kind().Name)
			}
		}
	}
	return names
}
