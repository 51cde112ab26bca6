package collectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/directory"
)

// liveDirectory reads from a domain controller what else an export would tell.
func liveDirectory() *diag.Collector {
	col := diag.NewCollector("live directory", "reads the Exchange configuration and the sites from the domain controller that you named", evidence.OrgEntries,
		[]diag.AnyKey{evidence.DirServer},
		[]diag.AnyKey{evidence.DirUser, evidence.DirSecret, evidence.DirHow, evidence.DirClear, evidence.RootsFile, evidence.Files},
		func(ctx context.Context, w diag.World, e diag.Evidence) (evidence.Directory, error) {
			target, err := targetOf(w, e)
			if err != nil {
				return evidence.Directory{}, err
			}
			login, err := loginOf(e)
			if err != nil {
				return evidence.Directory{}, err
			}
			conn, err := directory.Open(ctx, w.Dial, target, login)
			if err != nil {
				return evidence.Directory{}, err
			}
			defer conn.Close()
			got, err := browse(ctx, conn, target)
			if err == nil {
				setAside(w, e, target)
			}
			return got, err
		})
	col.Plan = directoryWords
	return col
}

// targetOf is the server that the operator named. A global catalog holds only a
// part of the attributes, and what it lacks would look as if it were not set.
func targetOf(w diag.World, e diag.Evidence) (directory.Target, error) {
	target, err := directory.ParseTarget(evidence.DirServer.In(e))
	if err != nil {
		return target, err
	}
	if target.Port == 3268 || target.Port == 3269 {
		return target, fmt.Errorf("port %d is that of the global catalog, which holds only a part of the attributes: name %s without it", target.Port, target.Host)
	}
	if file, ok := evidence.RootsFile.Lookup(e); ok {
		target.Roots, err = readRoots(w, file)
	}
	return target, err
}

// loginOf is how to sign in, as far as the operator said.
func loginOf(e diag.Evidence) (directory.Login, error) {
	login := directory.Login{How: howOf(e)}
	login.User, _ = evidence.DirUser.Lookup(e)
	login.Password, _ = evidence.DirSecret.Lookup(e)
	login.ClearText, _ = evidence.DirClear.Lookup(e)
	switch {
	case login.How == "kerberos": // a ticket may be there
		return login, nil
	case login.User == "":
		return login, fmt.Errorf("no account was named: %s; or with a ticket that is there: --input directory-login=kerberos", evidence.DirUser.Kind().Doc)
	case login.Password == "":
		return login, fmt.Errorf("there is no password for %s (%s)", login.User, evidence.DirSecret.Kind().Doc)
	}
	return login, nil
}

func howOf(e diag.Evidence) string {
	how, _ := evidence.DirHow.Lookup(e)
	return cmp.Or(how, "simple")
}

// setAside says which exports are not read, because the directory itself was.
func setAside(w diag.World, e diag.Evidence, target directory.Target) {
	files, _ := evidence.Files.Lookup(e)
	for _, f := range files {
		if f.Format == formatLDIF || f.Format == formatCSVDE {
			w.Note(f.Path + " is not read: what " + target.Host + " says now counts")
		}
	}
}

// A branch is a part of the configuration and the classes that are read there.
type branch struct {
	base    string
	classes []string
}

func branches(configuration string) []branch {
	sites := []string{evidence.ClassSite, evidence.ClassSiteLink}
	exchange := slices.DeleteFunc(evidence.Classes(), func(c string) bool { return slices.Contains(sites, c) })
	return []branch{
		{"CN=Microsoft Exchange,CN=Services," + configuration, exchange},
		{"CN=Sites," + configuration, sites},
	}
}

// filter asks for objects of the classes (RFC 4515).
func (b branch) filter() string {
	return "(|(objectClass=" + strings.Join(b.classes, ")(objectClass=") + "))"
}

// A server is a directory that answers.
type server interface {
	Root(ctx context.Context) (directory.Root, error)
	Walk(ctx context.Context, base, filter string, attrs []string, f func(directory.Entry) error) error
}

var errEnough = errors.New(tooMuch)

// browse reads both branches. What could be read is kept, and what is missing
// is a problem of the export.
func browse(ctx context.Context, from server, target directory.Target) (evidence.Directory, error) {
	root, err := from.Root(ctx)
	if err != nil {
		return evidence.Directory{}, err
	}
	if root.Configuration == "" {
		return evidence.Directory{}, fmt.Errorf("%s names no configuration partition: name a domain controller of Active Directory", target.Host)
	}
	k := keeper{wanted: evidence.Attributes()}
	x := evidence.Export{Path: address(target), Format: formatLDAP}
	all := branches(root.Configuration)
	exchange := k.branch(ctx, from, all[0], &x)
	if x.Kept == 0 {
		return evidence.Directory{}, without(ctx, from, all, target, exchange)
	}
	if exchange != nil {
		note(&x, 0, exchange.Error())
	}
	if err := k.branch(ctx, from, all[1], &x); err != nil {
		note(&x, 0, err.Error())
	}
	k.directory.Exports = []evidence.Export{x}
	slices.SortStableFunc(k.directory.Entries, func(a, b evidence.Entry) int {
		return cmp.Or(cmp.Compare(depth(a.DN), depth(b.DN)), cmp.Compare(strings.ToLower(a.DN), strings.ToLower(b.DN)))
	})
	return k.directory, nil
}

// branch reads one branch; an error says what is missing of it.
func (k *keeper) branch(ctx context.Context, from server, b branch, x *evidence.Export) error {
	return from.Walk(ctx, b.base, b.filter(), k.wanted, func(e directory.Entry) error {
		if !k.take(x, 0, evidence.Entry{DN: e.DN}, answer{e}) {
			return errEnough
		}
		return nil
	})
}

// without says why a server shows no Exchange. Where it shows the sites, neither
// the way there nor the account as such is at fault.
func without(ctx context.Context, from server, all []branch, target directory.Target, exchange error) error {
	k := keeper{wanted: evidence.Attributes()}
	x := evidence.Export{}
	if sites := k.branch(ctx, from, all[1], &x); x.Kept == 0 {
		return cmp.Or(exchange, sites, fmt.Errorf("%s shows this account neither Exchange nor sites: sign in with one that may read the configuration", target.Host))
	}
	why := fmt.Sprintf("%s shows sites, but nothing of Exchange below %s: there is no Exchange in this forest, or the account may not read it", target.Host, all[0].base)
	if exchange != nil {
		return fmt.Errorf("%s (%w)", why, exchange)
	}
	return errors.New(why)
}

// An answer is an object as a server gave it.
type answer struct{ entry directory.Entry }

func (a answer) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for _, attr := range a.entry.Attrs {
			for _, v := range attr.Values {
				if !yield([]byte(attr.Name), v) {
					return
				}
			}
		}
	}
}

func (a answer) Get(name string) [][]byte {
	for _, attr := range a.entry.Attrs {
		if strings.EqualFold(attr.Name, name) {
			return attr.Values
		}
	}
	return nil
}

// Partial is false: the reader asks for what did not fit.
func (a answer) Partial(string) bool { return false }

// depth is how far down an object stands: what others stand in comes first.
func depth(dn string) int {
	n := 0
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',':
			n++
		}
	}
	return n
}

// address is the server as a place where something was read.
func address(t directory.Target) string {
	scheme, usual := "ldaps", uint16(636)
	switch t.Security {
	case "starttls":
		scheme, usual = "ldap", 389
	case "none":
		scheme, usual = "ldap+plain", 389
	}
	host := t.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if t.Port == usual {
		return scheme + "://" + host
	}
	return fmt.Sprintf("%s://%s:%d", scheme, host, t.Port)
}

// directoryWords says what is asked, of whom, and what travels how.
func directoryWords(e diag.Evidence) []string {
	name, ok := evidence.DirServer.Lookup(e)
	target, err := directory.ParseTarget(name)
	if !ok || err != nil {
		return nil
	}
	words := []string{fmt.Sprintf("reads the Exchange configuration (CN=Microsoft Exchange,CN=Services) and the sites from %s over %s%s; changes nothing", target.Host, protection(target), loginWords(e))}
	clear, _ := evidence.DirClear.Lookup(e)
	switch {
	case howOf(e) == "kerberos":
		words = append(words, "the Kerberos server (KDC) of the account's realm is asked for a ticket too, not through the connections that are noted")
	case howOf(e) == "simple" && target.Security == "none" && clear:
		words = append(words, "THE PASSWORD TRAVELS UNENCRYPTED, as you consented")
	case howOf(e) == "simple" && target.Security == "none":
		words = append(words, "sends nothing: the password would travel unencrypted (name the server without ldap+plain://)")
	}
	return words
}

func protection(t directory.Target) string {
	words, usual := "LDAPS", uint16(636)
	switch t.Security {
	case "starttls":
		words, usual = "LDAP with StartTLS", 389
	case "none":
		words, usual = "LDAP WITHOUT ENCRYPTION", 389
	}
	if t.Port != usual {
		words += fmt.Sprintf(" on port %d", t.Port)
	}
	return words
}

func loginWords(e diag.Evidence) string {
	user, _ := evidence.DirUser.Lookup(e)
	how := map[string]string{"simple": "simple bind", "ntlm": "NTLM", "kerberos": "Kerberos"}[howOf(e)]
	if user == "" && howOf(e) == "kerberos" {
		return " with the Kerberos ticket that is there"
	}
	return " as " + cmp.Or(user, "(no account named)") + ", " + how
}
