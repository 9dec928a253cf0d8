package main

import (
	"fmt"
	"time"

	"hhrecon/reconcile"
)

// lastMonth is the period whose reports are corrected by what is found after its end: books are closed by the month.
const lastMonth = "last-month"

// periodOf is the span that a report is about which is due at a given time: whole days of the schedules' zone. A
// week begins on Monday.
func periodOf(name string, due time.Time, zone *time.Location) (reconcile.Window, error) {
	due = due.In(zone)
	year, month, day := due.Date()
	midnight := func(months, days int) time.Time {
		return onWall(time.Date(year, month+time.Month(months), days, 0, 0, 0, 0, time.UTC), zone)
	}
	switch name {
	case "yesterday":
		return reconcile.Window{From: midnight(0, day-1), To: midnight(0, day)}, nil
	case "last-week":
		monday := day - (int(due.Weekday())+6)%7
		return reconcile.Window{From: midnight(0, monday-7), To: midnight(0, monday)}, nil
	case lastMonth:
		return reconcile.Window{From: midnight(-1, 1), To: midnight(0, 1)}, nil
	}
	return reconcile.Window{}, fmt.Errorf("period %q: it must be yesterday, last-week or last-month", name)
}
