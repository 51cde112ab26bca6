package evidence

import (
	"cmp"
	"slices"
	"strings"
)

// A said is an object of a cmdlet with its properties by name. It knows only
// CmdletProps.
type said struct {
	kind, name, dn string // dn is the name where the export lacks it
	where          Where
	props          map[string][]string
	cut            map[string]bool
}

// A hearing is what all objects of cmdlets are read with.
type hearing struct {
	from   Cmdlets
	wanted map[string]bool
}

func (h hearing) object(i int) said {
	x := h.from.Objects[i]
	o := said{where: Where{Line: x.Line, Kind: OrgCmdlets.Kind().Name, Entry: i}, props: map[string][]string{}, cut: map[string]bool{}}
	if x.Export >= 0 && x.Export < len(h.from.Exports) {
		o.where.File = h.from.Exports[x.Export].Path
	}
	var names []string
	for _, p := range x.Props {
		name := strings.ToLower(p.Name)
		names = append(names, name)
		if h.wanted[name] {
			o.props[name] = append(o.props[name], p.Values...)
		}
	}
	for _, name := range x.Cut {
		o.cut[strings.ToLower(name)] = true
	}
	if o.kind = plainType(x.Type); x.Type == "" {
		o.kind = CmdletType(names)
	}
	o.identify()
	return o
}

// identify finds the name of an object: "Default EX07" of the identity
// "EX07\Default EX07".
func (o *said) identify() {
	identity := canonicalName(o.text("identity"))
	o.name = o.text("name")
	for _, dn := range []string{identity, o.text("identity.distinguishedname"), o.text("distinguishedname")} {
		if !bare(dn) {
			o.dn = dn
		}
	}
	switch {
	case o.name != "":
	case o.dn != "":
		o.name = NameOf(o.dn)
	case bare(identity):
		o.name = strings.TrimSpace(identity[strings.LastIndexByte(identity, '\\')+1:])
	}
	if o.dn == "" {
		o.dn = bareDN(o.name)
	}
}

// list gives the items of a property; nil where the export lacks it, or cut it
// short: then nobody knows.
func (o said) list(name string) []string {
	all := o.props[name]
	if o.cut[name] || len(all) > 0 && moreItems(all[len(all)-1]) {
		return nil
	}
	return itemsOf(all)
}

func (o said) text(name string) string {
	for _, v := range o.props[name] {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

func (o said) flag(name string) *bool     { return flagOf(o.text(name)) }
func (o said) number(name string) *int    { return numberOf(o.text(name)) }
func (o said) span(name string) *Duration { return spanOf(o.text(name)) }
func (o said) bytes(name string) *int64   { return bytesOf(o.text(name)) }

// refs are the objects that a property names: by distinguished name where the
// export has it, else by name.
func (o said) refs(name string) []string {
	all := o.list(name)
	if dns := o.list(name + ".distinguishedname"); len(dns) > 0 && !o.cut[name] && (len(all) == 0 || len(dns) == len(all)) {
		return dns
	}
	for i, v := range all {
		if v = canonicalName(v); bare(v) {
			v = bareDN(v)
		}
		all[i] = v
	}
	return all
}

// ref is the one object that a property names; a comma in its name parts nothing.
func (o said) ref(name string) string {
	if dn := o.text(name + ".distinguishedname"); dn != "" {
		return dn
	}
	v := canonicalName(o.text(name))
	if bare(v) {
		v = bareDN(v)
	}
	return v
}

// cmdlets takes what exports of cmdlets hold.
func (m *model) cmdlets(c Cmdlets) {
	h := hearing{from: c, wanted: map[string]bool{}}
	for _, name := range CmdletProps() {
		h.wanted[name] = true
	}
	turn := map[string]int{}
	for i, kind := range CmdletTypes() {
		turn[kind] = i
	}
	var all []said
	asked := map[string]bool{}
	for i := range c.Objects {
		if o := h.object(i); o.kind != "" {
			all, asked[o.kind] = append(all, o), true
		}
	}
	slices.SortStableFunc(all, func(a, b said) int {
		return cmp.Or(cmp.Compare(turn[a.kind], turn[b.kind]), cmp.Compare(behind(bare(a.dn)), behind(bare(b.dn))))
	})
	for _, o := range all {
		m.hear(o)
	}
	for _, kind := range CmdletTypes() {
		if asked[kind] {
			m.org.Asked = append(m.org.Asked, kind)
		}
	}
}

// behind sorts what is so behind what is not.
func behind(so bool) int {
	if so {
		return 1
	}
	return 0
}

// hear puts an object of a cmdlet into the model.
func (m *model) hear(o said) {
	if at := orgAt(o.dn); m.org.DN == "" && at != "" {
		m.org.Name, m.org.DN = NameOf(at), at
	}
	switch {
	case o.kind == "transportconfig":
		m.limits(o)
	case o.kind == "accepteddomain":
		m.accepted(o)
	case o.name == "":
	case o.kind == "exchangeserver":
		m.exchangeServer(o)
	case o.kind == "transportserver":
		m.transportServer(o)
	case o.kind == "mailboxserver":
		m.mailboxServer(o)
	case o.kind == "adsite":
		put(m, &m.sites, "site "+o.name, o.name, &Site{Name: o.name, DN: o.dn, Where: o.where, Hub: o.flag("hubsiteenabled")})
	case o.kind == "adsitelink":
		put(m, &m.siteLinks, "site link "+o.name, o.name, &ADSiteLink{Name: o.name, DN: o.dn, Where: o.where, Sites: o.refs("sites"),
			Cost: o.number("adcost"), ExchangeCost: o.number("exchangecost"), LimitBytes: o.bytes("maxmessagesize")})
	case o.kind == "routinggroupconnector", o.kind == "sendconnector":
		m.link(o)
	case o.kind == "receiveconnector":
		m.receiveConnector(o)
	case o.kind == "storagegroup":
		m.storageGroup(o)
	case o.kind == "mailboxdatabase", o.kind == "publicfolderdatabase":
		m.mailDatabase(o)
	}
}
