package whatif

import (
	"fmt"
	"slices"
	"strings"

	"mailflow/evidence"
)

// moot says of a play in which no attempt fails that retry timers make no difference
// in it; "" where one may.
func (q Question) moot(all []Result) string {
	if q.Trouble.fails() {
		return ""
	}
	first, same := all[0].Sender, []string(nil)
	for i, r := range all[1:] {
		if r.Sender.Opens.words() == first.Opens.words() && r.Sender.Pace == first.Pace {
			same = append(same, letter(i+1))
		}
	}
	if first.Opens.words() == "" && first.Pace == 0 && q.Trouble.Rate == 0 {
		if len(same) < len(all)-1 { // another one has a schedule
			return ""
		}
		return `Nothing stands in the way of this mail, so that no timer comes into it. Name what fails: --down 45m, --greylist 5m, --fail 30%, --rate 10/min, or when it sends: --opens "every 30m".`
	}
	if len(same) == 0 {
		return ""
	}
	words := "No attempt fails here, so that nothing waits for a retry timer: "
	if first.Opens.words() != "" {
		return words + fmt.Sprintf(`mail waits until it may leave, and how soon it is tried again (%s) changes nothing. What another schedule would give: --compare "every 15m", --compare always.`, strings.Join(same, ", "))
	}
	return words + fmt.Sprintf("more comes than the next hop takes, and how soon it is tried again (%s) changes nothing. What another pace would give: --rate 20/min.", strings.Join(same, ", "))
}

// unplayable says why none of the hops can be played.
func unplayable(traffic []evidence.HopTraffic, rhythms []evidence.HopRhythm) error {
	const instead = `to play a failure without one name it: --down 45m, --greylist 5m, --opens "every 30m"`
	most := slices.MaxFunc(append([]evidence.HopTraffic{{}}, traffic...), func(a, b evidence.HopTraffic) int { return a.Late - b.Late })
	if most.Late == 0 {
		return fmt.Errorf("no message was late at any of %d hops, so that there is no delay to set anything beside; %s", len(traffic), instead)
	}
	why := ""
	i := slices.IndexFunc(traffic, func(h evidence.HopTraffic) bool { return h.Server == most.Server && h.To == most.To })
	if i >= 0 && i < len(rhythms) {
		why = fmt.Sprintf(", %q: %s", rhythms[i].Is, rhythms[i].Why)
	}
	return fmt.Errorf("of %d hops none has a rhythm that can be played (a clock, a retry timer, a backlog); most late mail, %d of %d, has %s to %s%s; %s", len(traffic), most.Late, most.Count, most.Server, most.To, why, instead)
}
