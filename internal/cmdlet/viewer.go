package cmdlet

import "strings"

// A list of Queue Viewer, as "Export List" writes it, is a table whose columns have
// the titles of the window, in the language of the window: "Next Hop Domain" where
// Get-Queue says NextHopDomain. English ones are known: of 2007 and later they are
// the properties with blanks between their words; of 2000 those in KB 264270; of
// 2003 from memory.

// viewerTitle gives the property for a title of Queue Viewer, "" for others.
func viewerTitle(title string) string {
	switch strings.ToLower(title) {
	case "next hop domain":
		return "NextHopDomain"
	case "next hop connector":
		return "NextHopConnector"
	case "delivery type":
		return "DeliveryType"
	case "message count", "total # of msgs", "number of messages":
		return "MessageCount"
	case "next retry time", "time of next connection retry", "time next connection retry":
		return "NextRetryTime"
	case "last retry time":
		return "LastRetryTime"
	case "last error":
		return "LastError"
	case "retry count":
		return "RetryCount"
	case "connection state":
		return "Status"
	case "from address":
		return "FromAddress"
	case "received time", "date received":
		return "DateReceived"
	case "queue id":
		return "Queue"
	case "message source name":
		return "MessageSourceName"
	case "source ip":
		return "SourceIP"
	}
	return ""
}

// viewerList says of which objects a list of Queue Viewer is, "" where the table is
// another.
func viewerList(titles []string) string {
	has := map[string]bool{}
	for _, title := range titles {
		has[viewerTitle(strings.TrimSpace(title))] = true
	}
	switch {
	case has["MessageCount"] && (has["NextRetryTime"] || has["NextHopDomain"] || has["Status"]):
		return "queue"
	case has["FromAddress"] && (has["DateReceived"] || has["Queue"]):
		return "message"
	}
	return ""
}

// viewerNames are the properties of the columns. What has one word only is a
// property's name already, but for those of 2000 and 2003.
func viewerNames(titles []string) []string {
	names := make([]string, len(titles))
	for i, title := range titles {
		title = strings.TrimSpace(title)
		switch name := viewerTitle(title); {
		case name != "":
			names[i] = name
		case strings.EqualFold(title, "State"):
			names[i] = "Status"
		case strings.EqualFold(title, "Name"):
			names[i] = "Identity"
		default:
			names[i] = title
		}
	}
	return names
}
