package whatif

import (
	"time"

	"mailflow/evidence"
)

// A Record is a question with its answers, for JSON. Times are in seconds.
type Record struct {
	Question string   `json:"question"`
	Seed     uint64   `json:"seed"`
	Seen     *Column  `json:"seen,omitempty"` // what logs show
	Hop      string   `json:"hop,omitempty"`  // of what was seen
	Results  []Column `json:"results"`
}

// A Column is one result.
type Column struct {
	Sender   string              `json:"sender,omitempty"`
	Steps    []evidence.Duration `json:"steps_s,omitempty"`
	Queue    bool                `json:"one_timer_for_the_queue,omitempty"`
	Opens    string              `json:"sends,omitempty"` // when; "" at any time
	Count    int                 `json:"messages"`
	AtOnce   int                 `json:"within_a_minute"`
	Returned int                 `json:"returned"`
	Open     int                 `json:"still_waiting"`
	Noticed  int                 `json:"told_late"`
	Mean     evidence.Duration   `json:"mean_s"`
	Late     Late                `json:"later"`
	Notice   evidence.Duration   `json:"delay_notice_s,omitempty"`
	GivesUp  evidence.Duration   `json:"gives_up_s,omitempty"`
	Waits    []evidence.WaitBin  `json:"waits,omitempty"`
	Cut      bool                `json:"cut_short,omitempty"`
}

// Late are the messages that were delivered, and not within a minute.
type Late struct {
	Count   int               `json:"messages"`
	Median  evidence.Duration `json:"median_s"`
	P90     evidence.Duration `json:"p90_s"`
	P95     evidence.Duration `json:"p95_s"`
	P99     evidence.Duration `json:"p99_s"`
	Longest evidence.Duration `json:"longest_s"`
}

// Recorded puts results into a record.
func Recorded(q Question, all []Result) Record {
	x := Record{Question: q.Words(), Seed: q.Seed}
	for _, r := range all {
		x.Results = append(x.Results, column(r))
	}
	return x
}

func column(r Result) Column {
	s := r.Sender
	c := Column{Sender: s.Name, Queue: s.Queue, Opens: s.Opens.words(), Count: r.Count, AtOnce: r.AtOnce, Returned: r.Returned, Open: r.Open, Noticed: r.Noticed,
		Mean: seconds(r.All.Mean), Late: late(r.Late), Notice: seconds(s.Notice), GivesUp: seconds(s.GivesUp), Cut: r.Cut}
	for _, d := range s.Steps {
		c.Steps = append(c.Steps, seconds(d))
	}
	for _, b := range r.Bins() {
		c.Waits = append(c.Waits, evidence.WaitBin{From: seconds(b.From), To: seconds(b.To), Count: b.Count})
	}
	return c
}

// Observe puts beside a record what was seen.
func (x *Record) Observe(f Fit) {
	x.Hop = f.Hop
	x.Seen = &Column{Count: f.Count, AtOnce: f.Count - f.Seen.Count, Late: late(f.Seen)}
}

func late(q Quantiles) Late {
	return Late{q.Count, seconds(q.Median), seconds(q.P90), seconds(q.P95), seconds(q.P99), seconds(q.Longest)}
}

func seconds(d time.Duration) evidence.Duration {
	return evidence.Duration(d.Round(time.Millisecond).Seconds())
}
