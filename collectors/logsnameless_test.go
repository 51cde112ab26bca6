package collectors

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// eximLog is the main log of a server of Exim: a message every ten minutes, from an
// hour on. host tells its ids from those of others.
func eximLog(host string, fromHour, messages int) string {
	var b strings.Builder
	for i := range messages {
		at := time.Date(2026, 2, 13, fromHour, 10*i, 0, 0, time.UTC)
		id := fmt.Sprintf("1vc%s-%06d-AB", host, fromHour*1000+i)
		line := func(wait time.Duration, text string) {
			fmt.Fprintf(&b, "%s %s %s\n", at.Add(wait).Format("2006-01-02 15:04:05.000 -0700"), id, text)
		}
		line(0, fmt.Sprintf("<= x@example.com H=a [192.0.2.1] P=esmtp S=1200 id=%s%d@example.com", host, fromHour*1000+i))
		line(time.Second, `=> y@contoso.com R=dnslookup T=remote_smtp H=mx.example.com [198.51.100.4] C="250 ok"`)
		line(time.Second, "Completed")
	}
	return b.String()
}

// TestNamelessServers: logs that do not name their server are of one where one goes
// on after the other, and of several where their hours overlap.
func TestNamelessServers(t *testing.T) {
	a, later := eximLog("abc", 2, 12), eximLog("abc", 4, 12)
	for name, story := range map[string]struct {
		files map[string]string
		want  string
	}{
		"one after the other": {map[string]string{"mainlog.1": a, "mainlog": later}, "the Exim server 24"},
		"of the same hours":   {map[string]string{"in/mainlog": a, "out/mainlog": eximLog("xyz", 1, 30)}, "the Exim server of in/mainlog 12, the Exim server of out/mainlog 30"},
		"both put away":       {map[string]string{"in/mainlog.1": a, "in/mainlog": later, "out/mainlog.1": eximLog("xyz", 2, 12), "out/mainlog": eximLog("xyz", 4, 12)}, "the Exim server of in/mainlog.1 24, the Exim server of out/mainlog.1 24"},
		"a copy of a part":    {map[string]string{"mainlog": a, "part.log": strings.Join(strings.SplitAfter(a, "\n")[9:], "")}, "the Exim server 12"},
		"an older copy":       {map[string]string{"mainlog": a, "copy/mainlog": a[:len(a)/2]}, "the Exim server 12"},
	} {
		named := map[string][]byte{}
		for file, text := range story.files {
			named[file] = []byte(text)
		}
		if got := countsOf(trafficIn(t, "", named)); got != story.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// countsOf tells how many messages each server passed on.
func countsOf(all []evidence.HopTraffic) string {
	var words []string
	for _, h := range all {
		words = append(words, fmt.Sprint(h.Server, " ", h.Count))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
