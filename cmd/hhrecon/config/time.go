package config

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"

	"hhrecon/reconcile"
)

// parseTime reads a moment as users write it: RFC 3339, or a day, which begins at midnight in the
// schedules' zone.
func parseTime(text string, zone *time.Location) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time: write 2026-11-01 or 2026-11-01T02:30:00+06:00", text)
	}
	return at, nil
}

// ParseWindow reads --from and --to; what is left out is the given default.
func ParseWindow(from, to string, zone *time.Location, w reconcile.Window) (_ reconcile.Window, err error) {
	if from != "" {
		if w.From, err = parseTime(from, zone); err != nil {
			return w, UsageErrorf("--from: %w", err)
		}
	}
	if to != "" {
		if w.To, err = parseTime(to, zone); err != nil {
			return w, UsageErrorf("--to: %w", err)
		}
	}
	if !w.From.Before(w.To) {
		return w, UsageErrorf("the window is empty: --from %s is not before --to %s (from is inside, to is not)",
			w.From.In(zone).Format(time.RFC3339), w.To.In(zone).Format(time.RFC3339))
	}
	return w, nil
}

// LastMonth is the period whose reports are corrected by what is found after its end: books are closed by the month.
const LastMonth = "last-month"

// PeriodOf is the span that a report is about which is due at a given time: whole days of the schedules' zone. A
// week begins on Monday.
func PeriodOf(name string, due time.Time, zone *time.Location) (reconcile.Window, error) {
	due = due.In(zone)
	year, month, day := due.Date()
	midnight := func(months, days int) time.Time {
		return AtWallClock(time.Date(year, month+time.Month(months), days, 0, 0, 0, 0, time.UTC), zone)
	}
	switch name {
	case "yesterday":
		return reconcile.Window{From: midnight(0, day-1), To: midnight(0, day)}, nil
	case "last-week":
		monday := day - (int(due.Weekday())+6)%7
		return reconcile.Window{From: midnight(0, monday-7), To: midnight(0, monday)}, nil
	case LastMonth:
		return reconcile.Window{From: midnight(-1, 1), To: midnight(0, 1)}, nil
	}
	return reconcile.Window{}, fmt.Errorf("period %q: it must be yesterday, last-week or last-month", name)
}

// localZone is the machine's zone under a name that says which one it is: Go calls every one "Local" that TZ does not
// name.
func localZone() *time.Location {
	if name := time.Local.String(); name != "Local" {
		_, area, found := strings.Cut(name, "/zoneinfo/") // TZ may be the path of a file
		if zone, err := time.LoadLocation(area); found && err == nil {
			return zone
		}
		return time.Local
	}
	return cmp.Or(zoneOf("/etc/localtime", time.Now()), time.Local)
}

// zoneOf reads a zone's file. Its name is that of the file that it is a link to, and where that says nothing, how far
// the zone is from UTC in the year of now; nil where there is no such file.
func zoneOf(file string, now time.Time) *time.Location {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	target, _ := os.Readlink(file)
	_, name, found := strings.Cut(target, "/zoneinfo/")
	if !found {
		name = "UTC"
	}
	zone, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil
	}
	if found {
		return zone
	}
	offsets := offset(now.Year(), time.January, zone)
	if july := offset(now.Year(), time.July, zone); july != offsets {
		offsets += "/" + july
	}
	if zone, err = time.LoadLocationFromTZData("UTC"+offsets, data); err != nil {
		return nil
	}
	return zone
}

func offset(year int, month time.Month, zone *time.Location) string {
	return time.Date(year, month, 1, 0, 0, 0, 0, zone).Format("-07:00")
}

// clockTime is how done_by is written.
const clockTime = "15:04"

// Deadline is the first time after a due time at which a zone's clocks show the time of day; zero if there is none.
func Deadline(clock string, due time.Time, zone *time.Location) time.Time {
	at, err := time.Parse(clockTime, clock)
	if err != nil {
		return time.Time{}
	}
	day := due.In(zone)
	for next := 0; ; next++ {
		wall := time.Date(day.Year(), day.Month(), day.Day()+next, at.Hour(), at.Minute(), 0, 0, time.UTC)
		if end := AtWallClock(wall, zone); end.After(due) {
			return end
		}
	}
}
