package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// simulated runs the command in a folder with the log of a story, its export of the
// directory, and nothing else.
func simulated(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out strings.Builder
	cmd := command()
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	cmd.SetArgs(append([]string{"simulate"}, args...))
	err := cmd.Execute()
	return out.String(), status(err)
}

// evidenceFolder goes to a folder with files out of stories.
func evidenceFolder(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	for name, from := range map[string]string{"track.log": "periodic-retry", "clock.log": "periodic-schedule", "backlog.log": "backlog", "org.ldf": "connector-schedule"} {
		b, err := os.ReadFile("../../testdata/cases/" + from + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(b), "-- file ")
		if !found {
			t.Fatal(from)
		}
		_, rest, _ = strings.Cut(rest, "--\n")
		text, _, _ := strings.Cut(rest, "\n-- ")
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
}

var ranBlock = regexp.MustCompile("(?s)<!-- mailflow (simulate .*?) -->\n.*?<!-- end -->\n")

// TestDocsShowSimulations holds docs/simulate.md to what the command prints.
func TestDocsShowSimulations(t *testing.T) {
	const file = "../../docs/simulate.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	evidenceFolder(t)
	n := 0
	want := ranBlock.ReplaceAllStringFunc(string(b), func(block string) string {
		n++
		line := ranBlock.FindStringSubmatch(block)[1]
		out, code := simulated(t, argsOf(line)[1:]...)
		if code != exitOK {
			t.Errorf("%s: exit status %d", line, code)
		}
		return "<!-- mailflow " + line + " -->\n```text\n$ mailflow " + line + "\n" + out + "```\n<!-- end -->\n"
	})
	if n != 3 {
		t.Errorf("%d simulations on the page", n)
	}
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(b) {
		t.Error("docs/simulate.md does not show what the command prints: make docs")
	}
}

// argsOf takes a command line apart, in which " may hold words together.
func argsOf(line string) []string {
	var all []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			all = append(all, part)
		} else {
			all = append(all, strings.Fields(part)...)
		}
	}
	return all
}

// TestSimulateSays: one word of what each way to ask prints, and how it ends.
func TestSimulateSays(t *testing.T) {
	evidenceFolder(t)
	for _, c := range []struct {
		name string
		args string
		code int
		want string
	}{
		{"a schedule", `--opens "every 30m" --compare "every 15m" --compare always`, exitOK, "C: always"},
		{"a queue and messages", "--steps 10m,20m --down 1h --per queue", exitOK, "one timer for all mail"},
		{"a server of the export", "--sender EX03A --fail 30% org.ldf", exitOK, "EX03A, SMTP virtual server 1 (intervals from memory)"},
		{"a connector of the export", `--opens "EX03A to EX07HUB" org.ldf`, exitOK, "at :00 and :30 for 15 minutes"},
		{"a rhythm of the clock", "clock.log", exitOK, "A is like what was seen"},
		{"a backlog", "backlog.log", exitOK, "A is like what was seen"},
		{"a ladder", "track.log", exitOK, "of further attempts"},
		{"a hop that is not there", `track.log --hop "HUB9 to X"`, exitIncomplete, ""},
		{"no logs", "org.ldf", exitIncomplete, ""},
		{"a product that nobody knows", "--sender Groupwise --down 5m", exitUsage, ""},
		{"one of several products", `--sender "Exchange 2007" --down 5m`, exitUsage, ""},
		{"both ways to say who sends", "--sender Postfix --steps 5m", exitUsage, ""},
		{"a pace, and no mail", "--rate 10/min", exitUsage, ""},
		{"no time", "--down soon", exitUsage, ""},
		{"no key", "--greylist 5m --key domain", exitUsage, ""},
		{"no timer", "--down 5m --per server", exitUsage, ""},
		{"too much mail", "--down 5m --mail 1000000", exitUsage, ""},
		{"no mail", "--down 5m --mail 0", exitUsage, ""},
		{"a format that is not written", "--down 5m --out x.xml", exitUsage, ""},
		{"a schedule that is none", "--compare \"every now\" --down 5m", exitUsage, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, code := simulated(t, argsOf(c.args)...)
			if code != c.code || !strings.Contains(out, c.want) {
				t.Errorf("exit status %d:\n%s", code, out)
			}
		})
	}
}

// TestSimulateWritesJSON: the numbers of the text, and the same each time.
func TestSimulateWritesJSON(t *testing.T) {
	evidenceFolder(t)
	out, _ := simulated(t, "--down", "45m", "--out", "x.json", "--out", "x.txt")
	first, err := os.ReadFile("x.json")
	if err != nil {
		t.Fatal(err)
	}
	var record struct {
		Results []struct {
			Later struct {
				Messages int     `json:"messages"`
				Longest  float64 `json:"longest_s"`
			} `json:"later"`
		} `json:"results"`
	}
	if err := json.Unmarshal(first, &record); err != nil || len(record.Results) != 1 || record.Results[0].Later.Longest < 45*60 {
		t.Errorf("%v: %s", err, first)
	}
	if b, _ := os.ReadFile("x.txt"); string(b) != out {
		t.Error("the text file differs from standard output")
	}
	again, _ := simulated(t, "--down", "45m", "--out", "-.json")
	if again != string(first) {
		t.Error("another answer to the same question")
	}
}
