package evidence

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"00:10:00": 10 * time.Minute, "1.00:00:00": 24 * time.Hour, "00:00:05.5": 5500 * time.Millisecond,
		"PT10M": 10 * time.Minute, "P2D": 48 * time.Hour, "P1DT1H1M1.5S": 25*time.Hour + time.Minute + 1500*time.Millisecond, " PT0S ": 0, "3660.00:00:00": 3660 * 24 * time.Hour,
	} {
		if got := spanOf(text); got == nil || got.Duration() != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "P", "PT", "10", "10 minutes", "-00:10:00", "P1M", "00:10", "Unlimited", "999999.00:00:00", "P999999D", "3661.00:00:00"} {
		if got := spanOf(text); got != nil {
			t.Errorf("%q is %v", text, *got)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"35 MB (36,700,160 bytes)": 36700160, "35 MB (36.700.160 Bytes)": 36700160, "35 Mo (36\u202f700\u202f160 octets)": 36700160, "0 B (0 bytes)": 0,
		"10MB": 10 << 20, "10 kb": 10 << 10, "36700160": 36700160, "1 TB": 1 << 40,
	} {
		if got := bytesOf(text); got == nil || *got != want {
			t.Errorf("%q is %v, want %d", text, got, want)
		}
	}
	for _, text := range []string{"", "Unlimited", "unlimited", "1.024 KB", "1,5 MB", "-1", "10 XB", "99999999999 TB", "35 MB (36,70 bytes)", "MB", "()"} {
		if got := bytesOf(text); got != nil {
			t.Errorf("%q is %d", text, *got)
		}
	}
}

func TestLists(t *testing.T) {
	for _, c := range []struct{ given, want []string }{
		{nil, nil}, {[]string{" "}, nil},
		{[]string{"a", " b "}, []string{"a", "b"}},
		{[]string{"{a, b}"}, []string{"a", "b"}},
		{[]string{"Tls, Integrated"}, []string{"Tls", "Integrated"}},
		{[]string{"{SMTP:*;1, X400:c=US;a= ;p=Contoso;5}"}, []string{"SMTP:*;1", "X400:c=US;a= ;p=Contoso;5"}},
		{[]string{"X400:c=US;a= ;p=A,B;5"}, []string{"X400:c=US;a= ;p=A,B;5"}},
		{[]string{"{a,b}"}, []string{"a", "b"}},
		{[]string{"CN=a,CN=Servers, DC=b"}, []string{"CN=a,CN=Servers, DC=b"}},
		{[]string{"{CN=a,DC=b, CN=c,DC=b}"}, []string{"CN=a,DC=b", "CN=c,DC=b"}},
		{[]string{"{}"}, nil},
	} {
		if got := itemsOf(c.given); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q are %q, want %q", c.given, got, c.want)
		}
	}
}

// TestCmdletType: what an export that names no types is of. The near misses are
// other objects that have much of the same.
func TestCmdletType(t *testing.T) {
	for names, want := range map[string]string{
		"Name AddressSpaces SourceTransportServers SmartHosts Enabled":      "sendconnector",
		"Name AddressSpaces SourceTransportServers DropDirectory Enabled":   "", // Get-ForeignConnector
		"Name AddressSpaces SourceTransportServers Enabled":                 "",
		"Identity Bindings RemoteIPRanges":                                  "receiveconnector",
		"Identity Bindings Enabled":                                         "",
		"Name AuthMechanism PermissionGroups Server":                        "receiveconnector",
		"Name TargetRoutingGroup Cost":                                      "routinggroupconnector",
		"Name MessageRetryInterval TransientFailureRetryCount":              "transportserver",
		"Name TransientFailureRetryCount TransientFailureRetryInterval":     "", // Get-FrontendTransportService has these, too
		"Name AdminDisplayVersion Edition ServerRole":                       "exchangeserver",
		"Name AdminDisplayVersion DatabaseCopyAutoActivationPolicy Edition": "", // Get-MailboxServer
		"Name MaxSendSize MaxReceiveSize ProhibitSendQuota":                 "", // Get-Mailbox
		"MaxSendSize MaxReceiveSize MaxRecipientEnvelopeLimit":              "transportconfig",
		"Name HubSiteEnabled":                                               "adsite",
		"Name ADCost ExchangeCost Sites":                                    "adsitelink",
		"Name EdbFilePath MailboxRetention":                                 "mailboxdatabase",
		"Name EdbFilePath PublicFolderHierarchy":                            "publicfolderdatabase",
		"Name SystemFolderPath LogFolderPath":                               "storagegroup",
		"DomainName DomainType Default":                                     "accepteddomain",
		"Name Identity Guid":                                                "",
	} {
		if got := CmdletType(strings.Fields(names)); got != want {
			t.Errorf("%s: %q, want %q", names, got, want)
		}
	}
	for _, p := range fingerprints() {
		if plainType(p.kind) != p.kind {
			t.Errorf("%s is no type", p.kind)
		}
	}
	for _, kind := range []string{"TransportService", "transportconfigcontainer"} {
		if plainType(kind) == "" {
			t.Errorf("%s is unknown", kind)
		}
	}
}
