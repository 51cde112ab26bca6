package bpa

import (
	"strings"
	"unicode/utf8"
)

// configuration is the head of the file.
func (p *parser) configuration(n node) {
	if p.doc.ConfigVersion != "" || p.doc.ConfigName != "" {
		return
	}
	p.known = p.known || n.attr["ConfigVersion"] != "" || n.attr["ConfigName"] != ""
	p.doc.ConfigName, p.doc.ConfigVersion, p.doc.Label = n.attr["ConfigName"], n.attr["ConfigVersion"], n.attr["Label"]
	p.whole = runOf(n)
}

// ran is one run. Its end tag may be missing.
func (p *parser) ran(n node) {
	p.known = p.known || n.attr["StartTime"] != ""
	if len(p.doc.Runs) == maxRuns {
		p.add(n.line, "more than 1000 runs: left out")
		return
	}
	p.doc.Runs = append(p.doc.Runs, runOf(n))
}

func runOf(n node) Run {
	return Run{
		AppVersion: n.attr["AppVersion"], ConfigName: n.attr["ConfigName"],
		Start: n.attr["StartTime"], End: n.attr["EndTime"],
		Completed: n.attr["Completed"], Operations: n.attr["Operations"], DC: n.attr["DC"],
	}
}

// message keeps an issue.
func (p *parser) message(n node) {
	i := Issue{
		Name: n.attr["Name"], Error: n.attr["Error"], Sev: n.attr["Sev"], Title: n.attr["Title"], Text: p.content(),
		GUID: n.attr["GUID"], Group: p.group(), Object: p.cut(p.path()), Line: n.line,
	}
	if s := p.nearest("Setting"); s != nil {
		i.Setting = settingName(p.kind(), *s)
	}
	if p.secret() {
		i.Title, i.Text = "", Withheld
	}
	size := len(i.Name) + len(i.Error) + len(i.Sev) + len(i.Title) + len(i.Text) + len(i.GUID) + len(i.Group) + len(i.Object) + len(i.Setting)
	if len(p.doc.Issues) >= maxIssues || p.kept+size > maxKept {
		p.doc.More++
		return
	}
	p.kept += size
	p.doc.Issues = append(p.doc.Issues, i)
}

// value keeps a value of a setting; a rule has values too.
func (p *parser) value() {
	if len(p.open) < 2 || p.open[len(p.open)-2].name != "Setting" {
		return
	}
	if len(p.values) == maxValues {
		p.add(p.line, "a setting with more than 100 values: the rest is left out")
	}
	if len(p.values) <= maxValues {
		p.values = append(p.values, p.content())
	}
}

// setting keeps a fact, if it is one.
func (p *parser) setting(n node) {
	kind := p.kind()
	name, ok := factName(kind, n)
	if !ok || p.secret() {
		return
	}
	f := Fact{Group: p.group(), Object: kind, Setting: name, Values: p.values[:min(len(p.values), maxValues)], Line: n.line}
	f.Keys = p.keys()
	if f.Instance = p.instanceName(); f.Instance == "" {
		f.Instance = p.cut(strings.Join(strings.Fields(strings.Join(f.Keys[:], " ")), " "))
	}
	size := len(f.Group) + len(f.Instance) + len(f.Setting)
	for _, s := range append(f.Keys[:], f.Values...) {
		size += len(s)
	}
	if len(p.doc.Facts) >= maxFacts || p.kept+size > maxKept {
		p.add(n.line, "more settings than are kept: left out")
		return
	}
	p.kept += size
	p.doc.Facts = append(p.doc.Facts, f)
}

// factName says whether a setting bears on mail flow, and how it is called.
func factName(kind string, n node) (string, bool) {
	switch kind {
	case "dns", "port", "protocol":
		return settingName(kind, n), true
	case "directory", "registry", "metabase", "wmi":
		for _, key := range []string{n.attr["Key1"], n.attr["Key2"], n.attr["DisplayName"]} {
			if name := bearing(key); name != "" {
				return name, true
			}
		}
	}
	return "", false
}

// bearing gives the names of settings that are kept in one spelling
// (knowledge/extra.md section 6, checks MF-CFG, MF-T and MF-DNS).
func bearing(name string) string {
	for _, known := range [...]string{
		"activationStyle", "activationSchedule", "SuppressStateChanges", "GlitchRetrySeconds",
		"msExchSmtpSmartHost", "msExchSmtpFullyQualifiedDomainName", "serialNumber",
	} {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return ""
}

// settingName is what a setting is called by its keys. The metabase has numbers
// for names, and words in the second key.
func settingName(kind string, n node) string {
	first, second := n.attr["Key1"], n.attr["Key2"]
	switch {
	case kind == "protocol":
		return command(first)
	case kind == "metabase" && second != "":
		return second
	case kind == "port" && second != "":
		return first + " " + second
	case first != "":
		return first
	}
	return n.attr["DisplayName"]
}

// command is a command to a server as far as it can hold no password: what
// follows AUTH LOGIN on a line of its own could be one.
func command(line string) string {
	verb, _, more := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "CONNECT", "EHLO", "HELO", "MAIL", "RCPT", "DATA", "QUIT", "RSET", "NOOP", "VRFY", "STARTTLS", "HELP", ".":
		return line
	case "AUTH", "X-EXPS", "USER", "PASS":
		if more {
			return verb + " (the rest is not kept)"
		}
		return verb
	}
	return "(a command that is not kept)"
}

// secret says whether the open setting, or what it stands in, is not for export.
func (p *parser) secret() bool {
	for _, n := range p.open {
		if strings.EqualFold(n.attr["NotForExport"], "true") {
			return true
		}
		if n.name == "Setting" && (hidden(n.attr["Key1"]) || hidden(n.attr["Key2"]) || hidden(n.attr["DisplayName"])) {
			return true
		}
	}
	return false
}

// hidden recognises the name of a password.
func hidden(name string) bool {
	name = strings.ToLower(name)
	for _, word := range [...]string{"password", "passwd", "pwd", "secret", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// nearest is the innermost open element of a name, or nil.
func (p *parser) nearest(name string) *node {
	for i := len(p.open) - 1; i >= 0; i-- {
		if p.open[i].name == name {
			return &p.open[i]
		}
	}
	return nil
}

// kind is the type of the innermost object.
func (p *parser) kind() string {
	n := p.nearest("Object")
	if n == nil {
		return ""
	}
	kind := strings.ToLower(n.attr["Type"])
	if kind == "ad" {
		return "directory"
	}
	return kind
}

// keys are those of the innermost instance, where substitutions are filled in,
// or else of its object.
func (p *parser) keys() [5]string {
	var keys [5]string
	for i, name := range [...]string{"Key1", "Key2", "Key3", "Key4", "Key5"} {
		for _, n := range [...]*node{p.nearest("Instance"), p.nearest("Object")} {
			if keys[i] == "" && n != nil {
				keys[i] = n.attr[name]
			}
		}
	}
	return keys
}

func (p *parser) instanceName() string {
	if n := p.nearest("Instance"); n != nil {
		return n.attr["Name"]
	}
	return ""
}

// group is the heading of the innermost instance that is one.
func (p *parser) group() string {
	name := ""
	for i := len(p.open) - 1; i >= 0; i-- {
		switch n := p.open[i]; n.name {
		case "Instance":
			name = n.attr["Name"]
		case "Object":
			if strings.EqualFold(n.attr["GroupingClass"], "true") {
				return p.cut(strings.TrimSpace(n.attr["Class"] + " " + name))
			}
			name = ""
		}
	}
	return ""
}

// path names the objects from the outermost to the innermost.
func (p *parser) path() string {
	var b strings.Builder
	add := func(kind, name string) {
		if step := strings.TrimSpace(kind + " " + name); step != "" && b.Len() < maxText {
			if b.Len() > 0 {
				b.WriteString(" / ")
			}
			b.WriteString(step)
		}
	}
	var object *node // whose instance did not come yet
	for i := range p.open {
		switch n := &p.open[i]; n.name {
		case "Object":
			if object != nil {
				add(object.attr["Type"], object.attr["Name"])
			}
			object = n
		case "Instance":
			add(either(n, object, "Type"), either(n, object, "Name"))
			object = nil
		}
	}
	if object != nil {
		add(object.attr["Type"], object.attr["Name"])
	}
	return b.String()
}

// either is an attribute of the instance, or else of its object.
func either(instance, object *node, name string) string {
	if s := instance.attr[name]; s != "" || object == nil {
		return s
	}
	return object.attr[name]
}

// content is the text that was collected.
func (p *parser) content() string {
	return p.cut(strings.TrimSpace(string(p.text)))
}

// cut keeps a field within its bound, and whole characters.
func (p *parser) cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	p.add(p.line, "a text longer than 8 KiB: cut")
	end := maxText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
