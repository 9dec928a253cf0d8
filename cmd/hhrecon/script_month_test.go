package main

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"hhrecon/sql/sqltest"
)

// lastMonthCommand moves all runs to last month, because a script cannot wait for the end of a month.
func lastMonthCommand(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, _ []string) {
		zone, err := time.LoadLocation("Asia/Bishkek")
		ts.Check(err)
		year, month, _ := time.Now().In(zone).Date()
		first, next := time.Date(year, month-1, 1, 0, 0, 0, 0, zone), time.Date(year, month, 1, 0, 0, 0, 0, zone)
		db := sqltest.DB(t, superuserOf(ts))
		_, err = db.Exec("update hhrecon_run set started_at = '" +
			first.AddDate(0, 0, 20).UTC().Format("2006-01-02T15:04:05.000000Z") + "'")
		ts.Check(err)
		ts.Setenv("FROM", first.Format(time.DateOnly))
		ts.Setenv("TO", next.Format(time.DateOnly))
	}
}
