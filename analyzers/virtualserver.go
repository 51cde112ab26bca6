package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
)

var virtualSmartHost = &diag.Cause{
	Code: "CONNECTOR-SMARTHOST-ON-VS", Title: "A smart host is set on an SMTP virtual server", Severity: diag.Delayed,
	Text:   "{subject} sends to the smart host {host}[ {how}][; {because}] ({where})",
	Ruled:  "{subject} has no smart host of its own",
	About:  "A smart host belongs on an SMTP connector. Set on the virtual server itself it holds for all that this server sends over SMTP, also for mail between the organization's own servers: that leaves the direct path, passes a relay and its retries, and may come back.",
	Read:   "msExchSmtpSmartHost and msExchSmtpSmartHostType of each SMTP virtual server of Exchange 2000/2003 (0: not used, 1: direct delivery first, 2: always). Confirmed with 2; with 1 a direct attempt has to fail first, so that it is only suspected.",
	Remedy: "In the virtual server's properties, Delivery, Advanced: empty the smart host. If Internet mail needs one, set it on an SMTP connector with the address space SMTP:*.",
	Refs:   []string{"Exchange 2007 help: Exchange Best Practices Analyzer, smart host on an SMTP virtual server"},
}

// virtualServers judges how each SMTP virtual server delivers.
func virtualServers() *diag.Analyzer {
	return &diag.Analyzer{Name: "virtual-servers",
		Doc:    "Judges the delivery settings of the SMTP virtual servers of Exchange 2000 and 2003: whether they go over a smart host.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{virtualSmartHost},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, v := range virtuals(evidence.Organization.In(e)) {
				found = append(found, v.smartHost())
			}
			return sift(found, "SMTP virtual servers")
		}}
}

// A virtual is a virtual server and the server that it is on.
type virtual struct {
	evidence.VirtualServer
	host evidence.Server
}

// virtuals lists the virtual servers of Exchange 2000 and 2003, and those of
// servers whose version the export does not tell.
func virtuals(o evidence.Org) []virtual {
	var all []virtual
	for _, s := range o.Servers {
		for _, v := range s.Virtual {
			if !s.Modern() {
				all = append(all, virtual{v, s})
			}
		}
	}
	return all
}

func (v virtual) on(c *diag.Cause, verdict diag.Verdict, args ...diag.Arg) diag.Finding {
	f := of(c, verdict, v.host.Subject(v.VirtualServer), v.Where, args...)
	if verdict == diag.Confirmed && v.host.Generation == "" {
		return lessSure(f, "the export does not tell the server's version", "")
	}
	return f
}

func (v virtual) smartHost() diag.Finding {
	if v.SmartHost == "" || v.SmartHostType != nil && *v.SmartHostType == 0 {
		return v.on(virtualSmartHost, diag.Excluded)
	}
	f := v.on(virtualSmartHost, diag.Confirmed, diag.Text("host", v.SmartHost))
	switch {
	case v.SmartHostType == nil:
		return lessSure(f, "the export lacks msExchSmtpSmartHostType, which says whether it is used", "")
	case *v.SmartHostType == 1:
		f.Args = append(f.Args, diag.Text("how", "after a direct attempt failed"))
		return lessSure(f, "what passes directly does not wait for it", "inference")
	}
	f.Args = append(f.Args, diag.Text("how", "always, also mail between servers of the organization"))
	return f
}
