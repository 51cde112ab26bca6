package bpa

import "testing"

func TestMail(t *testing.T) {
	tests := []struct {
		issue Issue
		want  bool
	}{
		{Issue{Name: "msExchSmtpSmartHost"}, true},
		{Issue{Name: "DNSServersDiffer"}, true},
		{Issue{Title: "Queues in retry"}, true},
		{Issue{Title: "Routing group connector without a bridgehead"}, true},
		{Issue{Title: "Missing MX record"}, true},
		{Issue{Title: "Link state is oscillating"}, true},
		{Issue{Title: "TLS certificate"}, true},
		{Issue{Setting: "GlitchRetrySeconds"}, true},
		{Issue{Group: "SMTP Virtual Server Default"}, true},
		{Issue{Text: "The server does not offer X-LINK2STATE."}, true},
		{Issue{Text: "X-EXPS is missing from the reply."}, true},
		{Issue{Text: "Message tracking is off on EX03A."}, true},
		{Issue{Text: "The transport service is under back pressure."}, true},

		{Issue{}, false},
		{Issue{Name: "DiskQueueLength", Title: "Disk queue is long"}, false},
		{Issue{Title: "Active Directory Connector version"}, false},
		{Issue{Title: "User has no primary SMTP address"}, false},
		{Issue{Title: "Several SMTP addresses"}, false},
		{Issue{Title: "Exchange virtual server failed over"}, false},
		{Issue{Title: "Routing and Remote Access is installed"}, false},
		{Issue{Title: "Circular logging is on", Text: "The queue of backups, the connector and DNS are not affected."}, false},
		{Issue{Title: "Database statuses differ"}, false},
		{Issue{Title: "Backup is old", Group: "Server DNSX"}, false},
		{Issue{Name: "TransportersUnion"}, false},
	}
	for _, tt := range tests {
		if got := Mail(tt.issue); got != tt.want {
			t.Errorf("%+v: %v", tt.issue, got)
		}
	}
}
