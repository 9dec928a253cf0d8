package sql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// aged is a time after all other times in the tests.
var aged = midnight.Add(100 * 24 * time.Hour)

func retention() reconcile.Retention {
	return reconcile.Retention{ProjectID: project, Before: aged, Setting: "400d", Now: aged.Add(400 * 24 * time.Hour)}
}

func (f *fixture) prune(r reconcile.Retention) reconcile.Pruning {
	f.Helper()
	p, err := f.s.Prune(f.ctx, r)
	f.must(err)
	return p
}

// makeRecent makes a run too recent for pruning.
func (f *fixture) makeRecent(run reconcile.Run) {
	f.Helper()
	f.do("update hhrecon_run set started_at = ?, closed_at = ? where id = ?", dbTime(f, aged),
		dbTime(f, aged.Add(time.Hour)), run.ID)
}

// dbTime returns a time in the database's format and precision.
func dbTime(f *fixture, at time.Time) any {
	if f.postgres() {
		return at
	}
	return at.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// oldRuns creates two old runs with actions, and a recent run.
func (f *fixture) oldRuns() (first, last reconcile.Run) {
	f.Helper()
	f.save(payins(7)...)
	first = f.wholeRun(reconcile.CorrectionHeld, declined)
	f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: first.ID})
	f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: first.ID, PaymentIDs: []string{"payin-0003"}})
	f.wholeRun(reconcile.CorrectionApplied, unchanged)
	last = f.wholeRun(reconcile.CorrectionApplied, unchanged)
	f.makeRecent(last)
	return first, last
}

// Prune deletes old rows. The rest of the audit log stays valid, and Verify still detects changes after the checkpoint.
func TestPrune(t *testing.T) {
	conform(t, func(f *fixture) {
		first, last := f.oldRuns()
		f.must(f.s.EndOccurrence(f.ctx, reconcile.Occurrence{Job: "nightly", At: midnight, State: reconcile.OccurrenceSkipped,
			Owner: owner("a")}))
		f.must(f.s.EndOccurrence(f.ctx, reconcile.Occurrence{Job: "nightly", At: closing, State: reconcile.OccurrenceSkipped,
			Owner: owner("a")}))
		before, end := f.wantIntact(), f.head()
		would := retention()
		would.DryRun = true
		dry := f.prune(would)
		equal(f, "after a dry run", f.wantIntact(), before)

		p := f.prune(retention())
		equal(f, "as the dry run said", [2]int64{p.Runs, p.Entries}, [2]int64{dry.Runs, dry.Entries})
		equal(f, "runs", p.Runs, 2)
		equal(f, "kept", p.Kept, 0)
		left := f.count("select count(*) from hhrecon_finding")
		equal(f, "findings left", left, int(last.Selected))
		equal(f, "actions left", f.count("select count(*) from hhrecon_action where kind <> 'prune'"), 0)
		equal(f, "runs left", f.count("select count(*) from hhrecon_run"), 1)
		if _, err := f.s.Run(f.ctx, first.ID); err == nil {
			f.Error("the run was not deleted")
		}
		after := f.wantIntact(end)
		equal(f, "entries, with that of the pruning", after.Entries, before.Entries+1)
		equal(f, "taken out", [3]any{after.Pruned, after.PrunedRuns, after.Retention},
			[3]any{before.Entries - last.Selected, int64(2), "400d"})
		equal(f, "again", f.prune(retention()).Entries, 0)

		occurrences, err := f.s.PruneTimes(f.ctx, aged)
		f.must(err)
		equal(f, "occurrences, except the last", occurrences, 1)

		f.wholeRun(reconcile.CorrectionApplied, unchanged)
		f.wantIntact() // new entries continue the log
		f.tamper("update hhrecon_finding set reason = 'x' where chain_seq = ?", after.Pruned+3)
		if broken := f.breaks(); !strings.Contains(broken, fmt.Sprintf("entry %d was changed", after.Pruned+3)) {
			f.Errorf("a change after the checkpoint: %q", broken)
		}
		f.tamper("update hhrecon_finding set reason = (select reason from hhrecon_finding where chain_seq = ?) where "+
			"chain_seq = ?", after.Pruned+1, after.Pruned+3)
		f.tamper("delete from hhrecon_finding where chain_seq = ?", after.Pruned+1)
		if broken := f.breaks(); !strings.Contains(broken, fmt.Sprintf("entry %d is missing", after.Pruned+1)) {
			f.Errorf("the first entry after the checkpoint: %q", broken)
		}
	})
}

// The database rejects the deletion of entries after the checkpoint. It also rejects a checkpoint that moves back or
// does not match the log.
func TestCheckpointIsGuarded(t *testing.T) {
	conform(t, func(f *fixture) {
		f.oldRuns()
		f.prune(retention())
		for _, statement := range []string{
			"delete from hhrecon_finding",
			"update hhrecon_anchor set chain_seq = chain_seq - 1",
			"update hhrecon_anchor set chain_seq = chain_seq + 1, goal = goal + 1",
			"update hhrecon_anchor set hash = 'x'",
			"delete from hhrecon_anchor",
			"insert into hhrecon_anchor (project_id, chain_seq, goal) values ('another', 5, 5)",
		} {
			if _, err := f.db.Exec(statement); err == nil || !strings.Contains(err.Error(), "hhrecon_") {
				f.Errorf("%s: %v", statement, err)
			}
		}
		f.wantIntact()
	})
}

// Blocked runs and all later runs stay, and Prune reports the blocker.
func TestPruneStopsBefore(t *testing.T) {
	for name, test := range map[string]struct {
		how  func(reconcile.Finding) reconcile.Finding
		mode reconcile.Correction
		do   func(f *fixture, run reconcile.Run)
		want string
	}{
		"a held run": {declined, reconcile.CorrectionHeld, func(f *fixture, run reconcile.Run) {
			// No later run selects one of the run's payins.
			f.do("update payins set status = 'success' where payment_id = 'payin-0001'")
		}, "the run is held: release or discard the run"},
		"a different amount": {awaiting, reconcile.CorrectionApplied, func(f *fixture, run reconcile.Run) {
			// No later run has a finding about this payin.
			f.do("update payins set status = 'success' where payment_id = ?",
				f.findings(reconcile.ReportScope{RunID: run.ID})[0].PaymentID)
		}, "waits for a person's decision"},
		"an action": {unchanged, reconcile.CorrectionApplied, func(f *fixture, run reconcile.Run) {
			_, err := f.decide(reconcile.Decision{RunID: run.ID, Seq: 1, After: reconcile.State{Status: "success"}, By: "Aida",
				At: aged})
			f.must(err)
		}, "a person acted on the run within the retention period"},
		"a letter": {unchanged, reconcile.CorrectionApplied, func(f *fixture, run reconcile.Run) {
			_, _, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: reconcile.ReportScope{RunID: run.ID}, Now: acting,
				Recipients: []reconcile.Recipient{{Address: "a@b.example"}}})
			f.must(err)
		}, "a mail about the run is not sent yet"},
		"a report": {unchanged, reconcile.CorrectionApplied, func(f *fixture, run reconcile.Run) {
			_, _, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: reconcile.ReportScope{RunID: run.ID}, Now: aged})
			f.must(err)
		}, "the newer report"},
		"a letter with its late word": {unchanged, reconcile.CorrectionApplied, func(f *fixture, run reconcile.Run) {
			f.late(run, reconcile.Publication{Now: acting, Recipients: to("a@b.example")})
		}, "a mail about the run is not sent yet"},
		"a report with its late word": {unchanged, reconcile.CorrectionApplied, func(f *fixture, run reconcile.Run) {
			f.late(run, reconcile.Publication{Now: aged})
		}, "the newer report 1 includes the run"},
		"HighHelp's support": {unchanged, reconcile.CorrectionApplied, func(f *fixture, run reconcile.Run) {
			one := f.findings(reconcile.ReportScope{RunID: run.ID})[0]
			// This run has the payin's latest finding.
			f.do("update payins set status = 'success' where payment_id = ?", one.PaymentID)
			f.must(f.s.SaveSupportCases(f.ctx, []reconcile.SupportCase{{
				ProjectID: project, PaymentID: one.PaymentID, Answer: one.SupportAnswer(), State: reconcile.SupportSent, By: "Aida",
				At: acting,
			}}))
		}, "the question to HighHelp's support about payin"},
	} {
		t.Run(name, func(t *testing.T) {
			conform(t, func(f *fixture) {
				f.save(payins(3)...)
				f.wholeRun(reconcile.CorrectionApplied, unchanged)
				run := f.wholeRun(test.mode, test.how)
				if test.do != nil {
					test.do(f, run)
				}
				f.wholeRun(reconcile.CorrectionApplied, unchanged)
				f.makeRecent(f.wholeRun(reconcile.CorrectionApplied, unchanged))
				before := f.count("select count(*) from hhrecon_finding")
				p := f.prune(retention())
				equal(f, "taken out and kept", [2]int64{p.Runs, p.Kept}, [2]int64{1, 2})
				if len(p.Blockers) != 1 || p.Blockers[0].RunID != run.ID || !strings.Contains(p.Blockers[0].Reason(), test.want) {
					f.Errorf("blockers %+v", p.Blockers)
				}
				equal(f, "findings", f.count("select count(*) from hhrecon_finding"), before-3)
				f.wantIntact()
			})
		})
	}
}

// late publishes the report of a period after all runs. It then publishes a corrected report with the
// findings of one run.
func (f *fixture) late(run reconcile.Run, a reconcile.Publication) {
	f.Helper()
	a.Scope = reconcile.ReportScope{ProjectID: project,
		Window: reconcile.Window{From: midnight.AddDate(0, -1, 0), To: midnight}}
	a.Job = "month-end"
	report, _, err := f.s.PublishReport(f.ctx, a)
	f.must(err)
	f.do("insert into hhrecon_report_late (report_id, run_id, seq) values (?, ?, 1)", report.ID, run.ID)
}

// awaiting returns the verdict for a success with another amount, which waits for a person's decision.
func awaiting(p reconcile.Finding) reconcile.Finding {
	p = verdict(p)
	if p.Seq > 1 {
		return unchanged(p)
	}
	p.Outcome, p.Causes, p.PaidAmount = reconcile.DifferentAmount, reconcile.CauseAppeal, p.Amount+500
	p.After = reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: p.PaidAmount}
	return p
}

// The last run over all open payins stays, even if it is old.
func TestPruneKeepsTheLastWholeRun(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		f.wholeRun(reconcile.CorrectionApplied, unchanged)
		last := f.wholeRun(reconcile.CorrectionApplied, unchanged)
		p := f.prune(retention())
		equal(f, "holdings", p.Blockers, []reconcile.Blocker{{RunID: last.ID, Kind: "last_run"}})
		equal(f, "runs", p.Runs, 1)
		f.wantIntact()
	})
}

// An interrupted prune can continue, and the audit log is valid after each step.
func TestPruneInterrupted(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(9)...)
		for range 6 {
			f.wholeRun(reconcile.CorrectionApplied, unchanged)
		}
		f.makeRecent(f.wholeRun(reconcile.CorrectionApplied, unchanged))
		f.s.SetPruneSize(2)
		end := f.head()
		breaks := 0
		for limit := time.Millisecond; ; limit += limit / 8 {
			ctx, cancel := context.WithTimeout(f.ctx, limit)
			_, err := f.s.Prune(ctx, retention())
			cancel()
			f.wantIntact(end)
			if err == nil {
				break
			}
			breaks++
		}
		f.Logf("broken off %d times", breaks)
		equal(f, "findings", f.count("select count(*) from hhrecon_finding"), 9)
		equal(f, "runs", f.count("select count(*) from hhrecon_run"), 1)
	})
}

// Two simultaneous prunes during a run delete each entry once.
func TestPruneTwiceAtOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(9)...)
		for range 5 {
			f.wholeRun(reconcile.CorrectionApplied, unchanged)
		}
		_, l := f.open(nightly("a"))
		f.makeRecent(reconcile.Run{ID: l.RunID})
		f.do("update hhrecon_run set closed_at = null where id = ?", l.RunID)
		taken := make(chan int64)
		for range 2 {
			s := sqltest.Open(f.T, f.url)
			s.SetPruneSize(3)
			go func() {
				p, err := s.Prune(f.ctx, retention())
				if err != nil {
					f.Error(err)
				}
				taken <- p.Entries
			}()
		}
		f.judge(l, unchanged)
		f.end(l, reconcile.CorrectionApplied)
		equal(f, "entries taken out and left", <-taken+<-taken+int64(f.count("select count(*) from hhrecon_finding")), 6*9)
		if left := f.count("select count(*) from hhrecon_finding"); left > 2*9 { // the findings of two runs
			f.Errorf("%d findings are left", left)
		}
		f.wantIntact()
	})
}

// A report on a period with pruned runs is an error, because it would be incomplete.
func TestPeriodBeforeRetention(t *testing.T) {
	conform(t, func(f *fixture) {
		first, last := f.oldRuns()
		f.prune(retention())
		old := reconcile.ReportScope{Window: reconcile.Window{From: first.StartedAt, To: aged.Add(time.Hour)}}
		const want = "the period starts before the oldest data"
		if _, err := f.s.Totals(f.ctx, old); err == nil || !strings.Contains(err.Error(), want) {
			f.Errorf("totals: %v", err)
		}
		for _, err := range f.s.Findings(f.ctx, old) {
			if err == nil || !strings.Contains(err.Error(), want) {
				f.Errorf("findings: %v", err)
			}
			break
		}
		if _, _, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: old, Job: "monthly", Now: aged}); err == nil ||
			!strings.Contains(err.Error(), want) {
			f.Errorf("publish: %v", err)
		}
		equal(f, "a period after it",
			len(f.findings(reconcile.ReportScope{Window: reconcile.Window{From: aged, To: aged.Add(time.Hour)}})),
			int(last.Selected))
	})
}

// Verify detects a moved checkpoint even if the rest of the log is valid, because no pruning was recorded. For logs of
// a version that did not record prunings, the migration records them.
func TestMovedCheckpointIsFound(t *testing.T) {
	conform(t, func(f *fixture) {
		f.oldRuns()
		f.prune(retention())
		whole := f.wantIntact()
		const moved = "the checkpoint was moved"
		to := whole.Pruned + 1
		f.do(`update hhrecon_anchor set goal = ?, chain_seq = ?, hash = (
				select hash from hhrecon_finding where chain_seq = ?
			)`, to, to, to)
		f.do("delete from hhrecon_finding where chain_seq = ?", to)
		if broken := f.breaks(); !strings.Contains(broken, moved) {
			f.Errorf("a checkpoint after the last pruned entry: %q", broken)
		}
		if v, err := f.s.Verify(f.ctx, project, reconcile.Head{Entries: to - 1, Hash: strings.Repeat("0", 64)}); err != nil ||
			!v.KeptPruned {
			f.Errorf("a head before the checkpoint: %+v, %v", v, err)
		}
		f.do(`update hhrecon_anchor set goal = ?, chain_seq = ?, hash = (
				select hash from hhrecon_action where chain_seq = ?
			)`, whole.Entries, whole.Entries, whole.Entries)
		f.do("delete from hhrecon_finding")
		f.do("delete from hhrecon_action")
		if broken := f.breaks(); !strings.Contains(broken, moved) {
			f.Errorf("without the record of any pruning: %q", broken)
		}
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		f.wantIntact()
	})
}

// Events between runs are pruned together with the runs. Old events without a project are pruned too.
func TestPruneEvents(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		event := reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload, Actor: "Aida", At: acting}
		for range 2 {
			f.must(f.s.RecordEvent(f.ctx, event))
			f.wholeRun(reconcile.CorrectionApplied, unchanged)
		}
		event.At = aged.Add(time.Hour)
		f.must(f.s.RecordEvent(f.ctx, event))
		f.makeRecent(f.wholeRun(reconcile.CorrectionApplied, unchanged))
		p := f.prune(retention())
		equal(f, "runs and entries", [2]int64{p.Runs, p.Entries}, [2]int64{2, 8})
		f.wantIntact()

		for _, event.At = range []time.Time{acting, acting, aged.Add(time.Hour), acting} {
			event.ProjectID = ""
			f.must(f.s.RecordEvent(f.ctx, event))
		}
		about := retention()
		about.ProjectID = ""
		equal(f, "entries about no project", f.prune(about).Entries, 2)
		equal(f, "again", f.prune(about).Entries, 0)
		v, err := f.s.Verify(f.ctx, "")
		f.must(err)
		equal(f, "about no project", [3]any{v.Pruned, v.Entries, v.Break}, [3]any{int64(2), int64(5), ""})
	})
}
