package sql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// historyText returns a history in one line.
func historyText(j *reconcile.PayinHistory) string {
	text := fmt.Sprintf("%s %s %d, %d runs, %d applied:", j.PaymentID, j.Currency, j.Amount, j.Runs, j.Applied)
	for _, s := range j.Entries {
		text += fmt.Sprintf(" %d %s %s %d;", s.RunID, s.StartedAt.UTC().Format("2 Jan"), s.Outcome, s.PaidAmount)
	}
	for _, a := range j.Actions {
		text += fmt.Sprintf(" %s by %s: %s;", a.Kind, a.By, a.Result)
	}
	return text
}

// paid returns an answer with another amount.
func paid(p reconcile.Finding, minor int64) reconcile.Finding {
	p = verdict(p)
	p.Outcome, p.PaidAmount, p.Reason = reconcile.DifferentAmount, minor, reconcile.Words("Another amount.")
	p.After = reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: minor}
	return p
}

// Each change is listed once. The payins are sorted in the same way as the findings of the period. Unchanged
// findings are not listed. Dry runs, open runs and runs outside the period are ignored. A released correction
// is listed as applied.
func TestPayinHistories(t *testing.T) {
	conform(t, func(f *fixture) {
		const other = "another-project"
		all := payins(1005) // more payins than one page contains
		f.save(all...)
		theirs := payins(1)
		theirs[0].ProjectID = other
		f.save(theirs...)
		by := func(hows map[string]func(reconcile.Finding) reconcile.Finding) func(reconcile.Finding) reconcile.Finding {
			return func(p reconcile.Finding) reconcile.Finding {
				if how := hows[p.PaymentID]; how != nil {
					return how(p)
				}
				return unchanged(p)
			}
		}
		whole := func(of string, day int, mode reconcile.Correction,
			hows map[string]func(reconcile.Finding) reconcile.Finding) reconcile.Run {
			n := nightly("a")
			n.Project.ID, n.StartedAt, n.DryRun = of, midnight.AddDate(0, 0, day), mode == reconcile.CorrectionDryRun
			_, l := f.open(n)
			f.judge(l, by(hows))
			return f.end(l, mode)
		}
		arrived := func(minor int64) func(reconcile.Finding) reconcile.Finding {
			return func(p reconcile.Finding) reconcile.Finding { return paid(p, minor) }
		}
		applied, none := reconcile.CorrectionApplied, map[string]func(reconcile.Finding) reconcile.Finding(nil)

		// Run 1 is before the period.
		whole(project, 0, applied, map[string]func(reconcile.Finding) reconcile.Finding{"payin-0007": unanswered})
		whole(project, 1, applied, none)                                                 // run 2
		whole(project, 2, applied, map[string]func(reconcile.Finding) reconcile.Finding{ // run 3
			"payin-0000": arrived(700), "payin-0001": arrived(701), "payin-0002": unanswered, "payin-0003": verdict,
		})
		// The next statements create run 4.
		whole(project, 3, reconcile.CorrectionDryRun,
			map[string]func(reconcile.Finding) reconcile.Finding{"payin-0004": unanswered})
		// The next statements create run 5.
		whole(other, 3, applied, none)
		// The next statements create run 6.
		held := whole(project, 4, reconcile.CorrectionHeld, map[string]func(reconcile.Finding) reconcile.Finding{
			"payin-0000": verdict, "payin-0001": arrived(702), "payin-1004": verdict,
		})
		f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: held.ID})
		f.closed(project, 5, unanswered, "payin-0005") // run 7
		// Run 8 is after the period.
		whole(project, 6, applied, map[string]func(reconcile.Finding) reconcile.Finding{"payin-0006": arrived(706)})
		_, l := f.open(nightly("open"))
		f.judge(l, unanswered)

		period := reconcile.ReportScope{Window: reconcile.Window{From: midnight.AddDate(0, 0, 1),
			To: midnight.AddDate(0, 0, 6)}}
		own := period
		own.ProjectID = project
		want := []string{ // payin-0002 and payin-0005 are still pending, as before the period
			"payin-0003 KGS 1003, 2 runs, 1 applied: 2 2 Nov pending 1003; 3 3 Nov confirmed 1003;",
			"payin-0000 KGS 1000, 3 runs, 2 applied: 2 2 Nov pending 1000; 3 3 Nov different_amount 700; 6 5 Nov confirmed " +
				"1000; release by Aida: applied;",
			"payin-0001 KGS 1001, 3 runs, 2 applied: 2 2 Nov pending 1001; 3 3 Nov different_amount 701; 6 5 Nov " +
				"different_amount 702; release by Aida: applied;",
			"payin-1004 KGS 2004, 3 runs, 1 applied: 2 2 Nov pending 2004; 6 5 Nov confirmed 2004; release by Aida: applied;",
		}
		for _, c := range []struct {
			what  string
			scope reconcile.ReportScope
			want  []string
		}{
			{"all projects", period, want},
			{"a project", own, want},
			{"a run", reconcile.ReportScope{RunID: held.ID}, nil},
			{"another project", reconcile.ReportScope{ProjectID: other, Window: period.Window}, nil},
			{"unknown project", reconcile.ReportScope{ProjectID: "unknown"}, nil},
		} {
			var got []string
			for j, err := range f.s.PayinHistories(f.ctx, c.scope) {
				f.must(err)
				got = append(got, historyText(&j))
			}
			equal(f, c.what, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
		for j, err := range f.s.PayinHistories(f.ctx, period) { // a caller may stop reading before the last payin
			f.must(err)
			equal(f, "the first", j.PaymentID, "payin-0003")
			break
		}
	})
}

// There are two nightly runs with a dry run between them. Each changed payin has its transition. A thousand other
// payins are unchanged.
func TestTransitions(t *testing.T) {
	conform(t, func(f *fixture) {
		const settled, still, overtaken, superseded, back, left, fresh, atOnce = "payin-0000", "payin-0001", "payin-0002",
			"payin-0003", "payin-0004", "payin-0005", "payin-0006", "payin-0007"
		all := payins(1100)
		f.save(append(all[:6:6], all[8:]...)...)
		_, l := f.open(nightly("a"))
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			if p.PaymentID == back || p.PaymentID > atOnce {
				return verdict(p)
			}
			return unchanged(p)
		})
		first := f.end(l, reconcile.CorrectionApplied)
		if _, err := f.s.WholeRunBefore(f.ctx, first.ID); !errors.Is(err, reconcile.ErrNoRun) {
			f.Error(err)
		}
		n := nightly("dry")
		n.DryRun = true
		_, l = f.open(n)
		f.judge(l, unchanged)
		f.end(l, reconcile.CorrectionDryRun)

		f.do("update payins set status = 'success' where payment_id = '" + overtaken + "'")
		f.do("update payins set status = 'pending' where payment_id = '" + back + "'")
		f.save(all[6], all[7])
		_, l = f.open(nightly("b"))
		f.judge(l, func(p reconcile.Finding) reconcile.Finding {
			switch p.PaymentID {
			case settled, superseded, atOnce:
				return verdict(p)
			}
			return unchanged(p)
		})
		f.do("update payins set status = 'processing' where payment_id = '" + superseded + "'")
		second := f.end(l, reconcile.CorrectionApplied)

		before, err := f.s.WholeRunBefore(f.ctx, second.ID)
		f.must(err)
		equal(f, "the run before", before.ID, first.ID)
		got := make(map[string]reconcile.TransitionKind)
		for s, err := range f.s.Transitions(f.ctx, before, second) {
			f.must(err)
			if step := second.Rules.TransitionKind(&s); step != "" {
				got[s.PaymentID] = step
				if want := payinOf(all, s.PaymentID); !s.CreatedAt.Equal(want.CreatedAt) || s.Amount != want.Amount ||
					s.Currency != "KGS" {
					f.Errorf("%+v, want %+v", s, want)
				}
			}
		}
		equal(f, "steps", got, map[string]reconcile.TransitionKind{
			settled: reconcile.TransitionSettled, still: reconcile.TransitionStillOpen, overtaken: reconcile.TransitionOvertaken,
			superseded: reconcile.TransitionOvertaken, back: reconcile.TransitionCameBack, fresh: reconcile.TransitionNew,
			left: reconcile.TransitionStillOpen,
		})
	})
}

// Over several nightly runs, a reversed payin is reversed once and then stays open. The payin is settled when HighHelp
// agrees again. A payin that is no longer queried, or about which a person has decided, has no transition.
func TestReversedComesBackOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		asked, gone := "payin-0000", "payin-0001"
		reversed := func(p reconcile.Finding) reconcile.Finding {
			p = unchanged(p)
			p.Outcome = reconcile.Reversed
			return p
		}
		var before reconcile.Run
		for i, c := range []struct {
			how  func(reconcile.Finding) reconcile.Finding
			want map[string]reconcile.TransitionKind
		}{
			{verdict, nil},
			{reversed, map[string]reconcile.TransitionKind{asked: reconcile.TransitionCameBack,
				gone: reconcile.TransitionCameBack}},
			{reversed, map[string]reconcile.TransitionKind{asked: reconcile.TransitionStillOpen,
				gone: reconcile.TransitionStillOpen}},
			{reversed, map[string]reconcile.TransitionKind{asked: reconcile.TransitionStillOpen}},
			{unchanged, map[string]reconcile.TransitionKind{asked: reconcile.TransitionSettled}},
			{unchanged, map[string]reconcile.TransitionKind{}},
			{reversed, map[string]reconcile.TransitionKind{asked: reconcile.TransitionCameBack}},
			{reversed, map[string]reconcile.TransitionKind{}}, // a person has decided
			{reversed, map[string]reconcile.TransitionKind{}},
		} {
			if i == 3 {
				f.do("delete from payins where payment_id = '" + gone + "'")
			}
			if i == 7 {
				a, err := f.decide(reconcile.Decision{
					RunID: before.ID, Seq: 1, After: reconcile.State{Status: "decline"}, By: "Aida", At: closing,
				})
				f.must(err)
				equal(f, "decision", a.Result, reconcile.CorrectionApplied)
			}
			n := nightly(fmt.Sprint("run ", i))
			n.Selection.RecheckFrom = time.Unix(0, 0)
			_, l := f.open(n)
			f.judge(l, c.how)
			run := f.end(l, reconcile.CorrectionApplied)
			if i > 0 {
				got := make(map[string]reconcile.TransitionKind)
				for s, err := range f.s.Transitions(f.ctx, before, run) {
					f.must(err)
					if step := run.Rules.TransitionKind(&s); step != "" {
						got[s.PaymentID] = step
					}
				}
				equal(f, fmt.Sprint("transitions of run ", i), got, c.want)
			}
			before = run
		}
	})
}

func payinOf(all []reconcile.Payin, id string) reconcile.Payin {
	for _, p := range all {
		if p.PaymentID == id {
			return p
		}
	}
	return reconcile.Payin{}
}
