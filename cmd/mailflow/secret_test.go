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

// TestPasswordFilesOfWindows: what its editors and shells put around a password.
func TestPasswordFilesOfWindows(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	for _, c := range []struct{ name, content, want string }{
		{"UTF-8 with its mark", "\xef\xbb\xbfPr\u00fcfung\r\n", "Pr\u00fcfung"},
		{"UTF-8", "Pr\u00fcfung", "Pr\u00fcfung"},
		{"the mark within", "a\xef\xbb\xbfb", "a\xef\xbb\xbfb"},
		{"UTF-16", "\xff\xfeP\x00w\x00\r\x00\n\x00", ""},
		{"UTF-16, the other way round", "\xfe\xff\x00P\x00w", ""},
		{"UTF-16 without its mark", "P\x00w\x00", ""},
	} {
		if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := asked(t, caseFlags{passwordFile: file}, "directory-user=reader@contoso.com")
		if got != c.want || (err == nil) != (c.want != "") || err != nil && (status(err) != exitUsage || !strings.Contains(err.Error(), "save it as UTF-8")) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// Others on the machine can read a command line, and an error may end in a log.
func TestNoPasswordFromTheCommandLine(t *testing.T) {
	for _, input := range []string{"directory-password=hunter2", "Directory-Password=hunter2", "PASSWORD=hunter2", "directory-password:hunter2", " directory-password =hunter2", "directory-pasword=hunter2"} {
		f := caseFlags{inputs: []string{"directory=dc01.contoso.com", input}}
		_, err := f.build(catalog(), nil)
		if status(err) != exitUsage || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", input, err)
		}
		if said := strings.Contains(err.Error(), "--password-file"); said != !strings.Contains(input, "pasword") {
			t.Errorf("%s: what to use instead: %v", input, err)
		}
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
