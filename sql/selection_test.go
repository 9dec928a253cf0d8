package sql_test

import (
	"errors"
	"testing"
	"time"

	"hhrecon/reconcile"
)

func TestSelection(t *testing.T) {
	conform(t, func(f *fixture) {
		at := func(n int, status string, created time.Time) reconcile.Payin {
			p := payin(n)
			p.Status, p.CreatedAt, p.UpdatedAt = status, created, created
			return p
		}
		other := payin(20)
		other.ProjectID = "another"
		f.save(
			at(1, "pending", midnight.Add(3*time.Hour)), at(2, "error", midnight.Add(2*time.Hour)),
			at(3, "success", midnight.Add(time.Hour)), at(4, "decline", midnight.Add(time.Hour)),
			at(5, "paid", midnight.Add(time.Hour)), at(6, "waiting", midnight.Add(4*time.Hour)),
			at(7, "pending", midnight.Add(-time.Microsecond)), at(8, "pending", window.To), other,
		)
		ids := func(n reconcile.NewRun) []string {
			f.Helper()
			_, l := f.open(n)
			var ids []string
			for _, p := range f.judge(l, unchanged) {
				ids = append(ids, p.PaymentID)
			}
			f.end(l, reconcile.CorrectionApplied)
			return ids
		}
		equal(f, "by created_at", ids(nightly("a")), []string{"payin-0002", "payin-0001"})

		mapped := nightly("a")
		mapped.Project.StatusMap = map[string]string{"processing": "waiting", "success": "paid"}
		equal(f, "with a status map", ids(mapped), []string{"payin-0002", "payin-0001", "payin-0006"})

		recheck := nightly("a")
		recheck.Selection.RecheckFrom = midnight
		equal(f, "with final ones", ids(recheck), []string{"payin-0002", "payin-0001", "payin-0003", "payin-0004"})

		named := nightly("a")
		named.Selection.PaymentIDs, named.Selection.Whole = []string{"payin-0001", "payin-0001"}, false
		equal(f, "by name", ids(named), []string{"payin-0001"})
	})
}

func TestMissingPayins(t *testing.T) {
	conform(t, func(f *fixture) {
		final := payin(2)
		final.Status = "success"
		f.save(payin(1), final)
		n := nightly("a")
		n.Selection.PaymentIDs = []string{"payin-0001", "payin-0002", "payin-0003'; drop table payins; --", "payin-0002"}
		_, err := f.s.OpenRun(f.ctx, n)
		var missing *reconcile.MissingError
		if !errors.As(err, &missing) {
			f.Fatal(err)
		}
		equal(f, "missing", missing.PaymentIDs, []string{"payin-0002", "payin-0003'; drop table payins; --"})
		equal(f, "runs", f.count("select count(*) from hhrecon_run"), 0)
		equal(f, "selection", f.count("select count(*) from hhrecon_selection"), 0)
	})
}

func TestUnresolvedIsListedOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		for n := range 6 { // one open payin for each day
			p := payin(n)
			p.CreatedAt = midnight.Add(time.Duration(n) * 24 * time.Hour)
			f.save(p)
		}
		span := func(from, to int) reconcile.Window {
			return reconcile.Window{From: midnight.AddDate(0, 0, from), To: midnight.AddDate(0, 0, to)}
		}
		execute := func(w reconcile.Window, whole, dry bool, mode reconcile.Correction) []string {
			f.Helper()
			n := nightly("a")
			n.Selection.Window, n.Selection.Whole, n.DryRun = w, whole, dry
			run, l := f.open(n)
			f.judge(l, unchanged)
			end := f.end(l, mode)
			ids := f.unresolved(reconcile.ReportScope{RunID: run.ID})
			equal(f, "count", end.Unresolved, int64(len(ids)))
			return ids
		}
		equal(f, "dry", execute(span(2, 3), true, true, reconcile.CorrectionDryRun), nil)
		equal(f, "by hand", execute(span(2, 3), false, false, reconcile.CorrectionApplied), nil)
		equal(f, "first whole run", execute(span(2, 3), true, false, reconcile.CorrectionApplied),
			[]string{"payin-0000", "payin-0001"})
		equal(f, "the same window", execute(span(2, 4), true, false, reconcile.CorrectionApplied), nil)
		equal(f, "a held run", execute(span(3, 5), true, false, reconcile.CorrectionHeld), []string{"payin-0002"})
		equal(f, "two days later", execute(span(5, 6), true, false, reconcile.CorrectionApplied),
			[]string{"payin-0003", "payin-0004"})
		equal(f, "a window that moved back", execute(span(1, 6), true, false, reconcile.CorrectionApplied), nil)
		equal(f, "all", f.unresolved(reconcile.ReportScope{}),
			[]string{"payin-0000", "payin-0001", "payin-0002", "payin-0003", "payin-0004"})
	})
}

func TestDryRunWritesNothing(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(5)...)
		n := nightly("a")
		n.DryRun = true
		run, l := f.open(n)
		f.judge(l, declined)
		f.end(l, reconcile.CorrectionDryRun)
		equal(f, "rows written", f.count("select count(*) from payins where status <> 'pending' or updated_at <> created_at"),
			0)
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			equal(f, "correction", one.Correction, reconcile.CorrectionDryRun)
			equal(f, "after", one.After, reconcile.State{Status: "decline", SubStatus: "canceled"})
		}
		equal(f, "in a period", len(f.findings(reconcile.ReportScope{})), 0)
		if broken, err := f.s.ResumableRuns(f.ctx, project, dead); err != nil || len(broken) != 0 {
			f.Errorf("expired runs %v, %v", broken, err)
		}
	})
}

// Payins that the last run over all open payins did not query come first. Payins that it queried without an answer do
// not come first.
func TestNotAskedComeFirst(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(6)...)
		notAsked := func(seqs ...int64) func(reconcile.Finding) reconcile.Finding {
			return func(p reconcile.Finding) reconcile.Finding {
				p = unchanged(p)
				for _, seq := range seqs {
					if p.Seq == seq {
						p.Outcome, p.Result = reconcile.Unreachable, reconcile.ResultNotAsked
					}
				}
				if p.PaymentID == "payin-0003" { // this payin never gets an answer
					p.Outcome, p.Result = reconcile.Unreachable, reconcile.ResultUnreachable
				}
				return p
			}
		}
		execute := func(whole, dry bool, mode reconcile.Correction, how func(reconcile.Finding) reconcile.Finding) string {
			f.Helper()
			n := nightly("a")
			n.Selection.Whole, n.DryRun = whole, dry
			_, l := f.open(n)
			order := ""
			for _, p := range f.judge(l, how) {
				order += p.PaymentID[len(p.PaymentID)-1:]
			}
			f.end(l, mode)
			return order
		}
		equal(f, "the first whole run", execute(true, false, reconcile.CorrectionApplied, notAsked(3, 5)), "012345")
		equal(f, "a run by hand", execute(false, false, reconcile.CorrectionApplied, notAsked(1)), "240135")
		equal(f, "a dry run", execute(true, true, reconcile.CorrectionDryRun, notAsked(1)), "240135")
		equal(f, "the second whole run", execute(true, false, reconcile.CorrectionHeld, notAsked(6)), "240135")
		equal(f, "the third whole run", execute(true, false, reconcile.CorrectionApplied, notAsked()), "501234")
		equal(f, "the fourth whole run", execute(true, false, reconcile.CorrectionApplied, notAsked()), "012345")
	})
}

// An alert's payin is selected at any age if its row is open or final. The other requested payins
// are reported as missing.
func TestNamedPayinsMayBeFinal(t *testing.T) {
	conform(t, func(f *fixture) {
		final, old, unknown, other := payin(2), payin(3), payin(4), payin(5)
		final.Status, final.CreatedAt, final.UpdatedAt = "success", midnight.AddDate(-3, 0, 0), midnight.AddDate(-3, 0, 0)
		old.Status, old.CreatedAt, old.UpdatedAt = "decline", midnight.AddDate(-30, 0, 0), midnight.AddDate(-30, 0, 0)
		unknown.Status, other.ProjectID = "test", "another"
		f.save(payin(0), payin(1), final, old, unknown, other)
		n := nightly("a")
		n.Selection.Whole, n.Selection.Window.From, n.Selection.RecheckFrom = false, time.Unix(0, 0), time.Unix(0, 0)
		n.Selection.PaymentIDs = []string{"payin-0001", "payin-0002", "payin-0003"}
		_, l := f.open(n)
		var selected []string
		for _, p := range f.judge(l, unchanged) {
			selected = append(selected, p.PaymentID+" "+p.Status)
		}
		equal(f, "selected", selected, []string{"payin-0001 pending", "payin-0003 decline", "payin-0002 success"})
		f.end(l, reconcile.CorrectionApplied)

		n.Selection.PaymentIDs = []string{"payin-0001", "payin-0004", "payin-0002", "payin-0005", "payin-9999"}
		_, err := f.s.OpenRun(f.ctx, n)
		var missing *reconcile.MissingError
		if !errors.As(err, &missing) {
			f.Fatal(err)
		}
		equal(f, "missing", missing.PaymentIDs, []string{"payin-0004", "payin-0005", "payin-9999"})
	})
}

// Small runs from alerts do not affect nightly runs. The time window, the order, the usual share of harmful corrections
// and the time of the last complete run stay unchanged.
func TestAlertRunsDoNotAffectWholeRuns(t *testing.T) {
	conform(t, func(f *fixture) {
		gone := payin(9)
		gone.CreatedAt = midnight.AddDate(0, 0, -1)
		f.save(append(payins(6), gone)...)
		notAsked := func(p reconcile.Finding) reconcile.Finding {
			p = unchanged(p)
			if p.PaymentID == "payin-0004" {
				p.Outcome, p.Result = reconcile.Unreachable, reconcile.ResultNotAsked
			}
			return p
		}
		early := nightly("a")
		early.Selection.Window.From = gone.CreatedAt
		for _, how := range []func(reconcile.Finding) reconcile.Finding{unchanged, notAsked} {
			_, l := f.open(early)
			f.judge(l, how)
			f.end(l, reconcile.CorrectionApplied)
		}
		usual, err := f.s.Usual(f.ctx, project, "2026-12-01", 14)
		f.must(err)
		f.do("update hhrecon_run set closed_at = ?", "2026-11-02T07:00:00.000000Z")
		for range 20 {
			f.one(reconcile.CorrectionApplied, declined, func(n *reconcile.NewRun) {
				n.Origin.Trigger, n.Selection.RecheckFrom = reconcile.TriggerAlert, time.Unix(0, 0)
			}, "1", "4")
		}
		after, err := f.s.Usual(f.ctx, project, "2026-12-01", 14)
		f.must(err)
		equal(f, "usual", after, usual)
		last, err := f.s.LastComplete(f.ctx, project)
		f.must(err)
		equal(f, "last complete", last, time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC))
		f.do("update payins set status = 'pending' where payment_id = 'payin-0004'")
		run, l := f.open(nightly("a"))
		equal(f, "left the window", f.unresolved(reconcile.ReportScope{RunID: run.ID}), []string{"payin-0009"})
		all := f.judge(l, unchanged)
		equal(f, "comes first", all[0].PaymentID, "payin-0004")
	})
}

// TestShadowRun checks that a dry run of a project in shadow can be resumed and published. Other dry runs cannot. The
// number of clean nights is stored with the run, but a later run on the same date does not count.
func TestShadowRun(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		for i, shadow := range []bool{false, true, true} {
			n := nightly("a")
			n.DryRun, n.Project.Shadow = true, shadow
			n.StartedAt = n.StartedAt.AddDate(0, 0, i)
			run, l := f.open(n)
			broken, err := f.s.ResumableRuns(f.ctx, project, dead)
			f.must(err)
			equal(f, "resumable", len(broken) == 1, shadow)
			equal(f, "no email", run.NoEmail, !shadow)
			equal(f, "clean nights before", run.Rules.CleanNights, int64(max(0, i-1)))
			f.judge(l, verdict)
			f.end(l, reconcile.CorrectionDryRun)
			_, made, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: reconcile.ReportScope{RunID: run.ID},
				Now: closing})
			if made != shadow || !shadow && !errors.Is(err, reconcile.ErrDryRun) || shadow && err != nil {
				f.Errorf("published %t: %v", made, err)
			}
		}
		equal(f, "rows written", f.count("select count(*) from payins where status <> 'pending'"), 0)
	})
}
