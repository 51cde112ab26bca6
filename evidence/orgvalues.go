package evidence

import (
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// flagOf reads a boolean of the directory or of PowerShell; nil for anything else.
func flagOf(s string) *bool {
	switch strings.ToLower(strings.TrimPrefix(strings.TrimSpace(s), "$")) {
	case "true":
		return new(true)
	case "false":
		return new(false)
	}
	return nil
}

// numberOf reads a whole number; nil for anything else, "Unlimited" too.
func numberOf(s string) *int {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		return nil
	}
	return new(int(n))
}

// The ways to write a time span: that of .NET ([days.]hours:minutes:seconds) and
// that of XML, as PowerShell exports it.
var (
	spanNET = regexp.MustCompile(`^(?:(\d{1,6})\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)$`)
	spanXML = regexp.MustCompile(`^P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$`)
)

// longestSpan is in seconds: no setting of transport comes near ten years, and
// what is much longer does not fit a time.Duration.
const longestSpan = 10 * 366 * 24 * 60 * 60

// spanOf reads a time span; nil for anything else, and for none below zero or
// beyond longestSpan either: no setting of transport has one.
func spanOf(s string) *Duration {
	for _, form := range [...]*regexp.Regexp{spanNET, spanXML} {
		f := form.FindStringSubmatch(strings.TrimSpace(s))
		if f == nil || f[1]+f[2]+f[3]+f[4] == "" {
			continue
		}
		sum := 0.0
		for i, unit := range []float64{24 * 60 * 60, 60 * 60, 60, 1} {
			n, _ := strconv.ParseFloat(f[i+1], 64)
			sum += n * unit
		}
		if sum > longestSpan {
			return nil
		}
		return new(Duration(sum))
	}
	return nil
}

// bytesOf reads an amount of bytes: "35 MB (36,700,160 bytes)" with the
// separators of any language, "10240KB", "36700160". nil for "Unlimited" and for
// anything else, as also "1.024 KB", which may mean two things.
func bytesOf(s string) *int64 {
	s = strings.TrimSpace(s)
	if _, exact, found := strings.Cut(s, "("); found {
		return grouped(strings.TrimRightFunc(strings.TrimSuffix(exact, ")"), func(r rune) bool { return unicode.IsLetter(r) || unicode.IsSpace(r) }))
	}
	digits := strings.TrimSpace(strings.TrimRightFunc(s, unicode.IsLetter))
	factor, known := unit(strings.TrimLeft(s[len(digits):], " "))
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !known || n < 0 || n > math.MaxInt64/factor {
		return nil
	}
	return new(n * factor)
}

func unit(name string) (bytes int64, known bool) {
	switch strings.ToUpper(name) {
	case "", "B":
		return 1, true
	case "KB":
		return 1 << 10, true
	case "MB":
		return 1 << 20, true
	case "GB":
		return 1 << 30, true
	case "TB":
		return 1 << 40, true
	}
	return 0, false
}

// grouped reads digits in groups of three, whatever stands between them.
func grouped(s string) *int64 {
	groups := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	for i, g := range groups {
		if i > 0 && len(g) != 3 {
			return nil
		}
	}
	n, err := strconv.ParseInt(strings.Join(groups, ""), 10, 64)
	if err != nil {
		return nil
	}
	return new(n)
}

// moreItems ends a list that Format-List cut short ($FormatEnumerationLimit);
// PowerShell 7 writes one character for the three.
func moreItems(s string) bool {
	s = strings.TrimSuffix(strings.TrimSpace(s), "}")
	return strings.HasSuffix(s, "...") || strings.HasSuffix(s, "…")
}

// itemsOf gives the items of a list that may be one text: "{a, b}" as
// Format-List writes it, or "a, b". A distinguished name is one item.
func itemsOf(values []string) []string {
	if len(values) != 1 {
		return trimmed(values)
	}
	s := strings.TrimSpace(values[0])
	body, ok := strings.CutPrefix(s, "{")
	body, closed := strings.CutSuffix(body, "}")
	switch {
	case ok && closed && strings.HasPrefix(strings.ToUpper(strings.TrimSpace(body)), "CN="):
		return trimmed(namesOf(body))
	case ok && closed && strings.Contains(body, ", "):
		return trimmed(strings.Split(body, ", "))
	case ok && closed:
		s = body
	case strings.Contains(s, "="):
		return trimmed(values)
	}
	return trimmed(strings.Split(s, ","))
}

// namesOf cuts a list of distinguished names: each begins with CN=, which within
// a name only follows a comma without a blank.
func namesOf(body string) []string {
	parts := strings.Split(body, ", ")
	all := parts[:0:0]
	for _, p := range parts {
		if len(all) > 0 && len(p) > 2 && !strings.EqualFold(p[:3], "CN=") {
			all[len(all)-1] += ", " + p
			continue
		}
		all = append(all, p)
	}
	return all
}

func trimmed(values []string) []string {
	var all []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

// hostsOf splits a list of smart hosts, as the directory keeps it in one text.
func hostsOf(s string) []string {
	return trimmed(strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }))
}

// bindingsOf brings addresses and ports to one form: "0.0.0.0:25", "[::]:25".
// How the directory writes them is documented nowhere: with one that cannot be
// read none is known.
func bindingsOf(values []string) []string {
	var all []string
	for _, v := range values {
		ap, err := netip.ParseAddrPort(strings.TrimSuffix(v, ":"))
		if err != nil {
			return nil
		}
		all = append(all, ap.String())
	}
	return all
}

// rolesOf makes the bits of msExchCurrentServerRoles of the words of ServerRole.
// Words without a documented bit are left out; nil where none is left.
func rolesOf(words []string) *int {
	bits := 0
	for _, w := range words {
		switch strings.ToLower(w) {
		case "mailbox":
			bits |= 2
		case "clientaccess":
			bits |= 4
		case "unifiedmessaging":
			bits |= 16
		case "hubtransport":
			bits |= 32
		case "edge":
			bits |= 64
		}
	}
	if bits == 0 {
		return nil
	}
	return &bits
}

// editionOf leaves out the words that tell no edition.
func editionOf(s string) string {
	switch strings.ToLower(s) {
	case "unknown", "none":
		return ""
	}
	return s
}

// canonicalName is the name at the end of a canonical one: "Berlin" of
// "contoso.com/Configuration/Sites/Berlin". Anything else stays.
func canonicalName(s string) string {
	if !bare(s) || !strings.Contains(s, "/Configuration/") {
		return s
	}
	return s[strings.LastIndexByte(s, '/')+1:]
}

var serial = regexp.MustCompile(`(?i)^Version (\d{1,3})\.(\d{1,3}) \(Build (\d{1,6})`)

// version reads what the server runs: from the text that every version writes,
// else from a number whose layout in the directory nobody has documented.
func (s *Server) version(text string, number *int) {
	s.Serial = text
	if f := serial.FindStringSubmatch(s.Serial); f != nil {
		s.Major, _ = strconv.Atoi(f[1])
		s.Minor, _ = strconv.Atoi(f[2])
		s.Build, _ = strconv.Atoi(f[3])
		s.Build %= 30000 // service packs of 2007 and later may add 30000
	} else if number != nil {
		s.Guessed = true
		switch v := *number; {
		case v>>28 == 7:
			s.Major, s.Minor, s.Build = v>>22&63, v>>16&63, v&0x7fff
		case v >= 6944 && v < 8000:
			s.Major, s.Minor, s.Build = 6, 5, v
		case v >= 4417 && v < 6944:
			s.Major, s.Minor, s.Build = 6, 0, v
		}
	}
	s.Generation = product(s.Major, s.Minor, s.Build)
}

func product(major, minor, build int) string {
	switch {
	case major == 4 || major == 5:
		return "exchange-5.5"
	case major == 6 && minor < 5:
		return "exchange-2000"
	case major == 6:
		return "exchange-2003"
	case major == 8:
		return "exchange-2007"
	case major == 14:
		return "exchange-2010"
	case major == 15 && minor == 0:
		return "exchange-2013"
	case major == 15 && minor == 1:
		return "exchange-2016"
	case major == 15 && build < 2562:
		return "exchange-2019"
	case major == 15:
		return "exchange-se"
	}
	return ""
}
