package reconcile

import (
	"strings"
	"testing"
	"time"
)

// closedRun is a run that is closed, with what its findings come to.
func closedRun(selected int64, tally Tally) Run {
	tally.Counted = true
	return Run{State: Complete, ClosedAt: time.Unix(1, 0), Selected: selected, Tally: tally}
}

func with(r Run, change func(*Run)) Run {
	change(&r)
	return r
}

// TestHeadline has a row for each condition, and for each order of two.
func TestHeadline(t *testing.T) {
	waits, held := func(r *Run) { r.HoldWaits = true }, func(r *Run) { r.State = Held }
	all := Tally{Asked: 20, Trusted: 20}
	for _, c := range []struct {
		name     string
		run      Run
		headline Headline
		lacks    string
	}{
		{"not closed", Run{State: Running, Selected: 5}, HeadlineOpen, ""},
		{"all trusted", closedRun(20, all), HeadlineComplete, ""},
		{
			"one untrusted", closedRun(20, Tally{Asked: 20, Trusted: 19, Untrusted: 1}), HeadlinePartial,
			"shortfall.untrusted 1",
		},
		{
			"one not written", closedRun(20, Tally{Asked: 20, Trusted: 20, Unwritten: 1}), HeadlinePartial,
			"shortfall.unwritten 1",
		},
		{
			"words", with(closedRun(20, all), func(r *Run) { r.Queries.Unknown = map[string]int64{"WAITING": 2, "CREATED": 5} }),
			HeadlinePartial,
			`shortfall.words 5 "\"CREATED\""; shortfall.words 2 "\"WAITING\""`,
		},
		{
			"words that were not counted", with(closedRun(20, all), func(r *Run) { r.Queries.Uncounted = "division by zero" }),
			HeadlinePartial, `shortfall.uncounted "division by zero"`,
		},
		{
			"a query that failed its proof", with(closedRun(20, all), func(r *Run) {
				r.Queries.Faults = []QueryFault{{Reason: Because("proof.twice", "open_payins.sql", "p", int64(2))}}
			}), HeadlinePartial, `shortfall.proof (proof.twice "open_payins.sql" "p" 2)`,
		},
		{
			"a status that the table refuses", with(closedRun(20, all), func(r *Run) {
				r.Queries.Faults = []QueryFault{{Reason: Because("proof.refused", "p", "no such word"), Status: "error"}}
			}), HeadlineComplete, "",
		},
		{"nothing selected", closedRun(0, Tally{}), HeadlineComplete, ""},
		{"no row at all", closedRun(0, Tally{NoRows: true}), HeadlinePartial, "shortfall.no_rows"},
		{"9 of 9 not found", closedRun(9, Tally{Asked: 9, NotFound: 9}), HeadlineFailed, ""},
		{"9 of 10 not found", closedRun(10, Tally{Asked: 10, NotFound: 9, Trusted: 1}), HeadlineComplete, ""},
		{"10 of 20 not found", closedRun(20, Tally{Asked: 20, NotFound: 10, Trusted: 10}), HeadlineComplete, ""},
		{
			"10 of 19 asked not found", closedRun(40, Tally{Asked: 19, NotFound: 10, Trusted: 9, Untrusted: 21}),
			HeadlinePartial, "shortfall.untrusted 21; shortfall.not_found 10 19",
		},
		{"nothing trusted", closedRun(5, Tally{Asked: 5, Untrusted: 5}), HeadlineFailed, "shortfall.untrusted 5"},
		{"held", with(closedRun(20, all), held), HeadlineHeld, ""},
		{"an older hold waits", with(closedRun(20, all), waits), HeadlineHeld, "shortfall.older_hold"},
		{"both", with(with(closedRun(20, all), held), waits), HeadlineHeld, ""},
		{"an older hold, nothing selected", with(closedRun(0, Tally{}), waits), HeadlineHeld, "shortfall.older_hold"},
		{
			"HELD before PARTIAL", with(closedRun(20, Tally{Asked: 20, Trusted: 19, Untrusted: 1}), held), HeadlineHeld,
			"shortfall.untrusted 1",
		},
		{
			"FAILED before HELD", with(closedRun(20, Tally{Asked: 20, Untrusted: 20}), waits), HeadlineFailed,
			"shortfall.untrusted 20; shortfall.older_hold",
		},
		{"released", with(closedRun(20, all), func(r *Run) { r.State = Released }), HeadlineComplete, ""},
		{
			"beyond recheck_limit", closedRun(20, Tally{Asked: 20, Trusted: 20, Unchecked: 3}), HeadlinePartial,
			"shortfall.unchecked 3",
		},
		{
			"before there were tallies",
			Run{State: Complete, ClosedAt: time.Unix(1, 0), Selected: 5, Weight: Weight{Answered: 4}}, HeadlinePartial,
			"shortfall.untrusted 1",
		},
		{
			"and all answered", Run{State: Complete, ClosedAt: time.Unix(1, 0), Selected: 5, Weight: Weight{Answered: 5}},
			HeadlineComplete, "",
		},
	} {
		got, lacks := c.run.Headline(), c.run.Shortfall().String()
		if complete := got == HeadlineComplete; got != c.headline || !strings.HasPrefix(lacks, c.lacks) ||
			complete && lacks != "" {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, got, lacks, c.headline, c.lacks)
		}
	}
}
