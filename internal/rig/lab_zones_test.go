//go:build integration

package rig

import (
	"fmt"
	"os"
	"strings"
)

const zoneHead = `$ORIGIN %s.
$TTL 300
@ SOA ns1.rig.test. hostmaster.rig.test. 1 600 120 86400 5
@ NS ns1.rig.test.
@ NS ns2.rig.test.
`

const rootHead = `$ORIGIN .
$TTL 300
. SOA a.root.rig. hostmaster.rig. 1 600 120 86400 5
. NS a.root.rig.
a.root.rig. A 198.51.100.1
ns1.rig.test. A 198.51.100.53
ns2.rig.test. A 198.51.100.55
`

// A zone is one section of conf/zones.txt.
type zone struct {
	name, kind string // kind: "", "unserved", "broken", "inside" or "at SERVER ADDRESS"
	records    string
}

func readZones() ([]zone, error) {
	text, err := os.ReadFile("conf/zones.txt")
	if err != nil {
		return nil, err
	}
	var zones []zone
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "["):
			name, kind, _ := strings.Cut(strings.Trim(line, "[]\n"), " ")
			zones = append(zones, zone{name: name, kind: kind})
		case len(zones) > 0 && !strings.HasPrefix(line, "#"):
			zones[len(zones)-1].records += line
		}
	}
	return zones, nil
}

// zoneNames are the names on the good certificate: every zone and the hosts
// directly in it.
func zoneNames() ([]string, error) {
	zones, err := readZones()
	var names []string
	for _, z := range zones {
		if strings.HasSuffix(z.name, ".test") {
			names = append(names, z.name, "*."+z.name)
		}
	}
	return names, err
}

// writeZones writes the zone files, the root that delegates to them, and the
// part of named.conf that lists them.
func (l *lab) writeZones() error {
	zones, err := readZones()
	if err != nil {
		return err
	}
	root, served := rootHead, ""
	for _, z := range zones {
		file := l.path("zones/" + z.name)
		text := fmt.Sprintf(zoneHead, z.name) + z.records
		if z.kind == "broken" {
			text = "this is not a zone\n"
		}
		if z.kind == "inside" {
			file = l.path("zones/inside-" + z.name)
		} else if at := strings.Fields(z.kind); len(at) == 3 {
			root += fmt.Sprintf("%[1]s. NS %[2]s.\n%[2]s. A %[3]s\n", z.name, at[1], at[2])
		} else {
			root += fmt.Sprintf("%[1]s. NS ns1.rig.test.\n%[1]s. NS ns2.rig.test.\n", z.name)
		}
		if z.kind == "" || z.kind == "broken" {
			served += fmt.Sprintf("zone %q { type primary; file %q; };\n", z.name, file)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{
		"root": root, "served.conf": served, "hints": ". 3600 NS a.root.rig.\na.root.rig. 3600 A 198.51.100.1\n",
	} {
		if err := os.WriteFile(l.path("zones/"+name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
