package sql_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// heldRuns lists the runs that started a current hold.
func (f *fixture) heldRuns() (ids []int64) {
	f.Helper()
	runs, err := f.s.HeldRuns(f.ctx, project)
	f.must(err)
	for i := range runs {
		ids = append(ids, runs[i].ID)
	}
	return ids
}

// of returns a function that makes verdicts of the given classes. The verdicts are declines, or successes
// with a different amount.
func of(classes reconcile.Class) func(reconcile.Finding) reconcile.Finding {
	return func(p reconcile.Finding) reconcile.Finding {
		p = declined(p)
		if p.Classes = classes; classes != reconcile.Declines {
			p.Outcome, p.ProviderStatus, p.PaidAmount = reconcile.DifferentAmount, "success", 10*p.Amount
			p.After = reconcile.State{Status: "success", SettledAmount: p.PaidAmount}
		}
		return p
	}
}

// class executes a run. The first payins have one class, and the other payins have another class. The run holds the
// classes in held.
func (f *fixture) class(
	n reconcile.NewRun, day string, held map[reconcile.Class]int64, how func(reconcile.Finding) reconcile.Finding,
) reconcile.Run {
	f.Helper()
	run, l := f.open(n)
	f.judge(l, how)
	w, err := f.s.Summarise(f.ctx, run.ID, time.Time{}, true)
	f.must(err)
	w.Day = day
	mode, state := reconcile.CorrectionApplied, reconcile.Complete
	for i, class := range reconcile.Classes {
		standing := w.Classes[i].Hold
		w.Classes[i].Hold = 0
		id, begins := held[class]
		switch {
		case w.Classes[i].Added == 0:
		case standing != 0:
			w.Classes[i].Hold, mode = standing, reconcile.CorrectionHeld
		case begins && id == 0:
			w.Classes[i].Hold, mode, state = run.ID, reconcile.CorrectionHeld, reconcile.Held
		}
	}
	f.must(f.s.SaveCorrectionMode(f.ctx, l, mode, w, reconcile.Reason{}))
	f.settleAll(l, mode)
	closed, err := f.s.CloseRun(f.ctx, l, state, closing)
	f.must(err)
	return closed
}

func named(ids ...int) reconcile.NewRun {
	n := nightly("a")
	n.Selection.Whole, n.Origin.Trigger = false, reconcile.TriggerAlert
	for _, id := range ids {
		n.Selection.PaymentIDs = append(n.Selection.PaymentIDs, fmt.Sprintf("payin-%04d", id))
	}
	return n
}

var begin = map[reconcile.Class]int64{reconcile.Declines: 0, reconcile.OtherSums: 0}

// rows lists the statuses of the payins in order.
func (f *fixture) rows() string {
	f.Helper()
	var all []string
	f.must(f.db.SelectContext(f.ctx, &all, "select status from payins order by payment_id"))
	return fmt.Sprint(all)
}

// halves returns a decline for the first half of the payins, and a different amount for the second half.
func halves(p reconcile.Finding) reconcile.Finding {
	if p.PaymentID < "payin-0002" {
		return of(reconcile.Declines)(p)
	}
	return of(reconcile.OtherSums)(p)
}

func TestHoldsAClass(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		onlyDeclines := map[reconcile.Class]int64{reconcile.Declines: 0}
		run := f.class(nightly("a"), "2026-11-01", onlyDeclines, halves)
		equal(f, "rows", f.rows(), "[pending pending success success]")
		equal(f, "run", []any{run.State, run.Held, run.Impact.Classes[0].Hold, run.Impact.Classes[1].Hold},
			[]any{reconcile.Held, 2, run.ID, 0})
		equal(f, "held", f.heldRuns(), []int64{run.ID})
		all := f.findings(reconcile.ReportScope{RunID: run.ID})
		equal(f, "corrections", []any{all[0].Correction, all[2].Correction},
			[]any{reconcile.CorrectionHeld, reconcile.CorrectionApplied})

		// A correction of the class from an alert's run is added to the hold, even if the correction's amount is small.
		f.save(payin(7), payin(8))
		joined := f.class(named(7), "2026-11-01", nil, of(reconcile.Declines))
		equal(f, "joined", []any{joined.State, joined.Held, joined.Impact.Classes[0].Hold},
			[]any{reconcile.Complete, 1, run.ID})
		written := f.class(named(8), "2026-11-01", nil, of(reconcile.OtherSums))
		equal(f, "another class", []any{written.Held, f.rows()},
			[]any{0, "[pending pending success success pending success]"})
		equal(f, "held", f.heldRuns(), []int64{run.ID})

		// The release writes the corrections of all runs that the hold keeps back.
		done := f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID})
		equal(f, "released", results(done), "applied applied applied")
		equal(f, "of the runs", []int64{done[0].RunID, done[2].RunID}, []int64{run.ID, joined.ID})
		equal(f, "rows", f.rows(), "[decline decline success success decline success]")
		now, err := f.s.Run(f.ctx, run.ID)
		f.must(err)
		equal(f, "run", []any{now.State, now.Held, f.heldRuns()}, []any{reconcile.Released, 0, []int64(nil)})
		again := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: sameAnswers}
		if err := f.s.Execute(f.ctx, again, nil); !errors.Is(err, reconcile.ErrNotHeld) {
			f.Errorf("released twice: %v", err)
		}
		f.wantIntact()
	})
}

func TestWholeRunReplacesHold(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		first := f.class(nightly("a"), "2026-11-01", begin, of(reconcile.Declines))
		// If one payin has no answer, its class of corrections stays held, and the corrections of the other payins are
		// added to the hold.
		second := f.class(nightly("a"), "2026-11-02", nil, func(p reconcile.Finding) reconcile.Finding {
			if p.PaymentID == "payin-0003" {
				p = unchanged(p)
				p.Outcome = reconcile.Unreachable
				return p
			}
			return of(reconcile.Declines)(p)
		})
		equal(f, "joined", []any{second.Impact.Classes[0].Hold, second.Held, f.heldRuns()},
			[]any{first.ID, 3, []int64{first.ID}})
		now, err := f.s.Run(f.ctx, first.ID)
		f.must(err)
		equal(f, "left of the first", now.Held, 1)
		// If all payins have an answer, this run decides whether the class is held or written.
		third := f.class(nightly("a"), "2026-11-03", begin, of(reconcile.Declines))
		equal(f, "begins again", []any{third.Impact.Classes[0].Hold, f.heldRuns()}, []any{third.ID, []int64{third.ID}})
		now, err = f.s.Run(f.ctx, first.ID)
		f.must(err)
		equal(f, "overtaken", []any{now.State, now.Held}, []any{reconcile.Complete, 0})
		fourth := f.class(nightly("a"), "2026-11-04", nil, of(reconcile.Declines))
		equal(f, "written", []any{fourth.Held, f.heldRuns(), f.rows()},
			[]any{0, []int64(nil), "[decline decline decline decline]"})
		f.wantIntact()
	})
}

func TestReleaseOneClass(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		both := func(p reconcile.Finding) reconcile.Finding { // the last payin has two classes
			p = halves(p)
			if p.PaymentID == "payin-0003" {
				p.Classes |= reconcile.LateCredits
			}
			return p
		}
		begin := map[reconcile.Class]int64{reconcile.Declines: 0, reconcile.OtherSums: 0, reconcile.LateCredits: 0}
		run := f.class(nightly("a"), "2026-11-01", begin, both)
		answer := func(kind reconcile.ActionKind, class reconcile.Class) string {
			return results(f.execute(reconcile.RunAction{Kind: kind, RunID: run.ID, Class: class}))
		}
		equal(f, "released", answer(reconcile.ActionRelease, reconcile.OtherSums), "applied")
		equal(f, "rows", f.rows(), "[pending pending success pending]") // the last payin is also a late credit
		equal(f, "waits", f.heldRuns(), []int64{run.ID})
		equal(f, "discarded", answer(reconcile.ActionDiscard, reconcile.Declines), "none")
		equal(f, "waits", f.heldRuns(), []int64{run.ID})
		equal(f, "released", answer(reconcile.ActionRelease, reconcile.LateCredits), "applied")
		equal(f, "rows", f.rows(), "[pending pending success success]")
		equal(f, "waits", f.heldRuns(), []int64(nil))

		run = f.class(named(0, 1), "2026-11-02", begin, of(reconcile.Declines))
		equal(f, "discarded twice", answer(reconcile.ActionDiscard, reconcile.Declines), "none")
		equal(f, "nothing of that class", errors.Is(f.s.Execute(f.ctx, reconcile.RunAction{
			Kind: reconcile.ActionRelease, RunID: run.ID, Class: reconcile.Downgrades, Ask: sameAnswers,
		}, nil), reconcile.ErrNotHeld), true)
		f.wantIntact()
	})
}

// The size of a class is the number of distinct payins that runs have written recently or will write. Rows that
// people's actions wrote do not increase the size.
func TestSummarizeClasses(t *testing.T) {
	conform(t, func(f *fixture) {
		other := payin(9)
		other.Currency, other.Amount = "UZS", 5_000_000
		f.save(append(payins(6), other)...)
		weighed := func(since time.Time, how func(reconcile.Finding) reconcile.Finding) reconcile.ImpactSummary {
			f.Helper()
			run, l := f.open(nightly("a"))
			f.judge(l, how)
			w, err := f.s.Summarise(f.ctx, run.ID, since, true)
			f.must(err)
			f.end(l, reconcile.CorrectionDryRun)
			return w
		}
		w := weighed(time.Time{}, of(reconcile.OtherSums|reconcile.LateCredits))
		equal(f, "other sums", w.Classes[1], reconcile.ClassImpact{Added: 7, Count: 7, Sum: 9 * 5_000_000})
		equal(f, "late credits", w.Classes[2], reconcile.ClassImpact{Added: 7, Count: 7, Sum: 10 * 5_000_000})
		equal(f, "others", []any{w.Classes[0], w.Corrected, w.Differences, w.Factor},
			[]any{reconcile.ClassImpact{}, 7, 7, 10})

		declines := f.class(named(0, 1), "2026-11-01", nil, of(reconcile.Declines))
		f.do("update payins set status = 'pending' where payment_id = 'payin-0000'") // another program changes the row
		w = weighed(closing.Add(-time.Second), of(reconcile.Declines))
		equal(f, "with recent ones", []any{w.Classes[0].Added, w.Classes[0].Count, w.Corrected}, []any{6, 7, 7})
		w = weighed(closing.Add(time.Second), of(reconcile.Declines))
		equal(f, "none is recent", []any{w.Classes[0].Added, w.Classes[0].Count, w.Corrected}, []any{6, 6, 6})
		f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: declines.ID}) // undoes payin-0001's correction
		w = weighed(closing.Add(-time.Second), of(reconcile.OtherSums))
		equal(f, "undone", []any{w.Classes[0].Count, w.Corrected}, []any{1, 7})

		mixedSums := func(p reconcile.Finding) reconcile.Finding {
			if p = of(reconcile.OtherSums)(p); p.PaymentID == "payin-0003" {
				p.PaidAmount = p.Amount * 100
			}
			return p
		}
		equal(f, "no one factor", weighed(time.Time{}, mixedSums).Factor, 0)
		tenth := func(p reconcile.Finding) reconcile.Finding {
			p = of(reconcile.OtherSums)(p)
			p.PaidAmount = p.Amount / 10
			return p
		}
		f.do("update payins set amount = amount * 10")
		equal(f, "an inverse", weighed(time.Time{}, tenth).Factor, -10)
	})
}

func TestUsual(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(9)...)
		n, none := nightly("a"), named(8)
		f.class(named(0), "2026-11-01", nil, of(reconcile.Declines)) // this run queries one payin, not all open payins
		n.Selection.PaymentIDs = named(1, 2).Selection.PaymentIDs
		f.class(n, "2026-11-02", nil, halves)
		f.class(named(3), "2026-11-02", nil, of(reconcile.Declines))
		n.Selection.PaymentIDs = named(4, 5).Selection.PaymentIDs
		held := f.class(n, "2026-11-03", begin, of(reconcile.Declines))
		n.Selection.PaymentIDs = none.Selection.PaymentIDs
		f.class(n, "2026-11-04", nil, func(p reconcile.Finding) reconcile.Finding { // a failed run
			p = unchanged(p)
			p.Outcome = reconcile.Unreachable
			return p
		})
		usual, err := f.s.Usual(f.ctx, project, "2026-11-05", 14)
		f.must(err)
		equal(f, "declines", usual[0], reconcile.Usual{Counts: []int64{0, 2}, Shares: []float64{5. / 6, 2. / 3}, Days: 2})
		equal(f, "other sums", usual[1], reconcile.Usual{Counts: []int64{0, 1}, Shares: []float64{1. / 6, 1. / 3}, Days: 2})
		f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: held.ID})
		usual, err = f.s.Usual(f.ctx, project, "2026-11-05", 1)
		f.must(err)
		equal(f, "what was released teaches", usual[0].Counts, []int64{2})
		usual, err = f.s.Usual(f.ctx, project, "2026-11-03", 14)
		f.must(err)
		equal(f, "before that date", usual[0], reconcile.Usual{Counts: []int64{2}, Shares: []float64{2. / 3}, Days: 1})
		usual, err = f.s.Usual(f.ctx, "another", "2026-11-05", 14)
		f.must(err)
		equal(f, "another project's", usual, reconcile.ProjectUsual{})
	})
}

// A second call continues an interrupted release. An undo restores the rows exactly.
func TestReleaseAfterACrash(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 1203
		f.save(payins(many)...)
		before := f.dump("payins where payment_id not in ('payin-0007', 'payin-1200')")
		run := f.wholeRun(reconcile.CorrectionHeld, declined)
		f.do("update payins set status = 'processing' where payment_id in ('payin-0007', 'payin-1200')")
		release := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: sameAnswers, By: "Aida", At: acting}
		crash := errors.New("killed")
		if err := f.s.Execute(f.ctx, release, func(reconcile.Action) error { return crash }); !errors.Is(err, crash) {
			f.Fatal(err)
		}
		equal(f, "after the crash", f.count("select count(*) from hhrecon_action"), 1000)
		now, err := f.s.Run(f.ctx, run.ID)
		f.must(err)
		equal(f, "state", now.State, reconcile.Held)
		rest := f.execute(release)
		equal(f, "the rest", len(rest), many-1000)
		now, err = f.s.Run(f.ctx, run.ID)
		f.must(err)
		equal(f, "run", []any{now.State, now.ClosedAt, now.Settled, now.ResultStatus()},
			[]any{reconcile.Released, closing, int64(many), reconcile.ResultComplete})
		if err := f.s.Execute(f.ctx, release, nil); !errors.Is(err, reconcile.ErrNotHeld) {
			f.Errorf("released twice: %v", err)
		}
		equal(f, "declined", f.count("select count(*) from payins where status = 'decline' and sub_status = 'canceled'"),
			many-2)
		equal(f, "superseded", f.count("select count(*) from hhrecon_action where result = 'superseded' and payment_id in "+
			"('payin-0007', 'payin-1200')"), 2)
		totals, err := f.s.Totals(f.ctx, reconcile.ReportScope{RunID: run.ID})
		f.must(err)
		equal(f, "held stays held", []int64{totals[0].Held, totals[0].Applied}, []int64{many, 0})
		stored := f.actions(run.ID)
		equal(f, "stored", len(stored), many)
		equal(f, "the rest, as stored", stored[1000:], rest)

		undone := f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID})
		equal(f, "undone", len(undone), many-2)
		equal(f, "rows", f.dump("payins where payment_id not in ('payin-0007', 'payin-1200')"), before)
		equal(f, "selection", f.count("select count(*) from hhrecon_selection"), 0)
		equal(f, "entries", f.wantIntact().Entries, int64(3*many-2))
	})
}

// Two simultaneous releases write each correction once.
func TestReleaseTwiceAtOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(40)...)
		run := f.wholeRun(reconcile.CorrectionHeld, declined)
		var both sync.WaitGroup
		for range 2 {
			s := sqltest.Open(f.T, f.url)
			both.Go(func() {
				release := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: sameAnswers, At: acting}
				err := s.Execute(f.ctx, release, func(reconcile.Action) error { return nil })
				if err != nil && !errors.Is(err, reconcile.ErrNotHeld) {
					f.Error(err)
				}
			})
		}
		both.Wait()
		equal(f, "actions", f.count("select count(*) from hhrecon_action where result = 'applied'"), 40)
		f.wantIntact()
	})
}

func TestDiscard(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		first := f.wholeRun(reconcile.CorrectionHeld, declined)
		before := f.dump("payins")
		done := f.execute(reconcile.RunAction{Kind: reconcile.ActionDiscard, RunID: first.ID})
		equal(f, "actions", done, []reconcile.Action{{
			ID: 4, Kind: reconcile.ActionDiscard, ProjectID: project, RunID: first.ID, Result: reconcile.CorrectionNone,
			By: "Aida", Note: "as agreed", At: acting,
		}})
		equal(f, "stored", f.actions(first.ID), done)
		equal(f, "rows", f.dump("payins"), before)
		equal(f, "held", f.heldRuns(), nil)
		now, err := f.s.Run(f.ctx, first.ID)
		f.must(err)
		equal(f, "run", []any{now.State, now.ClosedAt, now.Held}, []any{reconcile.Discarded, closing, 0})
		for _, kind := range []reconcile.ActionKind{reconcile.ActionDiscard, reconcile.ActionRelease} {
			err := f.s.Execute(f.ctx, reconcile.RunAction{Kind: kind, RunID: first.ID, Ask: sameAnswers}, nil)
			if !errors.Is(err, reconcile.ErrNotHeld) {
				f.Errorf("%s of a discarded run: %v", kind, err)
			}
		}
		equal(f, "undo", f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: first.ID}), nil)
		if _, err := f.s.AcquireRun(f.ctx, first.ID, owner("c"), closing, dead); !errors.Is(err, reconcile.ErrRunClosed) {
			f.Errorf("acquired a discarded run: %v", err)
		}
		second := f.wholeRun(reconcile.CorrectionHeld, declined)
		equal(f, "held", f.heldRuns(), []int64{second.ID})
		equal(f, "in the period", len(f.findings(reconcile.ReportScope{})), 3)
		f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: second.ID})
		equal(f, "in the period", f.findings(reconcile.ReportScope{})[0].RunID, second.ID)
		f.wantIntact()
	})
}
