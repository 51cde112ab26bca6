package analyzers

import (
	"fmt"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var editionLimit = &diag.Cause{
	Code: "EDITION-LIMIT", Title: "A server holds as many databases as its edition allows", Severity: diag.Note,
	Text:   "{subject} {how}[; {because}] ({where})",
	Ruled:  "{subject} has room for more databases and storage groups",
	About:  "Exchange 2007 Standard takes five storage groups and five databases, Enterprise fifty of each; both take five databases in one storage group. Local and standby continuous replication come with both, cluster continuous replication and single copy clusters with Enterprise only. A full server holds no mail up, but nothing can be added to it.",
	Read:   "The storage groups of each Exchange 2007 server and the databases in them, counted. The edition is what Get-ExchangeServer says; in the directory it is kept in a form that nobody has documented. Without it, a server with more than five is Enterprise, and with exactly five it is full only if it is Standard. What evaluation editions allow is not known.",
	Remedy: "Put the new database into another storage group or on another server, or give the server an Enterprise key. (Get-ExchangeServer NAME).Edition says which it has.",
	Refs:   []string{"Exchange 2007: editions and versions"},
}

// The editions of Get-ExchangeServer that have known limits. Others, as
// StandardEvaluation, are not taken for one of these.
const (
	standard   = "Standard"
	enterprise = "Enterprise"
)

// The limits of Exchange 2007.
const (
	standardMost   = 5
	enterpriseMost = 50
	inGroupMost    = 5
)

// editions judges how full the stores of Exchange 2007 servers are.
func editions() *diag.Analyzer {
	return &diag.Analyzer{Name: "edition",
		Doc:    "Judges the number of storage groups and databases of Exchange 2007 servers against what an edition allows.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{editionLimit},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, s := range evidence.Organization.In(e).Servers {
				if s.Generation == "exchange-2007" && (len(s.StorageGroups) > 0 || s.Cluster != "") {
					found = append(found, full(s))
				}
			}
			return sift(found, "servers")
		}}
}

func full(s evidence.Server) diag.Finding {
	f := of(editionLimit, diag.Confirmed, s.Name, s.Where)
	databases := s.Databases
	for _, g := range s.StorageGroups {
		databases += g.Databases
		if g.Databases >= inGroupMost {
			f.Args = append(f.Args, diag.Text("how", "has as many databases in the storage group "+g.Name+" as any edition allows there (5)"))
			return f
		}
	}
	if how := clustered(s.Cluster); how != "" && strings.EqualFold(s.Edition, standard) {
		f.Args = append(f.Args, diag.Text("how", how+", which the Standard edition does not have"))
		return lessSure(f, "the words of ClusteredStorageType are known from memory", "from memory")
	}
	return fullOf(f, s, max(len(s.StorageGroups), databases))
}

// fullOf judges the number of storage groups or of databases, whichever is more.
func fullOf(f diag.Finding, s evidence.Server, most int) diag.Finding {
	how := func(edition string, n int) {
		f.Args = append(f.Args, diag.Text("how", fmt.Sprintf("has as many storage groups or databases as %s allows (%d)", edition, n)))
	}
	switch {
	case most >= enterpriseMost:
		how("any edition", enterpriseMost)
	case most >= standardMost && strings.EqualFold(s.Edition, standard):
		how("the Standard edition", standardMost)
	case most == standardMost && s.Edition == "":
		how("the Standard edition", standardMost)
		return lessSure(f, "what was given does not tell the edition: (Get-ExchangeServer "+s.Name+").Edition", "")
	case most == standardMost && !strings.EqualFold(s.Edition, enterprise):
		how("the Standard edition", standardMost)
		return lessSure(f, "its edition is "+clip(s.Edition, 50)+", and what that allows is documented nowhere", "")
	case most > standardMost && s.Edition != "" && !strings.EqualFold(s.Edition, enterprise):
		return undecided(f, "its edition is "+clip(s.Edition, 50)+", and what that allows is documented nowhere", "see which edition its key is for: (Get-ExchangeServer "+s.Name+") | fl Edition,ProductID")
	default:
		f.Verdict = diag.Excluded
	}
	return f
}

// clustered says how a mailbox server is clustered; "" where it is not.
func clustered(kind string) string {
	switch strings.ToLower(kind) {
	case "nonshared":
		return "is clustered with continuous replication (CCR)"
	case "shared":
		return "is a single copy cluster (SCC)"
	}
	return ""
}
