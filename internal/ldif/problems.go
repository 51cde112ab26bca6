package ldif

import "fmt"

// journal hands problems on, but not without end: a file of another kind has
// one on every line.
type journal struct {
	report func(Problem)
	count  int
}

func (j *journal) add(line int, what string) {
	j.count++
	if j.report != nil && j.count <= maxProblems {
		j.report(Problem{line, what})
	}
}

// close says how many problems were not reported.
func (j *journal) close(line int) {
	if more := j.count - maxProblems; j.report != nil && more > 0 {
		j.report(Problem{line, fmt.Sprintf("%d more problems up to here are not listed", more)})
	}
}
