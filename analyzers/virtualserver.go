package analyzers

import (
	"strconv"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	virtualSmartHost = &diag.Cause{
		Code: "CONNECTOR-SMARTHOST-ON-VS", Title: "A smart host is set on an SMTP virtual server", Severity: diag.Delayed,
		Text:   "{subject} sends to the smart host {host}[ {how}][; {because}] ({where})",
		Ruled:  "{subject} has no smart host of its own",
		About:  "A smart host belongs on an SMTP connector. Set on the virtual server itself it holds for all that this server sends over SMTP, also for mail between the organization's own servers: that leaves the direct path, passes a relay and its retries, and may come back.",
		Read:   "msExchSmtpSmartHost and msExchSmtpSmartHostType of each SMTP virtual server of Exchange 2000/2003 (0: not used, 1: direct delivery first, 2: always). Confirmed with 2; with 1 a direct attempt has to fail first, so that it is only suspected.",
		Remedy: "In the virtual server's properties, Delivery, Advanced: empty the smart host. If Internet mail needs one, set it on an SMTP connector with the address space SMTP:*.",
		Refs:   []string{"Exchange 2007 help: Exchange Best Practices Analyzer, smart host on an SMTP virtual server"},
	}
	retryInterval = &diag.Cause{
		Code: "RETRY-INTERVAL", Title: "After a failed attempt mail waits for a long retry interval", Severity: diag.Delayed,
		Text:   "{subject} repeats an attempt that failed after {minutes}: a message whose first attempt fails leaves {sums} later; which failure that would be is not known from the directory[; {because}] ({where})",
		Ruled:  "no retry interval of {subject} is 30 minutes or longer",
		About:  "A retry interval holds nothing up by itself: it is what a failed attempt costs. Something makes the first attempt fail, and a later one succeeds; the interval only sets how late that is.",
		Read:   "msExchSmtpRemoteQueueRetries of each SMTP virtual server of Exchange 2000/2003: minutes, with commas. Reported where one of them is 30 or more. The form is known from memory, and no failure was seen here: this is never more than a suspicion.",
		Remedy: "Find what makes the first attempt fail (queue state Retry with its last error, the SMTP log of the sending server, every address of the target). Shorter intervals (virtual server, Delivery) only lessen the damage.",
		Refs:   []string{"RFC 5321 section 4.5.4.1", "KB 321757", "KB 264054"},
		Behind: []*diag.Cause{virtualSmartHost},
	}
)

// longRetry is the interval from which the retry list is reported.
const longRetry = 30

// virtualServers judges how each SMTP virtual server delivers.
func virtualServers() *diag.Analyzer {
	return &diag.Analyzer{Name: "virtual-servers",
		Doc:    "Judges the delivery settings of the SMTP virtual servers of Exchange 2000 and 2003: smart host and retry intervals.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{virtualSmartHost, retryInterval},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, v := range virtuals(evidence.Organization.In(e)) {
				found = append(found, v.smartHost())
				found = append(found, v.retries()...)
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

func (v virtual) retries() []diag.Finding {
	var list []int
	for _, word := range strings.FieldsFunc(v.Retries, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		n, err := strconv.ParseUint(word, 10, 16)
		if err != nil {
			return nil
		}
		list = append(list, int(n))
	}
	var minutes, sums []string
	sum, long := 0, false
	for _, n := range list[:min(len(list), mostNames)] {
		sum += n
		long = long || n >= longRetry
		minutes = append(minutes, strconv.Itoa(n))
		sums = append(sums, diag.Seconds(time.Duration(sum)*time.Minute))
	}
	if !long {
		return nil // short intervals add up too: nothing is ruled out
	}
	f := v.on(retryInterval, diag.Suspected, diag.Text("minutes", strings.Join(minutes, ", ")+" minutes"), diag.Text("sums", strings.Join(sums, ", ")))
	f.Basis = "from memory"
	return []diag.Finding{f}
}
