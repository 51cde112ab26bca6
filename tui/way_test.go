package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/report"
)

// toQuestions goes from the start to the questions.
func (d *driver) toQuestions() {
	d.keys("enter", "Exchange 2003 to 2007", "enter", "201007-0001", "enter", "ctrl+d")
}

// answer answers the questions of the founding case.
func (d *driver) answer() {
	d.keys("alice@contoso.com", "enter", "ex07hub.contoso.com", "enter", "y", "enter", "s", "enter", "enter", "enter")
	for _, f := range d.m.questions.form.fields {
		if v := map[string]string{"sender": "bob@contoso.com", "ehlo": "ex03a.contoso.com", "resolver": "10.0.0.53", "connect-limit": "5s"}[f.name]; v != "" {
			d.m.questions.form.to(f)
			d.keys(v)
		}
	}
}

// TestTheWholeWay goes from the task to an XML report that is read back.
func TestTheWholeWay(t *testing.T) {
	founding(t, func(d *driver) {
		d.golden("start")
		d.keys("enter")
		d.golden("complaint-empty")
		d.keys("Exchange 2003 to 2007", "enter", "201007-0001", "enter")
		d.golden("complaint")
		d.keys("enter", "enter")
		if d.m.at != atQuestions {
			d.keys("ctrl+d")
		}
		d.sees("To whom is mail late?")
		d.golden("questions-empty")
		d.answer()
		d.golden("questions-more")
		d.keys("ctrl+d")
		d.sees("Symptom: Messages destined to recipients are delayed")
		d.golden("consent")
		d.keys("enter")
		d.sees("Nothing was touched yet")
		d.keys("y")
		d.settle(2 * time.Second)
		d.golden("running")
		d.until("Root cause", 5*time.Minute)
		d.golden("results")
		d.exportAll()
	})
}

func (d *driver) exportAll() {
	d.keys("ctrl+c")
	d.sees("not exported yet")
	d.golden("leaving")
	d.keys("x")
	here := d.m.export.form.fields[0].value()
	d.m.export.form.fields[0].set("/home/eva/reports")
	d.golden("export")
	d.m.export.form.fields[0].set(here)
	d.keys("ctrl+d")
	d.settle(time.Second)
	d.sees("Written:")
	wrote := d.m.export.wrote
	if len(wrote) != 2 || filepath.Base(wrote[0]) != "201007-0001-exchange-2003-to-2007.xml" {
		d.t.Fatalf("wrote %q", wrote)
	}
	events, err := report.Read(strings.NewReader(readAll(d.t, wrote[0])))
	if err != nil {
		d.t.Fatal(err)
	}
	r := diag.NewReport(catalog())
	for _, ev := range events {
		r.Add(ev)
	}
	if hs := r.Hypotheses(); len(hs) == 0 || hs[0].Code != "ADDRESS-DEAD" || hs[0].Verdict != diag.Confirmed {
		d.t.Errorf("the report that was read back says %+v", hs)
	}
	if d.keys("ctrl+c"); !d.quit {
		d.t.Error("ctrl+c does not leave when all is saved")
	}
	if set := readAll(d.t, d.m.settingsFile()); !strings.Contains(set, filepath.Dir(wrote[0])) {
		d.t.Errorf("the folder is not remembered: %s", set)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(wrote[0]), ".mailflow-*"))
	if len(left) > 0 {
		d.t.Errorf("left over: %q", left)
	}
	if _, err := os.Stat(wrote[1]); err != nil {
		d.t.Error(err)
	}
}
