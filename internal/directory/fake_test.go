package directory

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// A fake is a directory server that tells a story.
type fake struct {
	ldaps  *tls.Config // speaks TLS from the start
	start  *tls.Config // agrees to StartTLS; nil: refuses
	hello  func(net.Conn)
	bind   func(user, password string) (code int, said string)
	search func(query) [][]byte // operations to answer with; nil: a root DSE and nothing else

	mu    sync.Mutex
	wire  bytes.Buffer // what the client sent, as it was on the line
	asked []string
	done  sync.WaitGroup
}

// A query is a search as the server sees it.
type query struct {
	base   string
	attrs  []string
	size   int64 // of the page
	cookie string
}

// dial connects to the fake. What the client writes is recorded.
func (f *fake) dial(_ context.Context, network, addr string) (net.Conn, error) {
	f.note(network + " " + addr)
	client, server, err := f.pair()
	if err != nil {
		return nil, err
	}
	f.done.Go(func() {
		defer server.Close()
		f.serve(server)
	})
	return &recorder{client, f}, nil
}

// pair makes a connection: of TCP for TLS, where both sides write at once, else
// of memory, which virtual time needs.
func (f *fake) pair() (client, server net.Conn, err error) {
	if f.ldaps == nil && f.start == nil && f.hello == nil {
		client, server = net.Pipe()
		return client, server, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	server, err = l.Accept()
	return client, server, err
}

type recorder struct {
	net.Conn
	*fake
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	r.wire.Write(p)
	r.mu.Unlock()
	return r.Conn.Write(p)
}

func (f *fake) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, what)
}

func (f *fake) heard() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.asked, "\n") + "\n"
}

func (f *fake) sent() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wire.String()
}

func (f *fake) serve(conn net.Conn) {
	if f.hello != nil {
		f.hello(conn)
		return
	}
	if f.ldaps != nil {
		conn = tls.Server(conn, f.ldaps)
	}
	for {
		packet, err := ber.ReadPacket(conn)
		if err != nil || len(packet.Children) < 2 {
			return
		}
		id, op := packet.Children[0].Value.(int64), packet.Children[1]
		var answers [][]byte
		switch op.Tag {
		case 0:
			answers = f.login(op)
		case 2:
			f.note("unbind")
			return
		case 3:
			answers = f.find(packet)
		case 23:
			f.note("StartTLS")
			if f.start != nil {
				_, _ = conn.Write(message(id, result(24, 0, "")))
				conn = tls.Server(conn, f.start)
				continue
			}
			answers = [][]byte{result(24, 52, "00000000: LdapErr: DSID-0C090F78, comment: Error initializing SSL/TLS, data 0, vece")}
		default:
			f.note(fmt.Sprintf("operation %d", op.Tag))
		}
		for _, answer := range answers {
			if _, err := conn.Write(message(id, answer)); err != nil {
				return
			}
		}
	}
}

func (f *fake) login(op *ber.Packet) [][]byte {
	user, auth := op.Children[1].Value.(string), op.Children[2]
	switch auth.Tag {
	case 10: // NTLM, first message
		f.note("NTLM negotiate")
		return [][]byte{result2(1, 0, string(challenge()), "")}
	case 11:
		f.note("NTLM authenticate")
	default:
		f.note("bind " + user)
	}
	if f.bind == nil {
		return [][]byte{result(1, 0, "")}
	}
	code, said := f.bind(user, auth.Data.String())
	return [][]byte{result(1, code, said)}
}

func (f *fake) find(packet *ber.Packet) [][]byte {
	op := packet.Children[1]
	q := query{base: op.Children[0].Value.(string)}
	for _, a := range op.Children[7].Children {
		q.attrs = append(q.attrs, a.Value.(string))
	}
	if len(packet.Children) > 2 {
		control := packet.Children[2].Children[0]
		value, _ := ber.DecodePacketErr(control.Children[len(control.Children)-1].ByteValue)
		q.size, q.cookie = value.Children[0].Value.(int64), string(value.Children[1].ByteValue)
	}
	f.note(fmt.Sprintf("search %s %s %d%q", q.base, strings.Join(q.attrs, ","), q.size, q.cookie))
	if f.search == nil || q.base == "" {
		return [][]byte{entry("", "configurationNamingContext", "CN=Configuration,DC=contoso,DC=com", "dnshostname", "dc1.contoso.com",
			"supportedCapabilities", "1.2.840.113556.1.4.800\x001.2.840.113556.1.4.1670"), result(5, 0, "")}
	}
	return f.search(q)
}

// element makes one element of BER.
func element(tag byte, content ...[]byte) []byte {
	body := slices.Concat(content...)
	n := len(body)
	return slices.Concat([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, body)
}

func octets(s string) []byte { return element(0x04, []byte(s)) }

// message puts an operation, with the controls behind it, into its envelope.
func message(id int64, op []byte) []byte {
	return element(0x30, element(0x02, []byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}), op)
}

func result(op byte, code int, said string) []byte { return result2(op, code, "", said) }

func result2(op byte, code int, matched, said string) []byte {
	return element(0x60|op, element(0x0a, []byte{byte(code)}), octets(matched), octets(said))
}

// page is the end of a page: the result, and the cookie of the next.
func page(code int, cookie string) []byte {
	value := element(0x30, element(0x02, []byte{0}), octets(cookie))
	return slices.Concat(result(5, code, ""), element(0xa0, element(0x30, octets("1.2.840.113556.1.4.319"), octets(string(value)))))
}

// entry is an object; NUL separates the values of an attribute.
func entry(dn string, attrs ...string) []byte {
	var list [][]byte
	for i := 0; i < len(attrs); i += 2 {
		var values [][]byte
		for v := range strings.SplitSeq(attrs[i+1], "\x00") {
			values = append(values, octets(v))
		}
		list = append(list, element(0x30, octets(attrs[i]), element(0x31, values...)))
	}
	return element(0x64, octets(dn), element(0x30, list...))
}

// challenge is the second message of NTLM (MS-NLMP 2.2.1.2): Unicode, a
// challenge, and no information on the target.
func challenge() []byte {
	b := make([]byte, 48)
	copy(b, "NTLMSSP\x00\x02\x00\x00\x00")
	b[16], b[20], b[22] = 48, 0x01, 0x08
	copy(b[24:], "12345678")
	b[44] = 48
	return b
}

// An authority is a made-up CA.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	a := authority{key: newKey(t)}
	a.cert = a.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Contoso Root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, a.key)
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue signs a certificate that is valid also in virtual time, which begins in
// the year 2000.
func (a authority) issue(t testing.TB, c *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	parent := a.cert
	if parent == nil {
		parent = c
	}
	c.SerialNumber = big.NewInt(1)
	if c.NotBefore.IsZero() {
		c.NotBefore, c.NotAfter = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// server is the TLS side of a server with a certificate for the name.
func (a authority) server(t testing.TB, change ...func(*x509.Certificate)) *tls.Config {
	t.Helper()
	c := &x509.Certificate{DNSNames: []string{"dc1.contoso.com"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, f := range change {
		f(c)
	}
	key := newKey(t)
	return &tls.Config{MinVersion: tls.VersionTLS10, Certificates: []tls.Certificate{{Certificate: [][]byte{a.issue(t, c, key).Raw}, PrivateKey: key}}}
}

func (a authority) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}
