package evidence

import (
	"slices"
	"strings"
)

// A MachineSetting is one value of the registry as one export of one machine
// tells it.
type MachineSetting struct {
	Machine  string // "" where the export does not say whose it is
	Exported bool   // the export reaches to the key, so that a value it lacks is not set
	Set      bool
	Value    uint64
	Entry    int // which of the registry's values says so
	Where    Where
}

// Suppressed is SuppressStateChanges of the routing engine, once for each export
// and machine (Exchange 2007 help: How to suppress link state updates).
func (r Registry) Suppressed() []MachineSetting {
	return r.setting(`services\resvc\parameters`, "suppressstatechanges")
}

// Glitch is GlitchRetrySeconds of the SMTP service (Exchange Troubleshooting
// Assistant help): seconds between the first attempts after a failure.
func (r Registry) Glitch() []MachineSetting {
	return r.setting(`services\smtpsvc\queuing`, "glitchretryseconds")
}

// A hive is the registry of one machine as one export tells it.
type hive struct {
	export  int
	machine string
}

// in is the hive that a value stands in.
func (v RegistryValue) in() hive { return hive{v.Export, strings.ToLower(v.Machine)} }

// setting looks a value up in every export that tells it, or that it is not set,
// in the control set that the machine runs with.
func (r Registry) setting(key, name string) []MachineSetting {
	running := r.running()
	at := map[hive]int{}
	var all []MachineSetting
	for i, v := range r.Values {
		path := strings.ToLower(strings.TrimRight(v.Key, `\`))
		if set := controlSet(path); !strings.HasSuffix(path, `\`+key) || set != "" && set != running[v.in()] {
			continue
		}
		if _, seen := at[v.in()]; !seen {
			at[v.in()] = len(all)
			all = append(all, MachineSetting{Machine: v.Machine, Entry: i, Where: r.where(i)})
		}
		switch s := &all[at[v.in()]]; {
		case v.Kind == "key":
			s.Exported = true
		case v.Kind == "listed": // the reader takes it back: values may be missing
			s.Exported = false
		case strings.EqualFold(v.Name, name) && v.Kind == "dword":
			s.Set, s.Value, s.Entry, s.Where = true, v.Number, i, r.where(i)
		}
	}
	return slices.DeleteFunc(all, func(s MachineSetting) bool { return !s.Exported && !s.Set })
}

// currentSet is the control set that a machine runs with: another name of a
// numbered one, whichever it started with.
const currentSet = "currentcontrolset"

// running tells the control set of each hive that its machine runs with: the
// current one, or the numbered one where that is the only one. Which of several
// numbered ones it is stands in the key Select, and they may differ: then it is
// none of them.
func (r Registry) running() map[hive]string {
	sets := map[hive]string{}
	for _, v := range r.Values {
		set := controlSet(strings.ToLower(v.Key))
		switch was, seen := sets[v.in()]; {
		case set == "" || was == currentSet || was == set:
		case seen && set != currentSet:
			sets[v.in()] = "several"
		default:
			sets[v.in()] = set
		}
	}
	return sets
}

// controlSet is the step of a key's path, in lower case, that names a control
// set; "" if there is none.
func controlSet(path string) string {
	for step := range strings.SplitSeq(path, `\`) {
		if number, numbered := strings.CutPrefix(step, "controlset"); step == currentSet || numbered && len(number) == 3 && strings.Trim(number, "0123456789") == "" {
			return step
		}
	}
	return ""
}

func (r Registry) where(i int) Where {
	w := Where{Line: r.Values[i].Line, Kind: OrgRegistry.Kind().Name, Entry: i}
	if x := r.Values[i].Export; x >= 0 && x < len(r.Exports) {
		w.File = r.Exports[x].Path
	}
	return w
}
