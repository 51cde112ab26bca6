package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/lab"
)

// hostile is a case file that wants the program to act: to send, to connect
// where it says, and to read a file of the reader's.
const hostile = `{"at":"2026-01-01T00:00:00Z","opened":{"schema":"mailflow-case/1","tool":"x","label":"innocent","symptom":"outbound-delayed","inputs":[` +
	`{"name":"recipient","value":"victim@example.com"},{"name":"next-hop","value":"192.0.2.66"},{"name":"send","value":"yes"},` +
	`{"name":"resolver","value":"192.0.2.53"},{"name":"roots","value":"/secret.pem"},{"name":"evidence","value":"/secret"},` +
	`{"name":"vantage","value":"sender"}],"plan":{"analyzers":[]}}}
{"at":"2026-01-01T00:00:01Z","gathered":{"kind":"dns.route","by":"route","value":[{"name":"hub.example.com","type":"A","server":"192.0.2.53:53","transport":"udp","began":"2026-01-01T00:00:00Z","took_ns":1,"rcode":"NOERROR","answers":[{"name":"hub.example.com","type":"A","ttl_seconds":1,"data":"192.0.2.66"}],"attempts":[]}]}}
`

func saved(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "case.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// guarded is a world that says what was touched.
func guarded(touched *[]string) diag.World {
	var mu sync.Mutex // collectors touch at once
	touch := func(what string) error {
		mu.Lock()
		defer mu.Unlock()
		*touched = append(*touched, what)
		return errors.New("no")
	}
	return diag.World{
		Dial: func(_ context.Context, _, addr string) (net.Conn, error) { return nil, touch(addr) },
		Open: func(name string) (io.ReadCloser, error) { return nil, touch(name) },
	}
}

func TestNothingIsTouchedOnTheWordOfACaseFile(t *testing.T) {
	for _, offline := range []bool{false, true} {
		f := &caseFlags{offline: offline}
		c, err := f.build(catalog(), []string{saved(t, hostile)})
		if err != nil {
			t.Fatal(err)
		}
		if c.Label != "innocent" || c.Answers["vantage"] != "sender" || c.Record["dns.route"] == nil {
			t.Errorf("what is to be judged was lost: %+v", c)
		}
		var touched []string
		play(t, c, guarded(&touched))
		if len(touched) > 0 {
			t.Errorf("offline=%v: touched %s", offline, touched)
		}
		for _, touch := range catalog().Plan(c).Touches {
			if touch.Collector != "clock" && len(touch.Lacks) == 0 {
				t.Errorf("offline=%v: plans %+v", offline, touch)
			}
		}
	}
}

// Asked anew, only what this command line says holds: not the file's servers,
// its look-ups or its consent.
func TestAskingAnewIsOnOurOwnWordOnly(t *testing.T) {
	var warned strings.Builder
	f := &caseFlags{inputs: []string{"next-hop=hub.example.com", "resolver=127.0.0.1"}, warn: &warned}
	c, err := f.build(catalog(), []string{saved(t, hostile)})
	if err != nil {
		t.Fatal(err)
	}
	if c.Offline || len(c.Record) > 0 || c.Answers["vantage"] != "sender" {
		t.Errorf("%+v", c)
	}
	for _, name := range []string{"recipient", "send", "roots", "evidence"} {
		if c.Answers[name] != "" || !strings.Contains(warned.String(), name) {
			t.Errorf("%s is %q, and the operator was told %q", name, c.Answers[name], warned.String())
		}
	}
	var touched []string
	play(t, c, guarded(&touched))
	for _, addr := range touched {
		if addr != "127.0.0.1:53" {
			t.Errorf("touched %s", addr)
		}
	}
}

func TestConsentAloneAsksNobody(t *testing.T) {
	f := &caseFlags{inputs: []string{"send=yes"}}
	_, err := f.build(catalog(), []string{saved(t, hostile)})
	if status := status(err); status != exitUsage {
		t.Errorf("exit status %d, want %d: the file would say to whom", status, exitUsage)
	}
}

// Which inputs the collectors act on is worked out; this pins what it comes to.
func TestWhatSteers(t *testing.T) {
	var judged []string
	for _, in := range collectors.Inputs() {
		if name := in.Provides.Kind().Name; !catalog().Steers(name) {
			judged = append(judged, name)
		}
	}
	if got := strings.Join(judged, " "); got != "internal vantage generation to size at" {
		t.Errorf("taken over without a word: %s", got)
	}
}

func TestADamagedCaseFileIsSaidToBeOne(t *testing.T) {
	var warned strings.Builder
	f := &caseFlags{warn: &warned}
	lines := strings.SplitAfter(hostile, "\n")
	if _, err := f.build(catalog(), []string{saved(t, lines[0]+"garbage\n"+lines[1])}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(warned.String(), "line 2") || !strings.Contains(warned.String(), "damaged") {
		t.Errorf("told %q", warned.String())
	}
}

// TestDamagedEvidence takes away what a record has, at random: an analyzer may
// find less, or otherwise, and never crashes over what a file lacks.
func TestDamagedEvidence(t *testing.T) {
	for i, file := range storyFiles(t) {
		chance := rand.New(rand.NewPCG(uint64(i), 1))
		record := storyRecord(t, story(t, file))
		for range 10 {
			old := diag.NewReport(catalog())
			for _, ev := range record {
				if ev.Gathered != nil {
					item := *ev.Gathered
					raw, err := item.JSON()
					if err != nil {
						t.Fatal(err)
					}
					item.Value = damage(t, chance, raw)
					ev.Gathered = &item
				}
				old.Add(ev)
			}
			c := &diag.Case{}
			c.Resume(old)
			play(t, c, diag.World{})
		}
		if t.Failed() {
			t.Fatalf("the story is %s", file)
		}
	}
}

// storyRecord plays a story and lists its events.
func storyRecord(t *testing.T, s *lab.Story) (events []diag.Event) {
	synctest.Test(t, func(t *testing.T) {
		w, stop, err := s.World()
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		events = play(t, storyCase(s), w).Events()
	})
	return events
}

func damage(t *testing.T, chance *rand.Rand, value []byte) []byte {
	t.Helper()
	if len(value) == 0 {
		return value
	}
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(damaged(chance, v))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// damaged drops one member in twenty, wherever it stands.
func damaged(chance *rand.Rand, v any) any {
	switch v := v.(type) {
	case []any:
		kept := []any{}
		for _, one := range v {
			if chance.IntN(20) > 0 {
				kept = append(kept, damaged(chance, one))
			}
		}
		return kept
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if v[key] = damaged(chance, v[key]); chance.IntN(20) == 0 {
				delete(v, key)
			}
		}
	}
	return v
}

// What is handed over is read all the same: beside an earlier run, and offline.
func TestFilesBesideAnEarlierRunAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queue.txt")
	if err := os.WriteFile(path, []byte("Identity"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &caseFlags{}
	c, err := f.build(catalog(), []string{saved(t, hostile), path})
	if err != nil {
		t.Fatal(err)
	}
	files, _ := diag.Value(play(t, c, collectors.Live("")), evidence.Files)
	if len(files) != 1 || files[0].Path != path || files[0].Bytes != 8 {
		t.Errorf("%+v", files)
	}
}
