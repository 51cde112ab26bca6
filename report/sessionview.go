package report

import (
	"strconv"
	"time"

	"mailflow/evidence"
)

// talkView is an SMTP session of a stop.
type talkView struct {
	Session  string      `json:"session"`
	Log      string      `json:"log"`
	Began    *time.Time  `json:"began"`
	Ended    *time.Time  `json:"ended"`
	Torn     bool        `json:"torn"`
	Messages int         `json:"messages"`
	Whole    bool        `json:"whole"`
	Took     seconds     `json:"took_seconds"`
	Silence  seconds     `json:"silence_seconds"`
	Silent   *time.Time  `json:"silent"`
	Awaited  string      `json:"awaited"`
	After    string      `json:"after"`
	Until    string      `json:"until"`
	Refused  int         `json:"refused"`
	Refusal  string      `json:"refusal"`
	Pauses   []pauseView `json:"pauses"`
	Where    string      `json:"where"`
}

type pauseView struct {
	Reason string  `json:"reason"`
	Took   seconds `json:"took_seconds"`
}

func newTalkView(t evidence.SessionTalk) talkView {
	v := talkView{Session: t.Session, Log: t.Log, Began: moment(t.Began), Ended: moment(t.Ended), Torn: t.Torn, Messages: t.Messages, Whole: t.Whole, Took: spanOf(t.Took),
		Silence: spanOf(t.Silence), Silent: moment(t.Silent), Awaited: t.Awaited, After: t.After, Until: t.Until, Refused: t.Refused, Refusal: t.Refusal, Pauses: []pauseView{},
		Where: t.Where.String()}
	for _, p := range t.Pauses {
		v.Pauses = append(v.Pauses, pauseView{p.Reason, spanOf(p.Took)})
	}
	return v
}

// talk writes an SMTP session of a stop.
func (x *xmlWriter) talk(t talkView) {
	silence := ""
	if t.Silence > 0 {
		silence = span(t.Silence)
	}
	x.open("session", with([]attr{{"id", t.Session}, {"log", t.Log}, {"took_seconds", span(t.Took)}}, attr{"began", utc(t.Began)}, attr{"ended", utc(t.Ended)}, attr{"torn", yes(t.Torn)},
		attr{"messages", number(int64(t.Messages))}, attr{"whole", yes(t.Whole)}, attr{"silence_seconds", silence}, attr{"silent", utc(t.Silent)}, attr{"awaited", t.Awaited})...)
	x.optional("after", t.After)
	x.optional("until", t.Until)
	if t.Refused > 0 {
		x.text("refusal", t.Refusal, attr{"count", strconv.Itoa(t.Refused)})
	}
	for _, p := range t.Pauses {
		x.text("pause", p.Reason, attr{"took_seconds", span(p.Took)})
	}
	x.optional("where", t.Where)
	x.shut("session")
}
