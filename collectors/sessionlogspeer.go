package collectors

import (
	"time"

	"mailflow/evidence"
	"mailflow/internal/sessionlog"
)

// loggedPeer is a peer as evidence. rows is how many rows of sessions may still
// be kept.
func loggedPeer(p sessionlog.Peer, rows *int) evidence.LoggedPeer {
	l := evidence.LoggedPeer{Server: p.Server, Name: p.Name, Source: p.Kind, Out: p.Out, Connector: p.Connector, Host: p.Host, Addr: p.Addr, Local: p.Local, Domain: p.Domain,
		Where: row(p.File, p.Line), First: utc(p.First), Last: utc(p.Last), Sessions: p.Sessions, Unused: p.Unused, Torn: p.Torn, Unended: p.Unended,
		Messages: p.Messages, Recipients: p.Recipients, AtOnce: p.AtOnce, Largest: p.Largest, Queue: p.Queue,
		XShadow: p.Offers&sessionlog.XShadow != 0 && p.Offers&sessionlog.XShadowRequest == 0, StartTLS: p.Offers&sessionlog.StartTLS != 0, Exps: p.Offers&sessionlog.Exps != 0}
	for _, t := range p.Times {
		l.Times = append(l.Times, evidence.LoggedTimes{Verb: t.Verb, Refused: t.Refused, Count: t.Count, Slow: t.Slow, Median: seconds(t.Median), P95: seconds(t.P95),
			Longest: seconds(t.Longest), At: whenever(t.At), Fixed: seconds(t.Fixed), FixedFor: t.FixedFor})
	}
	for _, r := range p.Replies[:min(len(p.Replies), maxRefusals)] {
		l.Replies = append(l.Replies, loggedReply(r, rows))
	}
	for _, x := range p.Events {
		l.Events = append(l.Events, evidence.LoggedEvent{Kind: x.Kind, Text: x.Text, Count: x.Count, First: utc(x.First), Last: utc(x.Last), Where: row(x.File, x.Line)})
	}
	for _, x := range p.Tarpits {
		l.Tarpits = append(l.Tarpits, evidence.LoggedTarpit{Reason: x.Reason, Verb: x.Verb, Refused: x.Refused, Count: x.Count, Median: seconds(x.Median), Longest: seconds(x.Longest), At: utc(x.At)})
	}
	for _, x := range p.Cuts {
		l.Cuts = append(l.Cuts, evidence.LoggedCut{Verb: x.Verb, Count: x.Count, Local: x.Local, Remote: x.Remote, Broken: x.Broken, Longest: seconds(x.Longest), At: whenever(x.At),
			Least: x.Least, First: utc(x.First), Last: utc(x.Last), Where: row(x.File, x.Line), Rows: loggedRows(x.Rows, rows)})
	}
	for _, x := range p.Calls {
		l.Calls = append(l.Calls, loggedCall(x))
	}
	for _, x := range p.Silences {
		l.Silences = append(l.Silences, evidence.LoggedSilence{Verb: x.Verb, Turn: x.Side.String(), From: utc(x.From), Took: seconds(x.Took), Ended: x.Ended, Bytes: x.Bytes,
			Where: row(x.File, x.Line), Rows: loggedRows(x.Rows, rows)})
	}
	return l
}

func loggedReply(r sessionlog.Reply, rows *int) evidence.LoggedReply {
	l := evidence.LoggedReply{Verb: r.Verb, Code: r.Code, Text: r.Text, Count: r.Count, Sessions: r.Sessions, First: utc(r.First), Last: utc(r.Last), Where: row(r.File, r.Line),
		To: r.To, Rows: loggedRows(r.Rows, rows), Pairs: r.Pairs, Again: r.Again, Passed: r.Passed}
	if r.Passed > 0 {
		l.Soonest, l.Latest, l.Until = seconds(r.Soonest), seconds(r.Latest), utc(r.PassedAt)
	}
	return l
}

func loggedCall(c sessionlog.Call) evidence.LoggedCall {
	l := evidence.LoggedCall{Addr: c.Addr, Host: c.Host, Worked: c.Worked, Refused: c.Refused, TimedOut: c.TimedOut, Unreachable: c.Unreachable, Other: c.Other,
		Longest: seconds(c.Longest), Text: c.Text}
	if c.Failed() > 0 {
		l.First, l.Last, l.Where = utc(c.First), utc(c.Last), row(c.File, c.Line)
	}
	if c.Longest > 0 {
		l.At = utc(c.At)
	}
	return l
}

func loggedRows(all []sessionlog.Row, left *int) []evidence.LoggedRow {
	var list []evidence.LoggedRow
	for _, r := range all {
		if *left == 0 {
			return nil // part of a session would mislead
		}
		*left--
		list = append(list, evidence.LoggedRow{At: utc(r.At), Event: r.Event, Text: r.Text})
	}
	return list
}

// row is the place of a row of a log.
func row(file string, line int64) evidence.Where { return evidence.Where{File: file, Line: int(line)} }

// whenever is a time, or none.
func whenever(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return utc(ns)
}
