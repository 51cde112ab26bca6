package exlog

import "fmt"

// journal keeps problems, but not without end: a file of another kind has one on
// every line.
type journal struct {
	problems []Problem
	more     int64 // problems that are not in the list
	skipped  int64
}

// Problems lists what was left out or is in doubt so far: the first hundred, and
// behind them how many there are besides.
func (j *journal) Problems() []Problem {
	list := j.problems[:len(j.problems):len(j.problems)]
	if j.more > 0 {
		list = append(list, Problem{list[len(list)-1].Line, fmt.Sprintf("%d more problems behind this line are not listed", j.more)})
	}
	return list
}

// Skipped counts the rows that were left out so far.
func (j *journal) Skipped() int64 { return j.skipped }

// doubt notes a problem. The words are only put together for the list.
func (j *journal) doubt(line int64, format string, args ...int64) {
	if len(j.problems) == maxProblems {
		j.more++
		return
	}
	words := make([]any, len(args))
	for i, a := range args {
		words[i] = a
	}
	j.problems = append(j.problems, Problem{line, fmt.Sprintf(format, words...)})
}

// skip leaves a row out.
func (j *journal) skip(line int64, format string, args ...int64) {
	j.skipped++
	j.doubt(line, format+": left out", args...)
}
