package reconcile

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// closedRun returns a closed run with the given counts.
func closedRun(selected int64, tally RunCounts) Run {
	tally.Counted = true
	return Run{State: Complete, ClosedAt: time.Unix(1, 0), Selected: selected, Counts: tally}
}

func with(r Run, change func(*Run)) Run {
	change(&r)
	return r
}

// TestResultStatus checks each condition. It also checks each pair of conditions, to find out
// which condition takes precedence.
func TestResultStatus(t *testing.T) {
	waits, held := func(r *Run) { r.HoldWaits = true }, func(r *Run) { r.State = Held }
	all := RunCounts{Asked: 20, Trusted: 20}
	for _, c := range []struct {
		name     string
		run      Run
		headline ResultStatus
		lacks    string
	}{
		{"not closed", Run{State: Running, Selected: 5}, ResultOpen, ""},
		{"all trusted", closedRun(20, all), ResultComplete, ""},
		{
			"one untrusted", closedRun(20, RunCounts{Asked: 20, Trusted: 19, Untrusted: 1}), ResultPartial,
			"shortfall.untrusted 1",
		},
		{
			"one not written", closedRun(20, RunCounts{Asked: 20, Trusted: 20, Unwritten: 1}), ResultPartial,
			"shortfall.unwritten 1",
		},
		{
			"other", with(closedRun(20, all), func(r *Run) { r.Queries.Unknown = map[string]int64{"WAITING": 2, "CREATED": 5} }),
			ResultPartial,
			`shortfall.words 5 "\"CREATED\""; shortfall.words 2 "\"WAITING\""`,
		},
		{
			"uncounted", with(closedRun(20, all), func(r *Run) { r.Queries.Uncounted = "division by zero" }),
			ResultPartial, `shortfall.uncounted "division by zero"`,
		},
		{
			"a query that failed its proof", with(closedRun(20, all), func(r *Run) {
				r.Queries.Faults = []QueryFault{{Reason: Because("proof.twice", "open_payins.sql", "p", int64(2))}}
			}), ResultPartial, `shortfall.proof (proof.twice "open_payins.sql" "p" 2)`,
		},
		{
			"a status that the table refuses", with(closedRun(20, all), func(r *Run) {
				r.Queries.Faults = []QueryFault{{Reason: Because("proof.refused", "p", "no such word"), Status: "error"}}
			}), ResultComplete, "",
		},
		{"nothing selected", closedRun(0, RunCounts{}), ResultComplete, ""},
		{"no row at all", closedRun(0, RunCounts{NoRows: true}), ResultPartial, "shortfall.no_rows"},
		{"9 of 9 not found", closedRun(9, RunCounts{Asked: 9, NotFound: 9}), ResultFailed, ""},
		{"9 of 10 not found", closedRun(10, RunCounts{Asked: 10, NotFound: 9, Trusted: 1}), ResultComplete, ""},
		{"10 of 20 not found", closedRun(20, RunCounts{Asked: 20, NotFound: 10, Trusted: 10}), ResultComplete, ""},
		{
			"10 of 19 asked not found", closedRun(40, RunCounts{Asked: 19, NotFound: 10, Trusted: 9, Untrusted: 21}),
			ResultPartial, "shortfall.untrusted 21; shortfall.not_found 10 19",
		},
		{"nothing trusted", closedRun(5, RunCounts{Asked: 5, Untrusted: 5}), ResultFailed, "shortfall.untrusted 5"},
		{"held", with(closedRun(20, all), held), ResultHeld, ""},
		{"an older hold waits", with(closedRun(20, all), waits), ResultHeld, "shortfall.older_hold"},
		{"both", with(with(closedRun(20, all), held), waits), ResultHeld, ""},
		{"an older hold, nothing selected", with(closedRun(0, RunCounts{}), waits), ResultHeld, "shortfall.older_hold"},
		{
			"HELD before PARTIAL", with(closedRun(20, RunCounts{Asked: 20, Trusted: 19, Untrusted: 1}), held), ResultHeld,
			"shortfall.untrusted 1",
		},
		{
			"FAILED before HELD", with(closedRun(20, RunCounts{Asked: 20, Untrusted: 20}), waits), ResultFailed,
			"shortfall.untrusted 20; shortfall.older_hold",
		},
		{"released", with(closedRun(20, all), func(r *Run) { r.State = Released }), ResultComplete, ""},
		{
			"beyond recheck_limit", closedRun(20, RunCounts{Asked: 20, Trusted: 20, Unchecked: 3}), ResultPartial,
			"shortfall.unchecked 3",
		},
		{
			"before there were tallies",
			Run{State: Complete, ClosedAt: time.Unix(1, 0), Selected: 5, Impact: ImpactSummary{Answered: 4}}, ResultPartial,
			"shortfall.untrusted 1",
		},
		{
			"and all answered", Run{State: Complete, ClosedAt: time.Unix(1, 0), Selected: 5, Impact: ImpactSummary{Answered: 5}},
			ResultComplete, "",
		},
	} {
		got, lacks := c.run.ResultStatus(), c.run.Shortfall().String()
		if complete := got == ResultComplete; got != c.headline || !strings.HasPrefix(lacks, c.lacks) ||
			complete && lacks != "" {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, got, lacks, c.headline, c.lacks)
		}
	}
}

// TestCleanNights counts the clean nights before a run at 02:30 on day 10. The runs before it are in the order newest
// first, each with its day and its clean nights.
func TestCleanNights(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 2, 30, 0, 0, time.UTC) }
	shadow := func(day int, nights int64, change ...func(*Run)) Run {
		r := Run{State: Complete, DryRun: true, Whole: true, StartedAt: at(day), ClosedAt: at(day).Add(time.Hour),
			Rules: Rules{Shadow: true, CleanNights: nights}}
		for _, c := range change {
			c(&r)
		}
		return r
	}
	partial := func(r *Run) { r.Counts = RunCounts{Counted: true, Untrusted: 1, Trusted: 1} }
	wouldHold := func(r *Run) { r.Note = Because("hold.dry_run", Because("class.declines")) }
	open := func(r *Run) { r.ClosedAt = time.Time{} }
	writes := func(r *Run) { r.DryRun = false }
	for name, tt := range map[string]struct {
		before []Run
		want   int64
	}{
		"the first night":                   {nil, 0},
		"after a clean night":               {[]Run{shadow(9, 0)}, 1},
		"after six clean nights":            {[]Run{shadow(9, 5)}, 6},
		"a second run on the same date":     {[]Run{shadow(10, 5), shadow(9, 4)}, 5},
		"after a partial night":             {[]Run{shadow(9, 5, partial), shadow(8, 4)}, 0},
		"after a night with a hold":         {[]Run{shadow(9, 5, wouldHold)}, 0},
		"after a run that wrote":            {[]Run{shadow(9, 5, writes), shadow(8, 4)}, 0},
		"a partial run on the same date":    {[]Run{shadow(10, 5, partial), shadow(9, 4)}, 0},
		"runs that do not count are left":   {[]Run{{DryRun: true, Whole: true, ClosedAt: at(9)}, shadow(9, 5)}, 6},
		"runs of chosen payins are left":    {[]Run{shadow(9, 0, func(r *Run) { r.Whole = false }), shadow(9, 5)}, 6},
		"runs that are not closed are left": {[]Run{shadow(9, 0, open), shadow(9, 5)}, 6},
	} {
		if got := CleanNightsBefore(at(10), nil, tt.before); got != tt.want {
			t.Errorf("%s: %d clean nights, want %d", name, got, tt.want)
		}
	}
}

// A stored check that found no unknown status differs from a check that did not count them.
func TestStoredCheckKeepsCount(t *testing.T) {
	t.Parallel()
	for _, unknown := range []map[string]int64{nil, {}, {"held": 2}} {
		text := (&QueryCheck{Unknown: unknown}).Text()
		var stored QueryCheck
		if err := stored.Scan(text); err != nil || !reflect.DeepEqual(stored.Unknown, unknown) {
			t.Errorf("%v: stored as %s, read as %v, %v", unknown, text, stored.Unknown, err)
		}
	}
}
