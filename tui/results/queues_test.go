package results

import (
	"strings"
	"testing"

	"mailflow/evidence"
)

// TestQueuesFoldAndOpen: a heading folds what is under it, a queue opens.
func TestQueuesFoldAndOpen(t *testing.T) {
	m := press(New(withMail(t)).SetSize(120, 40), "9")
	shows(t, m, "EX07HUB\\17")
	lacksText(t, m, "EX07HUB\\4") // empty
	folded := press(m, "enter")
	lacksText(t, folded, "EX07HUB\\17")
	shows(t, press(folded, "enter"), "EX07HUB\\17")
	all := press(m, "-")
	lacksText(t, all, "connect to mx")
	shows(t, press(all, "+"), "4A1, retry, since 05:00, 7 h old")
	m = press(m, "down", "enter")
	for _, want := range []string{"EX07HUB\\17 at EX07HUB", "grows by 3 a minute", "earliest 12:05, delay notice 13:00, gives up 25 Nov 09:00", "by NextRetryTime", "421 4.2.1 Unable to connect.", "retries    12"} {
		shows(t, m, want)
	}
	m = press(m, "n")
	shows(t, m, "not known: it is held")
	shows(t, m, "11/23/2026 1:05:00 PM (by its server's clock)")
	shows(t, press(m, "n", "n"), "since 05:00, 7 h old, anna@contoso.com -> ben@example.com")
}

// TestQueuesAreFiltered by name, next hop, domain and error.
func TestQueuesAreFiltered(t *testing.T) {
	m := press(New(withMail(t)).SetSize(120, 40), "9")
	m = pressAll(m, []string{"f"}, letters("EXAMPLE.NET"), []string{"enter"})
	shows(t, m, "example.net")
	lacksText(t, m, "EX07HUB")
	lacksText(t, m, "connect to mx")
	shows(t, pressAll(m, []string{"f", "ctrl+u"}, letters("routing"), []string{"enter"}), "1,280 messages in 1 queue")
	shows(t, pressAll(m, []string{"f", "ctrl+u"}, letters("zzz"), []string{"enter"}), "Nothing in the queues has that text.")
	shows(t, press(m, "esc"), "EX07HUB\\17")
}

// TestQueuesWithMostMailFirst: what is worst stands first, under its listing.
func TestQueuesWithMostMailFirst(t *testing.T) {
	m := press(New(withMail(t)).SetSize(120, 40), "9")
	view := m.View()
	order := []string{"queues.xml: 1,286 messages in 3 queues, 1 empty", "EX07HUB\\17 ", "EX07HUB\\3 ", "EX07HUB\\Submission", "queue.json: 30 of 34 messages, in 1 domain", "example.com", "Messages by age", "1280+", "Why it waits"}
	at := 0
	for _, want := range order {
		n := strings.Index(view[at:], want)
		if n < 0 {
			t.Fatalf("%q does not stand where it should:\n%s", want, view)
		}
		at += n
	}
}

// TestMailTabsWithoutAnythingToShow: evidence of another version, and lists with
// nothing in them.
func TestMailTabsWithoutAnythingToShow(t *testing.T) {
	other, empty := plainReport(t), plainReport(t)
	withKind(t, other, evidence.Journeys, 7)
	withKind(t, other, evidence.Rhythms, "x")
	withKind(t, other, evidence.QueueListings, "x")
	withKind(t, empty, evidence.Journeys, []evidence.Journey{})
	withKind(t, empty, evidence.Rhythms, []evidence.HopRhythm{})
	withKind(t, empty, evidence.QueueListings, []evidence.QueueListing{{}})
	for key, want := range map[string][2]string{"7": {"The journeys cannot be read", "do not show the way of any message"}, "8": {"The rhythms cannot be read", "do not show any hop"},
		"9": {"The listings of the queues cannot be read", "The queues were empty"}} {
		shows(t, press(New(other).SetSize(80, 24), key, "enter", "n", "s", "+", "-"), want[0])
		shows(t, press(New(empty).SetSize(80, 24), key, "enter", "n", "down"), want[1])
	}
}

// TestElevenTabs: each has a key, and they fit at 79 columns.
func TestElevenTabs(t *testing.T) {
	r := withPath(t, withMail(t))
	for _, w := range []int{79, 80, 120, 200} {
		m := New(r).SetSize(w, 30)
		for key, want := range map[string]string{"7": "Org", "8": "Path", "9": "Journeys]", "0": "Rhythm]", "=": "Queues]"} {
			shows(t, press(m, key), want)
			bar, _, _ := strings.Cut(press(m, "1").View(), "\n")
			if at := strings.Index(bar, strings.TrimSuffix(want, "]")); at < 0 {
				t.Errorf("%d columns: %q does not name %s", w, bar, want)
			} else if there := click(m, at, 0); there.tab != press(m, key).tab {
				t.Errorf("%d columns: a click on %s leads to tab %d", w, want, there.tab)
			}
		}
	}
	shows(t, press(New(r).SetSize(120, 30), "left"), "Queues]")
	if help := New(r).SetSize(120, 30).Keys()[2].Help().Key; help != "1-9 0 =" {
		t.Errorf("the help names %q", help)
	}
}

// TestKeysOfTheMailTabs are in the help.
func TestKeysOfTheMailTabs(t *testing.T) {
	m := New(withMail(t)).SetSize(120, 30)
	for k, want := range map[string]string{"7": "late, waiting, failed", "8": "filter", "9": "close all"} {
		help := ""
		for _, b := range press(m, k).Keys() {
			help += b.Help().Desc + ", "
		}
		if !strings.Contains(help, want) || !strings.Contains(help, "filter") {
			t.Errorf("tab %s: %q does not name %q", k, help, want)
		}
	}
	if help := press(m, "7", "enter").Keys()[1].Help().Key; help != "n/N" {
		t.Errorf("a journey's keys are %q", help)
	}
}
