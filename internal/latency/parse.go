package latency

import (
	"bytes"
	"math"

	"mailflow/evidence"
)

// Parse gives the trees of all servers, in the order of the text, each part before
// its own parts. What is no tree gives nothing.
func Parse(info []byte) []evidence.Latency {
	var all []evidence.Latency
	var r Reader
	for n := 0; n < maxServers; n++ {
		_, group, found := bytes.Cut(info, []byte("SRV="))
		if !found {
			break
		}
		group, info, _ = bytes.Cut(group, []byte(";"))
		server, _, _ := bytes.Cut(group, []byte(":"))
		all = append(all, spelled(string(bytes.ToValidUTF8(server[:min(len(server), maxName)], []byte("\uFFFD"))), r.group(group))...)
	}
	return all
}

// spelled is a tree with the whole path of each part.
func spelled(server string, parts []Part) []evidence.Latency {
	all := make([]evidence.Latency, len(parts))
	for i, p := range parts {
		var path []string
		if p.Parent >= 0 {
			path = append(path, all[p.Parent].Path...)
		}
		path = append(path, string(bytes.ToValidUTF8(p.Name, []byte("\uFFFD"))))
		all[i] = evidence.Latency{Server: server, Path: path, Seconds: milli(p.Seconds), Own: milli(p.Own), Running: p.Running, Whole: p.Whole}
	}
	return all
}

// EndToEnd is how long a message took from its first server on, by custom-data of
// DELIVER: "S:E2ELatency=12.345;S:..." in seconds, with or without a point
// (knowledge/evidence-formats.md, section 0).
func EndToEnd(custom []byte) (evidence.Duration, bool) {
	for len(custom) > 0 {
		var entry []byte
		entry, custom, _ = bytes.Cut(custom, []byte(";"))
		if number, found := bytes.CutPrefix(bytes.TrimSpace(entry), []byte("S:E2ELatency=")); found {
			s, _, ok := decimal(number)
			if !ok {
				return 0, false
			}
			return milli(s), true
		}
	}
	return 0, false
}

// milli rounds to the millisecond, the unit that the servers write.
func milli(s float64) evidence.Duration { return evidence.Duration(math.Round(1000*s) / 1000) }

// An Excess is a part whose own parts claim more time than it has.
type Excess struct {
	Server  string
	Path    []string
	Seconds evidence.Duration // it says of itself
	Parts   evidence.Duration // its parts say together
}

// rounding is by how much the parts may be above their sum: each is rounded to
// the millisecond.
const rounding = 0.0006

// Check holds each part against the sum of its own parts. More than it has itself
// means work done side by side, or a damaged tree; details (X-...) do not count,
// they are a second look at the same time. Of trees in whole seconds nothing can be
// said.
func Check(all []evidence.Latency) []Excess {
	var found []Excess
	for i, p := range all {
		sum, n := 0.0, 0
		for _, c := range all[i+1:] {
			if len(c.Path) <= len(p.Path) {
				break // the next one that is not inside of it
			}
			if len(c.Path) == len(p.Path)+1 && !isDetail(c) {
				sum += float64(c.Seconds)
				n++
			}
		}
		if !p.Whole && n > 0 && sum > float64(p.Seconds)+rounding*float64(n+1) {
			found = append(found, Excess{p.Server, p.Path, p.Seconds, milli(sum)})
		}
	}
	return found
}

func isDetail(l evidence.Latency) bool {
	return bytes.HasPrefix([]byte(l.Path[len(l.Path)-1]), []byte("X-"))
}
