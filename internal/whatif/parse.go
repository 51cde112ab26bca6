package whatif

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Time reads a length of time: "45m", "90s", "1h30m", "2d".
func Time(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 8)
		if err == nil && time.Duration(n)*day <= longest {
			return time.Duration(n) * day, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > longest {
		return 0, fmt.Errorf("%q is no time such as 90s, 45m, 2h or 1d, of %d days at most", text, longest/day)
	}
	return d, nil
}

// Steps reads retry intervals: "4x1m, 6x5m, 10m". The last one repeats.
func Steps(text string) ([]time.Duration, error) {
	var all []time.Duration
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		times := uint64(1)
		if n, of, found := strings.Cut(word, "x"); found {
			var err error
			if times, err = strconv.ParseUint(n, 10, 8); err != nil || times == 0 {
				return nil, fmt.Errorf("%q: say how often and how long, as in 6x5m", word)
			}
			word = of
		}
		d, err := Time(word)
		if err != nil {
			return nil, err
		}
		if d < leastStep {
			return nil, fmt.Errorf("%q: a retry interval has a second or more", word)
		}
		all = append(all, slices.Repeat([]time.Duration{d}, int(times))...)
	}
	if len(all) == 0 || len(all) > mostSteps {
		return nil, fmt.Errorf("%d retry intervals: say 1 to %d, as in 4x1m,6x5m,10m", len(all), mostSteps)
	}
	return all, nil
}

// Opening reads when a sender may send: "always", or "every 30m", "every 1h for 15m at
// 10m"; at is counted from midnight UTC.
func Opening(text string) (Gate, error) {
	words := strings.Fields(text)
	wrong := errors.New(`say when it opens, as in "every 30m" or "every 1h for 15m at 10m"`)
	if len(words) == 1 && words[0] == "always" {
		return Gate{}, nil
	}
	if len(words) < 2 || len(words)%2 != 0 || words[0] != "every" {
		return Gate{}, wrong
	}
	var g Gate
	for i := 0; i < len(words); i += 2 {
		d, err := Time(words[i+1])
		if err != nil {
			return Gate{}, err
		}
		switch words[i] {
		case "every":
			g.Every = d
		case "for":
			g.For = d
		case "at":
			g.At = []time.Duration{d}
		default:
			return Gate{}, wrong
		}
	}
	if g.Every < leastStep || g.For > g.Every || len(g.At) > 0 && g.At[0] >= g.Every {
		return Gate{}, fmt.Errorf("%q: %w; the times behind are shorter than the first", text, wrong)
	}
	return g, nil
}

// Share reads "30%" or "0.3".
func Share(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		f /= 100
	}
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, fmt.Errorf("%q is no share such as 30%%", text)
	}
	return f, nil
}

// Pace reads "10/min" as the time between one message and the next.
func Pace(text string) (time.Duration, error) {
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	of := map[string]time.Duration{"s": time.Second, "sec": time.Second, "min": time.Minute, "m": time.Minute, "h": time.Hour, "hour": time.Hour}[strings.TrimSpace(unit)]
	if err != nil || of == 0 || !(n > 0 && n <= 1e6) {
		return 0, fmt.Errorf("%q is no speed such as 10/min or 200/h", text)
	}
	return max(time.Microsecond, time.Duration(float64(of)/n)), nil
}

// Between reads "10m/2h": ten minutes of each two hours.
func Between(text string) (length, every time.Duration, err error) {
	a, b, ok := strings.Cut(text, "/")
	length, err1 := Time(a)
	every, err2 := Time(b)
	if !ok || errors.Join(err1, err2) != nil || length <= 0 || length >= every {
		return 0, 0, fmt.Errorf("%q: say how long and how often, as in 10m/2h", text)
	}
	return length, every, nil
}

// Moment reads "45m", or with the time of day at which it begins "45m@09:30".
func Moment(text string, from time.Duration) (begins, length time.Duration, err error) {
	word, clock, said := strings.Cut(text, "@")
	if length, err = Time(word); err != nil {
		return 0, 0, err
	}
	if !said {
		return from, length, nil
	}
	begins, err = Clock(clock)
	return begins, length, err
}

// Clock reads a time of day, "09:30", as what has passed since midnight.
func Clock(text string) (time.Duration, error) {
	at, err := time.Parse("15:04", strings.TrimSpace(text))
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day such as 09:30", text)
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, nil
}
