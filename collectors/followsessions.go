package collectors

import (
	"io"
	"strings"
	"time"

	"mailflow/evidence"
	"mailflow/internal/exlog"
	"mailflow/internal/sessionlog"
)

const (
	maxTalks     = 5000        // of all messages that are followed
	talkPatience = time.Minute // between a row of tracking and the session that it is about
	maxSaid      = 200         // bytes of a line of a session
	endOfPart    = 2 * time.Second
)

// talked adds to what tracking says of SMTP the sessions themselves, where logs of
// sessions of the same server are in the case. They are read once, for these
// sessions only.
func talked(shelf *exports, files []evidence.File, rows []evidence.Sighting) {
	ids, latest := sessionsWanted(rows)
	if len(ids) == 0 {
		return
	}
	talks, any := sessionlog.NewTalks(ids), false
	for _, f := range sessionFiles(shelf, files) {
		kind := sessionKind(f.Format)
		if f.older != "" || f.first > latest.Add(talkPatience).UnixNano() || kind != exlog.Receive && kind != exlog.Send && kind != exlog.Connectivity {
			continue
		}
		any = true
		shelf.read(f.File, func(x *evidence.Export, r io.Reader) {
			if err := talks.Read(f.Path, kind, r); err != nil {
				note(x, 0, "not read to its end: "+because(err))
			}
		})
	}
	if any {
		newTalkers(talks.Done(), rows).join(rows)
	}
}

// sessionsWanted lists the sessions of the rows that name one, and when the last
// of these was.
func sessionsWanted(rows []evidence.Sighting) (ids []string, latest time.Time) {
	have := map[string]bool{}
	for _, r := range rows {
		if !namesSession(r) {
			continue
		}
		if !have[r.Session] {
			have[r.Session] = true
			ids = append(ids, r.Session)
		}
		if r.At.After(latest) {
			latest = r.At
		}
	}
	return ids, latest
}

func namesSession(r evidence.Sighting) bool {
	return r.Source == sourceTracking && r.Session != "" && (r.What == evidence.SawCame || r.What == evidence.SawLeft)
}

// talkers are the sessions that were found, by id, and the servers that tracking
// knows.
type talkers struct {
	by      map[string][]*sessionlog.Talk
	servers map[string]bool
}

func newTalkers(all []sessionlog.Talk, rows []evidence.Sighting) talkers {
	t := talkers{map[string][]*sessionlog.Talk{}, map[string]bool{}}
	for i := range all {
		t.by[all[i].ID] = append(t.by[all[i].ID], &all[i])
	}
	for _, r := range rows {
		t.servers[shortName(r.Server)] = true
	}
	return t
}

// join gives each row its sessions: one of each sort of log. Where two would do,
// nobody knows which it was.
func (t talkers) join(rows []evidence.Sighting) {
	left := maxTalks
	for i := range rows {
		r := &rows[i]
		if !namesSession(*r) {
			continue
		}
		for _, kind := range []exlog.Kind{exlog.Receive, exlog.Send, exlog.Connectivity} {
			if talk, part := t.find(r, kind); talk != nil && left > 0 {
				left--
				r.Talks = append(r.Talks, sessionTalk(talk, part))
			}
		}
	}
}

// find finds the session of a row. One whose replies name the message goes before
// those that fit by their time and their server.
func (t talkers) find(r *evidence.Sighting, kind exlog.Kind) (*sessionlog.Talk, *sessionlog.Part) {
	var sure, others []*sessionlog.Talk
	for _, talk := range t.by[r.Session] {
		if talk.Kind != kind || (kind == exlog.Receive) != (r.What == evidence.SawCame) || !covers(talk, r.At) {
			continue
		}
		switch mine, known := t.whose(talk, r.Server); {
		case known && !mine:
		case proven(talk, r) != nil:
			sure = append(sure, talk)
		case mine || kind == exlog.Connectivity && talk.Says(r.Peer):
			others = append(others, talk)
		}
	}
	switch {
	case len(sure) == 1:
		return sure[0], proven(sure[0], r)
	case len(sure) == 0 && len(others) == 1:
		return others[0], likely(others[0], r)
	}
	return nil, nil
}

// covers says whether a time lies in a session, or near it.
func covers(talk *sessionlog.Talk, at time.Time) bool {
	return !at.Before(utc(talk.Began).Add(-talkPatience)) && !at.After(utc(talk.Ended).Add(talkPatience))
}

// whose says whether the log of a session is a server's. Ids are each server's own,
// so that the same id in the log of another means nothing. A send log names its
// server in EHLO only, by a name that can be set: it says something if it is the
// name of a server.
func (t talkers) whose(talk *sessionlog.Talk, server string) (mine, known bool) {
	if talk.Owner != "" {
		return shortName(talk.Owner) == shortName(server), true
	}
	for _, name := range talk.Calls {
		if strings.EqualFold(name, server) || shortName(name) == shortName(server) && !strings.Contains(server, ".") {
			return true, true
		}
		known = known || shortName(name) != shortName(server) && t.servers[shortName(name)]
	}
	return false, known
}

// proven finds the message of a row by the reply to its end: Exchange says in it
// the Message-ID and the id that the message got, others the latter.
func proven(talk *sessionlog.Talk, r *evidence.Sighting) *sessionlog.Part {
	for i := range talk.Parts {
		p := &talk.Parts[i]
		id, mine := given(p.Reply), r.Next
		if r.What == evidence.SawCame {
			mine = r.Queue
		}
		switch {
		case !p.Accepted || id != "" && mine != "" && id != mine: // one message may be sent twice
		case id != "" && id == mine, strings.Contains(p.Reply, "<"+r.Message+">"):
			return p
		}
	}
	return nil
}

// likely finds the part of a session that was the message of a row: the only one,
// or that in which its time lies.
func likely(talk *sessionlog.Talk, r *evidence.Sighting) (part *sessionlog.Part) {
	if talk.Kind == exlog.Connectivity {
		return &talk.Parts[0]
	}
	for i := range talk.Parts {
		p := &talk.Parts[i]
		if !p.Accepted || talk.Messages > 1 && (r.At.Before(utc(p.From)) || r.At.After(utc(p.To).Add(endOfPart))) {
			continue
		}
		if part != nil {
			return nil
		}
		part = p
	}
	return part
}

// sessionTalk is a session as evidence.
func sessionTalk(talk *sessionlog.Talk, p *sessionlog.Part) evidence.SessionTalk {
	e := evidence.SessionTalk{Session: talk.ID, Log: talkLog(talk.Kind), Began: utc(talk.Began), Ended: utc(talk.Ended), Took: seconds(talk.Ended - talk.Began),
		Torn: talk.Torn, Messages: talk.Messages, Whole: p == nil || talk.Kind == exlog.Connectivity && talk.Messages > 1, Where: row(talk.File, talk.Line)}
	if p == nil {
		return e
	}
	e.Took, e.Where = seconds(p.To-p.From), row(p.File, p.Line)
	if p.Silence > 0 {
		e.Silence, e.Silent, e.Awaited, e.After, e.Until = seconds(p.Silence), utc(p.Silent), p.Awaited, clipped([]byte(p.After), maxSaid), clipped([]byte(p.Until), maxSaid)
	}
	e.Refused, e.Refusal = p.Refused, clipped([]byte(p.Refusal), maxSaid)
	for _, h := range p.Pauses {
		e.Pauses = append(e.Pauses, evidence.TalkPause{Reason: h.Reason, Took: seconds(h.Took)})
	}
	return e
}

func talkLog(kind exlog.Kind) string {
	switch kind {
	case exlog.Receive:
		return evidence.TalkReceive
	case exlog.Send:
		return evidence.TalkSend
	}
	return evidence.TalkConnect
}
