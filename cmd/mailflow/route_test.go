package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// export writes the directory export of a story to a file.
func export(t *testing.T, name string) string {
	t.Helper()
	w, stop, err := story(t, "../../testdata/cases/"+name+".txtar").World()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	in, err := w.Open("org.ldf")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "org.ldf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// invoked runs a command line and gives what it printed, its error and its exit
// status.
func invoked(t *testing.T, args ...string) (stdout, failed string, code int) {
	t.Helper()
	var out strings.Builder
	cmd := command()
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	if err != nil {
		failed = err.Error()
	}
	return out.String(), failed, status(err)
}

// TestRoute: the connector of this story opens at :00 and :30 for a quarter of
// an hour, so that the moment decides.
func TestRoute(t *testing.T) {
	org := export(t, "connector-schedule-founding")
	for _, c := range []struct {
		at, want string
		code     int
	}{
		{"2026-11-23T09:05", "arrives; does not wait now; at other times schedules hold mail (at most 15 min", exitOK},
		{"2026-11-23T09:20", "arrives; waits 10 min for a schedule (at most 15 min", exitFound},
		{"2026-11-23T09:20", "until Mon 2026-11-23 09:30 CET", exitFound},
		{"2026-11-23T09:20", "2  EX07HUB [Exchange Routing Group (DWBGZMFD01QNBJR)]", exitFound},
	} {
		out, failed, code := invoked(t, "route", "--from", "EX03A", "--to", "EX07HUB", "--at", c.at, "--zone", "Europe/Berlin", org)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit status %d (%s), want %d and %q:\n%s", c.at, code, failed, c.code, c.want, out)
		}
	}
}

func TestRouteStatus(t *testing.T) {
	for outcome, want := range map[string]int{evidence.Arrives: exitOK, evidence.Leaves: exitOK, evidence.Stuck: exitFound, evidence.NoPath: exitFound,
		evidence.Returned: exitFound, evidence.Undecided: exitIncomplete, "": exitIncomplete} {
		if got := status(arrival(evidence.Path{Outcome: outcome})); got != want {
			t.Errorf("%q: exit status %d, want %d", outcome, got, want)
		}
	}
	if got := status(arrival(evidence.Path{Outcome: evidence.Arrives, Wait: evidence.Wait{Now: 1}})); got != exitFound {
		t.Errorf("a message that waits: exit status %d", got)
	}
}

// TestRouteFromACaseFile: the evidence of an earlier run answers another
// question, and nothing else is opened.
func TestRouteFromACaseFile(t *testing.T) {
	org := export(t, "connector-schedule-founding")
	dir := t.TempDir()
	kept, page := filepath.Join(dir, "path.jsonl"), filepath.Join(dir, "path.html")
	if _, failed, code := invoked(t, "route", "--from", "EX03A", "--to", "EX07HUB", "--at", "2026-11-23T09:05", org, "--out", kept, "--out", page); code != exitOK {
		t.Fatalf("exit status %d: %s", code, failed)
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "The path of the message") {
		t.Errorf("the page: %v", err)
	}
	os.Remove(org)
	out, failed, code := invoked(t, "route", "--from", "EX07HUB", "--to", "EX03A", kept)
	if code != exitOK || !strings.HasPrefix(out, "EX07HUB -> EX03A") {
		t.Errorf("exit status %d (%s):\n%s", code, failed, out)
	}
	if out, _, code := invoked(t, "route", kept); code != exitOK || !strings.HasPrefix(out, "EX03A -> EX07HUB") {
		t.Errorf("the same question again: exit status %d:\n%s", code, out)
	}
	if out, _, code := invoked(t, "org", kept); code != exitOK || !strings.Contains(out, "First Routing Group") {
		t.Errorf("org of a case file: exit status %d:\n%s", code, out)
	}
}

func TestRouteAsData(t *testing.T) {
	out, _, _ := invoked(t, "route", "--from", "EX03A", "--to", "EX07HUB", "--at", "2026-11-23T09:20", export(t, "connector-schedule-founding"), "--out", "-.json")
	var got struct {
		Path struct {
			Outcome string
			Legs    []struct{ Connector string }
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if got.Path.Outcome != evidence.Arrives || len(got.Path.Legs) != 1 || got.Path.Legs[0].Connector != "EX03A to EX07HUB" {
		t.Errorf("%+v", got)
	}
}

func TestOrg(t *testing.T) {
	out, failed, code := invoked(t, "org", export(t, "connector-schedule-founding"))
	if code != exitOK {
		t.Fatalf("exit status %d: %s", code, failed)
	}
	for _, want := range []string{"How mail flows", "Who may manage it", "OPENS AT SELECTED TIMES", "server EX03A: Exchange 2003"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for _, l := range strings.Split(out, "\n") {
		if len(l) > 80 {
			t.Errorf("a line of %d: %q", len(l), l)
		}
	}
}

// TestWhatIsMissingIsSaid: each error says what to give, and how to get it.
func TestWhatIsMissingIsSaid(t *testing.T) {
	t.Setenv(passwordVariable, "") // so that it is put back
	os.Unsetenv(passwordVariable)
	empty := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(empty, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	org := export(t, "connector-schedule-founding")
	for _, c := range []struct {
		args string
		code int
		want []string
	}{
		{"org", exitUsage, []string{"ldifde -f org.ldf", "Get-SendConnector | Export-Clixml", "--input directory="}},
		{"org " + empty, exitIncomplete, []string{"no Exchange configuration could be read", "ldifde -f org.ldf"}},
		{"route --from EX03A --to EX03B " + empty, exitIncomplete, []string{"no Exchange configuration could be read", "ldifde -f org.ldf"}},
		{"route --from EX03A --to EX03B", exitUsage, []string{"ldifde -f org.ldf"}},
		{"route --from EX03A " + org, exitUsage, []string{"--from EX03A --to user@contoso.com"}},
		{"route --from EX03A --to EX03B --size huge " + org, exitUsage, []string{"huge", "5MB"}},
		{"route --from EX03A --to EX03B --zone Mars " + org, exitUsage, []string{"Mars", "Europe/Berlin"}},
		{"route --from EX03A --to EX03B --out path.svg " + org, exitUsage, []string{"path.svg", ".html"}},
		{"org --input directory=dc01.contoso.com", exitUsage, []string{"which account", "directory-user"}},
		{"route --from EX99 --to EX03A " + org, exitIncomplete, nil},
	} {
		_, failed, code := invoked(t, strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("%s: exit status %d (%s), want %d", c.args, code, failed, c.code)
		}
		for _, want := range c.want {
			if !strings.Contains(failed, want) {
				t.Errorf("%s: no %q in %q", c.args, want, failed)
			}
		}
	}
}

// TestWhyThereIsNoOrganization: what went wrong on the way that was taken stands
// there, and not what others would have needed. Where none was taken, it is what
// the operator could give.
func TestWhyThereIsNoOrganization(t *testing.T) {
	t.Setenv(passwordVariable, "secret")
	_, failed, _ := invoked(t, "org", "--input", "directory=ldap+plain://127.0.0.1:1", "--input", "directory-user=reader@contoso.com", "--input", "directory-cleartext=yes")
	if !strings.Contains(failed, "read:\n  live directory: 127.0.0.1:1: no connection") || strings.Contains(failed, "needs ") {
		t.Error(failed)
	}
	notes := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, failed, _ = invoked(t, "org", notes)
	if !strings.Contains(failed, "notes.txt: no reader") || strings.Contains(failed, "needs ") || strings.Contains(failed, "offline") {
		t.Error(failed)
	}
	r := diag.NewReport(catalog())
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "org", Failed: []diag.Failure{{By: "organization", Why: "needs org.entries"}}}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "org.entries", Failed: []diag.Failure{{By: "directory export", Why: "needs files"}}}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "files", Failed: []diag.Failure{{By: "files", Why: "needs evidence"}}}})
	want := evidence.Paths.Kind().Doc
	if err := missing(r).Error(); !strings.Contains(err, "organization: needs "+want+"\n") || strings.Contains(err, "org.entries") {
		t.Error(err)
	}
}
