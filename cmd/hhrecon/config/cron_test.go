package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// zones lists time zones with clock changes at night, at midnight, by half an hour, and without clock changes.
var zones = []string{
	"Europe/Berlin", "America/New_York", "Asia/Beirut", "America/Havana", "Australia/Lord_Howe", "Africa/Cairo",
	"Asia/Tehran", "America/Sao_Paulo", "Asia/Bishkek", "UTC",
}

// TestOnceADay checks that a daily job has exactly one scheduled time on each day, for any time of day and zone. If the
// time of day exists on that day, the job must be scheduled at this time.
func TestOnceADay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		hour, minute := rapid.IntRange(0, 23).Draw(rt, "hour"), rapid.IntRange(0, 59).Draw(rt, "minute")
		year := rapid.IntRange(2010, 2030).Draw(rt, "year")
		c, err := NewCronSchedule(fmt.Sprintf("%d %d * * *", minute, hour), z)
		if err != nil {
			rt.Fatal(err)
		}
		day := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		next := c.Next(AtWallClock(day, z).Add(-time.Second))
		for ; day.Year() == year; day = day.AddDate(0, 0, 1) {
			local := next.In(z)
			if local.Format(time.DateOnly) != day.Format(time.DateOnly) {
				rt.Fatalf("%s does not have one scheduled time: the next is %s", day.Format(time.DateOnly), local)
			}
			if wall := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, z); !local.Equal(wall) {
				start, end := wall.ZoneBounds()
				if !local.Equal(start) && !local.Equal(end) && local.Format("15:04") != fmt.Sprintf("%02d:%02d", hour, minute) {
					rt.Fatalf("on %s the scheduled time is %s", day.Format(time.DateOnly), local)
				}
			}
			next = c.Next(next)
		}
	})
}

// TestConsistency checks that Next, Last and Between agree for any start.
func TestConsistency(t *testing.T) {
	expressions := []string{
		"30 2 * * *", "*/15 * * * *", "0 * * * *", "*/20 1-3 * * *", "0 0 * * *", "30 2,3 * * 0", "0 7 1 * *", "59 23 31 * *",
		"5 */2 * * 1-5",
		"@daily", "0 1 29 2 *",
	}
	rapid.Check(t, func(rt *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		c, err := NewCronSchedule(rapid.SampledFrom(expressions).Draw(rt, "cron"), z)
		if err != nil {
			rt.Fatal(err)
		}
		from := time.Unix(rapid.Int64Range(1_250_000_000, 1_900_000_000).Draw(rt, "from"),
			rapid.Int64Range(0, 999).Draw(rt, "ns")).In(z)
		next := c.Next(from)
		if !next.After(from) {
			rt.Fatalf("after %s comes %s", from, next)
		}
		between := from.Add(time.Duration(rapid.Float64Range(0, 0.999999).Draw(rt, "share") * float64(next.Sub(from))))
		if again := c.Next(between.UTC()); !again.Equal(next) {
			rt.Errorf("from %s the next is %s, from %s it is %s", from, next, between, again)
		}
		if last := c.Last(next); !last.Equal(next) {
			rt.Errorf("the last one up to %s is %s", next, last)
		}
		if last := c.Last(next.Add(-time.Nanosecond)); !last.Before(next) || !c.Next(last).Equal(next) {
			rt.Errorf("the last one before %s is %s", next, last)
		}
		if got := c.Between(from, next); len(got) != 1 || !got[0].Equal(next) {
			rt.Errorf("between %s and %s: %s", from, next, got)
		}
	})
}

// TestClockChanges checks the scheduled times around clock changes.
func TestClockChanges(t *testing.T) {
	for _, tt := range []struct {
		zone, cron, from string
		want             []string
	}{
		{"Europe/Berlin", "30 2 * * *", "2026-03-28T00:00:00+01:00",
			[]string{"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"Europe/Berlin", "30 2 * * *", "2026-10-24T00:00:00+02:00",
			[]string{"2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		// The start is between both occurrences of 02:30.
		{"Europe/Berlin", "30 2 * * *", "2026-10-25T02:45:00+02:00", []string{"2026-10-26T02:30:00+01:00"}},
		{"Europe/Berlin", "30 2 * * *", "2026-10-25T02:15:00+01:00", []string{"2026-10-26T02:30:00+01:00"}},
		{"Europe/Berlin", "*/20 2 * * *", "2026-03-29T00:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
		{"Europe/Berlin", "*/30 * * * *", "2026-03-29T01:00:00+01:00",
			[]string{"2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"}},
		{"Europe/Berlin", "0 * * * *", "2026-10-25T01:30:00+02:00",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"Asia/Beirut", "0 0 * * *", "2026-03-28T12:00:00+02:00",
			[]string{"2026-03-29T01:00:00+03:00", "2026-03-30T00:00:00+03:00"}},
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-04T00:00:00+10:30",
			[]string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
	} {
		z := zone(t, tt.zone)
		c, err := NewCronSchedule(tt.cron, z)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, tt.from)
		must(t, err)
		for _, want := range tt.want {
			at = c.Next(at)
			if wanted, _ := time.Parse(time.RFC3339, want); !at.Equal(wanted) {
				t.Errorf("%s in %s after %s: got %s, want %s", tt.cron, tt.zone, tt.from, at.In(z).Format(time.RFC3339), want)
			}
		}
	}
}

// TestInvalidCron checks that an expression is refused if it is invalid or does not have fixed scheduled times.
func TestInvalidCron(t *testing.T) {
	for _, expression := range []string{"@every 1h", "0 0 30 2 *", "30 2 * *", "0 30 2 * * *", ""} {
		if _, err := NewCronSchedule(expression, time.UTC); err == nil {
			t.Errorf("%q is accepted", expression)
		}
	}
}

// TestPeriods checks that periods consist of whole days in the zone, even if clocks change.
func TestPeriods(t *testing.T) {
	for _, tt := range []struct{ zone, period, scheduled, from, to string }{
		{"Asia/Bishkek", "yesterday", "2026-11-23T02:30:00+06:00", "2026-11-22T00:00:00+06:00", "2026-11-23T00:00:00+06:00"},
		{"Asia/Bishkek", "yesterday", "2026-11-22T20:30:00Z", "2026-11-22T00:00:00+06:00", "2026-11-23T00:00:00+06:00"},
		// a Monday
		{"Asia/Bishkek", "last-week", "2026-11-23T02:30:00+06:00", "2026-11-16T00:00:00+06:00", "2026-11-23T00:00:00+06:00"},
		// a Sunday
		{"Asia/Bishkek", "last-week", "2026-11-22T02:30:00+06:00", "2026-11-09T00:00:00+06:00", "2026-11-16T00:00:00+06:00"},
		{"Asia/Bishkek", "last-month", "2027-01-01T07:00:00+06:00", "2026-12-01T00:00:00+06:00", "2027-01-01T00:00:00+06:00"},
		{"Asia/Bishkek", "last-month", "2026-03-31T07:00:00+06:00", "2026-02-01T00:00:00+06:00", "2026-03-01T00:00:00+06:00"},
		// a day with 23 hours
		{"Europe/Berlin", "yesterday", "2026-03-30T02:30:00+02:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		// a day with 25 hours
		{"Europe/Berlin", "yesterday", "2026-10-26T02:30:00+01:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Europe/Berlin", "last-month", "2026-11-01T07:00:00+01:00", "2026-10-01T00:00:00+02:00",
			"2026-11-01T00:00:00+01:00"},
		// a day without midnight
		{"Asia/Beirut", "yesterday", "2026-03-30T02:30:00+03:00", "2026-03-29T01:00:00+03:00", "2026-03-30T00:00:00+03:00"},
	} {
		scheduled, err := time.Parse(time.RFC3339, tt.scheduled)
		must(t, err)
		got, err := PeriodOf(tt.period, scheduled, zone(t, tt.zone))
		must(t, err)
		if from, to := got.From.Format(time.RFC3339), got.To.Format(time.RFC3339); from != tt.from || to != tt.to {
			t.Errorf("%s at %s in %s: %s to %s, want %s to %s", tt.period, tt.scheduled, tt.zone, from, to, tt.from, tt.to)
		}
	}
}

// TestCronWithZone checks that a zone in an expression causes an error with file and line, even if the cron library
// panics.
func TestCronWithZone(t *testing.T) {
	for _, expression := range []string{
		"TZ=Asia/Bishkek", "CRON_TZ=Asia/Bishkek", "TZ=", `TZ=UTC\t30 2 * * *`,
		"TZ=Asia/Bishkek 0 2 * * *", "CRON_TZ=Asia/Bishkek 0 2 * * *",
	} {
		file := writeFile(t, "schedules.yaml", "jobs:\n  - name: nightly\n    cron: \""+expression+"\"\n    do: reconcile\n")
		_, err := Read(func(string) string { return "" }, file)
		if err == nil || !strings.Contains(err.Error(), file+":3: cron ") ||
			!strings.Contains(err.Error(), "the setting timezone") {
			t.Errorf("%s: %v", expression, err)
		}
	}
}

// FuzzCron checks that every expression is refused or has a next scheduled time after the start.
func FuzzCron(f *testing.F) {
	for _, seed := range []string{
		"30 2 * * *", "TZ=UTC", "CRON_TZ=UTC 1-5/2 * * jan mon", "TZ=\t", "@daily", "@every 1s", "*/0 * * * *",
		"60-1 * * * ?",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		c, err := NewCronSchedule(expression, time.UTC)
		if err != nil {
			return
		}
		at := time.Unix(1_790_000_000, 0)
		if next := c.Next(at); !next.After(at) {
			t.Errorf("%q: after %s comes %s", expression, at, next)
		}
	})
}
