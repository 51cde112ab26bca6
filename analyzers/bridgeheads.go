package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var (
	bridgeheadStale = &diag.Cause{
		Code: "CONNECTOR-BRIDGEHEAD-STALE", Title: "A connector names a bridgehead that is gone", Severity: diag.Delayed,
		Text:   "{subject} ({kind} from {from}[ to {to}]) names {names} as a bridgehead that {side}, and {what}[; {rest}][; {because}] ({where})",
		Ruled:  "the bridgeheads of {subject} are there",
		About:  "A connector names the servers that send and those that take its mail. One that was removed or renamed stays named: attempts at it fail, and mail waits for a retry until a good one is picked. Where none is left, mail stays.",
		Read:   "msExchSourceBridgeheadServersDN and msExchTargetBridgeheadServersDN of each connector against the servers and virtual servers in the export. Confirmed where the name is that of a deleted object, or where the export holds what it stood in and others of its kind.",
		Remedy: "Open the connector and take the server that is gone out of its bridgeheads, or name one that is there; or make the connector anew. Servers that are replaced are to be taken out of connectors first.",
		Refs:   []string{"KB 267992", "Exchange 2007 help: How to create a routing group connector"},
	}
	virtualDisabled = &diag.Cause{
		Code: "CONNECTOR-VS-DISABLED", Title: "A connector's virtual server does not start by itself", Severity: diag.Stopped,
		Text:   "{subject} ({kind} from {from}[ to {to}]) uses {names}, which {what}[; {rest}][; {because}] ({where})",
		Ruled:  "the virtual servers of {subject} start by themselves, or answer",
		About:  "A connector between Exchange 2003 and 2007 is bound to one SMTP virtual server, by setup always to the first. Where that is switched off and another does the work (as on clusters, or after it was replaced), mail for the connector stays.",
		Read:   "The virtual servers that each connector names, and msExchServerAutoStart of these. That it runs all the same (started by hand, or by a cluster) the directory does not tell; only a connection to it does: confirmed where port 25 refuses.",
		Remedy: "Start the virtual server, or name one that runs as the connector's bridgehead.",
		Refs:   []string{"KB 321757", "KB 267992"},
		Behind: []*diag.Cause{bridgeheadStale},
	}
)

// bridgeheads judges the servers at both ends of each connector.
func bridgeheads() *diag.Analyzer {
	return &diag.Analyzer{Name: "bridgeheads",
		Doc:    "Judges whether the bridgeheads that each connector names are there and take mail.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Uses:   []diag.AnyKey{evidence.Sessions},
		Causes: []*diag.Cause{bridgeheadStale, virtualDisabled},
		Run: func(e diag.Evidence) []diag.Finding {
			o := org(e)
			sessions, _ := evidence.Sessions.Lookup(e)
			var found []diag.Finding
			for _, c := range o.Org.Connectors {
				for _, s := range []side{{"sends", c.Sources}, {"takes its mail", c.Targets}} {
					found = append(found, o.present(c, s)...)
					found = append(found, o.running(c, s, sessions)...)
				}
			}
			return sift(found, "connectors")
		}}
}

// A side is one end of a connector.
type side struct {
	does string
	dns  []string
}

// present judges whether the bridgeheads of one side are there.
func (o organization) present(c evidence.Connector, s side) []diag.Finding {
	var gone, unseen, here []string
	deleted := true
	for _, dn := range s.dns {
		name := evidence.ServerName(dn)
		switch o.Find(dn) {
		case evidence.Deleted:
			gone = append(gone, name)
		case evidence.Gone:
			gone, deleted = append(gone, name), false
		case evidence.Unseen:
			unseen = append(unseen, name)
		default:
			here = append(here, name)
		}
	}
	switch {
	case len(gone) > 0:
		return []diag.Finding{o.gone(c, s, gone, deleted, append(here, unseen...))}
	case len(unseen) > 0:
		f := o.about(bridgeheadStale, diag.Unknown, c)
		return []diag.Finding{undecided(f, "the export does not reach to "+join(unseen), reexport)}
	case len(s.dns) > 0:
		return append(o.noHub(c, s), o.about(bridgeheadStale, diag.Excluded, c))
	}
	return nil
}

func (o organization) gone(c evidence.Connector, s side, gone []string, deleted bool, rest []string) diag.Finding {
	what := "the directory has no such server any more"
	if deleted {
		what = "that was deleted"
	}
	f := o.about(bridgeheadStale, diag.Confirmed, c, diag.List("names", distinct(gone)), diag.Text("side", s.does), diag.Text("what", what))
	if len(rest) == 0 {
		f.Severity = diag.Stopped
		f.Args = append(f.Args, diag.Text("rest", "no other is named"))
	} else {
		f.Args = append(f.Args, diag.Text("rest", "also named: "+join(rest)))
	}
	if o.doubt != "" && !deleted {
		return lessSure(f, o.doubt, "")
	}
	return f
}

// noHub finds targets that are no transport servers: servers of Exchange 2007
// and 2010 say their roles (32: Hub Transport).
func (o organization) noHub(c evidence.Connector, s side) []diag.Finding {
	var found []diag.Finding
	for _, dn := range s.dns {
		x := o.Server(dn)
		if x == nil || x.Roles == nil || *x.Roles&32 != 0 || x.Generation != "exchange-2007" && x.Generation != "exchange-2010" {
			continue
		}
		f := o.about(bridgeheadStale, diag.Confirmed, c, diag.List("names", []string{x.Name}), diag.Text("side", s.does), diag.Text("what", "that has no Hub Transport role"))
		found = append(found, lessSure(f, "that no server without the role takes this mail is concluded, not documented", "inference"))
	}
	return found
}

// running judges whether the virtual servers of one side are switched on.
func (o organization) running(c evidence.Connector, s side, sessions []smtpprobe.Session) []diag.Finding {
	var found []diag.Finding
	for _, dn := range s.dns {
		v, host := o.Virtual(dn), o.Server(dn)
		switch {
		case v == nil || v.AutoStart == nil || host.Modern():
			continue
		case *v.AutoStart:
			found = append(found, o.about(virtualDisabled, diag.Excluded, c))
			continue
		}
		f := o.about(virtualDisabled, diag.Confirmed, c, diag.List("names", []string{host.Subject(*v)}), diag.Text("what", "is set not to start by itself"))
		if len(s.dns) > 1 {
			f.Severity = diag.Delayed
			f.Args = append(f.Args, diag.Text("rest", "it is one of several bridgeheads"))
		}
		answered, refused := answers(sessions, v.FQDN, host.FQDN)
		found = append(found, heard(f, answered, refused))
	}
	return found
}

// heard joins what the directory says with what port 25 said.
func heard(f diag.Finding, answered, refused bool) diag.Finding {
	switch {
	case answered:
		f.Verdict, f.Severity = diag.Excluded, diag.Unset
	case refused:
		f.Args = append(f.Args, diag.Text("because", "port 25 there refuses connections"))
	default:
		return lessSure(f, "it may have been started by hand, or by a cluster: try its port 25 (--input next-hop=...)", "")
	}
	return f
}

// answers says whether a session with one of the names was connected, or refused.
func answers(sessions []smtpprobe.Session, names ...string) (answered, refused bool) {
	for _, s := range sessions {
		for _, name := range names {
			if name == "" || s.Host != name {
				continue
			}
			st, _ := s.Step(smtpprobe.Connect)
			answered = answered || s.Connected()
			refused = refused || st.Fault == smtpprobe.FaultRefused
		}
	}
	return answered, refused
}
