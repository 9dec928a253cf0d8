package config

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"

	"hhrecon/reconcile"
)

// parseTime parses a time in the form of RFC 3339, or a day. A day begins at midnight in the zone of the schedules.
func parseTime(text string, zone *time.Location) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time: write 2026-11-01 or 2026-11-01T02:30:00+06:00", text)
	}
	return at, nil
}

// ParseWindow parses --from and --to. An empty text keeps the corresponding limit of the given period.
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
		return w, UsageErrorf("the window is empty: --from %s is not before --to %s (--from is inclusive, --to is "+
			"exclusive): use an earlier --from or a later --to", w.From.In(zone).Format(time.RFC3339),
			w.To.In(zone).Format(time.RFC3339))
	}
	return w, nil
}

// LastMonth is the period of monthly reports. Later runs correct monthly reports, because merchants close
// their books every month.
const LastMonth = "last-month"

// PeriodOf returns the period of a report that is due at a given time. A period consists of full days in the time zone
// of the schedules. A week begins on Monday.
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
	return reconcile.Window{}, fmt.Errorf("period %q must be yesterday, last-week or last-month", name)
}

// localZone returns the machine's time zone with its name in the time zone database. Go uses the name "Local" unless
// the variable TZ contains the name.
func localZone() *time.Location {
	if name := time.Local.String(); name != "Local" {
		_, area, found := strings.Cut(name, "/zoneinfo/") // TZ may contain the path of a zone file
		if zone, err := time.LoadLocation(area); found && err == nil {
			return zone
		}
		return time.Local
	}
	return cmp.Or(zoneOf("/etc/localtime", time.Now()), time.Local)
}

// zoneOf reads a zone file. zoneOf returns nil if the file does not exist. If the file is a link, the zone has the name
// of the link's target. Otherwise the name contains the offsets from UTC in the current year.
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

// clockTime is the format of the setting done_by.
const clockTime = "15:04"

// Deadline returns the first time after due at which clocks in the zone show the given time of day. Deadline returns
// the zero time if the time of day cannot be parsed.
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
