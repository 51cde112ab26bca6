package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"mailflow/diag"
)

// jsonNodes is evidence of whatever type, as its JSON says it.
func jsonNodes(raw []byte) []node {
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	var v any
	if in.Decode(&v) != nil {
		return []node{leaf("raw", string(raw))}
	}
	if n := jsonNode("", v); n.kids != nil {
		return n.kids()
	}
	return []node{jsonNode("", v)}
}

func jsonNode(key string, v any) node {
	name := key
	if name != "" {
		name += ": "
	}
	switch v := v.(type) {
	case map[string]any:
		return branch(key, name+"of "+fields(len(v)), func() []node {
			var kids []node
			for _, k := range slices.Sorted(maps.Keys(v)) {
				kids = append(kids, jsonNode(k, v[k]))
			}
			return kids
		})
	case []any:
		return branch(key, name+fmt.Sprint(len(v)), func() []node { return each(v, jsonItem) })
	case nil:
		return leaf(key, name+"none")
	}
	return leaf(key, name+fmt.Sprint(v))
}

// jsonItem is one thing of an array, named by its first text.
func jsonItem(i int, v any) node {
	n := jsonNode("", v)
	n.key = strconv.Itoa(i)
	of, _ := v.(map[string]any)
	for _, k := range slices.Sorted(maps.Keys(of)) {
		if s, ok := of[k].(string); ok && s != "" {
			n.text = k + ": " + s + " ..."
			break
		}
	}
	n.text = strconv.Itoa(i+1) + ". " + n.text
	return n
}

func fields(n int) string { return count(n, "field") }

// size says how much evidence there is, where it is a list.
func (f *facts) size(it *diag.Item) string {
	if n, list := it.Len(); list {
		return strconv.Itoa(n)
	}
	return ""
}

func seconds(ns int64) string { return diag.Seconds(time.Duration(ns)) }
