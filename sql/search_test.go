package sql_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// differs returns a held success with another amount, which needs a person's decision.
func differs(p reconcile.Finding) reconcile.Finding {
	p = verdict(p)
	p.Outcome, p.Causes, p.PaidAmount = reconcile.DifferentAmount, reconcile.CauseAppeal, p.Amount+500
	p.After = reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: p.PaidAmount}
	return p
}

// accepted returns the verdict of differs in a project that accepts HighHelp's sum. The argument word is the merchant's
// status for a success in the project's status map.
func accepted(word string) func(reconcile.Finding) reconcile.Finding {
	return func(p reconcile.Finding) reconcile.Finding {
		p = differs(p)
		p.After = reconcile.State{Status: word, SettledAmount: p.PaidAmount}
		return p
	}
}

// by returns a function that returns the given verdict of a payin. For any other payin, the function returns the result
// of the function unchanged.
func by(hows map[string]func(reconcile.Finding) reconcile.Finding) func(reconcile.Finding) reconcile.Finding {
	return func(p reconcile.Finding) reconcile.Finding {
		if how := hows[strings.TrimPrefix(p.PaymentID, "payin-000")]; how != nil {
			return how(p)
		}
		return unchanged(p)
	}
}

// one changes the rows of some payins, and then executes a run over these payins.
func (f *fixture) one(mode reconcile.Correction, how func(reconcile.Finding) reconcile.Finding,
	change func(n *reconcile.NewRun), ids ...string) reconcile.Run {
	f.Helper()
	n := nightly("a")
	for _, id := range ids {
		n.Selection.PaymentIDs = append(n.Selection.PaymentIDs, "payin-000"+id)
	}
	n.Selection.Whole = len(ids) == 0
	if change != nil {
		change(&n)
	}
	_, l := f.open(n)
	f.judge(l, how)
	return f.end(l, mode)
}

// finds returns the findings that match a filter, in the format run:payin.
func (f *fixture) finds(filter reconcile.FindingFilter) string {
	f.Helper()
	found, err := f.s.FindFindings(f.ctx, filter)
	f.must(err)
	var words []string
	for _, one := range found {
		words = append(words, fmt.Sprintf("%d:%s", one.RunID, strings.TrimPrefix(one.PaymentID, "payin-000")))
	}
	return strings.Join(words, " ")
}

func TestFindRuns(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		other := payin(0)
		other.ProjectID = "another"
		f.save(other)
		alerted := func(n *reconcile.NewRun) { n.Origin.Trigger = reconcile.TriggerAlert }
		elsewhere := func(n *reconcile.NewRun) { n.Project.ID = "another" }
		for _, change := range []func(*reconcile.NewRun){nil, alerted, elsewhere, alerted, nil, alerted} {
			f.one(reconcile.CorrectionApplied, unchanged, change)
		}
		find := func(filter reconcile.RunFilter) []int64 {
			f.Helper()
			runs, err := f.s.FindRuns(f.ctx, filter)
			f.must(err)
			var ids []int64
			for _, r := range runs {
				ids = append(ids, r.ID)
			}
			return ids
		}
		equal(f, "all", find(reconcile.RunFilter{}), []int64{6, 5, 4, 3, 2, 1})
		equal(f, "a page", find(reconcile.RunFilter{Limit: 2}), []int64{6, 5})
		equal(f, "the next page", find(reconcile.RunFilter{Before: 5, Limit: 2}), []int64{4, 3})
		equal(f, "without those of alerts", find(reconcile.RunFilter{NoAlerts: true, Limit: 2}), []int64{5, 3})
		equal(f, "of a project", find(reconcile.RunFilter{ProjectID: project, NoAlerts: true, Before: 5}), []int64{1})
	})
}

func TestFindFindingsOfARun(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(6)...)
		first := f.one(reconcile.CorrectionApplied,
			by(map[string]func(reconcile.Finding) reconcile.Finding{"1": declined, "3": declined, "4": differs}), nil)
		f.one(reconcile.CorrectionApplied, unchanged, nil)
		of := func(filter reconcile.FindingFilter) string {
			f.Helper()
			filter.RunID = first.ID
			return f.finds(filter)
		}
		equal(f, "all", of(reconcile.FindingFilter{}), "1:0 1:1 1:2 1:3 1:4 1:5")
		equal(f, "a page", of(reconcile.FindingFilter{Limit: 4}), "1:0 1:1 1:2 1:3")
		equal(f, "the next page", of(reconcile.FindingFilter{Limit: 4, AfterSeq: 4}), "1:4 1:5")
		equal(f, "of an outcome", of(reconcile.FindingFilter{Outcome: reconcile.Declined}), "1:1 1:3")
		equal(f, "of an outcome, the next page",
			of(reconcile.FindingFilter{Outcome: reconcile.Declined, AfterSeq: 2, Limit: 5}), "1:3")
		equal(f, "of another project", of(reconcile.FindingFilter{ProjectID: "another"}), "")
		equal(f, "by text", of(reconcile.FindingFilter{Text: "REQ-payin-0003"}), "1:3")
		found, err := f.s.FindFindings(f.ctx, reconcile.FindingFilter{RunID: first.ID})
		f.must(err)
		equal(f, "findings", found, f.findings(reconcile.ReportScope{RunID: first.ID}))
	})
}

func TestFindLatestFindings(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		other := payin(1)
		other.ProjectID = "another"
		percent := payin(7)
		percent.PaymentID = "50%_Off!"
		f.save(other, percent)
		f.one(reconcile.CorrectionApplied, unchanged, nil)
		f.one(reconcile.CorrectionApplied, unchanged, nil, "1", "3")
		f.one(reconcile.CorrectionDryRun, declined, func(n *reconcile.NewRun) { n.DryRun = true }, "0")
		f.one(reconcile.CorrectionApplied, declined, func(n *reconcile.NewRun) { n.Project.ID = "another" }, "1")
		_, l := f.open(nightly("a")) // the run is still open, so it does not have the latest finding
		f.judge(l, declined)
		_, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 2)
		f.must(err)

		equal(f, "all", f.finds(reconcile.FindingFilter{}), "4:1 2:3 2:1 1:50%_Off! 1:2 1:0")
		equal(f, "at most", f.finds(reconcile.FindingFilter{Limit: 2}), "4:1 2:3")
		equal(f, "of a project", f.finds(reconcile.FindingFilter{ProjectID: project}), "2:3 2:1 1:50%_Off! 1:2 1:0")
		equal(f, "of an outcome", f.finds(reconcile.FindingFilter{Outcome: reconcile.Declined}), "4:1")
		equal(f, "by payment_id", f.finds(reconcile.FindingFilter{Text: "PAYIN-0001"}), "4:1 2:1")
		equal(f, "by part of it", f.finds(reconcile.FindingFilter{Text: "Ayin-", Outcome: reconcile.Pending}),
			"2:3 2:1 1:2 1:0")
		equal(f, "by request_id", f.finds(reconcile.FindingFilter{Text: "q-payin-0002"}), "1:2")
		equal(f, "with a limit", f.finds(reconcile.FindingFilter{Text: "payin-0001", Limit: 1}), "4:1")
		for _, text := range []string{"%", "_", "0%_o", "50%_Off!", "!"} {
			equal(f, text, f.finds(reconcile.FindingFilter{Text: text}), "1:50%_Off!")
		}
		for _, text := range []string{"' or 1=1 --", "p%n", "payin_0001", "\x00", "\xff", "\\"} {
			equal(f, text, f.finds(reconcile.FindingFilter{Text: text}), "")
		}
		found, err := f.s.FindFindings(f.ctx, reconcile.FindingFilter{ProjectID: project, Text: "payin-0003"})
		f.must(err)
		last, err := f.s.LatestFinding(f.ctx, project, "payin-0003")
		f.must(err)
		equal(f, "finding", found, []reconcile.Finding{last})
	})
}

// countUndecided counts the undecided payins of a project, or of all projects.
func (f *fixture) countUndecided(projectID string) (n int) {
	f.Helper()
	count, err := f.s.CountUndecided(f.ctx)
	f.must(err)
	for of, waiting := range count {
		if projectID == "" || of == projectID {
			n += int(waiting)
		}
	}
	return n
}

// refillUndecided fills the table hhrecon_undecided as its migration does.
func (f *fixture) refillUndecided() {
	f.Helper()
	folder := "postgres"
	if strings.HasPrefix(f.url, "sqlite:") {
		folder = "sqlite"
	}
	file, err := os.ReadFile("migrations/" + folder + "/030_undecided.sql")
	f.must(err)
	_, fill, _ := strings.Cut(string(file), "\ninsert into")
	fill, _, _ = strings.Cut(fill, ";")
	f.do("delete from hhrecon_undecided")
	f.do("insert into" + fill)
}

// A payin needs a decision if its latest finding is held for a person or contradicts a final row, and no decision about
// the finding exists. The status map of the run determines which rows are final.
func TestFindWaiting(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(10)...)
		final := payin(0)
		final.ProjectID, final.Status = "another", "success"
		f.save(final)
		reversed := func(p reconcile.Finding) reconcile.Finding {
			p = unchanged(p)
			p.Outcome, p.ProviderStatus = reconcile.Reversed, "decline"
			return p
		}
		disputed := func(p reconcile.Finding) reconcile.Finding {
			p = differs(p)
			p.ProviderStatus, p.ProviderSubStatus = "dispute", "different_amount"
			return p
		}
		mapped := func(n *reconcile.NewRun) { n.Project.StatusMap = map[string]string{"success": "paid"} }
		recheck := func(n *reconcile.NewRun) { n.Project.ID, n.Selection.RecheckFrom = "another", midnight }
		hows := map[string]func(reconcile.Finding) reconcile.Finding{
			"0": differs, "1": differs, "2": accepted("success"), "3": differs, "4": disputed, "5": differs, "6": differs,
			"9": differs,
		}
		waits := func(filter reconcile.FindingFilter, want string) {
			f.Helper()
			filter.Undecided = true
			equal(f, fmt.Sprintf("%+v", filter), f.finds(filter), want)
			if filter.RunID == 0 && filter.Text == "" && filter.Outcome == "" && filter.Limit == 0 {
				equal(f, "count", f.countUndecided(filter.ProjectID), len(strings.Fields(want)))
			}
		}
		waits(reconcile.FindingFilter{}, "")
		f.one(reconcile.CorrectionApplied, by(hows), nil)
		waits(reconcile.FindingFilter{}, "1:9 1:6 1:5 1:3 1:1 1:0")
		f.one(reconcile.CorrectionApplied, accepted("paid"), mapped, "7") // the run's status map makes this status final
		f.one(reconcile.CorrectionApplied, accepted("paid"), nil, "8")    // without the map this status is open
		// A person must first release or discard a held correction.
		f.one(reconcile.CorrectionHeld, differs, nil, "6")
		// A dry run does not have the latest finding.
		f.one(reconcile.CorrectionDryRun, unchanged, func(n *reconcile.NewRun) { n.DryRun = true }, "0")
		// The payin has a later finding.
		f.one(reconcile.CorrectionApplied, unchanged, nil, "3")
		// The run belongs to another project.
		f.one(reconcile.CorrectionApplied, reversed, func(n *reconcile.NewRun) { mapped(n); recheck(n) })
		waits(reconcile.FindingFilter{}, "7:0 3:8 1:9 1:5 1:1 1:0")
		waits(reconcile.FindingFilter{Limit: 2}, "7:0 3:8")
		waits(reconcile.FindingFilter{ProjectID: project}, "3:8 1:9 1:5 1:1 1:0")
		waits(reconcile.FindingFilter{ProjectID: "another"}, "7:0")
		waits(reconcile.FindingFilter{Outcome: reconcile.Reversed}, "7:0")
		waits(reconcile.FindingFilter{Outcome: reconcile.Confirmed}, "")
		waits(reconcile.FindingFilter{Text: "PAYIN-0005"}, "1:5")
		waits(reconcile.FindingFilter{RunID: 1}, "1:0 1:1 1:5 1:9")
		waits(reconcile.FindingFilter{RunID: 1, AfterSeq: 1, Limit: 2}, "1:1 1:5")
		waits(reconcile.FindingFilter{RunID: 4}, "")

		decide := func(n int, keep bool, want reconcile.Correction) {
			f.Helper()
			one, err := f.s.LatestFinding(f.ctx, project, payin(n).PaymentID)
			f.must(err)
			a, err := f.decide(reconcile.Decision{
				RunID: one.RunID, Seq: one.Seq, Keep: keep, By: "Aida", At: time.Now(),
				After: reconcile.State{Status: "success", SettledAmount: one.PaidAmount},
			})
			f.must(err)
			equal(f, "decision", a.Result, want)
		}
		f.do("update payins set sub_status = 'touched' where payment_id = 'payin-0009'")
		decide(0, false, reconcile.CorrectionApplied)
		decide(1, true, reconcile.CorrectionNone)
		decide(9, false, reconcile.CorrectionSuperseded) // the payin still needs a decision
		waits(reconcile.FindingFilter{ProjectID: project}, "3:8 1:9 1:5")

		// If the answer is the same, a kept row needs no new decision. A row that was reset needs a new decision.
		f.do("update payins set status = 'dispute' where payment_id = 'payin-0000'")
		f.one(reconcile.CorrectionApplied, differs, nil, "0", "1")
		waits(reconcile.FindingFilter{ProjectID: project}, "8:0 3:8 1:9 1:5")

		f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: 4})
		waits(reconcile.FindingFilter{ProjectID: project}, "8:0 4:6 3:8 1:9 1:5")

		dry := func(n *reconcile.NewRun) { n.DryRun = true }
		f.one(reconcile.CorrectionDryRun, reversed, dry, "3", "4")
		_, l := f.open(nightly("a")) // still open
		f.judge(l, reversed)
		f.settleAll(l, reconcile.CorrectionApplied)
		waits(reconcile.FindingFilter{ProjectID: project}, "8:0 4:6 3:8 1:9 1:5")

		// The migration finds the same payins in the history.
		all := f.finds(reconcile.FindingFilter{Undecided: true})
		f.refillUndecided()
		waits(reconcile.FindingFilter{}, all)
	})
}

func TestTimeline(t *testing.T) {
	conform(t, func(f *fixture) {
		empty, err := f.s.PayinTimeline(f.ctx, project, "payin-0001")
		f.must(err)
		equal(f, "nothing is known", empty, reconcile.PayinTimeline{})
		f.save(payins(3)...)
		other := payin(1)
		other.ProjectID = "another"
		f.save(other)
		f.one(reconcile.CorrectionHeld, declined, nil)
		f.one(reconcile.CorrectionApplied, unchanged, func(n *reconcile.NewRun) { n.Project.ID = "another" })
		f.one(reconcile.CorrectionDryRun, unchanged, func(n *reconcile.NewRun) { n.DryRun = true }, "1")
		f.execute(reconcile.RunAction{Kind: reconcile.ActionDiscard, RunID: 1})
		f.one(reconcile.CorrectionApplied, differs, nil, "1", "2")
		f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: 4})
		_, l := f.open(nightly("a"))
		f.judge(l, unchanged)
		_, _, err = f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 2)
		f.must(err)
		f.saveAlert(alert(1, "v1"))
		f.saveAlert(alert(2, "v1"))
		f.saveAlert(alert(1, "v2"))
		elsewhere := alert(1, "v1")
		elsewhere.ProjectID = "another"
		f.saveAlert(elsewhere)

		story, err := f.s.PayinTimeline(f.ctx, project, "payin-0001")
		f.must(err)
		var runs []int64
		for _, one := range story.Findings {
			runs = append(runs, one.RunID)
			equal(f, "payin", one.PaymentID, "payin-0001")
		}
		equal(f, "runs", runs, []int64{1, 3, 4, 5})
		var acts []string
		for _, a := range story.Actions {
			acts = append(acts, fmt.Sprintf("%s %d %q", a.Kind, a.RunID, a.PaymentID))
		}
		equal(f, "actions", acts, []string{`discard 1 ""`, `undo 4 "payin-0001"`})
		equal(f, "an action", story.Actions[1], f.actions(4)[0])
		var versions []string
		for _, a := range story.Alerts {
			versions = append(versions, a.PaymentID+" "+a.TextDigest)
		}
		equal(f, "alerts", versions, []string{"payin-0001 v1 of 1", "payin-0001 v2 of 1"})
	})
}

func TestLastComplete(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		last := func(want time.Time) {
			f.Helper()
			at, err := f.s.LastComplete(f.ctx, project)
			f.must(err)
			equal(f, "last", at, want)
		}
		unanswered := func(p reconcile.Finding) reconcile.Finding {
			p = unchanged(p)
			p.Outcome, p.Result = reconcile.Unreachable, reconcile.ResultUnreachable
			return p
		}
		last(time.Time{})
		run := f.one(reconcile.CorrectionApplied, unchanged, nil)
		last(closing)
		f.do("update hhrecon_run set closed_at = ?", "2026-10-01T00:00:00.000000Z")
		before := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
		f.one(reconcile.CorrectionApplied, by(map[string]func(reconcile.Finding) reconcile.Finding{"2": unanswered}), nil)
		f.one(reconcile.CorrectionApplied, unchanged, nil, "1")
		f.one(reconcile.CorrectionDryRun, unchanged, func(n *reconcile.NewRun) { n.DryRun = true })
		f.one(reconcile.CorrectionHeld, declined, nil)
		_, l := f.open(nightly("a"))
		equal(f, "headline", run.ResultStatus(), reconcile.ResultComplete)
		last(before)
		_, err := f.s.InterruptRun(f.ctx, l, reconcile.Reason{})
		f.must(err)
		f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: 5})
		last(closing)
		if at, err := f.s.LastComplete(f.ctx, "another"); err != nil || !at.IsZero() {
			f.Errorf("another project's: %v, %v", at, err)
		}
	})
}

// A text search reads only the latest findings. An exact payment_id is found in all findings.
func TestSearchDepth(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		f.one(reconcile.CorrectionApplied, unchanged, nil)
		f.one(reconcile.CorrectionApplied, unchanged, nil, "1", "2")
		f.s.SetSearchDepth(2)
		equal(f, "while there are few", f.finds(reconcile.FindingFilter{Text: "payin-000"}), "2:2 2:1 1:3 1:0")
		f.one(reconcile.CorrectionApplied, unchanged, nil, "1")
		equal(f, "a part of it", f.finds(reconcile.FindingFilter{Text: "payin-000"}), "3:1 2:2")
		equal(f, "the whole", f.finds(reconcile.FindingFilter{Text: "payin-0000"}), "1:0")
		equal(f, "without a text", f.finds(reconcile.FindingFilter{}), "3:1 2:2 1:3 1:0")
	})
}
