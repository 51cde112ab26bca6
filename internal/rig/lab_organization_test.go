//go:build integration

package rig

import (
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
)

// The names that conf/organization.ldif is written with. What an @NAME@ stands
// for may have another in it.
var names = []struct{ name, dn string }{
	{"@VS03@", "CN=1,CN=SMTP,CN=Protocols,@EX03A@"},
	{"@EX03A@", "CN=EX03A,CN=Servers,@AG03@"},
	{"@EX07@", "CN=EX07HUB,CN=Servers,@AG07@"},
	{"@RG03@", "CN=First Routing Group,CN=Routing Groups,@AG03@"},
	{"@RG07@", "CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups,@AG07@"},
	{"@AG03@", "CN=First Administrative Group,CN=Administrative Groups,@ORG@"},
	{"@AG07@", "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,@ORG@"},
	{"@ORG@", "CN=Contoso,CN=Microsoft Exchange,CN=Services,@CONFIG@"},
	{"@SITES@", "CN=Sites,@CONFIG@"},
	{"@CONFIG@", "CN=Configuration,@DOMAIN@"},
	{"@TESTER@", "CN=tester,@USERS@"},
	{"@USERS@", "CN=Users,@DOMAIN@"},
}

// An object is one entry of a directory to be.
type object struct {
	dn, class string
	there     bool // Active Directory has it
	values    []value
}

// A value is one line of it; text is decoded.
type value struct{ name, text string }

// readOrganization reads conf/organization.ldif for a domain.
func readOrganization(domain string) (all []object, err error) {
	raw, err := os.ReadFile("conf/organization.ldif")
	text := string(raw)
	for _, n := range names {
		text = strings.ReplaceAll(text, n.name, n.dn)
	}
	text = strings.ReplaceAll(text, "@DOMAIN@", domain)
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		var o object
		for line := range strings.Lines(paragraph) {
			if err := o.read(strings.TrimSuffix(line, "\n")); err != nil {
				return nil, err
			}
		}
		if o.dn != "" {
			all = append(all, o)
		}
	}
	return all, err
}

func (o *object) read(line string) error {
	name, text, ok := strings.Cut(line, ": ")
	switch {
	case line == "# there":
		o.there = true
	case strings.HasPrefix(line, "#"):
	case !ok:
		return fmt.Errorf("conf/organization.ldif: no value in %q", line)
	case name == "dn":
		o.dn = text
	case name == "objectClass":
		o.class = text
	case strings.HasSuffix(name, ":"):
		raw, err := base64.StdEncoding.DecodeString(text)
		o.values = append(o.values, value{strings.TrimSuffix(name, ":"), string(raw)})
		return err
	default:
		o.values = append(o.values, value{name, text})
	}
	return nil
}

// many are so many databases that nobody gets them without asking for pages.
func many(domain string) (all []object, err error) {
	org, err := readOrganization(domain)
	for _, o := range org {
		if o.class != "msExchInformationStore" || !strings.Contains(o.dn, "EX07HUB") {
			continue
		}
		for g := range 12 {
			group := fmt.Sprintf("CN=Storage Group %d,%s", g+1, o.dn)
			all = append(all, object{dn: group, class: "msExchStorageGroup"})
			for b := range 50 {
				all = append(all, object{dn: fmt.Sprintf("CN=Database %d,%s", b+1, group), class: "msExchPrivateMDB", values: []value{{"deliveryMechanism", "0"}}})
			}
		}
	}
	return append(org, all...), err
}

// forOpenLDAP is the organization with what Active Directory would say by
// itself: the classes that a class is derived from, ways back, and the rest.
func (s schema) forOpenLDAP(all []object, domain string) string {
	back := map[string][]value{}
	for _, o := range all {
		for _, v := range o.values {
			if link := s.attribute(v.name).link; link != 0 {
				back[v.text] = append(back[v.text], s.wayBack(link, o.dn)...)
			}
		}
	}
	var out strings.Builder
	for _, o := range all {
		entry := []value{{"dn", o.dn}}
		for _, c := range s.line(o.class) {
			entry = append(entry, value{"objectClass", c.name})
		}
		entry = append(entry, value{"instanceType", "4"}, value{"whenChanged", "20091105083000.0Z"},
			value{"objectCategory", "CN=" + longName(o.class) + ",CN=Schema,CN=Configuration," + domain})
		write(&out, slices.Concat(entry, o.values, back[o.dn]))
	}
	return out.String()
}

func (s schema) wayBack(link int, from string) []value {
	for _, a := range s.attributes {
		if a.link == link+1 {
			return []value{{a.name, from}}
		}
	}
	return nil
}

// forActiveDirectory is the organization in two parts, because an object can be
// named only when it is there: the objects, and then what they refer to. What a
// class demands cannot wait.
func (s schema) forActiveDirectory(all []object) (objects, links string) {
	var first, second strings.Builder
	for _, o := range all {
		if o.there {
			continue
		}
		entry, later := []value{{"dn", o.dn}, {"objectClass", o.class}}, []value{{"dn", o.dn}, {"changetype", "modify"}}
		for _, v := range o.values {
			if kind := s.attribute(v.name).kind; (kind == "dn" || kind == "orname") && !s.must(o.class, v.name) {
				later = append(later, value{"add", v.name}, v, value{})
				continue
			}
			entry = append(entry, v)
		}
		write(&first, entry)
		if len(later) > 2 {
			write(&second, later)
		}
	}
	return first.String(), second.String()
}

// write writes an entry; a value without a name ends a change (RFC 2849).
func write(out *strings.Builder, entry []value) {
	for _, v := range entry {
		switch {
		case v.name == "":
			out.WriteString("-\n")
		case plain(v.text):
			fmt.Fprintf(out, "%s: %s\n", v.name, v.text)
		default:
			fmt.Fprintf(out, "%s:: %s\n", v.name, base64.StdEncoding.EncodeToString([]byte(v.text)))
		}
	}
	out.WriteString("\n")
}

// plain says whether a value may stand as it is.
func plain(text string) bool {
	for i, c := range []byte(text) {
		if c < ' ' || c > '~' || i == 0 && strings.IndexByte(" :<", c) >= 0 {
			return false
		}
	}
	return true
}
