package queuelist

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A writer prints a queue as a server does, and says what of it the print holds.
type writer struct {
	format Format
	write  func(r *rand.Rand, queue []Message) (text string, held []Message)
}

func writers() []writer {
	return []writer{{PostqueueJSON, writeJSON}, {PostfixMailq, writePostfix}, {SendmailMailq, writeSendmail}, {EximBP, writeExim}}
}

// queue makes one with all that a listing may hold.
func queue(r *rand.Rand) []Message {
	states := []string{"active", "hold", "deferred", "incoming", "frozen", "too young", "load too high", "lost", ""}
	all := make([]Message, r.IntN(6))
	for i := range all {
		m := &all[i]
		m.Queue = states[r.IntN(len(states))]
		m.Arrived = time.Unix(1_700_000_000+r.Int64N(100_000_000), 0).UTC()
		m.AgeSeconds, m.AgeGrain = -1, 0
		m.Size = r.Int64N(1 << r.IntN(40))
		m.Sender = address(r)
		for range 1 + r.IntN(4) {
			m.Recipients = append(m.Recipients, Recipient{Address: address(r), Reason: reason(r), Delivered: r.IntN(3) == 0})
		}
	}
	return all
}

func address(r *rand.Rand) string {
	locals := []string{"anna", "b.c+d", `"odd name"`, `"a\"b \\ c"`, "büro", "bounces-0123456789-0123456789-0123456789", "_", `"(x)"`}
	return locals[r.IntN(len(locals))] + strings.Repeat("x", r.IntN(3)) + "@" + strings.Repeat("sub.", r.IntN(12)) + "example.com"
}

func reason(r *rand.Rand) string {
	reasons := []string{"", "", "Connection timed out", `said: 451 4.7.1 "later" (come back (soon)) \ {"address": 1}`, "über 10%", ")", "((", strings.Repeat("long ", 40) + "end"}
	return reasons[r.IntN(len(reasons))]
}

func writeJSON(r *rand.Rand, queue []Message) (string, []Message) {
	var b strings.Builder
	held := make([]Message, len(queue))
	quote := func(s string) string { q, _ := json.Marshal(s); return string(q) }
	for i, m := range queue {
		m.ID = fmt.Sprintf("%X", r.Uint64()>>16)
		fmt.Fprintf(&b, `{"queue_name": %s, "queue_id": %s, "arrival_time": %d, "message_size": %d, "forced_expire": false, "sender": %s, "recipients": [`,
			quote(m.Queue), quote(m.ID), m.Arrived.Unix(), m.Size, quote(m.Sender))
		m.Recipients = slices.Clone(m.Recipients)
		for j := range m.Recipients {
			to := &m.Recipients[j]
			to.Delivered = false
			b.WriteString([]string{"", ", "}[min(j, 1)] + `{"address": ` + quote(to.Address))
			if to.Reason != "" {
				b.WriteString(`, "delay_reason": ` + quote(to.Reason))
			}
			b.WriteString("}")
		}
		b.WriteString("]}\n")
		held[i] = m
	}
	return b.String(), held
}

func writePostfix(r *rand.Rand, queue []Message) (string, []Message) {
	var b strings.Builder
	held := make([]Message, len(queue))
	first, width, row, indent := "-Queue ID-  --Size--", 10, "%-11s %7d %20.20s %s\n", 41
	if r.IntN(2) == 0 {
		first, width, row, indent = "----Queue ID----- --Size--", 16, "%-17s %8d %19.19s %s\n", 47
	}
	total := int64(0)
	for i, m := range queue {
		m.ID = fmt.Sprintf("%0*X", width, r.Uint64()>>(64-4*width))
		mark := map[string]string{"active": "*", "hold": "!"}[m.Queue]
		if mark == "" {
			m.Queue = ""
		}
		b.WriteString([]string{first + " ----Arrival Time---- -Sender/Recipient-------\n", "\n"}[min(i, 1)])
		printed := m.Arrived.Format(time.ANSIC)
		fmt.Fprintf(&b, row, m.ID+mark+strings.Repeat("#", r.IntN(2)), m.Size, printed, m.Sender)
		m.Arrived, m.ArrivedText = time.Time{}, printed[:19]
		m.Recipients = slices.Clone(m.Recipients)
		saved := ""
		for j := range m.Recipients {
			to := &m.Recipients[j]
			to.Delivered = false
			if to.Reason != saved {
				saved = to.Reason
				fmt.Fprintf(&b, "%77s)\n", "("+map[bool]string{true: "reason unavailable"}[saved == ""]+saved)
			}
			fmt.Fprintf(&b, "%*s%s\n", indent, "", to.Address)
		}
		total += m.Size
		held[i] = m
	}
	if len(queue) == 0 {
		return "Mail queue is empty\n", held
	}
	fmt.Fprintf(&b, "\n-- %d Kbytes in %d Request%s.\n", total/1024, len(queue), map[bool]string{false: "s"}[len(queue) == 1])
	return b.String(), held
}

func writeSendmail(r *rand.Rand, queue []Message) (string, []Message) {
	var b strings.Builder
	held := make([]Message, len(queue))
	long := r.IntN(2) == 0
	sender, recipient, why := 39, 38, 60
	if long {
		sender, recipient, why = 78, 71, 100
	}
	if len(queue) > 0 {
		fmt.Fprintf(&b, "\t\t/var/spool/mqueue (%d requests)\n-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n", len(queue))
	} else {
		b.WriteString("/var/spool/mqueue is empty\n")
	}
	for i, m := range queue {
		m.ID = fmt.Sprintf("6AMJxqL%c%06d", 'A'+rune(r.IntN(26)), r.IntN(1e6))
		mark := map[string]string{"active": "*", "too young": "-", "load too high": "X", "lost": "?"}[m.Queue]
		if mark == "" {
			m.Queue, mark = "", " "
		}
		m.ArrivedText = m.Arrived.Format(time.ANSIC)[:16]
		fmt.Fprintf(&b, "%13s%s%8d ", m.ID, mark, m.Size)
		if long {
			m.ArrivedText = m.ArrivedText[4:]
			fmt.Fprintf(&b, "%10d%c", r.IntN(1e6), " +"[r.IntN(2)])
		}
		m.Arrived = time.Time{}
		var printed string
		printed, m.Sender, m.SenderCut = columns(m.Sender, sender)
		fmt.Fprintf(&b, "%s %s\n", m.ArrivedText, printed)
		said := m.Recipients[0].Reason
		said = strings.ToValidUTF8(said[:min(len(said), why)], "")
		if body := []string{"", "8BITMIME", "7BIT"}[r.IntN(3)]; body != "" || said != "" {
			fmt.Fprintf(&b, "    %10.10s", body)
			if said != "" {
				b.WriteString("   (" + said + ")")
			}
			b.WriteString("\n")
		}
		m.Recipients = slices.Clone(m.Recipients)
		for j := range m.Recipients {
			to := &m.Recipients[j]
			to.Delivered, to.Reason = false, said
			printed, to.Address, to.Cut = columns(to.Address, recipient)
			b.WriteString("\t\t\t\t\t " + printed + "\n")
		}
		held[i] = m
	}
	fmt.Fprintf(&b, "\t\tTotal requests: %d\n", len(queue))
	return b.String(), held
}

// columns prints an address as prtstr of Sendmail does, and says what is left.
func columns(address string, width int) (printed, left string, cut bool) {
	var b, plain strings.Builder
	address = "<" + address + ">"
	for i := 0; i < len(address); i++ {
		piece := address[i : i+1]
		if piece == `\` {
			piece = `\\`
		} else if piece[0] >= 0x80 {
			piece = fmt.Sprintf(`\%03o`, piece[0])
		}
		if width -= len(piece); width < 0 {
			cut = true
			break
		}
		b.WriteString(piece)
		plain.WriteByte(address[i])
	}
	left = strings.TrimSuffix(plain.String()[1:], ">")
	return b.String(), strings.ToValidUTF8(left, "\uFFFD"), cut
}

func writeExim(r *rand.Rand, queue []Message) (string, []Message) {
	var b strings.Builder
	held := make([]Message, len(queue))
	for i, m := range queue {
		m.ID = base62(m.Arrived.Unix()) + []string{"-0000c8-00", "-00000000c8x-0Z1a"}[r.IntN(2)]
		n := r.Int64N(91)
		unit := r.IntN(3)
		m.AgeGrain = []time.Duration{time.Minute, time.Hour, 24 * time.Hour}[unit]
		m.AgeSeconds = n * int64(m.AgeGrain/time.Second)
		if n := r.IntN(7); n == 0 {
			m.Sender = ""
		}
		size := fmt.Sprintf("%5d", m.Size)
		switch {
		case m.Size == 0:
			size, m.Size = "     ", -1
		case m.Size >= 10<<20:
			m.Size = min((m.Size+512<<10)>>20, 99999)
			size, m.Size = fmt.Sprintf("%4dM", m.Size), m.Size<<20
		case m.Size >= 1<<10:
			m.Size = (m.Size + 512) >> 10
			size, m.Size = fmt.Sprintf("%4dK", m.Size), m.Size<<10
		}
		fmt.Fprintf(&b, "%2d%c %s %s <%s>%s", n, "mhd"[unit], size, m.ID, m.Sender, []string{"", " (www-data)"}[r.IntN(2)])
		if m.Queue == "frozen" {
			b.WriteString(" *** frozen ***")
		} else {
			m.Queue = ""
		}
		b.WriteString("\n")
		m.Recipients = slices.Clone(m.Recipients)
		for j := range m.Recipients {
			to := &m.Recipients[j]
			to.Reason = ""
			fmt.Fprintf(&b, "        %s %s\n", map[bool]string{true: "D", false: " "}[to.Delivered], to.Address)
		}
		b.WriteString("\n")
		held[i] = m
	}
	return b.String(), held
}

func base62(n int64) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := make([]byte, 6)
	for i := 5; i >= 0; i-- {
		id[i], n = digits[n%62], n/62
	}
	return string(id)
}

// TestReadsBack holds each reader to what each server prints, whole and quiet.
func TestReadsBack(t *testing.T) {
	for _, w := range writers() {
		t.Run(string(w.format), func(t *testing.T) {
			for seed := range uint64(1500) {
				r := rand.New(rand.NewPCG(seed, 1))
				text, want := w.write(r, queue(r))
				if got := Sniff([]byte(text)); got != w.format && len(want) > 0 {
					t.Fatalf("sniffed as %q:\n%s", got, text)
				}
				if r.IntN(2) == 0 {
					text = "[root@mx ~]# list\n" + text + "[root@mx ~]# \n"
				}
				readsBack(t, w.format, text, want)
				if t.Failed() {
					t.Fatalf("seed %d:\n%s", seed, text)
				}
			}
		})
	}
}

func readsBack(t *testing.T, f Format, text string, want []Message) {
	var got []Message
	line, total := 0, int64(0)
	var s Summary
	for m := range Messages(strings.NewReader(text), f, &s, func(p Problem) { t.Error(p) }) {
		if m.Line <= line {
			t.Error("not in order of lines", m.Line)
		}
		line, m.Line = m.Line, 0
		got = append(got, *m)
		total += m.Size
	}
	if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
		t.Error(diff)
	}
	if totals := f == PostfixMailq || f == SendmailMailq; s.Said != totals || totals && s.Requests != len(want) || s.Bytes != 0 && s.Bytes != total&^1023 {
		t.Error(s)
	}
}

// TestDamage takes a piece out of a listing. The messages that it did not touch
// are read as ever, and each message that is lost is reported.
func TestDamage(t *testing.T) {
	for _, w := range writers() {
		t.Run(string(w.format), func(t *testing.T) {
			for seed := range uint64(1500) {
				r := rand.New(rand.NewPCG(seed, 2))
				text, want := w.write(r, queue(r))
				from := r.IntN(len(text) + 1)
				to := min(from+1+r.IntN(60), len(text))
				got := map[string]bool{}
				problems := 0
				for m := range Messages(strings.NewReader(text[:from]+text[to:]), w.format, nil, func(Problem) { problems++ }) {
					got[m.ID] = true
				}
				for _, m := range want {
					if at := strings.Index(text, m.ID); !got[m.ID] && (at+len(m.ID)+100 < from || at > to+100) {
						t.Fatalf("seed %d: %s is not there; %d to %d taken of:\n%s", seed, m.ID, from, to, text)
					}
				}
				if len(got) < len(want) && problems == 0 && w.format != EximBP { // which has no total
					t.Fatalf("seed %d: %d of %d read and no problem; %d to %d taken of:\n%s", seed, len(got), len(want), from, to, text)
				}
			}
		})
	}
}
