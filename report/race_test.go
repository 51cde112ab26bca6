//go:build race

package report

// underRace is where the race detector makes everything ten times slower: what
// one goroutine does on ever more texts is tried on fewer of them.
const underRace = true
