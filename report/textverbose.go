package report

import (
	"fmt"
	"strings"

	"mailflow/diag"
	"mailflow/smtpprobe"
)

// evidence lists what the operator said and each kind of evidence.
func (t *textWriter) evidence(d document) {
	if len(d.Inputs) > 0 {
		t.heading("INPUTS")
	}
	for _, in := range d.Inputs {
		t.para("  - ", in.Name+": "+in.Shown())
	}
	if len(d.Evidence) > 0 {
		t.heading("EVIDENCE")
	}
	for _, it := range d.Evidence {
		t.para("  - ", it.Kind+": "+it.State())
		for _, f := range it.Failed {
			t.para("      ", joined(": ", f.By, f.Why))
		}
	}
}

// Shown is the answer in one line, or that it is not kept.
func (in inputView) Shown() string {
	if in.Value == nil {
		return "(not kept)"
	}
	return strings.ReplaceAll(*in.Value, "\n", " | ")
}

// State says in words whether the evidence is there and where it came from.
func (it evidenceView) State() string {
	state := "not there"
	switch {
	case it.Has && it.Secret:
		state = "there (not kept)"
	case it.Has:
		state = "there"
	}
	how := []string{prefixed("by ", it.By)}
	if it.Took != 0 {
		how = append(how, it.Took.String())
	}
	if it.Derived {
		how = append(how, "derived")
	}
	if it.Replayed {
		how = append(how, "of an earlier run")
	}
	return joined(", ", append([]string{state}, how...)...)
}

// sessions prints what was said with each address.
func (t *textWriter) sessions(r *diag.Report) {
	all := sessions(r)
	if len(all) > 0 {
		t.heading("SMTP SESSIONS")
	}
	for _, s := range all {
		t.styled(bold, wrap("  ", who(s), t.width))
		for _, st := range s.Steps {
			t.step(st)
		}
	}
}

func (t *textWriter) step(st smtpprobe.Step) {
	times := fmt.Sprintf("    %-10s %9s  ", Visible(clip(st.Name, 20)), diag.Seconds(st.Took()))
	t.para(times, prefixed("! ", joined(": ", st.Fault, st.Err)))
	if st.Sent != "" {
		t.para("      > ", string(st.Sent))
	}
	for i, l := range st.Reply {
		if i == maxReply {
			t.para("      < ", fmt.Sprintf("... %d lines more", len(st.Reply)-i))
			break
		}
		t.para("      < ", string(l))
	}
	if st.CutBytes > 0 {
		t.para("      < ", fmt.Sprintf("... %s more were not kept", count(int(st.CutBytes), "byte")))
	}
}

// maxReply is how many lines of one reply people are shown.
const maxReply = 60

// who names a session: the host, and its address where that says more.
func who(s smtpprobe.Session) string {
	if s.Host == "" || strings.HasPrefix(s.Addr, s.Host+":") {
		return s.Addr
	}
	return s.Host + " [" + s.Addr + "]"
}
