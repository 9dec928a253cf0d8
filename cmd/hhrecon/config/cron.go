package config

import (
	"errors"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// ParseCron reads five fields, as gocron does. A variable, so that tests can have due times by the second.
var ParseCron = cron.ParseStandard

// everyHour are the bits of all hours in a cron expression.
const everyHour = 1<<24 - 1

// CronSchedule is when a job is due: a cron expression in a zone. The due times depend on nothing else, not on when a
// process started nor on what ran before, so that all processes come to the same ones.
//
// An expression that names hours is about what the clock on the wall shows: a time that the clock skips in spring is
// due when it has sprung, and one that it shows twice in autumn is due the first time. One for every hour is about the
// time that passes: it is due in both.
type CronSchedule struct {
	Spec *cron.SpecSchedule
	Zone *time.Location
}

// NewCronSchedule reads a cron expression. One that brings a zone is an error: the zone is a setting of its own.
func NewCronSchedule(expression string, zone *time.Location) (CronSchedule, error) {
	if strings.Contains(expression, "TZ=") { // the cron library also panics at some of them
		return CronSchedule{}, errors.New("its zone is the setting timezone")
	}
	schedule, err := ParseCron(expression)
	if err != nil {
		return CronSchedule{}, err
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return CronSchedule{}, errors.New("@every has no due times of its own, only an interval since the start")
	}
	c := CronSchedule{Spec: spec, Zone: zone}
	spec.Location = time.UTC
	if spec.Hour&everyHour == everyHour {
		spec.Location = zone
	}
	if c.Next(time.Now()).IsZero() {
		return CronSchedule{}, errors.New("there is no such day")
	}
	return c, nil
}

// IsValid lets gocron take a cadence for its cron expression, which newCadence has read already.
func (c CronSchedule) IsValid(string, *time.Location, time.Time) error { return nil }

// Next is the first due time after t.
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

// Last is the latest due time that is not after t.
func (c CronSchedule) Last(t time.Time) time.Time {
	const longest = 11 * 366 * 24 * time.Hour // between two 29 February there may be eight years
	for back := 2 * time.Hour; back < longest; back *= 6 {
		if due := c.Between(t.Add(-back), t); len(due) > 0 {
			return due[len(due)-1]
		}
	}
	return time.Time{}
}

// Between are the due times after from, up to and with to.
func (c CronSchedule) Between(from, to time.Time) []time.Time {
	var due []time.Time
	for at := c.Next(from); !at.IsZero() && !at.After(to); at = c.Next(at) {
		due = append(due, at)
	}
	return due
}

// wallClock is what the clock on the wall shows, as if it were UTC, where every time is there once.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// AtWallClock is the first moment at which a zone's clocks show the given time, or a later one where they skip it.
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
		return t.Add(-turned) // the clocks were turned back, and showed it before
	}
	return t
}
