package evidence

import (
	"encoding/hex"
	"strings"
)

// splitDN cuts a distinguished name into its first part, the value of that part
// without its escapes, and the name of what it stands in (RFC 4514).
func splitDN(dn string) (value, parent string) {
	rdn := dn
	if i := comma(dn); i >= 0 {
		rdn, parent = dn[:i], strings.TrimSpace(dn[i+1:])
	}
	_, value, found := strings.Cut(rdn, "=")
	if !found {
		return unescape(strings.TrimSpace(rdn)), parent
	}
	return unescape(strings.TrimSpace(value)), parent
}

// comma finds the first separator that is not escaped; -1 if there is none.
func comma(dn string) int {
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',', ';':
			return i
		}
	}
	return -1
}

// unescape takes the backslashes off: "\," is a comma, "\0A" a line feed.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		if i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out, i = append(out, b...), i+2
				continue
			}
		}
		i++
		out = append(out, s[i])
	}
	return string(out)
}

// parentDN is the name of what an object stands in; "" at the top.
func parentDN(dn string) string {
	_, parent := splitDN(dn)
	return parent
}

// ancestorDN goes up so many levels.
func ancestorDN(dn string, levels int) string {
	for range levels {
		dn = parentDN(dn)
	}
	return dn
}

// NameOf is the name of an object by its distinguished name: "EX03A" of
// "CN=EX03A,CN=Servers,...". Of a deleted one it is the name before.
func NameOf(dn string) string {
	value, _ := splitDN(dn)
	name, _, _ := strings.Cut(value, "\n")
	return strings.TrimSpace(strings.ToValidUTF8(name, "\uFFFD"))
}

// deepest bounds how many parts of a name are told apart. In a directory none
// has half as many; in a hostile file one may have a million.
const deepest = 64

// keyDN brings a distinguished name to one form, so that two spellings of it
// compare as equal: lower case, no blanks around commas, no escapes but needed
// ones.
func keyDN(dn string) string {
	var out strings.Builder
	for parts := 1; dn != ""; parts++ {
		rdn := dn
		if i := comma(dn); i >= 0 && parts < deepest {
			rdn, dn = dn[:i], strings.TrimSpace(dn[i+1:])
		} else {
			dn = ""
		}
		kind, value, found := strings.Cut(rdn, "=")
		if !found {
			kind, value = "", rdn // only a name
		}
		value = strings.ToLower(unescape(strings.TrimSpace(value)))
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.WriteString(escaper.Replace(strings.ToLower(strings.TrimSpace(kind))) + "=" + escaper.Replace(value))
	}
	return out.String()
}

var escaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `;`, `\;`)

// bareDN makes what stands in the place of a distinguished name where only a name
// is known: the name, with what would part it escaped.
func bareDN(name string) string {
	return strings.ReplaceAll(escaper.Replace(strings.TrimSpace(name)), "=", `\3D`)
}

// bare says whether a distinguished name is only a name.
func bare(dn string) bool { return !strings.Contains(dn, "=") }

// DeletedDN says whether a name is that of a deleted object: Active Directory
// then writes a line feed, "DEL:" and its number into it.
func DeletedDN(dn string) bool {
	value, parent := splitDN(dn)
	_, mark, found := strings.Cut(value, "\n")
	return found && strings.HasPrefix(strings.ToUpper(mark), "DEL:") || strings.HasPrefix(strings.ToLower(parent), "cn=deleted objects,")
}
