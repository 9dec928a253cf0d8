package sql_test

import (
	"testing"
	"time"

	"hhrecon/reconcile"
)

// TestTally: a closed run keeps what it came to, and reads whether an older hold waits.
func TestTally(t *testing.T) {
	conform(t, func(f *fixture) {
		night := func(mode reconcile.Correction, how func(reconcile.Finding) reconcile.Finding) reconcile.Run {
			f.Helper()
			_, l := f.open(nightly("a"))
			f.judge(l, how)
			return f.end(l, mode)
		}
		empty := night(reconcile.CorrectionApplied, unchanged)
		equal(f, "no row", empty.Counts, reconcile.RunCounts{NoRows: true, Counted: true})
		equal(f, "its headline", empty.ResultStatus(), reconcile.ResultPartial)

		final := payin(9)
		final.Status = "success"
		f.save(final)
		quiet := night(reconcile.CorrectionApplied, unchanged)
		equal(f, "no open row", quiet.Counts, reconcile.RunCounts{Counted: true})
		equal(f, "its headline", quiet.ResultStatus(), reconcile.ResultComplete)
		early := payin(0)
		early.CreatedAt = midnight.Add(-time.Hour * 9999)
		f.save(early)
		equal(f, "an open row of another time", night(reconcile.CorrectionApplied, unchanged).Counts.NoRows, false)

		f.save(payins(7)[1:]...)
		mixed := night(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
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

		held := night(reconcile.CorrectionHeld, declined)
		equal(f, "held", []any{held.HoldWaits, held.ResultStatus()}, []any{false, reconcile.ResultHeld})
		later := night(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
			if p = unchanged(p); p.PaymentID != "payin-0001" { // the hold stays, since these have no answer
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
