package routing

import (
	"testing"
	"time"

	"mailflow/evidence"
)

// founding is the organization of the first case: one server of 2003, one of
// 2007, and a connector that opens every 30 minutes.
func founding() *orgOf {
	o := &orgOf{}
	o.legacy(first, "EX03A")
	o.hub("exchange-2007", "Berlin", "EX07A", roleMailbox|roleHub)
	o.link("03 to 07", first, later, "EX03A", "EX07A", 1).Delivery = selected(everyByte(0x55)) // at :15 and :45
	o.link("07 to 03", later, first, "EX07A", "EX03A", 1)
	return o
}

func TestMailWaitsForTheConnectorThatOpensEveryThirtyMinutes(t *testing.T) {
	p := founding().ask("EX03A", "EX07A")
	wants(t, p, evidence.Arrives, "EX03A =03 to 07=> EX07A", 1)
	at := time.Date(2026, 11, 23, 9, 15, 0, 0, berlin.Location())
	if w := p.Wait; w.Now.Duration() != 10*time.Minute || w.Longest.Duration() != 15*time.Minute || w.Mean.Duration() != 3*time.Minute+45*time.Second || w.Until == nil || !w.Until.Equal(at) {
		t.Errorf("waits %+v", w)
	}
	if l := p.Legs[0]; l.Opens != "every 30 minutes, at :15 and :45 for 15 minutes, all week" || l.Wait != p.Wait && !l.Wait.Until.Equal(at) || l.Where == nil {
		t.Errorf("leg %+v", l)
	}
	if p.Zone != "Europe/Berlin" {
		t.Errorf("zone %q", p.Zone)
	}
}

func TestMailTheOtherWayDoesNotWait(t *testing.T) {
	p := founding().ask("EX07A", "EX03A")
	wants(t, p, evidence.Arrives, "EX07A =07 to 03=> EX03A", 1)
	if p.Wait != (evidence.Wait{}) {
		t.Errorf("waits %+v", p.Wait)
	}
}

func TestAMessageInAnOpenQuarterHourLeavesAtOnceOrAtTheNext(t *testing.T) {
	p := Walk(&founding().Org, Question{From: "EX03A", To: "EX07A", At: nine(20), Zone: berlin})
	if p.Wait.Now != 0 || p.Wait.Until != nil || p.Wait.Longest == 0 {
		t.Errorf("waits %+v", p.Wait)
	}
	says(t, told(p), "only as a quarter hour begins", "09:45 CET")
}

func TestWaitsAddUpAlongThePath(t *testing.T) {
	o := &orgOf{}
	o.legacy("A", "EXA")
	o.legacy("B", "EXB")
	o.legacy("C", "EXC")
	o.link("A to B", "A", "B", "EXA", "EXB", 1).Delivery = selected(everyByte(0x55)) // :15 and :45
	o.link("B to C", "B", "C", "EXB", "EXC", 1).Delivery = selected(everyByte(0x88)) // :00
	p := o.ask("EXA", "EXC")
	wants(t, p, evidence.Arrives, "EXA =A to B=> EXB, EXB =B to C=> EXC", 2)
	if a, b := p.Legs[0].Wait.Now.Duration(), p.Legs[1].Wait.Now.Duration(); a != 10*time.Minute || b != 45*time.Minute {
		t.Errorf("waits %v and %v", a, b)
	}
	// Who comes at :00 waits to :15 and from there to the next :00, no longer: the
	// longest waits of 15 and 45 minutes meet. On average: 52.5, 37.5, 22.5 and 7.5
	// minutes, by the quarter hour of the hour.
	if w := p.Wait; w.Now.Duration() != 55*time.Minute || w.Longest.Duration() != time.Hour || w.Mean.Duration() != 30*time.Minute || w.Until.Format("15:04") != "10:00" {
		t.Errorf("waits %+v", w)
	}
}

func TestAConnectorThatNeverOpensKeepsTheMail(t *testing.T) {
	for name, timetable := range map[string]evidence.Timetable{
		"never":                     {Style: new(evidence.StyleNever)},
		"at selected times of none": selected(evidence.Schedule{}),
	} {
		o := founding()
		o.Connectors[0].Delivery = timetable
		p := o.ask("EX03A", "EX07A")
		wants(t, p, evidence.Stuck, "EX03A =03 to 07=| EX07A", 1)
		says(t, told(p), "03 to 07 never opens", "KB 890739")
		if p.Legs[0].Opens != "at no time" {
			t.Errorf("%s: opens %q", name, p.Legs[0].Opens)
		}
	}
}

func TestWhatCannotBeKnownOfTimesIsSaid(t *testing.T) {
	for name, x := range map[string]struct {
		set  func(c *evidence.Connector)
		says string
	}{
		"the other side asks":        {func(c *evidence.Connector) { c.Delivery.Style = new(evidence.StyleRemote) }, "opens when the other side asks"},
		"selected, and not exported": {func(c *evidence.Connector) { c.Delivery.Schedule = nil }, "selected times, which cannot be read"},
		"a schedule without a style": {func(c *evidence.Connector) { c.Delivery.Style = nil }, "whether the schedule of 03 to 07 counts"},
		"not exported whole":         {func(c *evidence.Connector) { c.Delivery, c.Whole = evidence.Timetable{}, false }, "does not tell when 03 to 07 opens"},
		"a style of no meaning":      {func(c *evidence.Connector) { c.Delivery.Style = new(9) }, "means nothing to us"},
	} {
		t.Run(name, func(t *testing.T) {
			o := founding()
			x.set(&o.Connectors[0])
			p := o.ask("EX03A", "EX07A")
			wants(t, p, evidence.Arrives, "EX03A =03 to 07=> EX07A", 1)
			says(t, told(p), x.says)
			if p.Wait.Now != 0 {
				t.Errorf("waits %+v", p.Wait)
			}
		})
	}
}

func TestLaterServersAreSaidNotToHeedTimes(t *testing.T) {
	o := founding()
	o.Connectors[1].Delivery = selected(everyByte(0x55))
	p := o.ask("EX07A", "EX03A")
	wants(t, p, evidence.Arrives, "EX07A =07 to 03=> EX03A", 1)
	says(t, told(p), "next Mon 2026-11-23 09:15 CET", "said not to heed")
	if p.Wait.Now != 0 {
		t.Errorf("waits %+v", p.Wait)
	}
}

func TestLargeMessagesHaveTimesOfTheirOwn(t *testing.T) {
	o := founding()
	c := &o.Connectors[0]
	c.ContentKB, c.Oversize = new(2048), selected(everyByte(0x08)) // at 09:00 Berlin and each two hours
	if p := o.askSized("EX03A", "EX07A", mb); p.Wait.Until.Format("15:04") != "09:15" {
		t.Errorf("small: %+v", p.Wait)
	}
	p := o.askSized("EX03A", "EX07A", 2*mb)
	if p.Outcome != evidence.Arrives || p.Wait.Until.Format("15:04") != "10:00" {
		t.Errorf("large: %s %+v", p.Outcome, p.Wait)
	}
	says(t, told(p)+notes(p), "large", "names")
}

// detour has a cheap path that takes small messages only, and a dear one.
func detour() *orgOf {
	o := &orgOf{}
	o.legacy("A", "EXA", "EXA2")
	o.legacy("B", "EXB")
	o.legacy("C", "EXC")
	o.link("direct", "A", "C", "EXA", "EXC", 10).LimitBytes = new(int64(10 * mb))
	o.link("A to B", "A", "B", "", "EXB", 10)
	o.link("B to C", "B", "C", "EXB", "EXC", 15)
	return o
}

func TestTheCheapestPathIsTaken(t *testing.T) {
	p := detour().ask("EXA2", "EXC")
	wants(t, p, evidence.Arrives, "EXA2 -> EXA, EXA =direct=> EXC", 10)
	if len(p.Others) != 1 || p.Others[0].Cost != 25 || p.Others[0].Why != "costs 25 instead of 10" || len(p.Others[0].Over) != 2 {
		t.Errorf("others %+v", p.Others)
	}
}

func TestALargeMessageTakesTheDetour(t *testing.T) {
	p := detour().askSized("EXA2", "EXC", 12*mb)
	wants(t, p, evidence.Arrives, "EXA2 =A to B=> EXB, EXB =B to C=> EXC", 25)
	says(t, told(p), "direct: the message is larger than the limit of direct (10 MB)")
	if p := detour().askSized("EXA2", "EXC", 10*mb); p.Cost != 10 {
		t.Errorf("of the limit itself: cost %d", p.Cost)
	}
}

func TestALimitKnownFromMemoryIsUnsure(t *testing.T) {
	o := detour()
	o.Connectors[0].LimitBytes, o.Connectors[0].ContentKB = nil, new(10240)
	p := o.askSized("EXA", "EXC", 12*mb)
	wants(t, p, evidence.Arrives, "EXA =A to B=> EXB, EXB =B to C=> EXC", 25)
	says(t, told(p), "that direct does not take the message rests on a limit whose attribute is known from memory only")
}

func TestLaterServersReturnWhatIsTooLarge(t *testing.T) {
	o := founding()
	o.Connectors[1].LimitBytes = new(int64(mb))
	p := o.askSized("EX07A", "EX03A", 2*mb)
	wants(t, p, evidence.Returned, "EX07A =07 to 03=| EX03A", 1)
	says(t, p.Why, "2 MB", "1 MB", "look for no other path")
}

func TestEveryPathClosedToTheSize(t *testing.T) {
	o := detour()
	o.Connectors[2].LimitBytes = new(int64(11 * mb))
	p := o.askSized("EXA", "EXC", 12*mb)
	wants(t, p, evidence.NoPath, "", 0)
	says(t, told(p), "every path is closed to a message of 12 MB: larger than the limit of direct (10 MB)")
}

func TestPathsOfTheSameCostAreBothNamed(t *testing.T) {
	o := detour()
	o.Connectors[0].Cost = new(25)
	p := o.ask("EXA", "EXC")
	wants(t, p, evidence.Arrives, "EXA =direct=> EXC", 25)
	says(t, told(p), "A to B+B to C: the same cost", "spreads its load")
}

func TestNoPathSaysWhereItEnds(t *testing.T) {
	o := detour()
	o.legacy("D", "EXD")
	p := o.ask("EXA", "EXD")
	wants(t, p, evidence.NoPath, "", 0)
	says(t, p.Why, "no connector that was given leads from A, B, C on to D")
	if len(p.Unsure) != 0 {
		t.Errorf("unsure %q", p.Unsure)
	}
	o.RoutingGroups[1].Connectors = false
	p = o.ask("EXA", "EXD")
	wants(t, p, evidence.Undecided, "", 0)
	says(t, p.Why, "does not show the connectors of B")
}

func TestBridgeheadsThatAreGone(t *testing.T) {
	o := detour()
	for _, s := range append([]string{bridgehead("EXA"), bridgehead("EXC")}, serverDN("EXA"), serverDN("EXC"), "CN=SMTP,CN=Protocols,"+serverDN("EXA"), "CN=Servers,"+agDN) {
		o.Seen = append(o.Seen, evidence.Seen{DN: s, Class: evidence.ClassVirtual}, evidence.Seen{DN: s, Class: evidence.ClassServer})
	}
	o.Connectors[0].Targets = bridgeheads("EXC OLD")
	p := o.ask("EXA", "EXC")
	wants(t, p, evidence.Arrives, "EXA =direct=> EXC", 10)
	says(t, notes(p), "OLD does not exist any more")
	o.Connectors[0].Targets = bridgeheads("OLD")
	p = o.ask("EXA", "EXC")
	wants(t, p, evidence.Stuck, "EXA =direct=| ", 10)
	says(t, told(p), "none of the servers that direct sends to exists any more", "link state")
	o.Connectors[0].Sources = bridgeheads("OLD")
	p = o.ask("EXA", "EXC")
	wants(t, p, evidence.Stuck, " =direct=| ", 10)
}

func TestRestrictionsAndOddCostsAreNoted(t *testing.T) {
	o := detour()
	c := &o.Connectors[0]
	c.Allowed, c.Refused, c.Priorities, c.Cost = 1, 2, new(4), new(-5)
	p := o.ask("EXA", "EXC")
	wants(t, p, evidence.Arrives, "EXA =direct=> EXC", 0)
	says(t, notes(p), "open to 1 sender or group only", "refuses 2 senders and groups", "some priorities", "-5 makes no sense: 0 is taken")
	c.Cost = nil
	says(t, notes(o.ask("EXA", "EXC")), "1 is taken, the default of the cmdlets")
}

func TestAnSMTPConnectorMayJoinRoutingGroups(t *testing.T) {
	o := &orgOf{}
	o.legacy("A", "EXA")
	o.legacy("B", "EXB")
	c := o.out("wan", "A", "EXA")
	c.Joins = []string{"B;7"}
	p := o.ask("EXA", "EXB")
	wants(t, p, evidence.Arrives, "EXA =wan=> , a server of B -> EXB", 7)
	says(t, notes(p)+told(p), "joins routing groups", "which server takes")
	c.Joins = []string{"something else"}
	p = o.ask("EXA", "EXB")
	wants(t, p, evidence.Undecided, "", 0)
	says(t, told(p), "what wan joins cannot be told")
}

func TestASmartHostOfTheVirtualServerMayTakeItAll(t *testing.T) {
	o := founding()
	o.Servers[0].Virtual = []evidence.VirtualServer{{Name: "1", DN: bridgehead("EX03A"), SmartHost: "relay.example.com", SmartHostType: new(2)}}
	says(t, told(o.ask("EX03A", "EX07A")), "EX03A, SMTP virtual server 1 has the smart host relay.example.com")
}

func TestWithinAServerAndAGroup(t *testing.T) {
	o := detour()
	wants(t, o.ask("EXA", "EXA"), evidence.Arrives, "EXA -> EXA", 0)
	wants(t, o.ask("EXA", "EXA2"), evidence.Arrives, "EXA -> EXA2", 0)
	wants(t, o.ask("EXA", "B"), evidence.Arrives, "EXA =A to B=> EXB", 10)
	wants(t, o.ask("EXA", groupDN("B")), evidence.Arrives, "EXA =A to B=> EXB", 10)
}

func TestTimesAreShownInTheZoneOfTheQuestion(t *testing.T) {
	o := founding()
	var s evidence.Schedule
	for day := range 7 {
		s[day*12+4] = 0xff // 08:00 to 10:00 GMT
	}
	o.Connectors[0].Delivery = selected(s)
	if got := o.ask("EX03A", "EX07A").Legs[0].Opens; got != "every day 09:00-11:00 CET" && got != "every day, first at 09:00 CET for 2 hours, all week" {
		t.Errorf("opens %q", got)
	}
}
