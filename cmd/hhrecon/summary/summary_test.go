package summary

import (
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

func totalOf(outcome reconcile.Outcome, count, compared, amount, comparedAmount, paid int64) reconcile.Total {
	return reconcile.Total{
		Outcome: outcome, Currency: "KGS", Count: count, Compared: compared, Amount: reconcile.SumOf(amount),
		ComparedAmount: reconcile.SumOf(comparedAmount), PaidAmount: reconcile.SumOf(paid),
	}
}

// TestSums checks that the amounts in each row of the table add up. Payins without HighHelp's amount are in a separate
// part.
func TestSums(t *testing.T) {
	all := []reconcile.Total{
		totalOf(reconcile.Confirmed, 3, 3, 30000, 30000, 30000), totalOf(reconcile.DifferentAmount, 1, 1, 10000, 10000, 9000),
		totalOf(reconcile.Pending, 2, 0, 5000, 0, 0), totalOf(reconcile.Timeout, 2, 1, 7000, 4000, 4000),
	}
	var out strings.Builder
	r := New(reconcile.Run{ID: 7, ProjectID: "p", ClosedAt: time.Now(), Selected: 1}, all, nil, "", time.UTC)
	if err := r.Write(&out, false); err != nil {
		t.Fatal(err)
	}
	want := `
 Outcome          │ Cur. │ Payins │ Merchant │ HighHelp │ Difference
──────────────────┼──────┼────────┼──────────┼──────────┼────────────
 confirmed        │ KGS  │      3 │   300.00 │   300.00 │       0.00
 different_amount │ KGS  │      1 │   100.00 │    90.00 │     -10.00
 timeout          │ KGS  │      1 │    40.00 │    40.00 │       0.00
──────────────────┼──────┼────────┼──────────┼──────────┼────────────
 compared         │ KGS  │      5 │   440.00 │   430.00 │     -10.00
──────────────────┼──────┼────────┼──────────┼──────────┼────────────
 timeout          │ KGS  │      1 │    30.00 │          │
 pending          │ KGS  │      2 │    50.00 │          │
──────────────────┼──────┼────────┼──────────┼──────────┼────────────
 not compared     │ KGS  │      3 │    80.00 │          │
──────────────────┼──────┼────────┼──────────┼──────────┼────────────
 all              │ KGS  │      8 │   520.00 │          │

1 payin selected`
	if !strings.Contains(out.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// TestRuns checks that the table shows one state for each run, and the name of the project.
func TestRuns(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC)
	runs := []reconcile.Run{
		{ID: 2, ProjectID: "p", State: reconcile.Running, StartedAt: at},
		{ID: 1, ProjectID: "q", State: reconcile.Complete, StartedAt: at, ClosedAt: at, DryRun: true},
	}
	var out strings.Builder
	WriteRuns(&out, runs, map[string]string{"p": "Som widget"}, time.UTC)
	for _, want := range []string{
		"   2 │ Som widget │ 2026-11-23 02:30:00 │ running  ",
		"   1 │ q          │ 2026-11-23 02:30:00 │ COMPLETE │ dry run ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in\n%s", want, out.String())
		}
	}
}

// TestNarrowRuns checks that a narrow table of runs contains the most important columns and shortened project IDs.
func TestNarrowRuns(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	runs := []reconcile.Run{
		{ID: 3, State: reconcile.Complete, ClosedAt: time.Now(), Note: reconcile.Because("run.abandoned", "Aida")},
		{ID: 2, State: reconcile.Discarded, ClosedAt: time.Now(), Selected: 9},
		{ID: 1, State: reconcile.Released, ClosedAt: time.Now(), Impact: reconcile.ImpactSummary{Changes: 17}},
	}
	for i := range runs {
		runs[i].ProjectID = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	}
	var out strings.Builder
	WriteRuns(&out, runs, nil, time.UTC)
	for _, want := range []string{"│ 57aff4db… │", "│ abandoned ", "│ discarded │        9 │", "│ released ", "│      17",
		"columns Note, Judged, Settled\n", "0001-01-01 00:00 │"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in\n%s", want, out.String())
		}
	}
}

// TestCurrencies checks that a narrow table has the currency of each sum, and that an open run has one state.
func TestCurrencies(t *testing.T) {
	t.Setenv("COLUMNS", "59")
	som := totalOf(reconcile.Confirmed, 3, 3, 1e12, 1e12, 1e12)
	dollars := som
	dollars.Currency = "USD"
	for _, tt := range []struct {
		totals []reconcile.Total
		want   string
	}{
		{[]reconcile.Total{som}, "columns Cur. (KGS),\nDifference\n"}, {[]reconcile.Total{som, dollars}, "│ USD  │"},
		{[]reconcile.Total{som, dollars}, "column Difference\n"},
	} {
		var out strings.Builder
		if err := New(reconcile.Run{State: reconcile.Running}, tt.totals, nil, "", time.UTC).Write(&out, false); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), tt.want) || !strings.Contains(out.String(), ": running\n") {
			t.Errorf("want %q in\n%s", tt.want, out.String())
		}
	}
}

// TestHeldCorrections checks that the text says released or discarded only if a person ended the hold. If a run's
// corrections join the hold of an earlier run, the run is complete, and these corrections stay held.
func TestHeldCorrections(t *testing.T) {
	at := time.Now()
	for state, want := range map[reconcile.RunState]string{
		reconcile.Held:      "2 rows corrected, 1 correction held; the run is held",
		reconcile.Complete:  "2 rows corrected, 1 correction held; the run is complete",
		reconcile.Released:  "2 rows corrected by the run; 1 correction held, and released or discarded by people later",
		reconcile.Discarded: "2 rows corrected by the run; 1 correction held, and released or discarded by people later",
	} {
		r := Run{State: string(state), ClosedAt: &at, Corrections: Corrections{Applied: 2, Held: 1}}
		if got := r.changes(); got != want {
			t.Errorf("%s: %s, want: %s", state, got, want)
		}
	}
}
