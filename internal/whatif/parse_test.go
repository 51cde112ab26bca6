package whatif

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		text string
		want []time.Duration
		err  string
	}{
		{"10m", mins(10), ""},
		{"4x1m,6x5m,10m", mins(1, 1, 1, 1, 5, 5, 5, 5, 5, 5, 10), ""},
		{"1m, 90s 1h", []time.Duration{time.Minute, 90 * time.Second, time.Hour}, ""},
		{"1d", []time.Duration{day}, ""},
		{"", nil, "0 retry intervals"},
		{"0x5m", nil, "how often"},
		{"5", nil, "no time such as"},
		{"100ms", nil, "a second or more"},
		{"-5m", nil, "no time such as"},
		{"255x1m", nil, "255 retry intervals"},
		{"91d", nil, "no time such as"},
	} {
		got, err := Steps(c.text)
		if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %v, %v", c.text, got, err)
		}
	}
}

func TestOpening(t *testing.T) {
	for text, want := range map[string]Gate{
		"always":                    {},
		"every 30m":                 {Every: 30 * time.Minute},
		"every 1h for 15m at 10m":   {Every: time.Hour, For: 15 * time.Minute, At: mins(10)},
		"every":                     {Every: -1},
		"every 30m for 1h":          {Every: -1},
		"every 30m at 30m":          {Every: -1},
		"every 30m from 10m":        {Every: -1},
		"Interop RGC":               {Every: -1},
		"every 0s":                  {Every: -1},
		"every 1h for 15m extra":    {Every: -1},
		"for 15m every 1h":          {Every: -1},
		"every 1h at 10m for eight": {Every: -1},
	} {
		got, err := Opening(text)
		if want.Every < 0 {
			if err == nil {
				t.Errorf("%q is taken", text)
			}
		} else if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

// TestSmallWords: shares, paces, moments, and what is none.
func TestSmallWords(t *testing.T) {
	share, err := Share("30%")
	same(t, "share", share, err, 0.3)
	pace, err := Pace("10/min")
	same(t, "pace", pace, err, 6*time.Second)
	from, length, err := Moment("45m@09:30", 0)
	same(t, "moment", [2]time.Duration{from, length}, err, [2]time.Duration{9*time.Hour + 30*time.Minute, 45 * time.Minute})
	from, length, err = Moment("45m", time.Hour)
	same(t, "moment without a time", [2]time.Duration{from, length}, err, [2]time.Duration{time.Hour, 45 * time.Minute})
	length, every, err := Between("10m/2h")
	same(t, "pressure", [2]time.Duration{length, every}, err, [2]time.Duration{10 * time.Minute, 2 * time.Hour})
	for _, text := range []string{"", "x", "130%", "-1", "NaN", "2h/10m", "0/min", "10/day", "10", "45m@25:00", "45m@", "1e9/s", "Inf/min"} {
		_, err1 := Share(text)
		_, err2 := Pace(text)
		_, _, err3 := Between(text)
		_, _, err4 := Moment(text, 0)
		for i, err := range []error{err1, err2, err3, err4} {
			if err == nil {
				t.Errorf("%q is taken (%d)", text, i)
			}
		}
	}
}

func same[T comparable](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil || got != want {
		t.Errorf("%s: %v, %v; want %v", what, got, err, want)
	}
}

func TestNamed(t *testing.T) {
	for words, want := range map[string]string{
		"Exchange Edge server": "Exchange 2007 and later, Edge server",
		"hub":                  "Exchange 2007 and later, Hub Transport or Mailbox server",
		"postfix":              "Postfix",
		"Exchange 2003":        "Exchange 2003",
		"windows":              "SMTP service of Windows, Exchange 2000",
		"5m":                   "5m",
		"Exchange 2007":        "!may be one of several",
		"Groupwise":            "!no sender",
		"":                     "!no sender",
		"5x":                   "!no time such as",
	} {
		s, err := Named(words)
		if bad, found := strings.CutPrefix(want, "!"); found {
			if err == nil || !strings.Contains(err.Error(), bad) {
				t.Errorf("%q: %v", words, err)
			}
		} else if err != nil || s.Name != want || len(s.Steps) == 0 {
			t.Errorf("%q: %+v, %v", words, s, err)
		}
	}
}

// TestEveryKnownSenderCanBePlayed, and is told apart from the others by its name.
func TestEveryKnownSenderCanBePlayed(t *testing.T) {
	q := Question{Mail: evenly(100), Trouble: Trouble{Fails: 0.5}}
	queue := 0
	for _, s := range Known() {
		if err := Check(q, s); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if got, err := Named(s.Name); err != nil || got.Name != s.Name {
			t.Errorf("%s: found %s, %v", s.Name, got.Name, err)
		}
		if s.Queue {
			queue++
		}
	}
	if queue != 5 { // of Exchange all but single messages, of Windows, and Exim
		t.Errorf("%d senders have one timer for the queue", queue)
	}
}

// TestAServerOfTheConfiguration: what is set on it, and the defaults of the rest.
func TestAServerOfTheConfiguration(t *testing.T) {
	count, five, message, notice := 2, evidence.Duration(300), evidence.Duration(60), evidence.Duration(3600)
	s := evidence.Server{Name: "HUB01", Generation: "exchange-2010", Retry: &evidence.RetryTimes{TransientCount: &count, Transient: &five, Message: &message, DelayNotice: &notice}}
	got := Of(s, 0)
	if len(got) != 1 || !slices.Equal(got[0].Steps, mins(1, 1, 1, 1, 5, 5, 10)) || !slices.Equal(got[0].Single, mins(1)) || got[0].Notice != time.Hour || got[0].GivesUp != 2*day {
		t.Errorf("%+v", got)
	}
	old := evidence.Server{Name: "EX03A", Generation: "exchange-2003", Virtual: []evidence.VirtualServer{{Name: "1", Retries: "15,30"}, {Name: "2"}}}
	got = Of(old, 30*time.Second)
	if len(got) != 2 || got[0].Steps[3] != 15*time.Minute || got[0].Steps[0] != 30*time.Second || got[0].Unproved || !got[1].Unproved || !got[0].Queue {
		t.Errorf("%+v", got)
	}
}

// FuzzWords: no text that an operator may type ends in a crash, and what is taken can
// be played.
func FuzzWords(f *testing.F) {
	for _, text := range []string{"4x1m,6x5m,10m", "every 1h for 15m at 10m", "30%", "10/min", "45m@09:30", "10m/2h", "Exchange Edge server"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q := Question{Mail: Mail{Count: 3, Over: time.Hour}, Seed: 1}
		s := Known()[0]
		if x, err := Named(text); err == nil {
			s = x
		}
		if g, err := Opening(text); err == nil {
			s.Opens = g
		}
		q.Trouble.Fails, _ = Share(text)
		q.Trouble.Rate, _ = Pace(text)
		q.Trouble.DownFrom, q.Trouble.Down, _ = Moment(text, 0)
		q.Trouble.Pressure, q.Trouble.PressureEvery, _ = Between(text)
		if err := Check(q, s); err != nil {
			t.Fatalf("%q was taken, and cannot be played: %v", text, err)
		}
		r := Play(q, s)
		if r.AtOnce+r.Late.Count+r.Returned+r.Open != r.Count {
			t.Fatalf("%q: %+v", text, r)
		}
		Lines(q, r, 80)
	})
}
