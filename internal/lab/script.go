package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A host is an SMTP host and what it does.
type host struct {
	addrs  []netip.AddrPort
	layers []*layer // in the order of from
}

// A layer holds from some connection on, over the layers before it.
type layer struct {
	from    int
	scripts map[string][]step // "connect", "EHLO", "EHLO-TLS", "RCPT <bob@contoso.com>"
	cert    *certSpec
}

// A step is one thing that a host does.
type step struct {
	do    string        // "wait", "send", "drip", "close", "reset", "silent", "fail", ...
	wait  time.Duration // of wait and drip
	text  string        // of send, sent as it is; of version
	times int           // of send
	reply bool          // text is a reply line
}

// words are what a host can do besides replying, by the key of the line.
var (
	connectWords   = []string{"wait", "accepted", "refused", "silent", "unreachable", "local"}
	handshakeWords = []string{"wait", "version", "fail", "silent", "garbage", "close", "reset"}
	replyWords     = []string{"wait", "close", "reset", "silent", "drip", "raw", "repeat"}
)

// readSMTP reads "smtp ADDRESS..." and the script of the host there.
func (s *Story) readSMTP(sec section) error {
	at, err := sec.addrs(25)
	if err != nil {
		return err
	}
	top := newLayer(1)
	h := &host{addrs: at, layers: []*layer{top}}
	for _, l := range sec.lines() {
		if strings.HasPrefix(l.text, "[") {
			if top, err = nextLayer(l.text, top.from); err != nil {
				return sec.errorf(l.n, "%w", err)
			}
			h.layers = append(h.layers, top)
			continue
		}
		if err := top.read(l.text); err != nil {
			return sec.errorf(l.n, "%w", err)
		}
	}
	for _, ap := range at {
		if s.hosts[ap] != nil {
			return sec.errorf(sec.line-1, "a second smtp section for %v", ap)
		}
		s.hosts[ap] = h
	}
	return nil
}

func newLayer(from int) *layer { return &layer{from: from, scripts: map[string][]step{}} }

func nextLayer(text string, after int) (*layer, error) {
	n, err := strconv.Atoi(strings.Trim(text, "[]"))
	if err != nil || text != fmt.Sprintf("[%d]", n) || n <= after {
		return nil, fmt.Errorf("%q is not the number of a connection in brackets, above %d", text, after)
	}
	return newLayer(n), nil
}

func (la *layer) read(text string) error {
	key, value, ok := strings.Cut(text, ":")
	if !ok {
		return fmt.Errorf("%q is not \"VERB: what happens\"", text)
	}
	value = strings.TrimSpace(value)
	if key == "certificate" {
		spec, err := parseCert(strings.Fields(value))
		la.cert = spec
		return err
	}
	key, words, err := scriptKey(key)
	if err != nil {
		return err
	}
	steps, err := parseSteps(value, words)
	la.scripts[key] = append(la.scripts[key], steps...)
	return err
}

// scriptKey checks the key of a line and gives it its one form.
func scriptKey(key string) (string, []string, error) {
	verb, arg, _ := strings.Cut(strings.TrimSpace(key), " ")
	switch {
	case verb == "connect" && arg == "":
		return verb, connectWords, nil
	case verb == "handshake" && arg == "":
		return verb, handshakeWords, nil
	case slices.Contains([]string{"greeting", "body", "other"}, verb) && arg == "":
		return verb, replyWords, nil
	}
	name := strings.TrimSuffix(verb, "-TLS")
	if name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", nil, fmt.Errorf("%q is neither a command in capitals nor connect, greeting, certificate, handshake, body or other", key)
	}
	if arg == "" {
		return verb, replyWords, nil
	}
	if name != "MAIL" && name != "RCPT" {
		return "", nil, fmt.Errorf("%q: only MAIL and RCPT take an address", key)
	}
	return verb + " " + address(arg), replyWords, nil
}

// address gives an address its one form: in angle brackets and lower case.
func address(text string) string {
	return "<" + strings.ToLower(strings.Trim(text, "<> ")) + ">"
}

// parseSteps reads actions, and a reply after them if there is one.
func parseSteps(value string, words []string) ([]step, error) {
	if value == "" {
		return nil, fmt.Errorf("what happens is missing")
	}
	var steps []step
	for value != "" {
		if isReply(value) && slices.Contains(words, "raw") {
			return append(steps, step{do: "send", text: value + "\r\n", times: 1, reply: true}), nil
		}
		var word string
		word, value = cutWord(value)
		if !slices.Contains(words, word) {
			return nil, fmt.Errorf("%q is neither a reply nor one of %s", word, strings.Join(words, ", "))
		}
		st, rest, err := parseAction(word, value)
		if err != nil {
			return nil, err
		}
		steps, value = append(steps, st), rest
	}
	return steps, nil
}

// isReply says whether text begins as a reply line does.
func isReply(text string) bool {
	return len(text) >= 3 && strings.Trim(text[:3], "0123456789") == "" &&
		(len(text) == 3 || text[3] == ' ' || text[3] == '-')
}

// parseAction reads what belongs to an action's word.
func parseAction(word, rest string) (st step, left string, err error) {
	st = step{do: word, times: 1}
	switch word {
	case "wait", "drip":
		word, rest = cutWord(rest)
		st.wait, err = duration(word)
	case "version":
		st.text, rest = cutWord(rest)
		if _, ok := tlsVersions[st.text]; !ok {
			err = fmt.Errorf("%q is not a TLS version: 1.0, 1.1, 1.2 or 1.3", st.text)
		}
	case "raw":
		st.do = "send"
		st.text, rest, err = unquote(rest)
	case "repeat":
		st.do = "send"
		word, rest = cutWord(rest)
		if st.times, err = number(word, maxRepeat); err != nil {
			return st, rest, err
		}
		st.text, rest, err = unquote(rest)
		if st.times*len(st.text) > maxRepeat {
			err = fmt.Errorf("repeat: more than %d bytes", maxRepeat)
		}
	}
	return st, rest, err
}

// unquote reads a quoted text, as Go quotes.
func unquote(text string) (value, rest string, err error) {
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", text, fmt.Errorf("a quoted text is due, not %q", text)
	}
	value, err = strconv.Unquote(quoted)
	return value, strings.TrimSpace(text[len(quoted):]), err
}

// script is what the host does at a key on its nth connection; inside TLS what
// is written for there comes first. Of several keys an address comes first.
func (h *host) script(nth int, key string, tls bool) []step {
	verb, arg, _ := strings.Cut(key, " ")
	keys := []string{verb}
	if arg != "" {
		keys = []string{key, verb}
	}
	if tls {
		inside := []string{verb + "-TLS"}
		if arg != "" {
			inside = []string{verb + "-TLS " + arg, verb + "-TLS"}
		}
		if steps := h.first(nth, inside); steps != nil {
			return steps
		}
	}
	return h.first(nth, keys)
}

func (h *host) first(nth int, keys []string) []step {
	for _, la := range slices.Backward(h.layers) {
		if la.from > nth {
			continue
		}
		for _, key := range keys {
			if steps := la.scripts[key]; steps != nil {
				return steps
			}
		}
	}
	return nil
}

// certOf is the certificate that the host shows on its nth connection; nil
// when no line says.
func (h *host) certOf(nth int) *certSpec {
	for _, la := range slices.Backward(h.layers) {
		if la.from <= nth && la.cert != nil {
			return la.cert
		}
	}
	return nil
}

// offersTLS says whether the host may ever shake hands.
func (h *host) offersTLS() bool {
	return slices.ContainsFunc(h.layers, func(la *layer) bool {
		return la.cert != nil || la.scripts["handshake"] != nil || la.scripts["STARTTLS"] != nil ||
			slices.ContainsFunc(la.scripts["EHLO"], step.isSTARTTLS)
	})
}

// isSTARTTLS says whether the step is the line of an EHLO reply that offers
// STARTTLS.
func (st step) isSTARTTLS() bool {
	return st.reply && len(st.text) > 4 && strings.EqualFold(strings.TrimSpace(st.text[4:]), "STARTTLS")
}
