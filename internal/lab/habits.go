package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// habits is how a DNS server behaves; the zero value is a healthy one.
type habits struct {
	udp, tcp string // "", "silent" or "refused"
	edns     string // "", "formerr", "silent" or "ignored": what comes of a question with EDNS
	wait     time.Duration
	aa, ad   bool
	lossy    int // packets of each question that are lost over UDP
	truncate int // UDP answers beyond it are cut; 0 for the client's size
	drop     int // UDP answers beyond it vanish; 0 for none
	rules    []rule
}

// A rule is what comes of some questions; the first that fits holds.
type rule struct {
	name  string // canonical, or "*"
	qtype uint16 // dns.TypeNone for "*"
	does  string // "" answers, "silent", "truncated", "referral", "rcode"
	rcode int
	wait  time.Duration
	ede   *dns.EDNS0_EDE
}

func (r rule) fits(q dns.Question) bool {
	return (r.name == "*" || r.name == dns.CanonicalName(q.Name)) && (r.qtype == dns.TypeNone || r.qtype == q.Qtype)
}

// readDNS reads "dns ADDRESS..." and the habits of the server there.
func (s *Story) readDNS(sec section) error {
	at, err := sec.addrs(53)
	if err != nil {
		return err
	}
	h := &habits{}
	for _, l := range sec.lines() {
		if err := h.read(l.text); err != nil {
			return sec.errorf(l.n, "%w", err)
		}
	}
	for _, ap := range at {
		if s.servers[ap] != nil {
			return sec.errorf(sec.line-1, "a second dns section for %v", ap)
		}
		s.servers[ap] = h
	}
	return nil
}

func (h *habits) read(text string) error {
	key, value, isPair := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	if !isPair {
		return h.readWord(strings.Fields(text))
	}
	switch key {
	case "udp":
		return oneOf(&h.udp, value, "silent", "refused")
	case "tcp":
		return oneOf(&h.tcp, value, "silent", "refused")
	case "edns":
		return oneOf(&h.edns, value, "formerr", "silent", "ignored")
	}
	r, err := parseRule(strings.Fields(key), value)
	h.rules = append(h.rules, r)
	return err
}

func oneOf(to *string, value string, words ...string) error {
	if !slices.Contains(words, value) {
		return fmt.Errorf("%q is none of %s", value, strings.Join(words, ", "))
	}
	*to = value
	return nil
}

func (h *habits) readWord(words []string) error {
	var err error
	switch {
	case len(words) == 1 && words[0] == "silent":
		h.udp, h.tcp = "silent", "silent"
	case len(words) == 1 && words[0] == "aa":
		h.aa = true
	case len(words) == 1 && words[0] == "ad":
		h.ad = true
	case len(words) == 2 && words[0] == "wait":
		h.wait, err = duration(words[1])
	case len(words) == 2 && words[0] == "lossy":
		h.lossy, err = number(words[1], 100)
	case len(words) == 3 && words[0] == "truncate" && words[1] == "over":
		h.truncate, err = number(words[2], dns.MaxMsgSize)
	case len(words) == 3 && words[0] == "drop" && words[1] == "over":
		h.drop, err = number(words[2], dns.MaxMsgSize)
	default:
		return fmt.Errorf("%q is no habit of a DNS server", strings.Join(words, " "))
	}
	return err
}

func number(word string, most int) (int, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("%q is not a number from 1 to %d", word, most)
	}
	return n, nil
}

// parseRule reads: NAME TYPE: [wait 3s] [servfail | silent | ...] [ede 22 "text"].
func parseRule(key []string, value string) (rule, error) {
	var r rule
	if len(key) != 2 {
		return r, fmt.Errorf("\"NAME TYPE:\" is due, not %q", strings.Join(key, " ")+":")
	}
	if _, ok := dns.IsDomainName(key[0]); !ok {
		return r, fmt.Errorf("%q is not a domain name", key[0])
	}
	if r.name = key[0]; r.name != "*" {
		r.name = dns.CanonicalName(r.name)
	}
	if key[1] != "*" {
		t, ok := dns.StringToType[strings.ToUpper(key[1])]
		if !ok {
			return r, fmt.Errorf("%q is not a record type", key[1])
		}
		r.qtype = t
	}
	if value == "" {
		return r, fmt.Errorf("what comes of the question is missing")
	}
	return r, r.readActions(value)
}

func (r *rule) readActions(value string) (err error) {
	for value != "" && err == nil {
		var word string
		word, value = cutWord(value)
		switch word {
		case "wait":
			word, value = cutWord(value)
			r.wait, err = duration(word)
		case "silent", "truncated", "referral":
			r.does = word
		case "nodata":
			r.does, r.rcode = "rcode", dns.RcodeSuccess
		case "ede":
			value, err = r.readEDE(value)
		default:
			code, ok := dns.StringToRcode[strings.ToUpper(word)]
			if !ok || code > 15 {
				return fmt.Errorf("%q is neither wait, silent, truncated, referral, nodata nor a response code", word)
			}
			r.does, r.rcode = "rcode", code
		}
	}
	return err
}

func (r *rule) readEDE(value string) (rest string, err error) {
	word, rest := cutWord(value)
	code, err := strconv.ParseUint(word, 10, 16)
	if err != nil {
		return rest, fmt.Errorf("%q is not an extended error code", word)
	}
	r.ede = &dns.EDNS0_EDE{InfoCode: uint16(code)}
	if quoted, err := strconv.QuotedPrefix(rest); err == nil {
		r.ede.ExtraText, _ = strconv.Unquote(quoted) // QuotedPrefix vouches for it
		rest = strings.TrimSpace(rest[len(quoted):])
	}
	return rest, nil
}

// cutWord cuts the first word off.
func cutWord(text string) (word, rest string) {
	word, rest, _ = strings.Cut(text, " ")
	return word, strings.TrimSpace(rest)
}
