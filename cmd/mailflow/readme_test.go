package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailflow/report"
)

var update = flag.Bool("update", false, "write the demo's output into the README")

const (
	demoBegin = "<!-- demo: made by \"make docs\" -->\n"
	demoEnd   = "<!-- demo end -->\n"
)

// TestReadmeShowsTheDemo plays the founding case and holds the README to what
// it prints. The clock is set to one day, so that the text stays the same.
func TestReadmeShowsTheDemo(t *testing.T) {
	out := playedAsText(t, "")
	const file = "../../README.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), demoBegin)
	_, after, ok2 := strings.Cut(rest, demoEnd)
	if !ok || !ok2 {
		t.Fatal("README.md has lost the marks of the demo's output")
	}
	want := withScreens(t, before+demoBegin+"```text\n"+out+"```\n"+demoEnd+after)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(b) {
		t.Error("README.md does not show what the demo prints: make docs")
	}
}

// playedAsText plays a story on one day, so that the text stays the same.
func playedAsText(t *testing.T, name string) string {
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)))
		s, err := readStory(name)
		if err != nil {
			t.Fatal(err)
		}
		w, stop, err := s.World()
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		c := storyCase(s)
		c.Tool = "mailflow"
		if err := report.Text(&out, play(t, c, w), report.TextOptions{Width: 100}); err != nil {
			t.Fatal(err)
		}
	})
	return out.String()
}

var storyBlock = regexp.MustCompile(`(?s)<!-- story: (\S+) -->\n.*?<!-- story end -->\n`)

// TestDocsShowLogs holds docs/logs.md to what its stories print, but for what they
// could not tell.
func TestDocsShowLogs(t *testing.T) {
	const file = "../../docs/logs.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := storyBlock.ReplaceAllStringFunc(string(b), func(block string) string {
		name := storyBlock.FindStringSubmatch(block)[1]
		text, _, _ := strings.Cut(playedAsText(t, "../../testdata/cases/"+name+".txtar"), "\nEXPLAINED BY")
		return "<!-- story: " + name + " -->\n```text\n" + text + "```\n<!-- story end -->\n"
	})
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(b) {
		t.Error("docs/logs.md does not show what its story prints: make docs")
	}
}

var screenBlock = regexp.MustCompile(`(?s)(<!-- screen: (\S+) -->\n).*?(<!-- screen end -->\n)`)

// withScreens puts the golden views of the screens where the README names them.
func withScreens(t *testing.T, text string) string {
	return screenBlock.ReplaceAllStringFunc(text, func(block string) string {
		m := screenBlock.FindStringSubmatch(block)
		view, err := os.ReadFile("../../" + m[2])
		if err != nil {
			t.Error(err)
		}
		return m[1] + "```text\n" + strings.TrimRight(string(view), "\n") + "\n```\n" + m[3]
	})
}

const (
	routeBegin = "<!-- route: made by \"make docs\" -->\n"
	routeEnd   = "<!-- route end -->\n"
)

// TestDocsShowARoute walks a message through the organization of the founding
// case and holds docs/exchange.md to what the command prints.
func TestDocsShowARoute(t *testing.T) {
	s, err := os.ReadFile("../../testdata/cases/connector-schedule.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(s), "-- file org.ldf --\n")
	export, _, _ := strings.Cut(rest, "-- want --\n")
	const file = "../../docs/exchange.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("org.ldf", []byte(export), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := command()
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	cmd.SetArgs([]string{"route", "--from", "EX03A", "--to", "EX07HUB", "--size", "2MB", "--at", "2026-11-23T09:20", "--zone", "Europe/Berlin", "org.ldf"})
	if err := cmd.Execute(); status(err) != exitFound { // it waits
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), routeBegin)
	_, after, ok2 := strings.Cut(rest, routeEnd)
	if !ok || !ok2 {
		t.Fatal("docs/exchange.md has lost the marks of the route")
	}
	want := before + routeBegin + "```text\n" + out.String() + "```\n" + routeEnd + after
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(b) {
		t.Error("docs/exchange.md does not show what the command prints: make docs")
	}
}
