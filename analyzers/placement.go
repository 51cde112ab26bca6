package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
)

var (
	masterGone = &diag.Cause{
		Code: "ROUTING-MASTER-GONE", Title: "A routing group has no master", Severity: diag.Degraded,
		Text:   "the routing group {subject} {how}[; {because}] ({where})",
		Ruled:  "the routing group {subject} has its master",
		About:  "In a routing group of Exchange 2000/2003 one server, the master, keeps and passes on what is known of connectors that are up or down. Without it the others go by old knowledge: mail takes routes that are down, or waits for ones that are up again. Servers log event 958.",
		Read:   "msExchRoutingMasterDN of each routing group that has servers of Exchange 2000/2003. Confirmed where it names a deleted object, or a server that the export would hold.",
		Remedy: "In System Manager, Routing Groups, Members: make a server that is there the master.",
		Refs:   []string{"Exchange Troubleshooting Assistant help: routing group master (event 958)"},
	}
	misplaced = &diag.Cause{
		Code: "SERVER-MISPLACED", Title: "A server of Exchange 2007 or later stands outside its groups", Severity: diag.Stopped,
		Text:   "{subject} ({version}) stands in {what} {group} ({where})",
		Ruled:  "the servers of Exchange 2007 and later stand where setup put them",
		About:  "Setup puts all servers of Exchange 2007 and later into one administrative and one routing group of fixed names. One that was moved elsewhere finds no routes, and others find none to it. Moving them is not supported.",
		Read:   "The version of each server (serialNumber), the administrative group that it stands in, and its routing group (msExchHomeRoutingGroup).",
		Remedy: "Move nothing back by hand: take the server out of the organization and install it anew.",
		Refs:   []string{"Exchange Troubleshooting Assistant help: server outside the default administrative group"},
	}
)

// placement judges whether servers and masters are where they belong.
func placement() *diag.Analyzer {
	return &diag.Analyzer{Name: "placement",
		Doc:    "Judges whether routing groups have their masters, and servers of Exchange 2007 and later stand in their groups.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{masterGone, misplaced},
		Run: func(e diag.Evidence) []diag.Finding {
			o := org(e)
			var found []diag.Finding
			for i := range o.Org.RoutingGroups {
				found = append(found, o.master(&o.Org.RoutingGroups[i])...)
			}
			return sift(append(found, o.misplaced()...), "routing groups")
		}}
}

// master judges the master of one routing group. Exchange 2007 and later have no
// use for one.
func (o organization) master(g *evidence.RoutingGroup) []diag.Finding {
	if !o.legacyGroup(g) {
		return nil
	}
	f := of(masterGone, diag.Confirmed, g.Name, g.Where)
	name := evidence.ServerName(g.Master)
	switch presence := o.Find(g.Master); {
	case g.Master == "" && !g.Whole:
		return nil
	case g.Master == "":
		f.Args = append(f.Args, diag.Text("how", "names no master"))
		return []diag.Finding{lessSure(f, "what servers do then is concluded, not documented", "inference")}
	case presence == evidence.Unseen:
		return []diag.Finding{undecided(f, "the export does not reach to its master "+name, reexport)}
	case presence == evidence.Deleted:
		f.Args = append(f.Args, diag.Text("how", "has a master that was deleted, "+evidence.NameOf(g.Master)))
	case presence == evidence.Gone:
		f.Args = append(f.Args, diag.Text("how", "names "+name+" as its master, and the directory has no such server any more"))
		if o.doubt != "" {
			return []diag.Finding{lessSure(f, o.doubt, "")}
		}
	case !o.member(g, g.Master):
		f.Args = append(f.Args, diag.Text("how", "names "+name+" as its master, which is no member of it"))
		return []diag.Finding{lessSure(f, "that a master must be a member is concluded, not documented", "inference")}
	default:
		f.Verdict = diag.Excluded
	}
	return []diag.Finding{f}
}

func (o organization) member(g *evidence.RoutingGroup, server string) bool {
	for _, dn := range g.Members {
		if o.Same(dn, server) {
			return true
		}
	}
	return false
}

// misplaced finds servers of Exchange 2007 and later outside their groups.
func (o organization) misplaced() []diag.Finding {
	var found []diag.Finding
	modern := 0
	for _, s := range o.Org.Servers {
		if !s.Modern() || s.AdminGroup == "" { // what only a cmdlet names stands nowhere
			continue
		}
		modern++
		f := of(misplaced, diag.Confirmed, s.Name, s.Where, diag.Text("version", s.Generation))
		switch ag, rg := evidence.NameOf(s.AdminGroup), evidence.NameOf(s.RoutingGroup); {
		case ag != modernAdminGroup:
			f.Args = append(f.Args, diag.Text("what", "the administrative group"), diag.Text("group", ag))
		case rg != "" && rg != modernRoutingGroup:
			f.Args = append(f.Args, diag.Text("what", "the routing group"), diag.Text("group", rg))
		default:
			continue
		}
		if s.Guessed {
			f.Verdict, f.Basis = diag.Suspected, "from memory"
		}
		found = append(found, f)
	}
	if len(found) == 0 && modern > 0 {
		return []diag.Finding{{Code: misplaced.Code, Subject: o.Org.Name}}
	}
	return found
}
