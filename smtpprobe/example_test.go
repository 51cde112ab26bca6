package smtpprobe_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"mailflow/smtpprobe"
)

// A host that is down costs the limit of the first step, and the record says so.
func ExampleProber_Probe() {
	p := smtpprobe.Prober{
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			<-ctx.Done() // a firewall that drops
			return nil, ctx.Err()
		},
		Name:   "mail.example.com",
		Limits: smtpprobe.Limits{Connect: 50 * time.Millisecond},
	}
	s := p.Probe(context.Background(), "hub07.contoso.com", "192.0.2.25:25", "", "ann@contoso.com")
	last := s.Last()
	fmt.Println(last.Name, last.Fault, last.Took() >= last.Limit())
	// Output: connect timeout true
}
