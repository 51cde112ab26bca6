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

// setting looks a value up in every export that tells it, or that it is not set.
// The control set is not minded: what
// an export calls CurrentControlSet is one of the numbered ones.
func (r Registry) setting(key, name string) []MachineSetting {
	type place struct {
		export  int
		machine string
	}
	at := map[place]int{}
	var all []MachineSetting
	for i, v := range r.Values {
		if !strings.HasSuffix(strings.ToLower(strings.TrimRight(v.Key, `\`)), key) {
			continue
		}
		p := place{v.Export, strings.ToLower(v.Machine)}
		if _, seen := at[p]; !seen {
			at[p] = len(all)
			all = append(all, MachineSetting{Machine: v.Machine, Entry: i, Where: r.where(i)})
		}
		switch s := &all[at[p]]; {
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

func (r Registry) where(i int) Where {
	w := Where{Line: r.Values[i].Line, Kind: OrgRegistry.Kind().Name, Entry: i}
	if x := r.Values[i].Export; x >= 0 && x < len(r.Exports) {
		w.File = r.Exports[x].Path
	}
	return w
}
