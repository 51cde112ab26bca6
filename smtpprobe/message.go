package smtpprobe

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// message sends the test message and says whether its end was reached: then
// nothing is left to be reset.
func (d *dialogue) message() bool {
	body, err := d.client.Data()
	if err != nil {
		return false
	}
	id, text := d.session.compose(time.Now())
	d.session.Sent = &Sent{MessageID: id, Bytes: int64(len(text))}
	body.Write([]byte(text))
	body.Close()
	return true
}

// The filler makes the message larger than a packet: where large packets vanish
// on the way, a smaller one would pass and tell nothing.
const (
	filler  = "This line only makes the message larger than a single network packet."
	fillers = 30 // 2 kB
)

// compose writes the message: the least that RFC 5322 3.6 asks for, and marked
// so that nothing answers it (RFC 3834 5).
func (s Session) compose(now time.Time) (id, text string) {
	id = fmt.Sprintf("<mailflow.%s@%s>", strings.ToLower(rand.Text()), s.Name)
	from := s.From
	if from == "" {
		from = "postmaster@" + s.Name // a header needs an author even if no bounce is wanted
	}
	return id, strings.Join([]string{
		"From: <" + from + ">",
		"To: <" + s.To + ">",
		"Date: " + now.Format(time.RFC1123Z),
		"Message-ID: " + id,
		"Subject: mailflow test message",
		"Auto-Submitted: auto-generated",
		"",
		"This is a test message of mailflow, which measures how long mail takes.",
		"It was asked for by an operator of " + s.Name + " and needs no answer.",
		"",
		strings.Repeat(filler+"\r\n", fillers),
	}, "\r\n")
}
