package evidence

import (
	"slices"
	"strings"
)

// CmdletTypes are the types of objects that the model is made of, as the cmdlets
// that give them are called: "sendconnector" of Get-SendConnector. They stand in
// the order in which they are taken: what others name comes before them.
// transportservice is what Exchange 2013 and later call transportserver.
func CmdletTypes() []string {
	return []string{"exchangeserver", "mailboxserver", "transportserver", "transportservice", "transportconfig", "transportconfigcontainer", "adsite", "adsitelink",
		"routinggroupconnector", "sendconnector", "receiveconnector", "storagegroup", "mailboxdatabase", "publicfolderdatabase", "accepteddomain", "edgesubscription"}
}

// plainType is the one name of a type that has two; "" where it is none of the
// CmdletTypes.
func plainType(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "transportservice":
		return "transportserver"
	case "transportconfigcontainer":
		return "transportconfig"
	}
	if slices.Contains(CmdletTypes(), name) {
		return name
	}
	return ""
}

// CmdletProps are the properties that the model reads, in lower case. What refers
// to another object may have its distinguished name beside it, as a property of
// its own: "site" and "site.distinguishedname".
func CmdletProps() []string {
	return strings.Fields(`name identity identity.distinguishedname distinguishedname
		admindisplayversion serverrole edition fqdn networkaddress site site.distinguishedname
		transientfailureretrycount transientfailureretryinterval outboundconnectionfailureretryinterval messageretryinterval
		delaynotificationtimeout messageexpirationtimeout maxperdomainoutboundconnections
		maxsendsize maxreceivesize shadowredundancyenabled
		hubsiteenabled sites sites.distinguishedname adcost exchangecost maxmessagesize
		enabled addressspaces smarthosts dnsroutingenabled isscopedconnector cloudservicesmailenabled frontendproxyenabled
		sourcetransportservers sourcetransportservers.distinguishedname sourceroutinggroup sourceroutinggroup.distinguishedname
		targettransportservers targettransportservers.distinguishedname targetroutinggroup targetroutinggroup.distinguishedname cost
		server server.distinguishedname bindings remoteipranges authmechanism permissiongroups transportrole banner
		tarpitinterval maxacknowledgementdelay requiretls
		haslocalcopy standbymachines clusteredstoragetype storagegroup storagegroup.distinguishedname
		domainname domaintype matchsubdomains`)
}

// CmdletType tells what an object is by the names of its properties, where an
// export does not say it: CSV, and the text of Format-List. It is "" when unsure:
// foreign and delivery agent connectors have address spaces, too, and a mailbox
// has limits.
func CmdletType(names []string) string {
	has := map[string]bool{}
	for _, n := range names {
		has[strings.ToLower(strings.TrimSpace(n))] = true
	}
	for _, p := range fingerprints() {
		if p.fits(has) {
			return p.kind
		}
	}
	return ""
}

// A fingerprint is what marks the objects of a type: one property of each group, and
// none of those that only other types have.
type fingerprint struct {
	kind   string
	groups []string
	not    string
}

func fingerprints() []fingerprint {
	return []fingerprint{
		{"routinggroupconnector", []string{"targetroutinggroup", "targettransportservers sourcetransportservers sourceroutinggroup cost"}, ""},
		{"sendconnector", []string{"addressspaces", "dnsroutingenabled smarthosts smarthostsstring frontendproxyenabled cloudservicesmailenabled"}, "dropdirectory deliveryprotocol"},
		{"receiveconnector", []string{"remoteipranges permissiongroups", "authmechanism bindings remoteipranges", "permissiongroups authmechanism bindings"}, "addressspaces"},
		{"transportserver", []string{"messageretryinterval outboundconnectionfailureretryinterval",
			"transientfailureretryinterval transientfailureretrycount delaynotificationtimeout messageexpirationtimeout"}, ""},
		{"transportconfig", []string{"maxrecipientenvelopelimit internalsmtpservers shadowredundancyenabled shadowheartbeattimeoutinterval safetynetholdtime maxdumpstertime",
			"maxsendsize maxreceivesize shadowheartbeatretrycount maxretriesforlocalsiteshadow generatecopyofdsnfor"}, ""},
		{"exchangeserver", []string{"admindisplayversion", "edition serverrole"}, "databasecopyautoactivationpolicy edbfilepath"},
		{"mailboxserver", []string{"clusteredstoragetype"}, ""},
		{"adsite", []string{"hubsiteenabled"}, ""},
		{"adsitelink", []string{"adcost exchangecost", "sites adcost"}, ""},
		{"publicfolderdatabase", []string{"edbfilepath", "publicfolderhierarchy replicationmessagesize replicationperiod"}, ""},
		{"mailboxdatabase", []string{"edbfilepath", "mailboxretention indexenabled offlineaddressbook journalrecipient"}, ""},
		{"storagegroup", []string{"systemfolderpath", "logfolderpath logfileprefix zerodatabasepages haslocalcopy"}, "edbfilepath"},
		{"accepteddomain", []string{"domainname", "domaintype"}, ""},
	}
}

func (p fingerprint) fits(has map[string]bool) bool {
	one := func(words string) bool {
		return slices.ContainsFunc(strings.Fields(words), func(w string) bool { return has[w] })
	}
	return !one(p.not) && !slices.ContainsFunc(p.groups, func(g string) bool { return !one(g) })
}
