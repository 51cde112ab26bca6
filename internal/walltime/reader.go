package walltime

import (
	"strings"
	"time"
)

// A reader takes a text apart from its front.
type reader struct{ text string }

// number takes up to so many digits.
func (p *reader) number(most int) (n, digits int) {
	for digits < most && digits < len(p.text) && p.text[digits]-'0' <= 9 {
		n = 10*n + int(p.text[digits]-'0')
		digits++
	}
	p.text = p.text[digits:]
	return n, digits
}

// sign takes one of these bytes, 0 for none.
func (p *reader) sign(any string) byte {
	if p.text == "" || strings.IndexByte(any, p.text[0]) < 0 {
		return 0
	}
	c := p.text[0]
	p.text = p.text[1:]
	return c
}

func (p *reader) blanks() { p.text = strings.TrimLeft(p.text, " ") }

// date takes three parts with one sort of sign between them.
func (p *reader) date(s *Stamp) bool {
	var between byte
	for i := range s.parts {
		s.parts[i], s.digits[i] = p.number(4)
		if s.digits[i] == 0 && s.month < 0 {
			s.parts[i], s.digits[i] = p.monthName()
			s.month = i
		}
		if s.digits[i] == 0 {
			return false
		}
		if i == 2 {
			break
		}
		c := p.sign("/-. ")
		if c == 0 || between != 0 && c != between {
			return false
		}
		between = c
		p.blanks() // 2019. 11. 4.
	}
	s.dotted = between == '.'
	if s.dotted {
		p.sign(".")
	}
	return true
}

// monthName takes an English name or its beginning, and a point or comma behind it.
func (p *reader) monthName() (month, digits int) {
	n := 0
	for n < len(p.text) && p.text[n] >= 'a' && p.text[n] <= 'z' {
		n++
	}
	if n < 3 {
		return 0, 0
	}
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), p.text[:n]) {
			p.text = p.text[n:]
			return int(m), 2
		}
	}
	return 0, 0
}

// gap takes what stands between the date and the time of day.
func (p *reader) gap() bool {
	before := len(p.text)
	p.sign(",")
	p.blanks()
	p.sign("t")
	return len(p.text) < before
}

// clock takes a time of day. Finnish and Italian write points in it.
func (p *reader) clock(to *int64, half int) bool {
	hour, digits := p.number(2)
	between := p.sign(":.")
	minute, wide := p.number(2)
	if digits == 0 || between == 0 || wide != 2 || minute > 59 || hour > 23 || half > 0 && (hour > 12 || hour == 0) {
		return false
	}
	if half > 0 {
		hour = hour%12 + 12*(half-1)
	}
	second := 0
	if p.text != "" && p.text[0] == between {
		p.sign(":.")
		if second, wide = p.number(2); wide != 2 || second > 60 {
			return false
		}
	}
	*to = int64(hour*3600+minute*60+min(second, 59))*1e9 + p.fraction()
	return true
}

// fraction takes what may stand behind the seconds.
func (p *reader) fraction() int64 {
	if len(p.text) < 2 || p.text[1]-'0' > 9 || p.sign(".,") == 0 {
		return 0
	}
	n, digits := p.number(9)
	p.number(9) // finer than anything that is read here
	at := int64(n)
	for ; digits < 9; digits++ {
		at *= 10
	}
	return at
}
