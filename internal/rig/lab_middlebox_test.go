//go:build integration

package rig

import (
	"bufio"
	"io"
	"net"
	"slices"
	"strings"
)

// A middlebox stands in front of a mail server and rewrites what is said, as
// Cisco firewalls do. It works on lines; both kinds keep TLS from being begun,
// so there is never anything else to see.
type middlebox struct {
	addr    string
	command func(verb, line string) string          // of the client
	reply   func(first, ehlo bool, l string) string // of the server
}

var (
	pixVerbs = []string{"HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT"}
	asaOffer = []string{"8BITMIME", "SIZE", "DSN", "PIPELINING", "ENHANCEDSTATUSCODES", "AUTH", "ETRN", "VRFY"}
)

// middleboxes: a PIX ("fixup protocol smtp") knows RFC 821 only, so EHLO does
// not get through; an ASA ("inspect esmtp") masks the capabilities it does not
// know.
func middleboxes() []middlebox {
	return []middlebox{
		{"203.0.113.70:25", func(verb, line string) string {
			if slices.Contains(pixVerbs, verb) {
				return line
			}
			return strings.Repeat("X", len(line))
		}, func(first, _ bool, line string) string {
			if first {
				return maskBanner(line)
			}
			return line
		}},
		{"203.0.113.71:25", func(verb, line string) string {
			if verb == "STARTTLS" || verb == "BDAT" {
				return strings.Repeat("X", len(line))
			}
			return line
		}, func(first, ehlo bool, line string) string {
			if first {
				return maskBanner(line)
			}
			if ehlo {
				return maskOffer(line)
			}
			return line
		}},
	}
}

// maskBanner stars out a greeting; 2, 0 and blanks stay, as those devices do it.
func maskBanner(line string) string {
	code, text := line[:4], line[4:]
	return code + strings.Map(func(r rune) rune {
		if strings.ContainsRune("20 ", r) {
			return r
		}
		return '*'
	}, text)
}

func maskOffer(line string) string {
	offer, _, _ := strings.Cut(line[4:], " ")
	if !strings.HasPrefix(line, "250") || strings.Contains(offer, ".") || slices.Contains(asaOffer, offer) {
		return line
	}
	return line[:4] + strings.Repeat("X", len(offer))
}

// startMiddleboxes puts one of each kind in front of the healthy server.
func (l *lab) startMiddleboxes() error {
	for _, box := range middleboxes() {
		ln, err := l.listen(box.addr)
		if err != nil {
			return err
		}
		l.boxes = append(l.boxes, ln)
		go func() {
			for {
				client, err := ln.Accept()
				if err != nil {
					return
				}
				go l.relay(box, client)
			}
		}()
	}
	return nil
}

func (l *lab) relay(box middlebox, client net.Conn) {
	defer client.Close()
	server, err := l.dial("tcp", "", "203.0.113.10:25")
	if err != nil {
		return
	}
	defer server.Close()
	said := make(chan string, 100) // verbs that the server has yet to answer
	go func() {
		defer server.Close()
		for lines := bufio.NewScanner(client); lines.Scan(); {
			verb, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
			said <- verb
			io.WriteString(server, box.command(verb, lines.Text())+"\r\n")
		}
	}()
	first, verb := true, ""
	for lines := bufio.NewScanner(server); lines.Scan(); {
		line := lines.Text()
		if !first && verb == "" {
			verb = <-said
		}
		if len(line) > 3 {
			line = box.reply(first, verb == "EHLO", line)
		}
		if len(line) < 4 || line[3] != '-' {
			first, verb = false, "" // the reply is whole
		}
		io.WriteString(client, line+"\r\n")
	}
}
