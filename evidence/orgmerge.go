package evidence

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
)

// put brings what a source says of an object to what is known of it, and is the
// object in the model. name is what the shelf knows it by.
func put[T any](m *model, s *shelf[T], what, name string, from *T) *T {
	dn := *s.dn(from)
	to, several := s.find(dn, name)
	if to == nil {
		if several {
			m.unfit(what + ": several have this name, and " + home(from).String() + " does not say which it means")
		}
		s.add(name, from)
		return from
	}
	s.learn(to, dn)
	blend(m, what, to, from)
	return to
}

// home is where an object was read.
func home(object any) Where {
	w, _ := reflect.ValueOf(object).Elem().FieldByName("Where").Interface().(Where)
	return w
}

// tell keeps where a value was read, if not where its object was.
func tell(told *Told, home Where, name string, from Where) {
	if _, known := (*told)[name]; known || home == from {
		return
	}
	if *told == nil {
		*told = Told{}
	}
	(*told)[name] = from
}

// apart says which fields are no values that sources tell, or are brought
// together elsewhere: a connector is of the kind that the directory says, the
// roles that ServerRole has words for are not all that the directory counts, and
// the version is several fields (settle).
func apart(name string) bool {
	switch name {
	case "name", "dn", "where", "told", "kind", "roles", "serial", "major", "minor", "build", "generation", "guessed":
		return true
	}
	return false
}

// blend fills in what an object lacks from what another source says of it, and
// reports what the two say differently; the first counts. Both are pointers to
// structs of one type. The fields go by their names in JSON, as in Told.
func blend[T any](m *model, what string, to, from *T) {
	a, b := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	told := new(Told) // forgotten, where there is no place for it
	if f := a.FieldByName("Told"); f.IsValid() {
		told = f.Addr().Interface().(*Told)
	}
	for i := range a.NumField() {
		name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("json"), ",")
		x, y := a.Field(i), b.Field(i)
		switch {
		case silent(y) || apart(name) && (name != "roles" || !silent(x)):
		case silent(x):
			x.Set(y)
			tell(told, home(to), name, home(from))
		case x.Type() == reflect.TypeFor[*RetryTimes]():
			blend(m, what, x.Interface().(*RetryTimes), y.Interface().(*RetryTimes))
		case !same(name, x, y):
			m.differ(what, name, source(*told, name, to), x, home(from), y)
		}
	}
}

// silent says whether a field says nothing.
func silent(v reflect.Value) bool { return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 }

// source is where a value of an object was read.
func source(told Told, name string, object any) Where {
	if w, ok := told[name]; ok {
		return w
	}
	return home(object)
}

// settle brings together what sources say of a server's version: a text goes
// before a number that is read by guess.
func (m *model) settle(to, from *Server) {
	switch {
	case to == from || from.Major == 0:
	case to.Major == 0 || to.Guessed:
		to.Serial, to.Major, to.Minor, to.Build, to.Generation, to.Guessed = from.Serial, from.Major, from.Minor, from.Build, from.Generation, false
		for _, name := range []string{"serial", "major", "minor", "build", "generation"} {
			tell(&to.Told, to.Where, name, from.Where)
		}
	case to.Major != from.Major || to.Minor != from.Minor || to.Build != from.Build:
		m.differ("server "+to.Name, "version", source(to.Told, "serial", to), reflect.ValueOf(to.Serial), from.Where, reflect.ValueOf(from.Serial))
	}
}

// unfit keeps a sentence on sources that do not fit together.
func (m *model) unfit(text string) {
	if len(m.org.Differs) < mostProblems {
		m.org.Differs = append(m.org.Differs, text)
	}
}

// differ says what two sources tell of one thing, of which the first counts.
func (m *model) differ(what, name string, a Where, x reflect.Value, b Where, y reflect.Value) {
	m.unfit(fmt.Sprintf("%s, %s: %s says %s, %s says %s; the first counts", what, strings.ReplaceAll(name, "_", " "), a, shown(x), b, shown(y)))
}

// longestShown bounds what a problem quotes of a value.
const longestShown = 120

func shown(v reflect.Value) string {
	v = reflect.Indirect(v)
	text := fmt.Sprint(v.Interface())
	if list, ok := v.Interface().([]string); ok {
		text = strings.Join(list, ", ")
	}
	if r := []rune(text); len(r) > longestShown {
		text = string(r[:longestShown]) + " ..."
	}
	return strconv.Quote(text)
}

// same says whether two values of a field mean the same.
func same(name string, x, y reflect.Value) bool {
	a, b := reflect.Indirect(x).Interface(), reflect.Indirect(y).Interface()
	switch a := a.(type) {
	case string:
		return alike(name, a) == alike(name, b.(string)) || named(name) && sameName(a, b.(string))
	case []string:
		return maps.Equal(set(name, a), set(name, b.([]string)))
	}
	return reflect.DeepEqual(a, b)
}

// named says whether a field holds the name of one other object.
func named(name string) bool {
	return name == "routing_group" || name == "destination" || name == "server" || name == "site" || name == "admin_group"
}

// sameName compares distinguished names of which one may be only a name.
func sameName(a, b string) bool {
	if bare(a) || bare(b) {
		return strings.EqualFold(NameOf(a), NameOf(b))
	}
	return keyDN(a) == keyDN(b)
}

func set(name string, values []string) map[string]bool {
	all := map[string]bool{}
	for _, v := range values {
		all[alike(name, v)] = true
	}
	return all
}

// alike brings a value to the form in which it is compared.
func alike(name, v string) string {
	switch name {
	case "sources", "targets": // servers, or what stands on them
		v = ServerName(v)
	case "sites":
		v = NameOf(v)
	case "address_spaces":
		if !strings.Contains(v, ";") {
			v += ";1" // the cost that is not said
		}
	case "ranges":
		if r, err := ParseRange(v); err == nil {
			v = r.From.String() + "-" + r.To.String()
		}
	case "smart_hosts":
		v = strings.Trim(v, "[]")
	}
	return strings.ToLower(strings.TrimSpace(v))
}
