package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"
)

// Walk reads the subtree below base page by page and calls f for each object;
// references to other partitions are not followed. An error says that the
// objects given to f are not all, or not whole: the server's size or time
// limit, one of our own (walkTime for all of it), the context. An error of f ends the walk and comes
// back as it is. An unprivileged account sees less, or nothing, without an
// error.
func (c *Conn) Walk(ctx context.Context, base, filter string, attrs []string, f func(Entry) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, walkTime, fmt.Errorf("stopped after %v", walkTime))
	defer cancel()
	w := &walk{Conn: c, ctx: ctx, doing: fmt.Sprintf("reading %s", show(base)), f: f}
	paging := ldap.NewControlPaging(pageSize)
	search := request(base, ldap.ScopeWholeSubtree, filter, attrs, paging)
	for range maxPages {
		cookie, err := w.page(search)
		if err != nil {
			return err
		}
		if len(cookie) == 0 {
			return w.verdict()
		}
		paging.SetCookie(cookie)
	}
	return w.wrap(w.doing, fmt.Errorf("stopped after %d pages", maxPages))
}

// A walk is one reading of a subtree.
type walk struct {
	*Conn
	ctx     context.Context
	doing   string
	f       func(Entry) error
	objects int
	size    int    // bytes of the object in hand
	left    int    // how many values were left out
	first   string // which was the first of them
}

// page gives f one page and returns where the next begins.
func (w *walk) page(search *ldap.SearchRequest) ([]byte, error) {
	result, failed := w.search(w.ctx, w.doing, search)
	if result == nil {
		return nil, failed
	}
	for i, entry := range result.Entries {
		result.Entries[i] = nil // it is held twice while it is copied, not longer
		if err := w.give(entry); err != nil {
			return nil, err
		}
	}
	if failed != nil {
		return nil, failed
	}
	if paging, ok := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging); ok {
		return paging.Cookie, nil
	}
	return nil, nil
}

// give hands one object to f.
func (w *walk) give(from *ldap.Entry) error {
	if w.objects++; w.objects > maxObjects {
		return w.wrap(w.doing, fmt.Errorf("stopped after %d objects", maxObjects))
	}
	if len(from.DN) > maxDN {
		w.leave(from.DN, "the name")
		return nil
	}
	entry, err := w.entry(from)
	if err != nil {
		return err
	}
	return w.f(entry)
}

// leave notes what was left out.
func (w *walk) leave(dn, what string) {
	if w.left++; w.left == 1 {
		w.first = what + " of " + show(dn)
	}
}

// verdict ends a walk that came to the end.
func (w *walk) verdict() error {
	if w.left == 0 {
		return nil
	}
	return w.wrap(w.doing, fmt.Errorf("%d values are too long and were left out, the first: %s", w.left, w.first))
}

// entry copies an object and asks for the values that did not fit.
func (w *walk) entry(from *ldap.Entry) (Entry, error) {
	e := Entry{DN: from.DN}
	w.size = 0
	for _, a := range from.Attributes {
		name, r := attribute(a.Name)
		if r.bad || r.first != 0 || len(e.Attrs) > maxAttrs {
			return e, w.wrap(w.doing, fmt.Errorf("%s of %s does not come whole", show(a.Name), show(from.DN)))
		}
		to := e.attr(name)
		if err := w.add(from.DN, to, a.ByteValues); err != nil {
			return e, err
		}
		for r.more {
			var err error
			if r, err = w.further(from.DN, to, r.next); err != nil {
				return e, err
			}
		}
	}
	e.dropEmpty()
	return e, nil
}

// add adds values and counts them.
func (w *walk) add(dn string, to *Attr, values [][]byte) error {
	for _, value := range values {
		if len(value) > maxValue {
			w.leave(dn, to.Name)
			continue
		}
		if w.size += len(value); w.size > maxEntry || len(to.Values) >= maxValues {
			return w.wrap(w.doing, fmt.Errorf("attribute %s of %s has more than is read (%d values or %d MiB)", show(to.Name), show(dn), maxValues, maxEntry>>20))
		}
		to.Values = append(to.Values, value)
	}
	return nil
}

// further asks for the values from the given one on, MS-ADTS 3.1.1.3.1.3.3.
func (w *walk) further(dn string, to *Attr, from int) (span, error) {
	doing := fmt.Sprintf("reading attribute %s of %s from value %d on", show(to.Name), show(dn), from)
	ask := fmt.Sprintf("%s;range=%d-*", to.Name, from)
	result, err := w.search(w.ctx, doing, request(dn, ldap.ScopeBaseObject, "(objectClass=*)", []string{ask}))
	if err != nil {
		return span{}, err
	}
	for _, entry := range result.Entries {
		for _, a := range entry.Attributes {
			name, r := attribute(a.Name)
			if sameName(name, to.Name) && r.is && r.first == from && (len(a.ByteValues) > 0 || !r.more) {
				return r, w.add(dn, to, a.ByteValues)
			}
		}
	}
	return span{}, w.wrap(doing, errors.New("the server does not give them"))
}
