//go:build integration

package rig

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An attribute is one line of conf/schema.txt.
type attribute struct {
	name, oid, kind string
	many, known     bool
	link            int // 0: none; odd: a way back
}

// A class is one block of it.
type class struct {
	name, oid, superior string
	must, may, under    []string
	known               bool
}

type schema struct {
	attributes []attribute
	classes    []class
}

// syntaxes are the kinds, for OpenLDAP (RFC 4517) and for Active Directory
// ([MS-ADTS] 3.1.1.2.2.2: attributeSyntax, oMSyntax, oMObjectClass).
var syntaxes = map[string]struct{ equality, openldap, ad, om, omClass string }{
	"dn":      {"distinguishedNameMatch", "12", "2.5.5.1", "127", "KwwCh3McAIVK"},
	"orname":  {"distinguishedNameMatch", "12", "2.5.5.7", "127", "VgYBAgULHQ=="},
	"int":     {"integerMatch", "27", "2.5.5.9", "2", ""},
	"enum":    {"integerMatch", "27", "2.5.5.9", "10", ""},
	"large":   {"integerMatch", "27", "2.5.5.16", "65", ""},
	"flag":    {"booleanMatch", "7", "2.5.5.8", "1", ""},
	"octets":  {"octetStringMatch", "40", "2.5.5.10", "4", ""},
	"text":    {"caseIgnoreMatch", "15", "2.5.5.12", "64", ""},
	"teletex": {"caseIgnoreMatch", "15", "2.5.5.4", "20", ""},
	"time":    {"generalizedTimeMatch", "24", "", "", ""},
}

// readSchema reads conf/schema.txt, whose head says how it is written.
func readSchema() (s schema, err error) {
	text, err := os.ReadFile("conf/schema.txt")
	lets := map[string]string{}
	for number, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(os.Expand(line, func(name string) string { return lets[name] }))
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case words[0] == "let":
			lets[words[1]] = words[3]
		case words[0] == "attribute":
			s.attributes = append(s.attributes, newAttribute(words[1:]))
		case words[0] == "class":
			s.classes = append(s.classes, class{name: words[1], oid: words[2], superior: words[3], known: slices.Contains(words, "known")})
		case !s.classes[len(s.classes)-1].add(words[0], words[1:]):
			return s, fmt.Errorf("conf/schema.txt line %d: what is %q?", number+1, words[0])
		}
	}
	return s, err
}

func newAttribute(words []string) attribute {
	a := attribute{name: words[0], oid: words[1], kind: words[2], many: slices.Contains(words, "many"), known: slices.Contains(words, "known")}
	if at := slices.Index(words, "link"); at > 0 {
		a.link, _ = strconv.Atoi(words[at+1])
	}
	return a
}

func (c *class) add(what string, names []string) bool {
	switch what {
	case "must":
		c.must = append(c.must, names...)
	case "may":
		c.may = append(c.may, names...)
	case "under":
		c.under = append(c.under, names...)
	default:
		return false
	}
	return true
}

func (s schema) attribute(name string) attribute {
	for _, a := range s.attributes {
		if strings.EqualFold(a.name, name) {
			return a
		}
	}
	return attribute{name: name, kind: "text", many: true, known: true} // one of the standard's
}

// line is a class and what it is derived from, top first.
func (s schema) line(name string) []class {
	for _, c := range s.classes {
		if c.name == name {
			return append(s.line(c.superior), c)
		}
	}
	return []class{{name: "top"}}
}

// must says whether an object of a class cannot be without an attribute.
func (s schema) must(class, attribute string) bool {
	for _, c := range s.line(class) {
		if slices.Contains(c.must, attribute) {
			return true
		}
	}
	return false
}

// openLDAP is the schema as slapd reads it. What every object of Active
// Directory has, every class may have here.
func (s schema) openLDAP() string {
	var out strings.Builder
	for _, a := range s.attributes {
		syntax, single := syntaxes[a.kind], " SINGLE-VALUE"
		if a.many {
			single = ""
		}
		fmt.Fprintf(&out, "attributetype ( %s NAME '%s' EQUALITY %s SYNTAX 1.3.6.1.4.1.1466.115.121.1.%s%s )\n", a.oid, a.name, syntax.equality, syntax.openldap, single)
	}
	for _, c := range s.classes {
		may := c.may
		if c.superior == "top" {
			may = append([]string{"cn", "instanceType", "objectCategory", "whenChanged"}, may...)
		}
		fmt.Fprintf(&out, "objectclass ( %s NAME '%s' SUP %s STRUCTURAL%s%s )\n", c.oid, c.name, c.superior, list(" MUST", c.must), list(" MAY", may))
	}
	return out.String()
}

func list(head string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return head + " ( " + strings.Join(names, " $ ") + " )"
}

// activeDirectory is what the schema partition gets: attributes first, because
// classes are made of them, and the classes in rounds, because one can name
// another only when the directory has read that.
func (s schema) activeDirectory(partition string) (attributes, classes string) {
	for _, a := range s.attributes {
		if !a.known {
			attributes += a.ldif(partition)
		}
	}
	rest := slices.DeleteFunc(slices.Clone(s.classes), func(c class) bool { return c.known })
	rounds := []string{s.additions(partition)}
	for len(rest) > 0 {
		var round string
		var later []class
		for _, c := range rest {
			if slices.ContainsFunc(rest, func(other class) bool { return other.name == c.superior || slices.Contains(c.under, other.name) }) {
				later = append(later, c)
			} else {
				round += c.ldif(partition)
			}
		}
		if round == "" {
			break // they name each other; the directory will say which is missing
		}
		rest, rounds = later, append(rounds, round)
	}
	return attributes, strings.Join(rounds, nextRound)
}

// additions is what classes that Active Directory has get from Exchange.
func (s schema) additions(partition string) (text string) {
	for _, c := range s.classes {
		for _, name := range c.may {
			if c.known && !s.attribute(name).known {
				text += fmt.Sprintf("dn: CN=%s,%s\nchangetype: modify\nadd: mayContain\nmayContain: %s\n-\n\n", longName(c.name), partition, name)
			}
		}
	}
	return text
}

// nextRound stands between the rounds; conf/domain.py knows it too.
const nextRound = "# next round\n"

func (a attribute) ldif(partition string) string {
	syntax := syntaxes[a.kind]
	text := fmt.Sprintf("dn: CN=%s,%s\nobjectClass: attributeSchema\nlDAPDisplayName: %s\nattributeID: %s\nattributeSyntax: %s\noMSyntax: %s\nisSingleValued: %s\n",
		longName(a.name), partition, a.name, a.oid, syntax.ad, syntax.om, strings.ToUpper(strconv.FormatBool(!a.many)))
	if syntax.omClass != "" {
		text += "oMObjectClass:: " + syntax.omClass + "\n"
	}
	if a.link != 0 {
		text += fmt.Sprintf("linkID: %d\n", a.link)
	}
	return text + "searchFlags: 0\n\n"
}

// ldif lets everyone who has a name read the objects.
func (c class) ldif(partition string) string {
	text := fmt.Sprintf("dn: CN=%s,%s\nchangetype: add\nobjectClass: classSchema\nlDAPDisplayName: %s\ngovernsID: %s\nsubClassOf: %s\nobjectClassCategory: 1\nrDNAttID: cn\n"+
		"defaultSecurityDescriptor: D:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)(A;;RPLCLORC;;;AU)\n",
		longName(c.name), partition, c.name, c.oid, c.superior)
	for _, pair := range []struct {
		name   string
		values []string
	}{{"mustContain", c.must}, {"mayContain", c.may}, {"possSuperiors", c.under}} {
		for _, v := range pair.values {
			text += pair.name + ": " + v + "\n"
		}
	}
	return text + "\n"
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// longName is what an attribute or a class is called as an object:
// ms-Exch-Routing-Group for msExchRoutingGroup. NameOf a category, without the
// hyphens, is the class.
func longName(name string) string {
	if rest, ok := strings.CutPrefix(name, "msExch"); ok {
		return "ms-Exch-" + humps.ReplaceAllString(rest, "$1-$2")
	}
	return humps.ReplaceAllString(strings.ToUpper(name[:1])+name[1:], "$1-$2")
}
