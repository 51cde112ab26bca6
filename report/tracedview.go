package report

import (
	"time"

	"mailflow/evidence"
)

// tracedView is as data what is known of mail on its way and mail that waits.
type tracedView struct {
	Journeys []journeyView `json:"journeys"`
	Clocks   []clockView   `json:"clocks"`
	Rhythms  []rhythmView  `json:"rhythms"`
	Queues   []listingView `json:"queues"`
}

type journeyView struct {
	Message    string        `json:"message"`
	Sender     string        `json:"sender"`
	Recipients []string      `json:"recipients"`
	Count      int           `json:"recipient_count"`
	Began      *time.Time    `json:"began"`
	Ended      *time.Time    `json:"ended"`
	Total      seconds       `json:"total_seconds"`
	State      string        `json:"state"`
	Sample     bool          `json:"sample"`
	Asked      bool          `json:"asked,omitempty"`
	Summary    string        `json:"summary"`
	Stops      []stopView    `json:"stops"`
	Missing    []missingView `json:"missing"`
	Notes      []string      `json:"notes"`
}

type stopView struct {
	Server   string        `json:"server"`
	Source   string        `json:"source"`
	From     int           `json:"from"`
	Came     *time.Time    `json:"came"`
	Left     *time.Time    `json:"left"`
	Waits    bool          `json:"still_waits"`
	Wait     seconds       `json:"wait_seconds"`
	Travel   seconds       `json:"travel_seconds"`
	Shift    seconds       `json:"shift_seconds"`
	Error    seconds       `json:"error_seconds"`
	Peer     string        `json:"peer"`
	Hop      string        `json:"hop"`
	Outcome  string        `json:"outcome"`
	Tries    int           `json:"tries"`
	Reason   string        `json:"reason"`
	Expanded int           `json:"expanded"`
	Parts    []latencyView `json:"parts"`
	Sessions []talkView    `json:"sessions"`
	Where    string        `json:"where"`
}

type latencyView struct {
	Server  string   `json:"server"`
	Path    []string `json:"path"`
	Took    seconds  `json:"took_seconds"`
	Own     seconds  `json:"own_seconds"`
	Running bool     `json:"running"`
}

type missingView struct {
	Server string     `json:"server"`
	From   *time.Time `json:"from"`
	To     *time.Time `json:"to"`
	Why    string     `json:"why"`
	Get    string     `json:"get"`
}

type clockView struct {
	Server  string   `json:"server"`
	Against string   `json:"against"`
	Ahead   *seconds `json:"ahead_seconds"` // null: not bounded from both sides
	Low     *seconds `json:"low_seconds"`   // null: no bound
	High    *seconds `json:"high_seconds"`
	Sent    int      `json:"sent"`
	Back    int      `json:"back"`
	Via     []string `json:"via"`
	Steps   bool     `json:"steps"`
	Where   string   `json:"where"`
}

type rhythmView struct {
	Server   string    `json:"server"`
	To       string    `json:"to"`
	Is       string    `json:"is"`
	Sentence string    `json:"sentence"`
	Why      string    `json:"why"`
	Count    int       `json:"count"`
	Waited   int       `json:"waited"`
	Period   seconds   `json:"period_seconds"`
	Phases   []seconds `json:"phases_seconds"`
	Wall     bool      `json:"wall"`
	Window   seconds   `json:"window_seconds"`
	Strength float64   `json:"strength"`
	Chance   float64   `json:"chance"`
	Ladder   string    `json:"ladder"`
	Steps    []seconds `json:"steps_seconds"`
	Sums     []seconds `json:"sums_seconds"`
	Turn     seconds   `json:"turn_seconds"`
	Minutes  []int     `json:"minutes"`
	Waits    []waitBin `json:"waits"`
}

type waitBin struct {
	From  seconds `json:"from_seconds"`
	To    seconds `json:"to_seconds"`
	Count int     `json:"count"`
}

func (t traced) view() tracedView {
	v := tracedView{Journeys: []journeyView{}, Clocks: []clockView{}, Rhythms: []rhythmView{}, Queues: []listingView{}}
	for _, j := range t.journeys {
		v.Journeys = append(v.Journeys, newJourneyView(j))
	}
	for _, c := range t.clocks {
		v.Clocks = append(v.Clocks, newClockView(c))
	}
	for i, h := range t.rhythms {
		v.Rhythms = append(v.Rhythms, newRhythmView(h, t.clockOf(i)))
	}
	for i := range t.listings {
		v.Queues = append(v.Queues, t.listingView(i))
	}
	return v
}

func newJourneyView(j evidence.Journey) journeyView {
	v := journeyView{Message: j.Message, Sender: j.Sender, Recipients: list(j.Recipients), Count: j.Count, Began: moment(j.Began), Ended: moment(j.Ended), Total: spanOf(j.Total),
		State: j.State, Sample: j.Sample, Asked: j.Asked, Summary: JourneySummary(j), Stops: []stopView{}, Missing: []missingView{}, Notes: list(j.Notes)}
	for _, s := range j.Stops {
		v.Stops = append(v.Stops, newStopView(s))
	}
	for _, m := range j.Missing {
		v.Missing = append(v.Missing, missingView{m.Server, moment(m.From), moment(m.To), m.Why, m.Get})
	}
	return v
}

func newStopView(s evidence.Stop) stopView {
	v := stopView{Server: s.Server, Source: s.Source, From: s.From, Came: instant(s.Came), Left: instant(s.Left), Waits: stays(s), Wait: spanOf(s.Wait), Travel: spanOf(s.Travel),
		Shift: signedSpan(s.Shift), Error: spanOf(s.Error), Peer: s.Peer, Hop: s.Hop, Outcome: s.Outcome, Tries: s.Tries, Reason: s.Reason, Expanded: s.Expanded,
		Parts: []latencyView{}, Sessions: []talkView{}, Where: s.Where.String()}
	for _, t := range s.Sessions {
		v.Sessions = append(v.Sessions, newTalkView(t))
	}
	for _, p := range s.Parts {
		v.Parts = append(v.Parts, latencyView{p.Server, list(p.Path), spanOf(p.Seconds), spanOf(p.Own), p.Running})
	}
	return v
}

// newClockView leaves out the bounds that nothing gave, which are 0.
func newClockView(c evidence.ClockOffset) clockView {
	v := clockView{Server: c.Server, Against: c.Against, Sent: c.Sent, Back: c.Back, Via: list(c.Via), Steps: c.Steps, Where: c.Where.String()}
	if c.Bounded {
		v.Ahead = new(signedSpan(c.Ahead))
	}
	if c.Low != 0 {
		v.Low = new(signedSpan(c.Low))
	}
	if c.High != 0 {
		v.High = new(signedSpan(c.High))
	}
	return v
}

func newRhythmView(h evidence.HopRhythm, t Times) rhythmView {
	v := rhythmView{Server: h.Server, To: h.To, Is: h.Is, Sentence: RhythmSentence(h, t), Why: h.Why, Count: h.Count, Waited: h.Waited, Period: spanOf(h.Period), Phases: spans(h.Phases), Wall: h.Wall,
		Window: spanOf(h.Window), Strength: h.Strength, Chance: h.Chance, Ladder: h.Ladder, Steps: spans(h.Steps), Sums: spans(h.Sums), Turn: spanOf(h.Turn), Minutes: list(h.Minutes), Waits: []waitBin{}}
	for _, b := range h.Waits {
		v.Waits = append(v.Waits, waitBin{spanOf(b.From), spanOf(b.To), b.Count})
	}
	return v
}

// list is never null.
func list[T any](all []T) []T { return append([]T{}, all...) }

func spans(all []evidence.Duration) []seconds {
	v := []seconds{}
	for _, d := range all {
		v = append(v, spanOf(d))
	}
	return v
}

// signedSpan is a length of time that may be below 0.
func signedSpan(d evidence.Duration) seconds {
	if d < 0 {
		return -spanOf(-d)
	}
	return spanOf(d)
}

func instant(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return moment(*t)
}
