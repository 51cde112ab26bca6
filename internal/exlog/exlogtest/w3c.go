package exlogtest

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// The slow hop in what W3C writes: for the first part of each hour, PressureFor,
// PressedHost answers MAIL with 452 (back pressure). What it put off goes at its
// first attempt behind that, with the others.
const (
	PressedHost = "192.0.2.7"
	PressureFor = 20 * time.Minute
	PressureTry = 10 * time.Minute // from one attempt to the next
)

// W3C writes at least size bytes of the log of the SMTP service of Windows on an
// Exchange 2003 server: sessions that it opens with thirty hosts, one at a time with
// each, and those that others open with it.
func W3C(w io.Writer, seed uint64, size int64) (Counts, error) {
	f := newFlow(seed, 2*time.Second)
	f.head = func(at time.Time) string {
		return "#Software: Microsoft Internet Information Services 6.0\r\n#Version: 1.0\r\n#Date: " + at.Format(time.DateTime) + "\r\n" +
			"#Fields: date time c-ip cs-username s-sitename s-computername s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status sc-win32-status sc-bytes cs-bytes time-taken cs-version cs-host cs(User-Agent) cs(Cookie) cs(Referer)\r\n"
	}
	free := map[string]time.Time{} // when the last session with a host ends
	var put []putOff
	f.begin = func() {
		s := &service{flow: f, at: f.now, waiting: &put}
		switch n := f.rand.IntN(10); {
		case n < 4:
			s.host, s.name = fmt.Sprintf("198.51.100.%d", 1+f.rand.IntN(200)), "out.example.com"
		case n == 4:
			s.host, s.name = PressedHost, "hub1.contoso.com"
		default:
			s.host, s.name = fmt.Sprintf("203.0.113.%d", 1+f.rand.IntN(30)), "mx.example.com"
		}
		if free[s.host].After(s.at) {
			s.at = free[s.host]
		}
		switch {
		case s.name == "out.example.com":
			s.taken()
		case s.host == PressedHost:
			s.again()
			s.given(s.insider(), s.insider())
		default:
			s.given(s.insider(), s.stranger())
		}
		free[s.host] = s.at.Add(time.Second)
	}
	return f.write(w, size)
}

// service is a session of the service while it is made.
type service struct {
	*flow
	at         time.Time
	host, name string
	waiting    *[]putOff // in the order in which they are tried again
}

type putOff struct {
	from, to string
	again    time.Time
}

// again tries what was put off and is due.
func (s *service) again() {
	for len(*s.waiting) > 0 && (*s.waiting)[0].again.Before(s.at) {
		x := (*s.waiting)[0]
		*s.waiting = (*s.waiting)[1:]
		s.given(x.from, x.to)
		s.at = s.at.Add(time.Second)
	}
}

// log writes a row: of a command and its reply, or of one line of a session that
// the service opened.
func (s *service) log(user, own, port, method, query string, status, taken int, counts ...*int64) {
	s.put(s.at, strings.Join([]string{s.at.Format(time.DateTime), s.host, user, "SMTPSVC1", "EX03A", own, port, method, "-", strings.ReplaceAll(query, " ", "+"),
		fmt.Sprint(status), "0", fmt.Sprint(20 + len(query)), fmt.Sprint(len(query)), fmt.Sprint(taken), "SMTP", "-", "-", "-", "-"}, " ")+"\r\n", counts)
	s.at = s.at.Add(time.Duration(5+s.rand.IntN(60)) * time.Millisecond)
}

// taken is a session that another host opens.
func (s *service) taken() {
	began := s.at
	said := func(method, query string, status, took int, counts ...*int64) {
		s.log(s.name, "192.0.2.30", "0", method, query, status, took, counts...)
	}
	said("EHLO", "+"+s.name, 250, 0, &s.Sessions)
	said("MAIL", "+FROM:<"+s.stranger()+">", 250, 0)
	said("RCPT", "+TO:<"+s.insider()+">", 250, 0)
	said("DATA", "+<"+fmt.Sprintf("%x@mail.example.com", s.rand.Uint64())+">", 250, 80+s.rand.IntN(300), &s.Messages)
	said("QUIT", s.name, 240, int(s.at.Sub(began).Milliseconds()))
}

// given is a session that the service opens.
func (s *service) given(from, to string) {
	counts := []*int64{&s.Messages}
	if s.host == PressedHost {
		counts = append(counts, &s.Late)
	}
	ask := func(method, query string, counts ...*int64) {
		s.log("OutboundConnectionCommand", "-", "25", method, query, 0, 30, counts...)
	}
	hear := func(text string, counts ...*int64) {
		s.log("OutboundConnectionResponse", "-", "25", "-", text, 0, 30, counts...)
	}
	hear("220 "+s.name+" Microsoft ESMTP MAIL Service ready at "+s.at.Format(time.RFC1123Z), &s.Sessions)
	ask("EHLO", "ex03a.contoso.com")
	hear("250-" + s.name + " Hello [192.0.2.30]")
	ask("MAIL", fmt.Sprintf("FROM:<%s> SIZE=%d", from, 2000+s.rand.IntN(90000)))
	if s.pressed() {
		hear("452 4.3.1 Insufficient system resources", &s.Refused)
		*s.waiting = append(*s.waiting, putOff{from, to, s.at.Add(PressureTry)})
	} else {
		hear("250 2.1.0 Sender OK")
		ask("RCPT", "TO:<"+to+">")
		hear("250 2.1.5 Recipient OK")
		ask("DATA", "-")
		hear("354 Start mail input; end with <CRLF>.<CRLF>")
		s.at = s.at.Add(s.about(300 * time.Millisecond))
		hear(fmt.Sprintf("250 2.6.0 <%x@ex03a.contoso.com> Queued mail for delivery", s.rand.Uint64()), counts...)
	}
	ask("QUIT", "-")
	hear("221 2.0.0 Service closing transmission channel")
}

// pressed says whether the slow host refuses now.
func (s *service) pressed() bool {
	return s.host == PressedHost && s.at.Sub(s.at.Truncate(time.Hour)) < PressureFor
}
