package maillog

// postfixBytes has a byte other than a dot for each of the queue ids of Postfix: digits, capital
// letters of hexadecimal numbers, consonants of both cases (postconf(5),
// enable_long_queue_ids).
const postfixBytes = "................................" +
	"................0123456789......" +
	".ABCDEFGH.JKLMN.PQRST.VWXYZ....." +
	"..bcd.fgh.jklmn.pqrst.vwxyz....." +
	"................................" + "................................" +
	"................................" + "................................"

// postfixID gives the length of the queue id before ": ". The short form is
// hexadecimal, the long one has digits and consonants of both cases: words such as
// "warning" and "statistics" are neither. 0 means that there is none.
func postfixID(s []byte) int {
	for i, c := range s {
		if postfixBytes[c] == '.' {
			if i < 6 || i > maxQueueID || c != ':' || i+1 == len(s) || s[i+1] != ' ' {
				return 0
			}
			return i
		}
	}
	return 0
}

// eximID gives the length of the message id before a blank: 6-6-2 characters, or
// 6-11-4 since Exim 4.97. 0 means that there is none.
func eximID(s []byte) int {
	switch {
	case hyphens(s, 6, 13, 16):
		return 16
	case hyphens(s, 6, 18, 23):
		return 23
	}
	return 0
}

// hyphens says whether s has an id of n bytes with hyphens at a and b.
func hyphens(s []byte, a, b, n int) bool {
	if len(s) < n || s[a] != '-' || s[b] != '-' || len(s) > n && s[n] != ' ' {
		return false
	}
	for i, c := range s[:n] {
		if (c == '-') != (i == a || i == b) || !isIDByte(c) {
			return false
		}
	}
	return true
}

// sendmailID gives the length of the queue id before ": ": letters and digits,
// eight or more, the last ones of them digits (the PID). 0 means that there is none.
func sendmailID(s []byte) int {
	n := 0
	for n < len(s) && s[n] != '-' && isIDByte(s[n]) {
		n++
	}
	if n < 8 || n > maxQueueID || s[n-1]-'0' > 9 || !has(s[n:], ": ") {
		return 0
	}
	return n
}
