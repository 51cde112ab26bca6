package collectors

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/exlog"
	"mailflow/internal/sessionlog"
)

// Bounds on what a case keeps of the sessions in logs.
const (
	maxLoggedPeers = 500  // those with trouble first
	maxLoggedRows  = 5000 // of all of them
	maxRefusals    = 20   // kinds of one peer
)

// sessionLogs reads the protocol and connectivity logs of mail servers.
func sessionLogs() *diag.Collector {
	col := diag.NewCollector("session logs", "reads the logs of SMTP sessions that you named", evidence.SMTPLogs,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) (evidence.SessionLogs, error) {
			shelf := newExports(ctx, w)
			defer shelf.close()
			book := sessionlog.New()
			for _, f := range sessionFiles(shelf, evidence.Files.In(e)) {
				readSessions(shelf, book, f)
			}
			if err := ctx.Err(); err != nil {
				return evidence.SessionLogs{}, err
			}
			all := evidence.SessionLogs{Peers: loggedPeers(book.Done()), Lost: book.Lost()}
			all.Exports = shelf.list
			return all, shelf.verdict(len(all.Peers), "rows", "is of a session",
				"a log of SMTP sessions (protocol or connectivity log of Exchange 2007 or later, or the log of the SMTP service of Windows)")
		})
	col.Offline = true
	return col
}

// sessionKind is what a file of sessions is, "" for other files.
func sessionKind(format string) exlog.Kind {
	for _, kind := range []exlog.Kind{exlog.Receive, exlog.Send, exlog.Protocol, exlog.Connectivity, exlog.W3CSMTP} {
		if format == logFormat(kind) {
			return kind
		}
	}
	return ""
}

// sessionFiles lists the logs of sessions as they were written, with the earlier
// of two copies of one left out by its reader.
func sessionFiles(shelf *exports, files []evidence.File) []logFile {
	var all []logFile
	for _, f := range files {
		if f.Unread == "" && sessionKind(f.Format) != "" {
			all = append(all, peeked(shelf, f, time.Time{}))
		}
	}
	slices.SortStableFunc(all, func(a, b logFile) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.begins, b.begins), cmp.Compare(b.Bytes, a.Bytes))
	})
	for i := range all {
		if i > 0 && all[i-1].begins == all[i].begins && all[i].begins != 0 && all[i-1].Format == all[i].Format {
			all[i].older = cmp.Or(all[i-1].older, all[i-1].Path)
		}
	}
	return all
}

// readSessions reads one log.
func readSessions(shelf *exports, book *sessionlog.Book, f logFile) {
	shelf.read(f.File, func(x *evidence.Export, r io.Reader) {
		kind := sessionKind(f.Format)
		switch {
		case f.older != "":
			note(x, 0, "begins as "+f.older+" does, which is longer: taken as an earlier copy of it, and not read")
			return
		case kind == exlog.Protocol:
			note(x, 0, "no row shows who opened the sessions, and the header is missing: not read")
			return
		}
		got := book.Read(f.Path, kind, r)
		x.Objects, x.Kept = int(got.Rows), int(got.Rows)
		for _, p := range got.Problems {
			note(x, int(p.Line), p.What)
		}
		if got.Err != nil {
			note(x, 0, "not read to its end: "+because(got.Err))
		}
	})
}

// loggedPeers are the peers that a case keeps: those with trouble first. Of the
// others only numbers stay, added up by server.
func loggedPeers(all []sessionlog.Peer) []evidence.LoggedPeer {
	slices.SortStableFunc(all, func(a, b sessionlog.Peer) int { return cmp.Compare(trouble(b), trouble(a)) })
	if len(all) > maxLoggedPeers {
		all = append(all[:maxLoggedPeers:maxLoggedPeers], rest(all[maxLoggedPeers:])...)
	}
	slices.SortStableFunc(all, func(a, b sessionlog.Peer) int {
		return cmp.Or(cmp.Compare(a.Server, b.Server), cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Sessions, a.Sessions))
	})
	rows := maxLoggedRows
	var list []evidence.LoggedPeer
	for _, p := range all {
		list = append(list, loggedPeer(p, &rows))
	}
	return list
}

// trouble is how much a peer has to tell.
func trouble(p sessionlog.Peer) int {
	n := 0
	for _, r := range p.Replies {
		n += 2 * r.Count
	}
	for _, c := range p.Cuts {
		n += 2 * c.Count
	}
	for _, c := range p.Calls {
		n += 2 * c.Failed()
	}
	for _, t := range p.Times {
		n += t.Slow
	}
	return n + len(p.Silences) + len(p.Events) + len(p.Tarpits)
}

// rest adds up the numbers of peers for which there is no room.
func rest(all []sessionlog.Peer) []sessionlog.Peer {
	var sums []sessionlog.Peer
	for _, p := range all {
		i := slices.IndexFunc(sums, func(s sessionlog.Peer) bool { return s.Server == p.Server && s.Kind == p.Kind && s.Out == p.Out })
		if i < 0 {
			i = len(sums)
			sums = append(sums, sessionlog.Peer{Server: p.Server, Name: p.Name, Kind: p.Kind, Out: p.Out, Addr: sessionlog.OtherHosts, Local: p.Local, File: p.File, Line: p.Line, First: p.First, Last: p.Last})
		}
		s := &sums[i]
		s.First, s.Last = min(s.First, p.First), max(s.Last, p.Last)
		s.Sessions, s.Unused, s.Torn, s.Unended = s.Sessions+p.Sessions, s.Unused+p.Unused, s.Torn+p.Torn, s.Unended+p.Unended
		s.Messages, s.Recipients, s.AtOnce = s.Messages+p.Messages, s.Recipients+p.Recipients, max(s.AtOnce, p.AtOnce)
	}
	return sums
}
