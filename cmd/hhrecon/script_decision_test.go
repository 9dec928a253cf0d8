package main

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"hhrecon/sql/sqltest"
)

// says implements the script command `says ID STATUS [SUB_STATUS] [AMOUNT]`, which changes HighHelp's
// answer about a payin.
func says(ts *testscript.TestScript, _ bool, args []string) {
	box := stateOf(ts).box
	p, ok := box.Payin(demoProject, args[0])
	if !ok {
		ts.Fatalf("the sandbox has no payin %s", args[0])
	}
	p.Status, p.SubStatus, p.Steps = args[1], "", slices.Clone(p.Steps)
	for _, word := range args[2:] {
		if amount, err := strconv.ParseInt(word, 10, 64); err == nil {
			p.Amount = amount
		} else {
			p.SubStatus = word
		}
	}
	ts.Check(box.Put(p))
}

// waitRows implements the script command `wait-rows N 'TABLE where CONDITION'`, which waits for a number of rows.
func waitRows(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		db := sqltest.DB(t, superuserOf(ts))
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			var got int
			ts.Check(db.Get(&got, "select count(*) from "+args[1]))
			if got >= want {
				return
			}
			if time.Now().After(deadline) {
				ts.Fatalf("%d rows, not %d: %s", got, want, args[1])
			}
		}
	}
}
