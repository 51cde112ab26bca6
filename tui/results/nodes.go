package results

import (
	"fmt"
	"strconv"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// roots are the case, each kind of evidence, and last what is not there.
func (f *facts) roots() []node {
	nodes := []node{f.caseNode()}
	docs := f.docs()
	var absent []node
	for _, it := range f.report.Items() {
		n := f.itemNode(it, docs[it.Kind])
		if it.Has() {
			nodes = append(nodes, n)
		} else {
			absent = append(absent, n)
		}
	}
	if len(absent) > 0 {
		n := branch("absent", fmt.Sprintf("not there (%d)", len(absent)), func() []node { return absent })
		nodes = append(nodes, n)
	}
	return nodes
}

func (f *facts) caseNode() node {
	o := f.report.Opened()
	name := joined(": ", joined(" ", "case", o.Case), o.Label)
	n := branch("case", name, func() []node {
		kids := []node{leaf("symptom", "symptom: "+joined(", ", o.Plan.Title, o.Symptom)), leaf("tool", "made by "+o.Tool)}
		if began := stamp(f.report.Began()); began != "" {
			kids = append(kids, leaf("began", "began "+began))
		}
		if c, ok := f.report.Closed(); ok {
			kids = append(kids, leaf("took", "took "+seconds(c.TookNS)))
			if c.Interrupted {
				kids = append(kids, leaf("cut", "INTERRUPTED: it did not come to its end"))
			}
		}
		for i, in := range o.Inputs {
			value := in.Value
			if in.Secret {
				value = "(not kept)"
			}
			kids = append(kids, leaf(strconv.Itoa(i), in.Name+": "+value))
		}
		return kids
	})
	n.look = strong
	return n
}

// docs says of each kind of evidence what it is.
func (f *facts) docs() map[string]string {
	docs := map[string]string{}
	for _, c := range f.report.Catalog().Collectors {
		docs[c.Provides.Kind().Name] = c.Provides.Kind().Doc
	}
	for _, in := range f.report.Catalog().Inputs {
		docs[in.Provides.Kind().Name] = in.Prompt
	}
	return docs
}

// itemNode is one kind of evidence.
func (f *facts) itemNode(it *diag.Item, doc string) node {
	if !it.Has() {
		why := ""
		for _, x := range it.Failed {
			why = joined("; ", why, joined(": ", x.By, x.Why))
		}
		return node{key: it.Kind, text: it.Kind + ": " + why, look: faint}
	}
	if answer, given := f.answer(it); given {
		return branch(it.Kind, it.Kind+": "+answer, func() []node { return []node{{key: "doc", text: doc, look: faint}} })
	}
	took := ""
	if it.TookNS != 0 {
		took = seconds(it.TookNS)
	}
	text := it.Kind + ": " + joined(", ", f.size(it), "by "+it.By, took, words(it.Derived, "derived"), words(it.Replayed, "of an earlier run"))
	n := branch(it.Kind, text, func() []node {
		if it.Secret {
			return []node{leaf("secret", "(not kept)")}
		}
		return append([]node{{key: "doc", text: doc, look: faint}}, f.valueNodes(it)...)
	})
	n.look = strong
	n.open = it.Kind == evidence.Hops.Kind().Name || it.Kind == evidence.Sessions.Kind().Name || it.Kind == evidence.Route.Kind().Name
	return n
}

// answer is what the operator gave for an input, as it was given.
func (f *facts) answer(it *diag.Item) (string, bool) {
	for _, in := range f.report.Opened().Inputs {
		if in.Name == it.Kind && it.By == "operator" {
			if in.Secret || it.Secret {
				return "(not kept)", true
			}
			return in.Value, true
		}
	}
	return "", false
}

func words(yes bool, s string) string {
	if yes {
		return s
	}
	return ""
}

// valueNodes is what one kind of evidence says, in words where its type is
// known here.
func (f *facts) valueNodes(it *diag.Item) []node {
	for _, k := range []diag.Key[[]evidence.Lookup]{evidence.Route, evidence.Survey, evidence.OurName, evidence.Reverse} {
		if v, ok := diag.Value(f.report, k); ok && k.Kind().Name == it.Kind {
			return each(v, lookupNode)
		}
	}
	switch it.Kind {
	case evidence.Hops.Kind().Name:
		v, _ := diag.Value(f.report, evidence.Hops)
		return each(v, hopNode)
	case evidence.Sessions.Kind().Name:
		return each(f.sessions[:f.firsts], sessionNode)
	case evidence.Repeats.Kind().Name:
		return each(f.sessions[f.firsts:], sessionNode)
	}
	raw, _ := it.JSON()
	return jsonNodes(raw)
}

func each[T any](all []T, f func(i int, v T) node) []node {
	var nodes []node
	for i, v := range all {
		nodes = append(nodes, f(i, v))
	}
	return nodes
}

func lookupNode(i int, l evidence.Lookup) node {
	outcome := joined(", ", l.Rcode, l.Fault(), words(l.TC, "truncated"), diag.Seconds(l.Took()))
	text := fmt.Sprintf("%s %s at %s (%s): %s", l.Type, l.Name, l.Server, l.Transport, outcome)
	return branch(strconv.Itoa(i), text, func() []node {
		kids := each(l.Answers, func(i int, rr evidence.RR) node {
			return leaf("a"+strconv.Itoa(i), fmt.Sprintf("%s %s %s %s, TTL %d s", rr.Name, rr.Type, words(rr.Type == "MX", strconv.Itoa(int(rr.Pref))), rr.Data, rr.TTL))
		})
		for i, e := range l.EDE {
			kids = append(kids, leaf("e"+strconv.Itoa(i), "the server says why: "+e))
		}
		for i, a := range l.Attempts {
			kids = append(kids, leaf("t"+strconv.Itoa(i), fmt.Sprintf("attempt %d over %s: %s", i+1, a.Transport, joined(", ", seconds(a.TookNS), a.Fault, a.Err))))
		}
		return kids
	})
}

func hopNode(i int, h evidence.Hop) node {
	text := fmt.Sprintf("%s port %d, for %s (%s)", h.Host, h.Port, h.Target, joined(" ", h.How, words(h.How == evidence.ByMX, strconv.Itoa(int(h.Pref)))))
	n := branch(strconv.Itoa(i), text, func() []node {
		return each(h.Addrs, func(i int, a string) node { return leaf(strconv.Itoa(i), a) })
	})
	n.open = true
	return n
}

func sessionNode(i int, s smtpprobe.Session) node {
	return branch(strconv.Itoa(i), who(s)+", "+stamp(s.Began), func() []node {
		kids := []node{leaf("name", joined(", ", "said EHLO "+s.Name, "from <"+s.From+">", "to <"+s.To+">"))}
		if s.TLS != nil {
			kids = append(kids, leaf("tls", joined(", ", "TLS: "+s.TLS.Version, s.TLS.Cipher, s.TLS.Unreadable, s.TLS.Untrusted)))
		}
		return append(kids, each(s.Steps, stepNode)...)
	})
}

func stepNode(i int, st smtpprobe.Step) node {
	n := leaf(strconv.Itoa(i), joined(", ", st.Name+": "+diag.Seconds(st.Took()), words(st.Code != 0, strconv.Itoa(st.Code)), st.Fault))
	if st.Fault != "" || st.Code >= 400 {
		n.look = alarm
	}
	if st.Sent == "" && len(st.Reply) == 0 && st.Err == "" {
		return n
	}
	n.kids = func() []node {
		var kids []node
		if st.Sent != "" {
			kids = append(kids, leaf("sent", "> "+string(st.Sent)))
		}
		for i, l := range st.Reply {
			kids = append(kids, leaf(strconv.Itoa(i), "< "+string(l)))
		}
		if st.Err != "" {
			kids = append(kids, leaf("err", st.Err))
		}
		return kids
	}
	return n
}
