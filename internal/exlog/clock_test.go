package exlog

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseTime(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		at := time.Unix(r.Int64N(7258118400), r.Int64N(1e9)).UTC()
		for _, layout := range []string{"2006-01-02T15:04:05.000Z", "2006-01-02T15:04:05.000000000Z", "2006-01-02T15:04:05Z"} {
			text := at.Format(layout)
			want, _ := time.Parse(layout, text)
			if got, ok := ParseTime([]byte(text)); !ok || got != want.UnixNano() {
				t.Fatalf("%s: %d %v, want %d", text, got, ok, want.UnixNano())
			}
		}
		text := at.Format("2006-1-2 15:04:05 GMT")
		date, clock, _ := strings.Cut(text, " ")
		if got, ok := ParseDateTime([]byte(date), []byte(strings.TrimPrefix(clock, "0"))); !ok || got != at.Unix()*1e9 {
			t.Fatalf("%s: %d %v, want %d", text, got, ok, at.Unix())
		}
	}
}

func TestNoTime(t *testing.T) {
	for _, s := range []string{"", "2026-01-02", "2026-01-02T03:04:05.678", "2026-01-02 03:04:05.678Z", "2026-13-02T03:04:05.678Z", "2026-00-02T03:04:05.678Z",
		"2026-02-29T03:04:05.678Z", "2026-04-31T03:04:05.678Z", "2100-02-29T03:04:05Z", "2026-01-00T03:04:05Z", "2026-01-02T24:04:05.678Z", "2026-01-02T03:60:05.678Z",
		"2026-01-02T03:04:60.678Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05.1234567890Z", "2026-01-02T03:04:05,678Z", "2026-01-02T03:04:05.6x8Z",
		"2026-1-2T3:4:5.6780000000Z", "x026-01-02T03:04:05.678Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", "2026-01-02T-3:04:05.678Z"} {
		if at, ok := ParseTime([]byte(s)); ok {
			t.Errorf("%q is %d", s, at)
		}
	}
	for _, s := range []string{"|", "2026-01-02|", "|03:04:05", "2026-01-02|03:04:05 CET", "2026-01|03:04:05", "2026-01-02-|03:04:05", "20260-01-02|03:04:05", "2026-01-02|03:04", "2026-01-02|3:4:5:6"} {
		date, clock, _ := strings.Cut(s, "|")
		if at, ok := ParseDateTime([]byte(date), []byte(clock)); ok {
			t.Errorf("%q is %d", s, at)
		}
	}
}

// The time of a row, whatever its table; and none where the day is not certain.
func TestTime(t *testing.T) {
	only := headIIS + "#Fields: time c-ip cs-method\n"
	tests := []struct {
		name, in string
		want     []string
	}{
		{"2003", row2003, []string{"2006-08-05 00:58:14"}},
		{"protocol", receiveRow, []string{"2026-01-02 03:04:05.678"}},
		{"damaged", head3 + strings.Replace(day1, "-02T", "-32T", 1) + ",,\n", []string{"none"}},
		{"W3C", headIIS + fieldsIIS + "2006-10-06 00:00:01 - - - QUIT - 240\n", []string{"2006-10-06 00:00:01"}},
		{"W3C without dates", only + "23:50:01 - QUIT\n23:49:59 - QUIT\n23:59:59 - QUIT\n- - QUIT\n", []string{"2006-10-05 23:50:01", "2006-10-05 23:49:59", "2006-10-05 23:59:59", "none"}},
		{"past midnight", only + "23:50:01 - QUIT\n00:10:00 - QUIT\n23:55:00 - QUIT\n" + strings.ReplaceAll(only, "-05 23", "-06 01") + "01:51:00 - QUIT\n",
			[]string{"2006-10-05 23:50:01", "none", "none", "2006-10-06 01:51:00"}},
		{"late row of the day before", strings.Replace(only, "23:50:00", "00:00:02", 1) + "23:59:58 - QUIT\n00:00:03 - QUIT\n", []string{"none", "2006-10-05 00:00:03"}},
		{"W3C without any date", "#Fields: time cs-method\n23:50:01 QUIT\n", []string{"none"}},
		{"no column for it", "#Fields: cs-method c-ip\nQUIT -\n", []string{"none"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for r := NewReader(strings.NewReader(tt.in), []string{"cs-method"}); r.Next(); {
				text := "none"
				if at, ok := r.Time(); ok {
					text = fmt.Sprint(time.Unix(0, at).UTC().Format("2006-01-02 15:04:05.999"))
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sameTime compares with the standard library, which also takes hours of one
// digit, a comma before the fraction, and years that are out of the question here.
func sameTime(t *testing.T, b []byte) {
	t.Helper()
	at, ok := ParseTime(b)
	want, err := time.Parse("2006-01-02T15:04:05Z", string(b))
	if known := err == nil && want.Year() >= 1970 && want.Year() <= 2200 && !strings.Contains(string(b), ",") && len(b) <= 30 && b[13] == ':'; known != ok {
		t.Fatalf("%q: %v, the standard library: %v", b, ok, err)
	}
	if ok && at != want.UnixNano() {
		t.Fatalf("%q: %d, want %d", b, at, want.UnixNano())
	}
}
