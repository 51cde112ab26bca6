package maillog

import "bytes"

// sniffed is how many bytes are looked at: enough for some hundred lines.
const sniffed = 64 << 10

// Sniff says which server wrote a log, from its beginning. The kind is "" when no
// line is of any of them.
func Sniff(start []byte) Kind {
	start = start[:min(len(start), sniffed)]
	if i := bytes.LastIndexByte(start, '\n'); i >= 0 {
		start = start[:i]
	}
	best, most := Kind(""), int64(0)
	for _, k := range [...]Kind{Postfix, Exim, Sendmail} {
		r := newReader(bytes.NewReader(start), k, sniffed+1)
		for r.Next() {
		}
		if r.ours > most {
			best, most = k, r.ours
		}
	}
	return best
}
