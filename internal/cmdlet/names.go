package cmdlet

import "strings"

// typeName makes of a class what the cmdlet for it says. Namespace, arguments of
// a generic class and what PowerShell puts in front ("Deserialized." for objects
// from another computer, "Selected." for those of Select-Object) are taken off.
func typeName(class string) string {
	class = strings.TrimSpace(class)
	if at := strings.IndexAny(class, "`[, "); at >= 0 {
		class = class[:at]
	}
	name := strings.ToLower(class[strings.LastIndexAny(class, ".+")+1:])
	switch name {
	case "smtpsendconnectorconfig":
		return "sendconnector"
	case "transportconfigcontainer":
		return "transportconfig"
	case "extensiblequeueinfo", "queueinfo":
		return "queue"
	case "extensiblemessageinfo", "messageinfo":
		return "message"
	case "transportservice": // Get-TransportService gives the objects of Get-TransportServer
		return "transportserver"
	case "pscustomobject", "psobject", "object":
		return "" // Select-Object or a script made it; that says nothing
	}
	return name
}

// isClass says that a cell holds the name of a class: Export-Csv writes what
// ToString gives, and that of a list is its class.
func isClass(s string) bool {
	if len(s) > 1024 || strings.ContainsAny(s, "\r\n;:@/\\") {
		return false
	}
	s = strings.TrimPrefix(s, "Deserialized.")
	if !strings.HasPrefix(s, "System.") && !strings.HasPrefix(s, "Microsoft.Exchange.") {
		return false
	}
	generic := strings.ContainsAny(s, "`[")
	if !generic && strings.ContainsAny(s, " ,=") {
		return false
	}
	return generic || strings.HasPrefix(s, "System.Collections.") || s == "System.Object" || strings.HasPrefix(s, "Microsoft.Exchange.Data.")
}

// isKnown recognises a property that little but Exchange has. Sniffing needs
// one: "Name" alone heads many a table.
func isKnown(name string) bool {
	switch strings.ToLower(name) {
	case "runspaceid", "exchangeversion", "originatingserver", "organizationid", "objectstate",
		"whenchangedutc", "whencreatedutc", "admindisplayversion", "admindisplayname", "exchangelegacydn",
		"addressspaces", "smarthosts", "smarthostsstring", "smarthostauthmechanism", "dnsroutingenabled",
		"sourcetransportservers", "targettransportservers", "targetroutinggroup", "sourceroutinggroup",
		"homemta", "homemtaserverid", "connectedroutinggroups", "connecteddomains", "isscopedconnector",
		"maxmessagesize", "connectioninactivitytimeout", "protocollogginglevel", "requiretls", "ignorestarttls",
		"remoteipranges", "permissiongroups", "authmechanism", "tarpitinterval", "maxacknowledgementdelay",
		"maxinboundconnection", "maxinboundconnectionpersource", "messageratelimit", "transportrole",
		"serverrole", "ishubtransportserver", "isexchange2007orlater", "isedgeserver", "legacyexchangedn",
		"messageretryinterval", "transientfailureretryinterval", "transientfailureretrycount",
		"outboundconnectionfailureretryinterval", "delaynotificationtimeout", "messageexpirationtimeout",
		"queueglitchretrycount", "queueglitchretryinterval", "maxoutboundconnections", "maxperdomainoutboundconnections",
		"internaldnsservers", "externaldnsservers", "internaldnsadapterenabled", "externaldnsadapterenabled",
		"internalsmtpservers", "shadowredundancyenabled", "shadowheartbeattimeoutinterval", "safetynetholdtime",
		"domaintype", "matchsubdomains", "acceptmessagesizelimit", "maxsendsize", "maxreceivesize",
		"maxrecipientenvelopelimit", "publicfolderreferralsenabled", "minadminversion",
		"hubsites", "hubsiteenabled", "exchangecost", "adcost", "objectcategory",
		"nexthopdomain", "nexthopconnector", "deliverytype", "databasecopyautoactivationpolicy",
		"ismailboxserver", "mailboxdeliveryqueueexpirationtimeout", "submissionserveroverridelist",
		"internalmessageid", "messagetraceid":
		return true
	}
	return false
}

// isIdentity recognises the properties that nearly every object of a cmdlet has.
func isIdentity(name string) bool {
	switch strings.ToLower(name) {
	case "identity", "name", "guid", "distinguishedname":
		return true
	}
	return false
}
