package diag

// A Case is one investigation: what the operator said and the evidence in hand.
type Case struct {
	Tool    string // name and version of the program, for the record
	Label   string
	ID      string
	Symptom string
	Offline bool
	Answers map[string]string // by input name
	Record  map[string]*Item  // evidence of an earlier run, by kind; see Recorded
}

// A Plan is what a run would ask and touch, before anything is touched.
type Plan struct {
	Symptom   string     `json:"symptom,omitempty"`
	Title     string     `json:"title,omitempty"`
	Analyzers []string   `json:"analyzers"`
	Questions []Question `json:"questions,omitempty"` // inputs without an answer
	Touches   []Touch    `json:"touches,omitempty"`   // what may be touched
	Gaps      []string   `json:"gaps,omitempty"`      // what no analyzer judges yet
}

// A Question is an input that could still be answered.
type Question struct {
	Name    string `json:"name"`
	Prompt  string `json:"prompt"`
	Example string `json:"example,omitempty"`
	Default string `json:"default,omitempty"`
	Secret  bool   `json:"secret,omitempty"`
}

// A Touch is one collector that would touch the world.
type Touch struct {
	Collector string   `json:"collector"`
	Does      string   `json:"does"`
	Words     []string `json:"words,omitempty"` // with the answers so far
	Lacks     []string `json:"lacks,omitempty"` // answers without which it will not run
}

// Plan works out what a case would ask and touch. It touches nothing.
func (cat *Catalog) Plan(c *Case) Plan {
	p := Plan{Symptom: c.Symptom}
	if s := cat.Symptom(c.Symptom); s != nil {
		p.Title, p.Gaps = s.Title, s.Gaps
	}
	analyzers := cat.Analyzers(c.Symptom)
	for _, a := range analyzers {
		p.Analyzers = append(p.Analyzers, a.Name)
	}
	kinds := cat.kinds(analyzers)
	known := cat.answered(c)
	for _, k := range kinds {
		if in := cat.inputFor(k); in != nil && c.Answers[k.Name] == "" && c.Record[k.Name] == nil {
			p.Questions = append(p.Questions, Question{k.Name, in.Prompt, in.Example, in.Default, in.Secret})
		}
		if c.Record[k.Name] != nil {
			continue
		}
		p.Touches = append(p.Touches, cat.touches(k, c.Offline, known)...)
	}
	return p
}

// touches lists the ways to one kind that touch the world. Behind a way that
// needs only what was answered, none is gone.
func (cat *Catalog) touches(k *Kind, offline bool, known map[*Kind]any) []Touch {
	var all []Touch
	for _, col := range cat.collectorsFor(k) {
		switch {
		case col.derived && cat.answers(col, known):
			return all
		case !col.derived && (!offline || col.Offline):
			all = append(all, cat.touch(col, known))
		}
	}
	return all
}

// answers says whether a collector is made from answers that are there.
func (cat *Catalog) answers(col *Collector, known map[*Kind]any) bool {
	for _, k := range col.Needs {
		if _, ok := known[k.Kind()]; !ok {
			return false
		}
	}
	return true
}

// touch says what one collector would do with the answers so far.
func (cat *Catalog) touch(col *Collector, known map[*Kind]any) Touch {
	t := Touch{Collector: col.Name, Does: col.Does}
	e := newEvidence(col.Name, col.Needs, col.Uses)
	for k := range e.declared {
		if v, ok := known[k]; ok {
			e.values[k] = v
		}
	}
	for _, k := range col.Needs {
		if _, ok := known[k.Kind()]; !ok && cat.inputFor(k.Kind()) != nil {
			t.Lacks = append(t.Lacks, k.Kind().Name)
		}
	}
	if col.Plan != nil {
		t.Words = col.Plan(e)
	}
	return t
}

// answered parses what the operator gave, leaving out what does not parse, and
// works out what can be derived from the answers alone.
func (cat *Catalog) answered(c *Case) map[*Kind]any {
	known := map[*Kind]any{}
	for _, in := range cat.Inputs {
		answer := c.Answers[in.Provides.Kind().Name]
		if answer == "" {
			answer = in.Default
		}
		if answer == "" {
			continue
		}
		if v, err := in.Parse(answer); err == nil {
			known[in.Provides.Kind()] = v
		}
	}
	return known
}
