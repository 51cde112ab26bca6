package diag

import "strings"

// Sentence is the finding in words: the cause's text with the finding's
// arguments. It is here, and not in the views, only so that every view says
// the same; it decides nothing.
func Sentence(c *Cause, f Finding) string { return fill(template(c, f), f) }

func template(c *Cause, f Finding) string {
	switch f.Verdict {
	case Unknown:
		return "could not tell[: {because}]"
	case Excluded:
		return c.Ruled
	}
	return c.Text
}

func fill(template string, f Finding) string {
	var out strings.Builder
	for template != "" {
		open := strings.IndexByte(template, '[')
		if open < 0 {
			open = len(template)
		}
		part, _ := replaceArgs(template[:open], f)
		out.WriteString(part)
		template = template[open:]
		if end := strings.IndexByte(template, ']'); end > 0 {
			if part, complete := replaceArgs(template[1:end], f); complete {
				out.WriteString(part)
			}
			template = template[end+1:]
		} else if template != "" {
			out.WriteString(template)
			template = ""
		}
	}
	return out.String()
}

// replaceArgs puts the arguments in and says whether each was there. What an
// argument says is never read as a template again.
func replaceArgs(part string, f Finding) (string, bool) {
	complete := true
	text := placeholder.ReplaceAllStringFunc(part, func(m string) string {
		name := m[1 : len(m)-1]
		if name == "subject" {
			return f.Subject
		}
		for _, a := range f.Args {
			if a.Name == name {
				return a.String()
			}
		}
		complete = false
		return m
	})
	return text, complete
}
