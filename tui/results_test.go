package tui

import (
	"testing"
	"time"
)

// TestASecondRunOpensOnTheFirstTab, whichever was open when evidence was added.
func TestASecondRunOpensOnTheFirstTab(t *testing.T) {
	founding(t, func(d *driver) {
		d.run(0)
		d.until("Root cause", time.Minute)
		d.keys("5")
		d.sees("[5 Transcript]")
		d.keys("a", "ctrl+d", "y")
		d.until("Root cause", time.Minute)
		d.sees("[1 Root cause]", "ADDRESS-DEAD")
	})
}

// TestHelpNamesTheTabs as the bar above them does.
func TestHelpNamesTheTabs(t *testing.T) {
	founding(t, func(d *driver) {
		d.run(0)
		d.until("Root cause", time.Minute)
		d.keys("?")
		d.sees("tab: 1 Root cause, 2 All findings, 3 Timeline, 4 Tree, 5", "Transcript, 6 Not checked")
	})
}
