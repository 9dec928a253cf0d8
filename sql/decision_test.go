package sql_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// answers returns a function AskAgain that changes the answers about some payins. The function omits an answer
// with an empty outcome.
func answers(how map[string]func(*reconcile.Finding)) reconcile.AskAgain {
	return func(ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding) ([]reconcile.Finding, error) {
		again, err := sameAnswers(ctx, rules, findings)
		for i := range again {
			if change := how[again[i].PaymentID]; change != nil {
				change(&again[i])
			}
		}
		return slices.DeleteFunc(again, func(f reconcile.Finding) bool { return f.Outcome == "" }), err
	}
}

// A release skips a payin with a new answer, which the next run judges. A payin without an answer stays held, and a
// later release queries only that payin.
func TestReleaseAsksAgain(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(6)...)
		run := f.wholeRun(reconcile.CorrectionHeld, declined)
		how := map[string]func(*reconcile.Finding){
			"payin-0001": func(p *reconcile.Finding) { *p = verdict(*p); p.CheckedAt = time.Now() },
			"payin-0002": func(p *reconcile.Finding) {
				p.Outcome, p.Reason = reconcile.Unreachable, reconcile.Because("payin.not_asked")
			},
			"payin-0003": func(p *reconcile.Finding) { p.CheckedAt = p.CheckedAt.Add(-reconcile.MaxAnswerAge - time.Second) },
			"payin-0004": func(p *reconcile.Finding) { p.Answer = `{"status":"decline","request_id":"another"}` },
		}
		first := f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: answers(how)})
		equal(f, "results", results(first), "applied superseded applied applied held held")
		equal(f, "another answer", first[1].Reason.String(),
			`row.other_answer (answer.status "decline") (answer.amounts "success" 1001 KGS 1001 KGS 1001 KGS)`)
		equal(f, "no answer", first[4].PaymentID+" "+first[4].Reason.Code, "payin-0002 payin.not_asked")
		equal(f, "old answer", first[5].PaymentID+" "+first[5].Reason.Code, "payin-0003 row.old_answer")
		equal(f, "declined", f.count("select count(*) from payins where status = 'decline'"), 3)
		equal(f, "kept", f.count("select count(*) from hhrecon_action"), 4)
		equal(f, "answer kept", f.word(`select body from hhrecon_answer where digest = (
			select answer_digest from hhrecon_action where payment_id = 'payin-0004')`),
			`{"status":"decline","request_id":"another"}`)
		held, err := f.s.HeldRuns(f.ctx, project)
		f.must(err)
		equal(f, "still held", len(held), 1)

		var asked []string
		rest := f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: func(
			ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding,
		) ([]reconcile.Finding, error) {
			for _, p := range findings {
				asked = append(asked, p.PaymentID)
			}
			return sameAnswers(ctx, rules, findings)
		}})
		equal(f, "asked", asked, []string{"payin-0002", "payin-0003"})
		equal(f, "the rest", results(rest), "applied applied")
		now, err := f.s.Run(f.ctx, run.ID)
		f.must(err)
		equal(f, "state", now.State, reconcile.Released)
		equal(f, "as it was", f.word("select status from payins where payment_id = 'payin-0001'"), "pending")
		equal(f, "entries", f.wantIntact().Entries, int64(12))
		f.tamper("update hhrecon_answer set body = 'forged' where body like '%another%'")
		v, err := f.s.Verify(f.ctx, project)
		f.must(err)
		equal(f, "forged", v.Break,
			`the stored answer of entry 9 was changed: the action about payin "payin-0004" (number 5 of run 1)`)
	})
}

// If an answer arrives after the time limit, the payin is queried again. If that query fails, no further row is
// written.
func TestReleaseInParts(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(5)...)
		run := f.wholeRun(reconcile.CorrectionHeld, declined)
		down := errors.New("refused keys")
		var sizes []int
		action := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: func(
			ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding,
		) ([]reconcile.Finding, error) {
			sizes = append(sizes, len(findings))
			if len(sizes) == 4 {
				return nil, down
			}
			return sameAnswers(ctx, rules, findings[:len(sizes)-1]) // no answer, one answer and two answers
		}}
		if err := f.s.Execute(f.ctx, action, func(reconcile.Action) error { return nil }); !errors.Is(err, down) {
			f.Error(err)
		}
		equal(f, "asked about", sizes, []int{5, 5, 4, 2})
		equal(f, "written", f.count("select count(*) from payins where status = 'decline'"), 3)
		rest := f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID})
		equal(f, "the rest", results(rest), "applied applied")
		f.wantIntact()
	})
}

// A decision is written only if HighHelp's answer has not changed.
func TestDecisionAsksAgain(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(1)...)
		run := f.wholeRun(reconcile.CorrectionApplied, unchanged)
		rows := f.dump("payins")
		r := sure(reconcile.Decision{RunID: run.ID, Seq: 1, After: reconcile.State{Status: "success"}, By: "Aida",
			At: acting})
		for _, keep := range []bool{false, true} {
			r.Keep = keep
			answer := *r.Answer
			for want, change := range map[reconcile.Correction]func(*reconcile.Finding){
				reconcile.CorrectionHeld: func(a *reconcile.Finding) { a.Outcome = reconcile.NotFound },
				reconcile.CorrectionSuperseded: func(a *reconcile.Finding) {
					a.ProviderStatus, a.PaidAmount, a.OldAmount, a.InitialAmount = "success", 3, 2, 1
				},
			} {
				r.Answer = new(reconcile.Finding)
				*r.Answer = answer
				change(r.Answer)
				a, err := f.s.ApplyDecision(f.ctx, r)
				f.must(err)
				equal(f, "result", a.Result, want)
			}
			r.Answer = &answer
		}
		equal(f, "rows", f.dump("payins"), rows)
		equal(f, "kept", f.count("select count(*) from hhrecon_action where result = 'superseded'"), 2)
		r.Answer = nil
		a, err := f.s.ApplyDecision(f.ctx, r)
		f.must(err)
		equal(f, "not asked", []any{a.Result, a.Reason.Code}, []any{reconcile.CorrectionHeld, "row.not_asked"})
		f.wantIntact()
	})
}

// No run starts while a person acts on the project, and no person can act during a run.
func TestProjectLock(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		run := f.wholeRun(reconcile.CorrectionHeld, declined)
		var held *reconcile.HeldError
		f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: func(
			ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding,
		) ([]reconcile.Finding, error) {
			_, err := f.s.OpenRun(f.ctx, nightly("b"))
			if !errors.As(err, &held) || held.Action != reconcile.ActionRelease || held.Run.ID != run.ID {
				f.Errorf("a run during a release: %v", err)
			}
			return sameAnswers(ctx, rules, findings)
		}})

		// If the process of a release is dead, a run can lock the project. The database then rejects later writes
		// of the dead process.
		lost := errors.New("taken over")
		f.do("update payins set status = 'pending', sub_status = null where payment_id = 'payin-0000'")
		run = f.wholeRun(reconcile.CorrectionHeld, declined)
		n := nightly("c")
		n.Expired = dead
		err := f.s.Execute(f.ctx, reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: func(
			ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding,
		) ([]reconcile.Finding, error) {
			_, err := f.s.OpenRun(f.ctx, n)
			f.must(err)
			return sameAnswers(ctx, rules, findings)
		}}, func(reconcile.Action) error { return lost })
		if !errors.Is(err, reconcile.ErrRunLost) {
			f.Errorf("a release whose process counts as dead: %v", err)
		}
		equal(f, "row", f.word("select status from payins where payment_id = 'payin-0000'"), "pending")

		// The run belongs to a live process on another machine.
		f.do("update hhrecon_run set owner_process = 'elsewhere' where state = 'running'")
		_, err = f.decide(reconcile.Decision{RunID: run.ID, Seq: 1, Keep: true})
		if !errors.As(err, &held) || held.Action != "" {
			f.Errorf("a decision during a run: %v", err)
		}
	})
}

// halved returns a held verdict about a payin for which the customer paid half of the amount.
func halved(p reconcile.Finding) reconcile.Finding {
	p = verdict(p)
	p.Outcome, p.InitialAmount, p.OldAmount, p.PaidAmount = reconcile.DifferentAmount, 1000, 1000, 500
	p.After = reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: 500}
	p.Changes = p.After != reconcile.State{Status: p.Status, SubStatus: p.SubStatus, SettledAmount: p.SettledAmount}
	return p
}

func payinNames(numbers ...int) (ids []string) {
	for _, n := range numbers {
		ids = append(ids, payin(n).PaymentID)
	}
	return ids
}

// A decision stays valid while the answer and the row stay the same. A decision can be undone and made again.
func TestDecisionIsRemembered(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(8)...)
		waiting := func(want ...string) {
			f.Helper()
			found, err := f.s.FindFindings(f.ctx, reconcile.FindingFilter{ProjectID: project, Undecided: true})
			f.must(err)
			got := []string{}
			for _, one := range found {
				got = append(got, one.PaymentID)
			}
			slices.Sort(got)
			equal(f, "waiting", got, want)
		}
		// execute executes a run, and returns the payins about which the run found a valid decision.
		execute := func(how func(reconcile.Finding) reconcile.Finding) (decided []string) {
			f.wholeRun(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
				if p.Facts.Decided != "" {
					equal(f, "decided on", p.Facts.Decided, `"success" "" 500 1000 1000 KGS`)
					decided = append(decided, p.PaymentID)
				}
				return how(p)
			})
			return decided
		}
		decide := func(n int, at time.Time, keep bool) reconcile.Action {
			f.Helper()
			last, err := f.s.LatestFinding(f.ctx, project, payin(n).PaymentID)
			f.must(err)
			a, err := f.decide(reconcile.Decision{
				RunID: last.RunID, Seq: last.Seq, Keep: keep, By: "Aida", Note: "called", At: at,
				After: reconcile.State{Status: "success", SettledAmount: 500},
			})
			f.must(err)
			return a
		}
		equal(f, "no decision yet", execute(halved), nil)
		waiting(payinNames(0, 1, 2, 3, 4, 5, 6, 7)...)
		now := time.Now()
		decide(0, now, true)
		decide(1, now, true)
		decide(2, now, true)
		decide(3, now.Add(-reconcile.KeepFor-time.Minute), true)
		decide(4, now, false) // the decision writes success
		decide(5, now, true)
		decide(6, now, true)
		waiting(payinNames(3, 7)...) // the decision to keep payin 3 is more than seven days old

		// The first payin has another answer, the second a reset row, the third another amount, and the fourth
		// only a new updated_at.
		f.do(`update payins set status = 'pending', sub_status = null, settled_amount = null
			where payment_id in ('payin-0002', 'payin-0004')`)
		f.do("update payins set amount = amount + 1 where payment_id = 'payin-0005'")
		f.do("update payins set updated_at = '2026-11-02T07:00:00.000000Z' where payment_id = 'payin-0006'")
		decided := execute(func(p reconcile.Finding) reconcile.Finding {
			p = halved(p)
			if p.PaymentID == "payin-0001" {
				p.OldAmount = 700
			}
			return p
		})
		equal(f, "decided", decided, payinNames(0, 1, 6))
		waiting(payinNames(1, 2, 3, 4, 5, 7)...)

		// The hold wrote the values that the row had when the decision kept it, so the payin needs a decision again.
		equal(f, "decided", execute(halved), payinNames(0, 1, 6))
		waiting(payinNames(2, 3, 4, 5, 7)...)

		// The undo of a decision restores the row, and the payin then needs a decision again. A row that has changed
		// since the decision is not restored.
		undo := reconcile.RunAction{Kind: reconcile.ActionUndoDecision, RunID: 1, PaymentIDs: payinNames(0, 4, 6, 7)}
		equal(f, "undone", results(f.execute(undo)), "none superseded superseded")
		waiting(payinNames(0, 2, 3, 4, 5, 7)...)
		equal(f, "once", results(f.execute(undo)), "superseded superseded")
		equal(f, "kept again", decide(0, now, true).Result, reconcile.CorrectionNone)
		equal(f, "written", decide(7, now, false).Result, reconcile.CorrectionApplied)
		waiting(payinNames(2, 3, 4, 5)...)
		undo = reconcile.RunAction{Kind: reconcile.ActionUndoDecision, RunID: 3, PaymentIDs: payinNames(7)}
		undo.DryRun = true
		equal(f, "would undo", results(f.execute(undo)), "dry_run")
		undo.DryRun = false
		equal(f, "undone", results(f.execute(undo)), "applied")
		equal(f, "as it was", f.count(`select count(*) from payins
			where payment_id = 'payin-0007' and status = 'dispute' and settled_amount = 500`), 1)
		waiting(payinNames(2, 3, 4, 5, 7)...)
		equal(f, "decided again", decide(7, now, false).Result, reconcile.CorrectionApplied)
		f.wantIntact()
	})
}

// Final payins are queried again after the open payins if the final payins have changed since the last closed run over
// all open payins. The project sets a minimum period, and the maximum is seven days. The number of payins is limited,
// and the others are counted.
func TestRecheck(t *testing.T) {
	conform(t, func(f *fixture) {
		now := window.To
		final := func(n int, ago time.Duration) reconcile.Payin {
			p := payin(n)
			p.Status, p.UpdatedAt = "success", now.Add(-ago)
			return p
		}
		const hour, day = time.Hour, 24 * time.Hour
		f.save(payin(0), final(1, 10*time.Minute), final(2, hour), final(3, 23*hour), final(4, 25*hour))
		f.save(final(5, 3*day), final(6, 8*day), payin(7))
		run := func(limit int64, dry, whole bool) (reconcile.Run, []string) {
			f.Helper()
			n := nightly("a")
			n.DryRun, n.Selection.Whole, n.Selection.RecheckLimit = dry, whole, limit
			n.Selection.RecheckFrom, n.Selection.RecheckTo = now.Add(-day), now.Add(-15*time.Minute)
			opened, l := f.open(n)
			var ids []string
			for _, p := range f.judge(l, unchanged) {
				ids = append(ids, p.PaymentID[len("payin-000"):])
			}
			mode := reconcile.CorrectionApplied
			if dry {
				mode = reconcile.CorrectionDryRun
			}
			closed := f.end(l, mode)
			equal(f, "selected", closed.Selected, int64(len(ids)))
			equal(f, "unchecked", closed.Counts.Unchecked, opened.Counts.Unchecked)
			return closed, ids
		}
		none := func(ids ...string) []string { return ids }
		closed, ids := run(0, true, true)
		equal(f, "at first", ids, none("0", "7", "2", "3"))
		equal(f, "headline", closed.ResultStatus(), reconcile.ResultComplete)
		_, ids = run(0, false, false)
		equal(f, "not whole", ids, none("0", "7", "2", "3"))
		_, ids = run(0, false, true)
		equal(f, "neither a dry run nor a part counts", ids, none("0", "7", "2", "3"))

		f.do("update hhrecon_run set started_at = ? where whole and not dry_run", now.Add(-4*day).Format(time.RFC3339Nano))
		closed, ids = run(2, false, true)
		equal(f, "four days later", ids, none("0", "7", "2", "3"))
		equal(f, "beyond the limit", closed.Counts.Unchecked, int64(2))
		equal(f, "headline", closed.ResultStatus(), reconcile.ResultPartial)
		f.do("update hhrecon_run set started_at = ? where whole and not dry_run", now.Add(-30*day).Format(time.RFC3339Nano))
		_, ids = run(9, false, true)
		equal(f, "a month later", ids, none("0", "7", "2", "3", "4", "5"))
	})
}

// The table hhrecon_undecided stays small: a run removes what people decided and what the run judged again. An undone
// decision waits again.
func TestUndecidedFindings(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(6)...)
		kept := func() int { return f.count("select count(*) from hhrecon_undecided") }
		f.wholeRun(reconcile.CorrectionApplied, differs)
		f.wholeRun(reconcile.CorrectionApplied, differs)
		equal(f, "judged twice", kept(), 6)
		last := f.wholeRun(reconcile.CorrectionApplied, by(map[string]func(reconcile.Finding) reconcile.Finding{
			"0": differs, "1": differs, "2": differs, "3": differs, "4": accepted("success"),
		}))
		equal(f, "accepted and confirmed", kept(), 4)
		for seq := range int64(4) {
			_, err := f.decide(reconcile.Decision{RunID: last.ID, Seq: seq + 1, Keep: seq == 3, By: "Aida", At: time.Now(),
				After: reconcile.State{Status: "decline"}})
			f.must(err)
		}
		equal(f, "waiting", f.finds(reconcile.FindingFilter{Undecided: true}), "")
		f.one(reconcile.CorrectionApplied, unchanged, nil, "5")
		equal(f, "the decision to keep an open row expires", kept(), 1)
		f.execute(reconcile.RunAction{Kind: reconcile.ActionUndoDecision, RunID: last.ID, PaymentIDs: []string{"payin-0001"}})
		equal(f, "undone", f.finds(reconcile.FindingFilter{Undecided: true}), "3:1")
		f.one(reconcile.CorrectionApplied, unchanged, nil, "5")
		equal(f, "undone, after another run", f.finds(reconcile.FindingFilter{Undecided: true}), "3:1")
		equal(f, "undone and kept", kept(), 2)
	})
}
