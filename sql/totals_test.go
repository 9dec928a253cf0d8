package sql_test

import (
	"fmt"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// wholeRunAt executes a run of a project over all open payins in the project's time window.
func (f *fixture) wholeRunAt(of string, started time.Time,
	how func(reconcile.Finding) reconcile.Finding) reconcile.Run {
	f.Helper()
	n := nightly("a")
	n.Project.ID, n.StartedAt = of, started
	_, l := f.open(n)
	f.judge(l, how)
	return f.end(l, reconcile.CorrectionApplied)
}

// formatDays formats daily totals, one line for each day.
func formatDays(days []reconcile.DailyTotals) []string {
	var lines []string
	for _, n := range days {
		lines = append(lines, fmt.Sprint(n.Day.Format(time.DateOnly), " ", n.Runs, " runs ", n.Counts))
	}
	return lines
}

// The days are days of the local time zone. Each day counts a payin once, and projects are added up. Runs over named
// payins and dry runs are ignored.
func TestDailyTotals(t *testing.T) {
	conform(t, func(f *fixture) {
		const other = "another-project"
		zone, err := time.LoadLocation("Asia/Bishkek")
		f.must(err)
		f.save(payins(5)...)
		theirs := payins(2)
		for i := range theirs {
			theirs[i].ProjectID = other
		}
		f.save(theirs...)
		confirm := func(ids ...string) func(reconcile.Finding) reconcile.Finding {
			return func(p reconcile.Finding) reconcile.Finding {
				for _, id := range ids {
					if p.PaymentID == id {
						return verdict(p)
					}
				}
				return unchanged(p)
			}
		}
		evening := time.Date(2026, 11, 2, 17, 30, 0, 0, time.UTC) // still November 2 in the local time zone
		f.wholeRunAt(project, evening, confirm("payin-0000"))
		first := f.wholeRunAt(project, evening.Add(time.Hour), confirm("payin-0001"))     // November 3
		again := f.wholeRunAt(project, evening.Add(3*time.Hour), confirm("payin-0002"))   // November 3 again
		f.closed(project, 4, unchanged, "payin-0003")                                     // a run over named payins
		last := f.wholeRunAt(project, evening.Add(5*24*time.Hour), confirm("payin-0003")) // November 7
		f.wholeRunAt(other, evening.Add(2*time.Hour), confirm("payin-0000"))              // November 3 in the other project
		dry := nightly("dry")
		dry.DryRun, dry.StartedAt = true, evening.Add(6*24*time.Hour)
		_, l := f.open(dry)
		f.judge(l, unchanged)
		f.end(l, reconcile.CorrectionDryRun)
		f.open(nightly("open"))

		period := reconcile.ReportScope{Window: reconcile.Window{From: midnight, To: evening.Add(48 * time.Hour)}}
		own := period
		own.ProjectID = project
		for _, c := range []struct {
			what  string
			scope reconcile.ReportScope
			n     int
			want  []string
		}{
			{"a run", reconcile.ReportScope{RunID: last.ID}, 30, []string{
				"2026-11-02 1 runs map[confirmed:1 pending:4]", "2026-11-03 2 runs map[confirmed:2 pending:2]",
				"2026-11-07 1 runs map[confirmed:1 pending:1]",
			}},
			{"the run of an hour later", reconcile.ReportScope{RunID: first.ID}, 30, []string{
				"2026-11-02 1 runs map[confirmed:1 pending:4]", "2026-11-03 1 runs map[confirmed:1 pending:3]",
			}},
			{"the last night", reconcile.ReportScope{RunID: again.ID}, 1,
				[]string{"2026-11-03 2 runs map[confirmed:2 pending:2]"}},
			{"a project's period", own, 30, []string{
				"2026-11-02 1 runs map[confirmed:1 pending:4]", "2026-11-03 2 runs map[confirmed:2 pending:2]",
			}},
			{"all projects", period, 30, []string{
				"2026-11-02 1 runs map[confirmed:1 pending:4]", "2026-11-03 3 runs map[confirmed:3 pending:3]",
			}},
			{"unknown project", reconcile.ReportScope{ProjectID: "unknown"}, 30, nil},
		} {
			days, err := f.s.DailyTotals(f.ctx, c.scope, zone, c.n)
			f.must(err)
			equal(f, c.what, formatDays(days), c.want)
			for _, n := range days {
				equal(f, "midnight", n.Day.Format("15:04 -0700"), "00:00 +0600")
			}
		}
	})
}

// A closed run stores its totals, and whether an older hold exists.
func TestTotalsOfClosedRun(t *testing.T) {
	conform(t, func(f *fixture) {
		execute := func(mode reconcile.Correction, how func(reconcile.Finding) reconcile.Finding) reconcile.Run {
			f.Helper()
			_, l := f.open(nightly("a"))
			f.judge(l, how)
			return f.end(l, mode)
		}
		empty := execute(reconcile.CorrectionApplied, unchanged)
		equal(f, "no row", empty.Counts, reconcile.RunCounts{NoRows: true, Counted: true})
		equal(f, "its headline", empty.ResultStatus(), reconcile.ResultPartial)

		final := payin(9)
		final.Status = "success"
		f.save(final)
		quiet := execute(reconcile.CorrectionApplied, unchanged)
		equal(f, "no open row", quiet.Counts, reconcile.RunCounts{Counted: true})
		equal(f, "its headline", quiet.ResultStatus(), reconcile.ResultComplete)
		early := payin(0)
		early.CreatedAt = midnight.Add(-time.Hour * 9999)
		f.save(early)
		equal(f, "an open row of another time", execute(reconcile.CorrectionApplied, unchanged).Counts.NoRows, false)

		f.save(payins(7)[1:]...)
		mixed := execute(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
			p = unchanged(p)
			switch p.PaymentID {
			case "payin-0001":
				p.Outcome, p.Result = reconcile.Unreachable, reconcile.ResultNotAsked
			case "payin-0002":
				p.Outcome, p.Result = reconcile.Unreachable, reconcile.ResultUnreachable
			case "payin-0003":
				p.Outcome, p.Result = reconcile.NotFound, reconcile.ResultNotFound
			case "payin-0004":
				p.Outcome = reconcile.Unverifiable
			}
			return p
		})
		equal(f, "every outcome", mixed.Counts,
			reconcile.RunCounts{Counted: true, Asked: 5, NotFound: 1, Trusted: 2, Untrusted: 3})
		read, err := f.s.Run(f.ctx, mixed.ID)
		f.must(err)
		equal(f, "read again", read.Counts, mixed.Counts)

		held := execute(reconcile.CorrectionHeld, declined)
		equal(f, "held", []any{held.HoldWaits, held.ResultStatus()}, []any{false, reconcile.ResultHeld})
		later := execute(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
			if p = unchanged(p); p.PaymentID != "payin-0001" { // the hold stays, because these payins have no answer
				p.Outcome, p.Result = reconcile.Unreachable, reconcile.ResultUnreachable
			}
			return p
		})
		equal(f, "later", []any{later.HoldWaits, later.ResultStatus()}, []any{true, reconcile.ResultHeld})
		read, err = f.s.Run(f.ctx, mixed.ID)
		f.must(err)
		equal(f, "earlier", read.HoldWaits, false)
		order := reconcile.RunAction{Kind: reconcile.ActionDiscard, RunID: held.ID, By: "a", Note: "b", At: acting}
		f.must(f.s.Execute(f.ctx, order, func(reconcile.Action) error { return nil }))
		later, err = f.s.Run(f.ctx, later.ID)
		f.must(err)
		equal(f, "answered", []any{later.HoldWaits, later.ResultStatus()}, []any{false, reconcile.ResultPartial})
	})
}
