package collectors

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

const (
	atOnce   = 64  // sessions at a time; one for each address
	maxCalls = 200 // addresses in all: a zone that names thousands would make us knock at others' doors for hours
	maxRoots = 4 << 20
)

// sessionKeys is what decides how a session is held.
var sessionKeys = []diag.AnyKey{evidence.Recipients, evidence.Sender, evidence.Patience, evidence.ConnectFor,
	evidence.Send, evidence.RootsFile, evidence.Source, evidence.Bridges, evidence.DirServer}

// sessions talks to every address of every next hop, also after one works: a
// dead first address costs every sender a time-out. One connection to an
// address at a time, and one in all where several names share it.
func sessions() *diag.Collector {
	col := diag.NewCollector("sessions", "opens one SMTP session with each address of each next hop", evidence.Sessions,
		[]diag.AnyKey{evidence.Hops, evidence.Identity}, sessionKeys,
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]smtpprobe.Session, error) {
			calls := calls(evidence.Hops.In(e), e)
			if len(calls) == 0 {
				return nil, fmt.Errorf("no next hop has an address to connect to")
			}
			p, err := prober(w, e, evidence.Identity.In(e).Name)
			if err != nil {
				return nil, err
			}
			p.Send = consent(e)
			return probeAll(ctx, p, calls), nil
		})
	col.Plan = sessionWords
	return col
}

func consent(e diag.Evidence) bool {
	send, _ := evidence.Send.Lookup(e)
	return send
}

func sessionWords(e diag.Evidence) []string {
	from, _ := evidence.Sender.Lookup(e)
	words := []string{"connects to TCP port 25 (or the port named) of every address of every next hop, one connection to an address at a time",
		"says EHLO, STARTTLS where offered, MAIL FROM:<" + from + ">, RCPT TO, RSET, QUIT"}
	words = append(words, bridgeWords(e, "says EHLO, STARTTLS and QUIT, and names no sender and no recipient, to")...)
	if consent(e) {
		return append(words, "SENDS ONE SMALL TEST MESSAGE to the recipient through each address, as you consented")
	}
	return append(words, "stops before DATA: no message is sent")
}

// A call is one address to talk to.
type call struct{ host, addr, from, to string }

// calls lists the addresses, each once, with the recipient to name there.
func calls(hops []evidence.Hop, e diag.Evidence) []call {
	recipients, _ := evidence.Recipients.Lookup(e)
	sender, _ := evidence.Sender.Lookup(e)
	var all []call
	seen := map[string]bool{}
	for _, h := range hops {
		for _, a := range h.Addrs {
			addr := net.JoinHostPort(a, strconv.Itoa(int(h.Port)))
			if !seen[addr] && len(all) < maxCalls {
				seen[addr] = true
				all = append(all, call{h.Host, addr, sender, recipientFor(h, recipients)})
			}
		}
	}
	return all
}

// recipientFor is whom RCPT names at this hop: the operator's recipient, else
// the postmaster that every domain must take mail for (RFC 5321 4.5.1), else
// nobody, and then MAIL is not said.
//
// Bridgeheads that the configuration names hear of no recipient: whom the
// operator writes to is none of the business of a name in an export.
func recipientFor(h evidence.Hop, recipients []evidence.Mailbox) string {
	for _, r := range recipients {
		if h.How == evidence.ByName || h.How != evidence.ByConnector && r.Domain == h.Target {
			if r.Address != "" {
				return r.Address
			}
			return "postmaster@" + r.Domain
		}
	}
	return ""
}

func prober(w diag.World, e diag.Evidence, name string) (*smtpprobe.Prober, error) {
	p := &smtpprobe.Prober{Dial: w.Dial, Name: name, Limits: limits(e)}
	p.OnStep = func(s smtpprobe.Session, st smtpprobe.Step) {
		w.Note(fmt.Sprintf("%s [%s] %s: %s", s.Host, s.Addr, st.Name, outcome(st)))
	}
	file, ok := evidence.RootsFile.Lookup(e)
	if !ok {
		return p, nil
	}
	roots, err := readRoots(w, file)
	p.Roots = roots
	return p, err
}

func outcome(st smtpprobe.Step) string {
	what := st.Fault
	if st.Code != 0 {
		what = strconv.Itoa(st.Code)
	} else if what == "" {
		what = "ok"
	}
	return what + " after " + diag.Seconds(st.Took().Round(time.Millisecond))
}

// readRoots adds the operator's certificates to the system's.
func readRoots(w diag.World, file string) (*x509.CertPool, error) {
	f, err := w.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the root certificates: %w", err)
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxRoots))
	if err != nil {
		return nil, fmt.Errorf("the root certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", file)
	}
	return pool, nil
}

func limits(e diag.Evidence) smtpprobe.Limits {
	l := smtpprobe.DefaultLimits()
	if patience, ok := evidence.Patience.Lookup(e); ok && patience == 0 {
		l = smtpprobe.RFCLimits()
	} else if ok {
		l.Greeting, l.Reply, l.Handshake, l.DataEnd = patience, patience, patience, max(l.DataEnd, patience)
	}
	if connect, ok := evidence.ConnectFor.Lookup(e); ok {
		l.Connect = connect
	}
	return l
}

func probeAll(ctx context.Context, p *smtpprobe.Prober, calls []call) []smtpprobe.Session {
	from := make([]smtpprobe.Session, len(calls))
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, c := range calls {
		wg.Go(func() {
			slots <- struct{}{}
			from[i] = p.Probe(ctx, c.host, c.addr, c.from, c.to)
			<-slots
		})
	}
	wg.Wait()
	return from
}
