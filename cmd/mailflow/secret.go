package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/report"
)

// passwordVariable is where a password may stand in the environment.
const passwordVariable = "MAILFLOW_PASSWORD"

// mostPassword bounds a password file: Active Directory takes 256 characters.
const mostPassword = 4 << 10

// secrets fills in the password that a live directory takes: from the file that
// was named, from the environment, else asked for at the terminal. It never
// comes from a flag, which others on the machine can read.
func (f *caseFlags) secrets(cmd *cobra.Command, c *diag.Case) error {
	server, name := c.Answers[evidence.DirServer.Kind().Name], evidence.DirSecret.Kind().Name
	if server == "" || c.Offline {
		return nil
	}
	password, given, err := f.password()
	switch {
	case err != nil:
		return usage("--password-file %s: %v", f.passwordFile, err)
	case given:
		c.Answers[name] = password
		return nil
	case c.Answers[evidence.DirHow.Kind().Name] == "kerberos":
		return nil // the ticket that the account has serves
	case c.Answers[evidence.DirUser.Kind().Name] == "":
		return usage("which account shall read %s? Say --input directory-user=reader@contoso.com, or --input directory-login=kerberos", report.Visible(server))
	}
	c.Answers[name], err = prompt(cmd, "password of "+c.Answers[evidence.DirUser.Kind().Name]+" for "+server)
	return err
}

// password is the one in the file or the environment, if there is one.
func (f *caseFlags) password() (password string, given bool, err error) {
	if f.passwordFile == "" {
		password, given = os.LookupEnv(passwordVariable)
		return password, given, nil
	}
	file, err := os.Open(f.passwordFile)
	if err != nil {
		return "", false, errors.Unwrap(err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, mostPassword+1))
	if err == nil && len(b) > mostPassword {
		err = errors.New("too long for a password")
	}
	if err == nil && (bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) || bytes.ContainsRune(b, 0)) {
		err = errors.New("written as UTF-16: save it as UTF-8 (in PowerShell with Set-Content -Encoding utf8)")
	}
	if err != nil {
		return "", false, err
	}
	line, _, _ := bytes.Cut(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), []byte("\n")) // the mark that Notepad puts before UTF-8 is no part of it
	return string(bytes.TrimSuffix(line, []byte("\r"))), true, nil
}

// prompt asks at the terminal, without echo.
func prompt(cmd *cobra.Command, what string) (string, error) {
	in := int(os.Stdin.Fd())
	if !term.IsTerminal(in) {
		return "", usage("there is no terminal to ask for the %s: set %s, or say --password-file FILE", report.Visible(what), passwordVariable)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: ", report.Visible(what))
	b, err := term.ReadPassword(in)
	fmt.Fprintln(cmd.ErrOrStderr())
	if err != nil {
		return "", incomplete(fmt.Errorf("the password could not be read: %w", err))
	}
	return string(b), nil
}
