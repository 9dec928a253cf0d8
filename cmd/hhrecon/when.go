package main

import (
	"fmt"
	"time"
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

// parseWindow reads --from and --to; what is left out is the given default.
func parseWindow(from, to string, zone *time.Location, defaultFrom, defaultTo time.Time) (time.Time, time.Time, error) {
	start, end := defaultFrom, defaultTo
	var err error
	if from != "" {
		if start, err = parseTime(from, zone); err != nil {
			return start, end, usageError("--from: %w", err)
		}
	}
	if to != "" {
		if end, err = parseTime(to, zone); err != nil {
			return start, end, usageError("--to: %w", err)
		}
	}
	if !start.Before(end) {
		return start, end, usageError("the window is empty: --from %s is not before --to %s (from is inside, to is not)",
			start.In(zone).Format(time.RFC3339), end.In(zone).Format(time.RFC3339))
	}
	return start, end, nil
}
