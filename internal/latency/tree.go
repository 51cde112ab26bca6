// Package latency reads where a message spent its time inside of Exchange servers,
// as they say it themselves: the latency tree of message-info in message tracking
// (knowledge/evidence-formats.md, section 2) and of the header
// X-MS-Exchange-Organization-OrderedPrecisionLatencyInProgress.
//
//	2026-01-05T10:00:00.000Z;SRV=edge1.contoso.com:TOTAL-HUB=0.9|SMR=0.9;LSRV=hub1.contoso.com:TOTAL-HUB=14.439|SMR=0.279(SMRDE=0.174|SMRC=0.105)|QDE=13.818
//
// One group for each server, the last of them the one that logged (LSRV=). In it a
// total, and beside it its parts, each with its own parts in brackets. Exchange
// 2007 and 2010 write SRV=hub1:TOTAL=5|SMS=3, in whole seconds.
package latency

import (
	"bytes"
)

// Bounds on what a damaged or hostile text may ask for.
const (
	maxParts   = 300 // of one server; trees that were seen have some thirty
	maxDepth   = 12  // brackets inside of each other; five were seen
	maxServers = 50  // more hops than any message survives
	maxName    = 200 // bytes: a stage and the name of an agent
)

// A Part is what one component of a server took. Its name is good as long as the
// text that it was read from.
type Part struct {
	Name    []byte  // "CAT", "CATRT-Transport Rule Agent"
	Parent  int     // index of the part that it belongs to, -1 for none
	Seconds float64 // with all that is inside of it
	Own     float64 // without its parts; 0 where these claim more than it has
	Running bool    // it had not ended when this was written
	Whole   bool    // in whole seconds, the form of Exchange 2007 and 2010
	Detail  bool    // X-...: a closer look at its parent's time, which counts there
	Sum     float64 // of its parts
	unread  bool    // its number is not one of these units
}

// A Reader reads one text after the other in the same memory.
type Reader struct{ parts []Part }

// Logged gives the tree of the server that wrote the log: LSRV=, or in the form
// of 2007 and 2010 the last server. A part comes before its own parts. Numbers
// without a decimal point are of other units, and are left out, but for that form.
// The parts are good until the next call.
func (r *Reader) Logged(info []byte) []Part {
	if _, group, found := bytes.Cut(info, []byte("LSRV=")); found {
		group, _, _ = bytes.Cut(group, []byte(";"))
		return r.group(group)
	}
	at := bytes.LastIndex(info, []byte("SRV="))
	if at < 0 {
		return nil
	}
	group, _, _ := bytes.Cut(info[at+len("SRV="):], []byte(";"))
	if all := r.group(group); len(all) > 0 && all[0].Whole {
		return all
	}
	return nil
}

// group reads "server:TOTAL-HUB=9.2|SMR=0.2(SMRDE=0.1)".
func (r *Reader) group(text []byte) []Part {
	_, text, found := bytes.Cut(text, []byte(":"))
	if !found {
		return nil
	}
	r.parts = r.parts[:0]
	whole := bytes.HasPrefix(bytes.TrimSpace(text), []byte("TOTAL="))
	r.list(text, whole)
	return r.settle()
}

// list reads the components in their order, and which is inside of which.
func (r *Reader) list(text []byte, whole bool) {
	total, last, depth := -1, -1, 0
	var parents [maxDepth]int
	for len(text) > 0 && len(r.parts) < maxParts {
		end := bytes.IndexAny(text, "|()")
		if end < 0 {
			end = len(text)
		}
		if last = parents[depth]; depth == 0 {
			last = total
		}
		if p, ok := component(text[:end], whole); ok {
			p.Parent, last = last, len(r.parts)
			if IsTotal(p.Name) && depth == 0 {
				p.Parent, total = -1, last
			}
			r.parts = append(r.parts, p)
		}
		if end == len(text) {
			return
		}
		switch text[end] {
		case '(':
			if depth++; depth == maxDepth {
				return
			}
			parents[depth] = last
		case ')':
			if depth--; depth < 0 {
				return // damaged: nothing says what the rest belongs to
			}
		}
		text = text[end+1:]
	}
}

// IsTotal recognises the sum over a server: "TOTAL-HUB", "TOTAL-FE", "TOTAL-SUB",
// or "TOTAL" before Exchange 2013.
func IsTotal(name []byte) bool {
	return bytes.Equal(name, []byte("TOTAL")) || bytes.HasPrefix(name, []byte("TOTAL-"))
}

// component reads "SMR=0.279". That it goes on is said behind its name or its
// number: -INC, and -PEN of what waits for others (seen in mail of Exchange
// Online).
func component(text []byte, whole bool) (Part, bool) {
	name, number, found := bytes.Cut(text, []byte("="))
	name, number = bytes.TrimSpace(name), bytes.TrimSpace(number)
	name, inName := running(name)
	number, inNumber := running(number)
	if !found || len(name) == 0 || len(name) > maxName {
		return Part{}, false
	}
	p := Part{Name: unfolded(name), Running: inName || inNumber, Whole: whole, Detail: bytes.HasPrefix(name, []byte("X-"))}
	var ok, point bool
	if p.Seconds, point, ok = decimal(number); !ok || !point && !whole {
		p.Seconds, p.unread = 0, true
	}
	return p, true
}

func running(b []byte) (rest []byte, yes bool) {
	for _, mark := range []string{"-INC", "-PEN"} {
		if rest, yes := bytes.CutSuffix(b, []byte(mark)); yes {
			return rest, true
		}
	}
	return b, false
}

// unfolded takes out the line ends that a header was folded with.
func unfolded(name []byte) []byte {
	if !bytes.ContainsAny(name, "\r\n\t") && !bytes.Contains(name, []byte("  ")) {
		return name
	}
	return bytes.Join(bytes.Fields(name), []byte(" "))
}

// settle works out what each part took by itself, and leaves out those whose
// numbers are of other units, with a new parent for what is inside of them.
func (r *Reader) settle() []Part {
	for i := len(r.parts) - 1; i >= 0; i-- {
		p := &r.parts[i]
		for p.Parent >= 0 && r.parts[p.Parent].unread {
			p.Parent = r.parts[p.Parent].Parent
		}
		p.Own = max(0, p.Seconds-p.Sum)
		if p.Detail {
			p.Own = 0
		} else if p.Parent >= 0 {
			r.parts[p.Parent].Sum += p.Seconds
		}
	}
	return r.compact()
}

func (r *Reader) compact() []Part {
	var moved [maxParts]int
	kept := r.parts[:0]
	for i, p := range r.parts {
		if p.unread {
			continue
		}
		if p.Parent >= 0 {
			p.Parent = moved[p.Parent]
		}
		moved[i] = len(kept)
		kept = append(kept, p)
	}
	return kept
}

// decimal reads digits, and says whether a point is among them.
func decimal(b []byte) (seconds float64, point, ok bool) {
	whole, part, point := bytes.Cut(b, []byte("."))
	n, ok := digits(whole)
	if !ok || !point {
		return n, false, ok
	}
	d, ok := digits(part)
	for range part {
		d /= 10
	}
	return n + d, true, ok
}

func digits(b []byte) (n float64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + float64(c-'0')
	}
	return n, len(b) > 0 && len(b) <= 9
}
