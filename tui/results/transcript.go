package results

import (
	"fmt"
	"strings"

	"mailflow/diag"
	"mailflow/report"
	"mailflow/smtpprobe"
)

// transcriptPage is what was said with each server, with times. Nothing can be
// chosen on it; the marker stands where the search is.
func (m Model) transcriptPage() page {
	w := m.inner()
	only := strings.ToLower(m.only[transcript])
	t := talkWriter{w: w}
	t.list.lines = make([]line, 0, 1024)
	for i, s := range m.facts.sessions {
		label := m.facts.talk(i)
		if only != "" && !strings.Contains(strings.ToLower(clean(label)), only) {
			t.entry += entries(s)
			continue
		}
		t.session(s, label)
	}
	if len(t.list.lines) == 0 {
		t.list = emptyTab(w, m.noTalks())
		t.list.source = make([]int32, len(t.list.lines)) // of one entry
	}
	return page{list: t.list}
}

func (m Model) noTalks() string {
	if len(m.facts.sessions) > 0 {
		return "No SMTP session was held with a host of that name."
	}
	return "No SMTP session was held, which this tab shows: name a recipient or the next server (a), and let it be asked. Sessions out of logs are told with the causes, and in the tab Journeys."
}

// What stands before what was said and heard, and before the further lines of
// an entry.
const (
	said  = "    > "
	heard = "    < "
	more  = "      "
)

// entries is how many entries a session has at most, so that an entry keeps its
// number whatever the filter.
func entries(s smtpprobe.Session) int32 {
	n := 2
	for _, st := range s.Steps {
		n += 3 + len(st.Reply) // its head, what was sent, the reply and what is cut off it
	}
	return int32(n)
}

// A talkWriter lays the sessions out. Every entry is a line that was said, or
// a heading; it may take several lines.
type talkWriter struct {
	w     int
	list  list
	entry int32
}

func (t *talkWriter) session(s smtpprobe.Session, label string) {
	next := t.entry + entries(s)
	t.say(strong, "", joined("  ", label, stamp(s.Began)))
	for _, st := range s.Steps {
		t.step(st)
	}
	t.list.lines, t.list.source = append(t.list.lines, nil), append(t.list.source, t.entry)
	t.entry = next
}

func (t *talkWriter) step(st smtpprobe.Step) {
	k := plain
	if st.Fault != "" || st.Code >= 400 {
		k = alarm
	}
	head := fmt.Sprintf("%-12s %s %s", clock(st.Began), pad(clean(st.Name), nameCells), padLeft(diag.Seconds(st.Took()), secondsCells))
	t.say(k, "  ", joined("  ! ", head, joined(": ", st.Fault, st.Err)))
	if st.Sent != "" {
		t.say(plain, said, string(st.Sent))
	}
	for _, l := range st.Reply {
		t.say(plain, heard, string(l))
	}
	if st.CutBytes > 0 {
		t.say(faint, heard, fmt.Sprintf("... %s more were not kept", count(int(st.CutBytes), "byte")))
	}
}

// say writes one entry. Its spaces stay, as they were sent.
func (t *talkWriter) say(k look, prefix, text string) {
	text = report.Visible(clip(text))
	for _, part := range chop(text, max(t.w-len(more), 2)) {
		t.list.lines = append(t.list.lines, line{{k, prefix + part}}.fit(t.w))
		t.list.source = append(t.list.source, t.entry)
		prefix = more
	}
	t.entry++
}
