//go:build integration

package rig

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// theLab is up while tests run; when it is nil, whyNot says why.
var (
	theLab *lab
	whyNot error
)

func TestMain(m *testing.M) {
	flag.Parse()
	// The cases wait much more than they work, so more of them at once than
	// there are processors.
	flag.Set("test.parallel", "20")
	if dir := os.Getenv(insideVar); dir != "" {
		theLab = &lab{dir: dir} // a run that is up already, see TestDirectory
		os.Exit(m.Run())
	}
	os.Exit(runAll(m))
}

func runAll(m *testing.M) (code int) {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)

	theLab, whyNot = newLab()
	if theLab != nil {
		defer func() {
			if err := theLab.close(); err != nil {
				fmt.Fprintln(os.Stderr, "FAIL: taking the lab away:", err)
				code = max(code, 1)
			}
		}()
	}
	if whyNot != nil && (os.Getenv("CI") == "true" || !errors.Is(whyNot, errCannotHere)) {
		fmt.Fprintln(os.Stderr, "FAIL: the lab:", whyNot)
		return 1
	}
	finished := make(chan int, 1)
	go func() { finished <- m.Run() }()
	select {
	case code = <-finished:
		return code
	case <-interrupted:
		return 130
	}
}

// needLab is the lab, or skips the test where there cannot be one.
func needLab(t *testing.T) *lab {
	t.Helper()
	if whyNot != nil {
		t.Skipf("no lab: %v", whyNot)
	}
	return theLab
}
