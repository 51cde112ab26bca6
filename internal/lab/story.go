// Package lab plays a small mail world from a story: DNS servers with their
// zones, SMTP hosts with their habits, and a network with its delays, all in
// this process. It opens no port and needs no rights. Inside testing/synctest
// a greeting that takes four minutes costs nothing; outside, the same story
// plays in real time.
//
// docs/stories.md describes the format.
package lab

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"mailflow/diag"
)

// Bounds on a story, so that a hostile one costs little.
const (
	maxStory    = 1 << 20
	maxSections = 500
	maxAddrs    = 256 // of servers and hosts
	maxRecords  = 20000
	maxRepeat   = 64 << 20
	maxWait     = 90 * 24 * time.Hour
)

// caFile is the name under which the story's own CA is served.
const caFile = "lab-ca.pem"

// A Story is a mail world and the case that is to be solved in it. It does not
// change once it is read; World may be called any number of times.
type Story struct {
	Title   string            // first line of the comment
	Text    string            // the rest of the comment
	Symptom string            // name of the symptom
	Label   string            // label of the case
	ID      string            // id of the case
	Answers map[string]string // inputs by name
	Offline bool              // nothing may be touched
	Want    []Want            // what must be found; nothing else may be suspected or confirmed

	rtt     time.Duration
	zones   []*zone
	servers map[netip.AddrPort]*habits // DNS
	hosts   map[netip.AddrPort]*host   // SMTP
	files   map[string][]byte
}

// A Want is one finding that the story's report must have.
type Want struct {
	Code        string
	Verdict     diag.Verdict
	Subject     string
	Wait        *[2]time.Duration // least and most; nil when the story does not say
	ExplainedBy string            // the code that explains it away, or ""
	Line        int               // where the story says so
}

// A section is one file of the archive. line is the story's line on which its
// text begins.
type section struct {
	kind string // first word of the header
	args []string
	rest string // the header after its first word
	text []byte
	line int
}

// A line of a section, trimmed, with its number in the story.
type line struct {
	n    int
	text string
}

// Read reads a story from a txtar archive. Errors name the line and the
// section.
func Read(b []byte) (*Story, error) {
	if len(b) > maxStory {
		return nil, fmt.Errorf("a story of %d bytes: at most %d are read", len(b), maxStory)
	}
	ar := txtar.Parse(b)
	if len(ar.Files) > maxSections {
		return nil, fmt.Errorf("a story of %d sections: at most %d are read", len(ar.Files), maxSections)
	}
	s := &Story{
		Answers: map[string]string{},
		servers: map[netip.AddrPort]*habits{},
		hosts:   map[netip.AddrPort]*host{},
		files:   map[string][]byte{},
	}
	title, text, _ := strings.Cut(strings.TrimSpace(string(ar.Comment)), "\n")
	s.Title, s.Text = strings.TrimSpace(title), strings.TrimSpace(text)
	if err := s.readSections(ar); err != nil {
		return nil, err
	}
	s.complete()
	return s, nil
}

func (s *Story) readSections(ar *txtar.Archive) error {
	seen := map[string]bool{}
	at := 1 + bytes.Count(ar.Comment, []byte("\n")) // the line of the next header
	for _, f := range ar.Files {
		kind, rest, _ := strings.Cut(f.Name, " ")
		sec := section{kind: kind, rest: strings.TrimSpace(rest), args: strings.Fields(rest), text: f.Data, line: at + 1}
		at += 1 + bytes.Count(f.Data, []byte("\n"))
		if seen[f.Name] {
			return sec.errorf(sec.line-1, "a second section of that name")
		}
		seen[f.Name] = true
		if err := s.readSection(sec); err != nil {
			return err
		}
		if len(s.hosts)+len(s.servers) > maxAddrs {
			return sec.errorf(sec.line-1, "more than %d addresses in the story", maxAddrs)
		}
	}
	return nil
}

func (s *Story) readSection(sec section) error {
	if sec.rest != "" && (sec.kind == "case" || sec.kind == "network" || sec.kind == "want") {
		return sec.errorf(sec.line-1, "%q takes no argument", sec.kind)
	}
	switch sec.kind {
	case "case":
		return s.readCase(sec)
	case "network":
		return s.readNetwork(sec)
	case "want":
		return s.readWant(sec)
	case "zone":
		return s.readZone(sec)
	case "dns":
		return s.readDNS(sec)
	case "smtp":
		return s.readSMTP(sec)
	case "file":
		return s.readFile(sec)
	}
	return sec.errorf(sec.line-1, "no such kind of section: it is case, zone, dns, smtp, network, file or want")
}

// complete adds what a story need not say: healthy DNS servers at the
// addresses that the case or a zone names, certificates, and the root to trust.
func (s *Story) complete() {
	for _, word := range strings.FieldsFunc(s.Answers["resolver"], func(r rune) bool { return r == ',' || r == ' ' }) {
		if ap, err := addrPort(word, 53); err == nil { // another answer is for the reader of the input to refuse
			s.healthy(ap)
		}
	}
	for _, z := range s.zones {
		if z.at.IsValid() {
			s.healthy(z.at)
		}
	}
	for _, h := range s.hosts {
		if h.offersTLS() && h.layers[0].cert == nil {
			h.layers[0].cert = newCertSpec()
		}
	}
	if _, said := s.Answers["roots"]; !said && s.needsCA() {
		s.Answers["roots"] = caFile
	}
}

func (s *Story) healthy(ap netip.AddrPort) {
	if s.servers[ap] == nil && len(s.servers) < 2*maxAddrs {
		s.servers[ap] = &habits{}
	}
}

func (s *Story) needsCA() bool {
	for _, h := range s.hosts {
		if h.offersTLS() {
			return true
		}
	}
	return false
}

func (s *Story) readFile(sec section) error {
	if sec.rest == "" {
		return sec.errorf(sec.line-1, "a file needs a name")
	}
	s.files[sec.rest] = sec.text
	return nil
}

// lines lists the lines that say something: not blank, not a comment.
func (sec section) lines() []line {
	var all []line
	for i, text := range strings.Split(string(sec.text), "\n") {
		text = strings.TrimSpace(text)
		if text != "" && !strings.HasPrefix(text, "#") {
			all = append(all, line{sec.line + i, text})
		}
	}
	return all
}

func (sec section) errorf(n int, format string, args ...any) error {
	name := strings.TrimSpace(sec.kind + " " + sec.rest)
	return fmt.Errorf("line %d, section %q: %w", n, name, fmt.Errorf(format, args...))
}

// addrs reads the addresses in a section's header.
func (sec section) addrs(port uint16) ([]netip.AddrPort, error) {
	if len(sec.args) == 0 {
		return nil, sec.errorf(sec.line-1, "%q needs an IP address", sec.kind)
	}
	var all []netip.AddrPort
	for _, word := range sec.args {
		ap, err := addrPort(word, port)
		if err != nil {
			return nil, sec.errorf(sec.line-1, "%w", err)
		}
		all = append(all, ap)
	}
	return all, nil
}

// addrPort reads "10.0.0.7", "10.0.0.7:2525", "2001:db8::25",
// "[2001:db8::25]" or "[2001:db8::25]:2525".
func addrPort(word string, port uint16) (netip.AddrPort, error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(word, "["), "]")
	if a, err := netip.ParseAddr(bare); err == nil {
		return netip.AddrPortFrom(a.Unmap(), port), nil
	}
	ap, err := netip.ParseAddrPort(word)
	if err != nil || ap.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is not an IP address, nor one with a port", word)
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}

// duration reads a duration that a story may ask for.
func duration(word string) (time.Duration, error) {
	d, err := time.ParseDuration(word)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration such as 500ms, 3s or 4m", word)
	}
	if d < 0 || d > maxWait {
		return 0, fmt.Errorf("%q is out of range: 0 to %v", word, maxWait)
	}
	return d, nil
}
