package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailflow/diag"
)

// asked is a case that reads a directory, with the password that came of it.
func asked(t *testing.T, f caseFlags, inputs ...string) (password string, err error) {
	t.Helper()
	f.inputs = append([]string{"directory=dc01.contoso.com"}, inputs...)
	c, err := f.build(catalog(), nil)
	if err != nil {
		return "", err
	}
	cmd := command()
	cmd.SetErr(io.Discard)
	err = f.secrets(cmd, c)
	return c.Answers["directory-password"], err
}

func TestWhereAPasswordComesFrom(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(" from a file \r\nanother line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(passwordVariable, "from the environment")
	const user = "directory-user=reader@contoso.com"
	if got, err := asked(t, caseFlags{passwordFile: file}, user); got != " from a file " || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := asked(t, caseFlags{}, user); got != "from the environment" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := asked(t, caseFlags{offline: true}, user); got != "" || err != nil {
		t.Errorf("offline: %q, %v", got, err)
	}
	os.Unsetenv(passwordVariable)
	if got, err := asked(t, caseFlags{}, "directory-login=kerberos"); got != "" || err != nil {
		t.Errorf("the ticket serves: %q, %v", got, err)
	}
	for name, f := range map[string]caseFlags{"no file there": {passwordFile: file + "x"}, "no terminal": {}} {
		if _, err := asked(t, f, user); status(err) != exitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := asked(t, caseFlags{}); status(err) != exitUsage || !strings.Contains(err.Error(), "directory-user") {
		t.Errorf("nobody said who: %v", err)
	}
}

// Others on the machine can read a command line.
func TestNoPasswordFromTheCommandLine(t *testing.T) {
	f := caseFlags{inputs: []string{"directory=dc01.contoso.com", "directory-password=hunter2"}}
	_, err := f.build(catalog(), nil)
	if status(err) != exitUsage || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

// No file of ours holds the password, whatever becomes of the directory.
func TestPasswordStaysOut(t *testing.T) {
	t.Setenv(passwordVariable, "hunter2-is-secret")
	f := caseFlags{inputs: []string{"directory=ldap+plain://127.0.0.1:1", "directory-user=reader@contoso.com", "directory-cleartext=yes"}}
	cat := catalog()
	c, err := f.build(cat, nil)
	if err != nil {
		t.Fatal(err)
	}
	cmd := command()
	cmd.SetErr(io.Discard)
	if err := f.secrets(cmd, c); err != nil {
		t.Fatal(err)
	}
	var touched []string
	r := play(t, c, guarded(&touched))
	for _, name := range []string{"-.jsonl", "-.json", "-.xml", "-.html", "-.txt"} {
		var out bytes.Buffer
		if err := writeAll(&out, []output{{"", name}}, r); err != nil {
			t.Fatal(err)
		}
		if out.Len() == 0 || strings.Contains(out.String(), "hunter2") {
			t.Errorf("%s: %d bytes, or the password in it", name, out.Len())
		}
	}
	for _, it := range r.Items() {
		if it.Kind == "org.entries" && (it.Has() || !strings.Contains(failures(it), "127.0.0.1")) {
			t.Errorf("the directory that nobody reached: %+v", it)
		}
	}
}

func failures(it *diag.Item) string {
	var all []string
	for _, f := range it.Failed {
		all = append(all, f.Why)
	}
	return strings.Join(all, "; ")
}
