// Package tui is the terminal front end: it takes the operator from a complaint
// to a written report. It is a view of the same engine and the same Report as
// the headless run, and decides nothing itself: what is asked and touched comes
// from the plan, what is concluded from the report.
//
// Each screen has its file. A screen draws rows and takes keys; the Model holds
// what the screens share: the case so far, the run, and its report.
//
// Whatever comes from outside passes through report.Visible before it is drawn,
// and Model.View cuts every line to the width of the window.
package tui
