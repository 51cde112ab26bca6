package directory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// A Root is what a server says about itself (RFC 4512 section 5.1, MS-ADTS
// 3.1.1.3.2). What it does not say is empty.
type Root struct {
	Configuration      string // DN of the configuration partition
	Default            string // DN of the server's domain
	RootDomain         string // DN of the forest's root domain
	DNSName            string // of the server
	GlobalCatalogReady string // "TRUE" or "FALSE"
	ActiveDirectory    bool   // it has the capability 1.2.840.113556.1.4.800
}

// An Entry is one object.
type Entry struct {
	DN    string
	Attrs []Attr
}

// An Attr is an attribute with its values in the server's order. Name has no
// options.
type Attr struct {
	Name   string
	Values [][]byte
}

// Root asks the server who it is. Any server answers this to anybody.
func (c *Conn) Root(ctx context.Context) (Root, error) {
	names := []string{"configurationNamingContext", "defaultNamingContext", "rootDomainNamingContext", "dNSHostName", "isGlobalCatalogReady", "supportedCapabilities"}
	result, err := c.search(ctx, "reading the root DSE", request("", ldap.ScopeBaseObject, "(objectClass=*)", names))
	if err != nil {
		return Root{}, err
	}
	if len(result.Entries) == 0 {
		return Root{}, c.wrap("reading the root DSE", fmt.Errorf("the server shows none: is this a directory server?"))
	}
	e := result.Entries[0]
	return Root{
		Configuration: e.GetEqualFoldAttributeValue(names[0]), Default: e.GetEqualFoldAttributeValue(names[1]),
		RootDomain: e.GetEqualFoldAttributeValue(names[2]), DNSName: e.GetEqualFoldAttributeValue(names[3]),
		GlobalCatalogReady: e.GetEqualFoldAttributeValue(names[4]),
		ActiveDirectory:    slices.Contains(e.GetEqualFoldAttributeValues(names[5]), "1.2.840.113556.1.4.800"),
	}, nil
}

// request is a search that follows neither aliases nor referrals.
func request(base string, scope int, filter string, attrs []string, controls ...ldap.Control) *ldap.SearchRequest {
	seconds := int((pageTime - 5*time.Second).Seconds()) // the server gives up first, and says so
	return ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 0, seconds, false, filter, attrs, controls)
}

// search asks for one page. With an error comes what came before it, or nil.
func (c *Conn) search(ctx context.Context, doing string, r *ldap.SearchRequest) (*ldap.SearchResult, error) {
	return do(ctx, c, job{doing, pageTime, searchBytes}, func() (*ldap.SearchResult, error) { return c.ldap.Search(r) })
}
