package smtpprobe

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestKeywords(t *testing.T) {
	ehlo := func(lines ...Line) Step { return Step{Name: EHLO, Code: 250, Reply: lines} }
	before := ehlo("250-hub07", "250-starttls", "250 SIZE 1000")
	after := ehlo("250-hub07", "250-AUTH PLAIN LOGIN", "250 PIPELINING")
	s := Session{Steps: []Step{{Name: Connect}, before, {Name: Handshake}, after}}
	if diff := cmp.Diff(map[string]string{"STARTTLS": "", "SIZE": "1000"}, s.Keywords(true)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"AUTH": "PLAIN LOGIN", "PIPELINING": ""}, s.Keywords(false)); diff != "" {
		t.Error(diff)
	}
	refused := Session{Steps: []Step{{Name: EHLO, Code: 502, Reply: []Line{"502 no"}}}}
	emptied := Session{Steps: []Step{ehlo()}} // as an edited case file may have it
	if refused.Keywords(false) != nil || emptied.Keywords(false) != nil {
		t.Error("offers out of nothing")
	}
}

func TestStepWords(t *testing.T) {
	st := Step{Name: RCPT, Code: 450, Reply: []Line{"450-4.7.1 grey", "450", "450 x"}, Began: time.Unix(0, 0), TookNS: 5e9}
	if st.Text() != "4.7.1 grey  x" || st.Whole() != "450-4.7.1 grey 450 450 x" || st.Enhanced() != "4.7.1" {
		t.Errorf("%q %q %q", st.Text(), st.Whole(), st.Enhanced())
	}
	if st.Ok() || !st.End().Equal(time.Unix(5, 0)) {
		t.Errorf("ok %v, end %v", st.Ok(), st.End())
	}
	for _, not := range []Line{"450 4.7 grey", "450 3.7.1 grey", "450 4.7.x grey", "450 4.7.1234 grey", "450"} {
		if got := (Step{Reply: []Line{not}}).Enhanced(); got != "" {
			t.Errorf("%q has %q", not, got)
		}
	}
	if last := (Session{}).Last(); last.Name != "" || (Session{}).Connected() {
		t.Error("a session out of nothing")
	}
}
