package collectors

import (
	"context"
	"io"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/regfile"
)

// registry reads registry exports for what is about transport.
func registry() *diag.Collector {
	col := diag.NewCollector("registry exports", "reads the registry exports that you named", evidence.OrgRegistry,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) (evidence.Registry, error) {
			h := &hives{}
			shelf := newExports(ctx, w)
			defer shelf.close()
			for _, f := range evidence.Files.In(e) {
				if f.Format == formatRegistry {
					shelf.read(f, func(x *evidence.Export, r io.Reader) { h.export(x, len(shelf.list)-1, r) })
				}
			}
			h.registry.Exports = shelf.list
			return h.registry, shelf.verdict(len(h.registry.Values), "keys and values", "is of the routing engine, the SMTP service or the transport service of Exchange", "an export of the registry or the output of reg query")
		})
	col.Offline = true
	return col
}

// A hives takes out of registry exports what is about transport.
type hives struct {
	registry evidence.Registry
	bytes    int
}

func (h *hives) export(x *evidence.Export, at int, r io.Reader) {
	for v := range regfile.Values(r, func(p regfile.Problem) { note(x, p.Line, p.What) }) {
		x.Objects++
		if !transport(v.Key) {
			continue
		}
		if h.bytes > maxKept {
			note(x, v.Line, tooMuch)
			return
		}
		if len(v.Key)+len(v.Name)+len(v.Text) > maxBytesOfValue {
			note(x, v.Line, "a value longer than any that mail flow is set by: left out")
			continue
		}
		x.Kept++
		h.add(v, at)
	}
}

func (h *hives) add(v regfile.Value, export int) {
	kept := evidence.RegistryValue{Machine: v.Machine, Key: v.Key, Name: v.Name, Kind: v.Kind, Text: v.Text, Number: v.Number, Export: export, Line: v.Line}
	for _, text := range []*string{&kept.Machine, &kept.Key, &kept.Name, &kept.Text} {
		*text = strings.ToValidUTF8(*text, "\uFFFD")
		h.bytes += cost(*text)
	}
	h.bytes += 150
	h.registry.Values = append(h.registry.Values, kept)
}

// transport says whether a key is of the routing engine, the SMTP service or the
// transport service, in whichever control set.
func transport(key string) bool {
	steps := strings.Split(strings.ToLower(key), `\`)
	at := slices.Index(steps, "services")
	return at >= 0 && at+1 < len(steps) && slices.Contains([]string{"resvc", "smtpsvc", "msexchangetransport"}, steps[at+1])
}
