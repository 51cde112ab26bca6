package journey

import "testing"

// TestTornWays: logs with holes, messages that get another id, and copies.
func TestTornWays(t *testing.T) {
	for name, story := range map[string]struct{ rows, want string }{
		"the log of an hour is missing, in which it was there": {`
			08:01:00 hub01 log_begins file=08
			08:59:58 hub01 log_ends file=08
			10:00:02 hub01 log_begins file=10
			10:59:50 hub01 log_ends file=10
			08:50:00 hub01 came 1 peer=mx.example.com n=1`, `
			log ended, 598 s
			hub01 from -1: 598 s, came
			missing hub01, 09:00 to 10:00: it was at hub01 when the log of it ended at 08:59:58; no log of hub01 covers 09:00 to 10:00 UTC. on hub01: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*2026010509*.log, from 2026-01-05 09:00 to 2026-01-05 10:00 UTC
			`},
		"the log of an hour is missing, before it was first seen": {`
			08:01:00 hub01 log_begins file=08
			08:59:58 hub01 log_ends file=08
			10:00:02 hub01 log_begins file=10
			10:59:50 hub01 log_ends file=10
			10:00:05 hub01 delivered 1 n=1`, `
			arrived, 0 s
			hub01 from -1: 0 s, delivered
			missing hub01, 09:00 to 10:00: the log of hub01 begins when the message was already there; no log of hub01 covers 09:00 to 10:00 UTC. on hub01: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*2026010509*.log, from 2026-01-05 09:00 to 2026-01-05 10:00 UTC
			`},
		"the log of an hour is missing at the next server": {`
			08:01:00 hub02 log_begins file=08
			08:59:58 hub02 log_ends file=08
			10:00:02 hub02 log_begins file=10
			10:59:50 hub02 log_ends file=10
			09:10:00 hub01 came 1 peer=mx.example.com n=1
			09:10:01 hub01 left 1 peer=hub02 next=7 n=1`, `
			log ended, 1 s
			hub01 from -1: 1 s, left
			missing hub02, 09:00 to 10:00: hub01 handed it over at 09:10:01, and no log of hub02 covers that (the nearest goes from 2026-01-05 08:01 to 2026-01-05 08:59); no log of hub02 covers 09:00 to 10:00 UTC. on hub02: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*2026010509*.log, from 2026-01-05 09:00 to 2026-01-05 10:00 UTC
			`},
		"an hour without a row, in one file": {`
			08:01:00 hub01 log_begins
			10:59:50 hub01 log_ends
			08:59:58 hub01 came 1 peer=mx.example.com n=1`, `
			waiting, 7192 s
			hub01 from -1: 7192 s, came
			`},
		"an hour without a file, and rows stand far from it": {`
			08:01:00 hub01 log_begins file=08
			08:40:00 hub01 log_ends file=08
			10:12:00 hub01 log_begins file=10
			10:59:50 hub01 log_ends file=10
			08:31:00 hub01 came 1 peer=mx.example.com n=1`, `
			waiting, 8930 s
			hub01 from -1: 8930 s, came
			`},
		"files of no regular length": {`
			08:01:00 hub01 log_begins file=1
			08:59:58 hub01 log_ends file=1
			10:00:02 hub01 log_begins file=2
			11:30:00 hub01 log_ends file=2
			08:50:00 hub01 came 1 peer=mx.example.com n=1`, `
			waiting, 9600 s
			hub01 from -1: 9600 s, came
			`},
		"the log of the next begins behind": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1
			10:00:01 hub01 left 1 peer=hub02 next=7 n=1
			10:30:00 hub02 delivered 7 n=1
			10:20:00 hub02 log_begins
			15:00:00 hub02 log_ends`, `
			arrived, 1800 s
			hub01 from -1: 1 s, left
			hub02 from 0: 0 s, delivered
			missing hub02, 10:00 to 11:00: hub01 handed it over at 10:00:01, and the log of hub02 that is here begins at 10:20:00 only. on hub02: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*20260105*.log, from 2026-01-05 10:00 to 2026-01-05 11:00 UTC
			note: the clocks of hub01 and hub02 could not be compared: the time from one to the other is as their logs have it
			`},
		"a filter puts it back under another id": {`
			10:00:00 mx1 came A1 peer=mail.example.com source=postfix
			10:00:00 mx1 held A1 source=postfix
			10:00:04 mx1 split A1 next=B1 source=postfix
			10:00:04 mx1 done A1 source=postfix
			10:00:05 mx1 delivered B1 source=postfix
			09:00:00 mx1 log_begins
			15:00:00 mx1 log_ends`, `
			arrived, 5 s
			mx1 from -1: 4 s, split
			mx1 from 0: 1 s, delivered
			`},
		"a filter puts it back, and the log does not say so": {`
			10:00:00 mx1 came A1 peer=mail.example.com source=postfix
			10:00:00 mx1 held A1 source=postfix
			10:03:04 mx1 submitted B1 source=postfix
			10:03:05 mx1 delivered B1 source=postfix
			09:00:00 mx1 log_begins
			15:00:00 mx1 log_ends`, `
			arrived, 185 s
			mx1 from -1: 184 s, split
			mx1 from 0: 1 s, delivered
			`},
		"on hold, and nothing puts it back": {`
			10:00:00 mx1 came A1 peer=mail.example.com source=postfix
			10:00:00 mx1 held A1 source=postfix
			09:00:00 mx1 log_begins
			15:00:00 mx1 log_ends`, `
			waiting, 18000 s
			mx1 from -1: 18000 s, held
			`},
		"put off, and its sender sends it once more from the same host": {`
			10:00:00 mx1 submitted A1 source=postfix
			10:00:01 mx1 put_off A1 source=postfix
			10:30:00 mx1 submitted B1 source=postfix
			10:30:01 mx1 delivered B1 source=postfix
			09:00:00 mx1 log_begins
			15:00:00 mx1 log_ends`, `
			partly, 18000 s
			mx1 from -1: 18000 s, put off
			mx1 from -1: 1 s, delivered
			`},
		"a kept copy, after it was delivered": {`
			10:00:00 ex01 came 1 peer=mx.example.com n=1 to=b@example.com
			10:00:01 ex01 delivered 1 n=1 to=b@example.com
			15:00:00 ex02 submitted_again 9 n=1 to=b@example.com text=SAFETYNET
			15:00:01 ex02 left 9 peer=ex01 next=2 n=1 to=b@example.com
			15:00:01 ex01 came 2 peer=ex02 n=1 to=b@example.com
			15:00:02 ex01 dropped 2 n=1 to=b@example.com text=DUPLICATEDELIVER`, `
			arrived, 1 s
			ex01 from -1: 1 s, delivered
			note: ex02 submitted a kept copy again (SAFETYNET) at 2026-01-05 15:00:00, after it had been delivered: that is no part of its way
			`},
		"another copy, of which only the end is in a log": {`
			10:00:00 ex01 came 1 peer=mx.example.com n=1
			10:00:01 ex01 delivered 1 n=1
			15:00:01 ex02 dropped 9 n=1 text=DUPLICATEDELIVER`, `
			arrived, 1 s
			ex01 from -1: 1 s, delivered
			note: ex02 had another copy at 2026-01-05 15:00:01, and dropped it: the mailbox had the message already
			`},
		"a kept copy that is the one which arrives": {`
			10:00:00 ex01 came 1 peer=mx.example.com n=1 to=b@example.com
			15:00:00 ex02 submitted_again 9 n=1 to=b@example.com text=SAFETYNET
			15:00:01 ex02 delivered 9 n=1 to=b@example.com`, `
			log ended, 18001 s
			ex01 from -1: 0 s, came
			ex02 from -1: 1 s, delivered
			missing ex01, 10:00 to 11:00: it was at ex01 when the log of it ended at 10:00:00. on ex01: %ExchangeInstallPath%TransportRoles\Logs\MessageTracking\MSGTRK*20260105*.log, from 2026-01-05 10:00 to 2026-01-05 11:00 UTC
			note: the clocks of ex01 and ex02 could not be compared: the time from one to the other is as their logs have it
			`},
		"a kept copy for one who had not got it": {`
			10:00:00 ex01 came 1 peer=mx.example.com n=2 to=b@example.com,c@example.com
			10:00:01 ex01 delivered 1 n=1 to=b@example.com
			15:00:00 ex01 submitted_again 9 n=1 to=c@example.com text=SAFETYNET
			15:00:01 ex01 delivered 9 n=1 to=c@example.com
			16:00:00 ex01 delivered 1 n=1 to=c@example.com`, `
			arrived, 21600 s
			ex01 from -1: 21600 s, delivered
			ex01 from -1: 1 s, delivered
			`},
		"twice from the same host": {`
			10:00:00 hub01 came 1 peer=mx.example.com n=1 to=b@example.com
			10:00:01 hub01 delivered 1 n=1 to=b@example.com
			10:30:00 hub01 came 2 peer=mx.example.com n=1 to=b@example.com
			10:30:01 hub01 delivered 2 n=1 to=b@example.com`, `
			arrived, 1801 s
			hub01 from -1: 1 s, delivered
			hub01 from -1: 1 s, delivered
			note: it came a second time, from mx.example.com, at 10:30:00: its sender sent it again, or gave its id to another message
			`},
	} {
		checkWay(t, name, story.rows, story.want)
	}
}
