package diag

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A small catalog: two answers, a touch, a thing worked out from it, and
// analyzers that judge it.
var (
	name   = NewKey[string]("name", "what it is called: --input name=x")
	secret = NewKey[string]("secret", "a password")
	light  = NewKey[string]("light", "what the sensor says")
	colour = NewKey[string]("colour", "the colour of the light")
	never  = NewKey[int]("never", "what nobody can get")

	dark = &Cause{Code: "DARK", Title: "It is dark", Text: "{subject} is dark[ for {long}]", Ruled: "{subject} is lit",
		About: "a", Read: "r", Remedy: "d", Refs: []string{"s"}, Severity: Stopped}
	dim = &Cause{Code: "DIM", Title: "It is dim", Text: "{subject} is dim", Ruled: "{subject} is bright",
		About: "a", Read: "r", Remedy: "d", Refs: []string{"s"}, Severity: Degraded, Behind: []*Cause{dark}}
)

func small(sensor func(context.Context, World, Evidence) (string, error), judge func(Evidence) []Finding) *Catalog {
	a := &Analyzer{Name: "eye", Doc: "Looks.", Needs: []AnyKey{colour}, Uses: []AnyKey{name}, Causes: []*Cause{dark, dim}, Run: judge}
	blind := &Analyzer{Name: "blind", Doc: "Cannot.", Needs: []AnyKey{never}, Causes: nil, Run: func(Evidence) []Finding { panic("must not run") }}
	text := func(s string) (any, error) {
		if s == "bad" {
			return nil, errors.New("bad answer")
		}
		return s, nil
	}
	return &Catalog{
		Inputs: []*Input{
			{Provides: name, Prompt: "Name?", Parse: text},
			{Provides: secret, Prompt: "Secret?", Secret: true, Parse: text},
		},
		Collectors: []*Collector{
			NewCollector("sensor", "looks at the light", light, []AnyKey{name}, []AnyKey{secret}, sensor),
			NewCollector("lamp", "asks the lamp", light, nil, nil, func(context.Context, World, Evidence) (string, error) { return "red light", nil }),
			Derive("prism", colour, []AnyKey{light}, nil, func(e Evidence) (string, error) {
				first, _, _ := strings.Cut(light.In(e), " ")
				return first, nil
			}),
			NewCollector("oracle", "guesses", never, nil, nil, func(context.Context, World, Evidence) (int, error) { return 0, errors.New("no oracle here") }),
		},
		Symptoms: []*Symptom{{Name: "odd", Title: "It looks odd", Plain: "odd", Analyzers: []*Analyzer{a, blind}, Gaps: []string{"sounds"}}},
	}
}

func sees(string) func(Evidence) []Finding {
	return func(e Evidence) []Finding {
		return []Finding{{Code: "DARK", Verdict: Confirmed, Subject: "room " + colour.In(e)}}
	}
}

func green(_ context.Context, w World, e Evidence) (string, error) {
	w.Note("looking for " + name.In(e))
	return "green light", nil
}

func collect(ctx context.Context, cat *Catalog, c *Case) []Event {
	var all []Event
	for ev := range Run(ctx, World{}, cat, c) {
		all = append(all, ev)
	}
	return all
}

func fold(cat *Catalog, events []Event) *Report {
	r := NewReport(cat)
	for _, ev := range events {
		r.Add(ev)
	}
	return r
}

func TestRunFromAnswerToFinding(t *testing.T) {
	cat := small(green, sees(""))
	if err := cat.Validate(); err != nil {
		t.Fatal(err)
	}
	events := collect(context.Background(), cat, &Case{Symptom: "odd", Answers: map[string]string{"name": "x", "secret": "hunter2"}})
	if events[0].Opened == nil || events[len(events)-1].Closed == nil {
		t.Fatal("a run begins with Opened and ends with Closed")
	}
	r := fold(cat, events)
	hs := r.Hypotheses()
	if len(hs) != 1 || hs[0].Code != "DARK" || hs[0].Findings[0].Subject != "room green" {
		t.Fatalf("hypotheses: %+v", hs)
	}
	var lines bytes.Buffer
	for _, ev := range events {
		if err := WriteEvent(&lines, ev); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(lines.String(), "hunter2") {
		t.Error("the secret is in the case file")
	}
	gaps := fmt.Sprint(r.NotChecked())
	for _, want := range []string{"no oracle here", "sounds"} {
		if !strings.Contains(gaps, want) {
			t.Errorf("not checked %q lacks %q", gaps, want)
		}
	}
}

func TestTheSecondWayIsTried(t *testing.T) {
	broken := func(context.Context, World, Evidence) (string, error) { return "", errors.New("sensor is broken") }
	cat := small(broken, sees(""))
	r := fold(cat, collect(context.Background(), cat, &Case{Answers: map[string]string{"name": "x"}}))
	if hs := r.Hypotheses(); len(hs) != 1 || hs[0].Findings[0].Subject != "room red" {
		t.Fatalf("hypotheses: %+v", hs)
	}
	for _, it := range r.Items() {
		if it.Kind == "light" && (it.By != "lamp" || len(it.Failed) != 1 || it.Failed[0].Why != "sensor is broken") {
			t.Errorf("light: %+v", it)
		}
	}
}

func TestOurCrashIsNoFinding(t *testing.T) {
	crash := func(context.Context, World, Evidence) (string, error) { panic("boom") }
	cat := small(crash, func(Evidence) []Finding { panic("bang") })
	r := fold(cat, collect(context.Background(), cat, &Case{Answers: map[string]string{"name": "x"}}))
	if len(r.Hypotheses()) != 0 {
		t.Error("a crash became a finding")
	}
	bugs := 0
	for _, g := range r.NotChecked() {
		if g.Bug && strings.Contains(g.Why, "please report it") {
			bugs++
		}
	}
	if bugs != 2 {
		t.Errorf("%d crashes shown, want 2: %+v", bugs, r.NotChecked())
	}
}

func TestUndeclaredReadsAndCodesAreBugs(t *testing.T) {
	for what, judge := range map[string]func(Evidence) []Finding{
		"reads what it did not declare": func(e Evidence) []Finding { secret.Lookup(e); return nil },
		"reports what it did not":       func(Evidence) []Finding { return []Finding{{Code: "LOUD", Subject: "x"}} },
	} {
		cat := small(green, judge)
		r := fold(cat, collect(context.Background(), cat, &Case{Answers: map[string]string{"name": "x"}}))
		if gaps := r.NotChecked(); !strings.Contains(fmt.Sprint(gaps), "a fault in this program") {
			t.Errorf("an analyzer that %s: %+v", what, gaps)
		}
	}
}

func TestOfflineTouchesNothing(t *testing.T) {
	touched := func(context.Context, World, Evidence) (string, error) { t.Error("touched"); return "", nil }
	cat := small(touched, sees(""))
	r := fold(cat, collect(context.Background(), cat, &Case{Offline: true, Answers: map[string]string{"name": "x"}}))
	if !strings.Contains(fmt.Sprint(r.NotChecked()), "offline") {
		t.Errorf("not checked: %+v", r.NotChecked())
	}
}

func TestReplayJudgesAnew(t *testing.T) {
	cat := small(green, sees(""))
	events := collect(context.Background(), cat, &Case{Answers: map[string]string{"name": "x"}})
	var file bytes.Buffer
	for _, ev := range events {
		WriteEvent(&file, ev)
	}
	read, err := ReadEvents(&file)
	if err != nil {
		t.Fatal(err)
	}
	newer := small(func(context.Context, World, Evidence) (string, error) { t.Error("touched"); return "", nil },
		func(e Evidence) []Finding {
			return []Finding{{Code: "DIM", Verdict: Suspected, Subject: colour.In(e)}}
		})
	c := &Case{Answers: map[string]string{"name": "x"}, Record: fold(newer, read).Recorded(map[string]string{"name": "x"})}
	r := fold(newer, collect(context.Background(), newer, c))
	if hs := r.Hypotheses(); len(hs) != 1 || hs[0].Code != "DIM" || hs[0].Findings[0].Subject != "green" {
		t.Fatalf("hypotheses: %+v", hs)
	}
}

func TestAnyOrderGivesTheSameReport(t *testing.T) {
	cat := small(green, sees(""))
	events := collect(context.Background(), cat, &Case{Symptom: "odd", Answers: map[string]string{"name": "x"}})
	want := fold(cat, events)
	for range 50 {
		rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		got := fold(cat, events)
		if !reflect.DeepEqual(got.Hypotheses(), want.Hypotheses()) || !reflect.DeepEqual(got.NotChecked(), want.NotChecked()) ||
			!reflect.DeepEqual(got.Events(), want.Events()) {
			t.Fatal("the order of events changed the report")
		}
	}
}

func TestInterruptedRunKeepsWhatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		slow := func(ctx context.Context, _ World, _ Evidence) (string, error) {
			<-ctx.Done()
			return "grey half", nil // what it had by then
		}
		cat := small(slow, sees(""))
		time.AfterFunc(time.Minute, cancel)
		r := fold(cat, collect(ctx, cat, &Case{Answers: map[string]string{"name": "x"}}))
		closed, ok := r.Closed()
		if !ok || !closed.Interrupted || time.Duration(closed.TookNS) != time.Minute {
			t.Errorf("closed: %+v", closed)
		}
		if hs := r.Hypotheses(); len(hs) != 1 || hs[0].Findings[0].Subject != "room grey" {
			t.Errorf("hypotheses: %+v", hs)
		}
	})
}

// The bubble itself fails when a goroutine outlives the run.
func TestBreakEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cat := small(func(ctx context.Context, w World, _ Evidence) (string, error) {
			for ctx.Err() == nil {
				w.Note("tick")
				time.Sleep(time.Second)
			}
			return "", ctx.Err()
		}, sees(""))
		n := 0
		for range Run(t.Context(), World{}, cat, &Case{Answers: map[string]string{"name": "x"}}) {
			if n++; n == 10 {
				break
			}
		}
	})
}

func TestFindingsComeWhileSomethingSlowGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cat := small(green, sees(""))
		cat.Collectors[3] = NewCollector("oracle", "guesses", never, nil, nil, func(context.Context, World, Evidence) (int, error) {
			time.Sleep(time.Hour)
			return 0, errors.New("late")
		})
		began := time.Now()
		for ev := range Run(t.Context(), World{}, cat, &Case{Answers: map[string]string{"name": "x"}}) {
			if ev.Judged != nil && ev.Judged.Analyzer == "eye" && time.Since(began) > 0 {
				t.Errorf("the finding came after %s", time.Since(began))
			}
		}
	})
}

func TestDialAndOpenAreNoted(t *testing.T) {
	w := World{
		Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no") },
		Open: func(string) (io.ReadCloser, error) { return nil, errors.New("no") },
	}
	cat := small(func(ctx context.Context, w World, _ Evidence) (string, error) {
		w.Dial(ctx, "tcp", "192.0.2.1:25")
		w.Open("a.log")
		return "", errors.New("no")
	}, sees(""))
	var notes []string
	for ev := range Run(t.Context(), w, cat, &Case{Answers: map[string]string{"name": "x"}}) {
		if ev.Noted != nil {
			notes = append(notes, ev.Noted.Text)
		}
	}
	if got := strings.Join(notes, "|"); got != "connects to 192.0.2.1:25 (tcp)|reads a.log" {
		t.Errorf("notes: %s", got)
	}
}

func TestPlanTouchesNothingAndAsks(t *testing.T) {
	cat := small(green, sees(""))
	p := cat.Plan(&Case{Symptom: "odd"})
	if len(p.Questions) != 2 || p.Questions[1].Name != "secret" || !p.Questions[1].Secret {
		t.Errorf("questions: %+v", p.Questions)
	}
	if len(p.Touches) != 3 || !reflect.DeepEqual(p.Touches[0].Lacks, []string{"name"}) {
		t.Errorf("touches: %+v", p.Touches)
	}
	cat.Collectors = append([]*Collector{Derive("said", light, []AnyKey{secret}, nil, func(Evidence) (string, error) { return "", nil })}, cat.Collectors...)
	if p = cat.Plan(&Case{Symptom: "odd", Answers: map[string]string{"secret": "red"}}); len(p.Touches) != 1 {
		t.Errorf("the light was said, and yet it is looked at: %+v", p.Touches)
	}
	p = cat.Plan(&Case{Symptom: "odd", Offline: true, Answers: map[string]string{"name": "x", "secret": "y"}})
	if len(p.Questions) != 0 || len(p.Touches) != 0 {
		t.Errorf("offline plan: %+v", p)
	}
}

func TestAChangedAnswerIsGatheredAnew(t *testing.T) {
	asked := 0
	cat := small(func(context.Context, World, Evidence) (string, error) { asked++; return "green light", nil }, sees(""))
	old := fold(cat, collect(context.Background(), cat, &Case{Answers: map[string]string{"name": "x"}}))
	for _, answer := range []string{"x", "y"} {
		answers := map[string]string{"name": answer}
		collect(context.Background(), cat, &Case{Answers: answers, Record: old.Recorded(answers)})
	}
	if asked != 2 {
		t.Errorf("the sensor was asked %d times, want 2: at first, and for the other name", asked)
	}
}
