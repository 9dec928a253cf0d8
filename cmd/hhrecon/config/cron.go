package config

import (
	"errors"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// ParseCron parses five fields in the same way as gocron. Tests replace this variable to accept seconds in cron
// expressions.
var ParseCron = cron.ParseStandard

// everyHour is the bit mask of an hour field that contains all 24 hours.
const everyHour = 1<<24 - 1

// CronSchedule is a cron expression in a time zone. All processes compute the same scheduled times.
//
// An expression that names hours follows local time. If a time does not exist when clocks are set forward, the job is
// scheduled at the end of the gap. If a time occurs twice when clocks are set back, the job is scheduled only at the
// first occurrence. An expression for every hour follows elapsed time, so the job is scheduled at both occurrences.
type CronSchedule struct {
	Spec *cron.SpecSchedule
	Zone *time.Location
}

// NewCronSchedule parses a cron expression. NewCronSchedule returns an error if the expression contains a zone, since
// the setting timezone sets the zone.
func NewCronSchedule(expression string, zone *time.Location) (CronSchedule, error) {
	if strings.Contains(expression, "TZ=") { // the cron library panics for some of these expressions
		return CronSchedule{}, errors.New("set the zone with the setting timezone")
	}
	schedule, err := ParseCron(expression)
	if err != nil {
		return CronSchedule{}, err
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return CronSchedule{}, errors.New("@every has no fixed times: write an expression such as 30 2 * * *")
	}
	c := CronSchedule{Spec: spec, Zone: zone}
	spec.Location = time.UTC
	if spec.Hour&everyHour == everyHour {
		spec.Location = zone
	}
	if c.Next(time.Now()).IsZero() {
		return CronSchedule{}, errors.New("this day never occurs")
	}
	return c, nil
}

// IsValid returns nil, since NewCronSchedule has validated the expression. gocron calls IsValid.
func (c CronSchedule) IsValid(string, *time.Location, time.Time) error { return nil }

// Next returns the first scheduled time after t, or the zero time if there is none.
func (c CronSchedule) Next(t time.Time) time.Time {
	if c.Spec.Location != time.UTC {
		return c.Spec.Next(t)
	}
	for wall := wallClock(t.In(c.Zone)); ; {
		wall = c.Spec.Next(wall)
		if wall.IsZero() {
			return wall
		}
		if due := AtWallClock(wall, c.Zone); due.After(t) {
			return due.In(t.Location())
		}
	}
}

// Last returns the latest scheduled time that is not after t, or the zero time if there is none.
func (c CronSchedule) Last(t time.Time) time.Time {
	const longest = 11 * 366 * 24 * time.Hour // the next 29 February may be eight years away
	for back := 2 * time.Hour; back < longest; back *= 6 {
		if due := c.Between(t.Add(-back), t); len(due) > 0 {
			return due[len(due)-1]
		}
	}
	return time.Time{}
}

// Between returns the scheduled times after from and not after to.
func (c CronSchedule) Between(from, to time.Time) []time.Time {
	var due []time.Time
	for at := c.Next(from); !at.IsZero() && !at.After(to); at = c.Next(at) {
		due = append(due, at)
	}
	return due
}

// wallClock returns a time in UTC with the same date and time of day as the local time of t. In UTC each
// time exists exactly once.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// AtWallClock returns the first time at which clocks in the zone show the given time. If clocks skip this time,
// AtWallClock returns the end of the gap.
func AtWallClock(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(),
		zone)
	start, end := t.ZoneBounds()
	switch shown := wallClock(t); {
	case shown.After(wall):
		return start
	case shown.Before(wall):
		return end
	}
	if start.IsZero() {
		return t
	}
	_, offset := t.Zone()
	_, before := start.Add(-time.Second).Zone()
	if turned := time.Duration(before-offset) * time.Second; turned > t.Sub(start) {
		return t.Add(-turned) // clocks showed this time once before they were set back
	}
	return t
}
