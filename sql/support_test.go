package sql_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hhrecon/reconcile"
)

// SupportCases returns the latest state of each payin in each project. A call of SaveSupportCases saves
// all states or none.
func TestSupportMarks(t *testing.T) {
	const other = "0e0d8b1c-5f4e-4d6f-9d3a-1f0a5f3f2b11"
	conform(t, func(f *fixture) {
		mark := func(project, payin string, state reconcile.SupportState) reconcile.SupportCase {
			return reconcile.SupportCase{
				ProjectID: project, PaymentID: payin, Answer: "disputed dispute:others 1 1 1", State: state,
				By: "Aida", Note: "ticket 12", At: acting,
			}
		}
		f.must(f.s.SaveSupportCases(f.ctx, []reconcile.SupportCase{mark(project, "a", reconcile.SupportSent),
			mark(other, "a", reconcile.SupportSettled)}))
		f.must(f.s.SaveSupportCases(f.ctx, []reconcile.SupportCase{mark(project, "a", reconcile.SupportAnswered),
			mark(project, "b", reconcile.SupportSent)}))
		if err := f.s.SaveSupportCases(f.ctx, []reconcile.SupportCase{mark(project, "b", reconcile.SupportSettled),
			mark(project, "c", "lost")}); err == nil {
			f.Error("an unknown state was saved")
		}
		want := map[reconcile.SupportKey]reconcile.SupportCase{}
		for _, m := range []reconcile.SupportCase{mark(project, "a", reconcile.SupportAnswered),
			mark(project, "b", reconcile.SupportSent)} {
			want[m.Key()] = m
		}
		got, err := f.s.SupportCases(f.ctx, project)
		f.must(err)
		if d := cmp.Diff(want, got); d != "" {
			f.Error(d)
		}
		some, err := f.s.SupportCasesOf(f.ctx, []reconcile.SupportKey{{ProjectID: project, PaymentID: "a"},
			{ProjectID: project, PaymentID: "b"}, {ProjectID: project, PaymentID: "b"}, {ProjectID: "none", PaymentID: "a"}})
		f.must(err)
		if d := cmp.Diff(want, some); d != "" {
			f.Error(d)
		}
		all, err := f.s.SupportCases(f.ctx, "")
		f.must(err)
		if len(all) != 3 {
			f.Errorf("%d marks in all projects, not 3", len(all))
		}
	})
}

// FindingsOf returns the findings of a run or period with some outcomes, without HighHelp's answers.
func TestFindingsOfOutcomes(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(12)...)
		run := f.wholeRun(reconcile.CorrectionApplied, mixed)
		f.wholeRun(reconcile.CorrectionDryRun, declined)
		f.wholeRun(reconcile.CorrectionApplied, declined)
		wanted := []reconcile.Outcome{reconcile.Declined, reconcile.DifferentAmount}
		for name, scope := range map[string]reconcile.ReportScope{
			"run": {RunID: run.ID}, "period": {Window: window, ProjectID: project}, "all": {},
			"another project": {ProjectID: "another"}, "before": {Window: reconcile.Window{To: midnight}},
		} {
			var want []reconcile.Finding
			for _, one := range f.findings(scope) {
				if one.Answer = ""; one.Outcome == wanted[0] || one.Outcome == wanted[1] {
					want = append(want, one)
				}
			}
			if name == "run" && len(want) == 0 {
				f.Error("no findings to compare")
			}
			got, err := f.s.FindingsOf(f.ctx, scope, wanted)
			f.must(err)
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				f.Errorf("%s: %s", name, d)
			}
		}
	})
}
