package sql_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// answers is a HighHelp that has other answers by now about some payins, or none.
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

// What has another answer by now is left to the next run, what has none stays held, and a later release asks about that
// alone.
func TestReleaseAsksAgain(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(6)...)
		run := f.night(reconcile.CorrectionHeld, declined)
		how := map[string]func(*reconcile.Finding){
			"payin-0001": func(p *reconcile.Finding) { *p = verdict(*p); p.CheckedAt = time.Now() },
			"payin-0002": func(p *reconcile.Finding) {
				p.Outcome, p.Reason = reconcile.Unreachable, reconcile.Because("payin.not_asked")
			},
			"payin-0003": func(p *reconcile.Finding) { p.CheckedAt = p.CheckedAt.Add(-reconcile.MaxAnswerAge - time.Second) },
			"payin-0004": func(p *reconcile.Finding) { p.Answer = `{"status":"decline","request_id":"another"}` },
		}
		first := f.execute(reconcile.Order{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: answers(how)})
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
		rest := f.execute(reconcile.Order{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: func(
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
		equal(f, "entries", f.holds().Entries, int64(12))
		f.tamper("update hhrecon_answer set body = 'forged' where body like '%another%'")
		v, err := f.s.Verify(f.ctx, project)
		f.must(err)
		equal(f, "forged", v.Break,
			`the answer that is kept of entry 9 was changed: the action about payin "payin-0004", number 5 of run 1`)
	})
}

// An answer that does not come in time is asked for again, and a failure to ask writes nothing more.
func TestReleaseInParts(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(5)...)
		run := f.night(reconcile.CorrectionHeld, declined)
		down := errors.New("refused keys")
		var sizes []int
		order := reconcile.Order{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: func(
			ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding,
		) ([]reconcile.Finding, error) {
			sizes = append(sizes, len(findings))
			if len(sizes) == 4 {
				return nil, down
			}
			return sameAnswers(ctx, rules, findings[:len(sizes)-1]) // none, one, two
		}}
		if err := f.s.Execute(f.ctx, order, func(reconcile.Action) error { return nil }); !errors.Is(err, down) {
			f.Error(err)
		}
		equal(f, "asked about", sizes, []int{5, 5, 4, 2})
		equal(f, "written", f.count("select count(*) from payins where status = 'decline'"), 3)
		rest := f.execute(reconcile.Order{Kind: reconcile.ActionRelease, RunID: run.ID})
		equal(f, "the rest", results(rest), "applied applied")
		f.holds()
	})
}

// A decision is written on the same answer alone.
func TestRulingAsksAgain(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(1)...)
		run := f.night(reconcile.CorrectionApplied, unchanged)
		rows := f.dump("payins")
		r := sure(reconcile.Ruling{RunID: run.ID, Seq: 1, After: reconcile.State{Status: "success"}, By: "Aida", At: acting})
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
				a, err := f.s.Rule(f.ctx, r)
				f.must(err)
				equal(f, "result", a.Result, want)
			}
			r.Answer = &answer
		}
		equal(f, "rows", f.dump("payins"), rows)
		equal(f, "kept", f.count("select count(*) from hhrecon_action where result = 'superseded'"), 2)
		r.Answer = nil
		a, err := f.s.Rule(f.ctx, r)
		f.must(err)
		equal(f, "not asked", []any{a.Result, a.Reason.Code}, []any{reconcile.CorrectionHeld, "row.not_asked"})
		f.holds()
	})
}

// No run begins while a person acts on the project, and no person acts on it during a run.
func TestProjectLock(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		run := f.night(reconcile.CorrectionHeld, declined)
		var held *reconcile.HeldError
		f.execute(reconcile.Order{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: func(
			ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding,
		) ([]reconcile.Finding, error) {
			_, err := f.s.OpenRun(f.ctx, nightly("b"))
			if !errors.As(err, &held) || held.Action != reconcile.ActionRelease || held.Run.ID != run.ID {
				f.Errorf("a run during a release: %v", err)
			}
			return sameAnswers(ctx, rules, findings)
		}})

		// The process of a release is gone: a run takes the project, and what that process still writes is refused.
		lost := errors.New("taken over")
		f.do("update payins set status = 'pending', sub_status = null where payment_id = 'payin-0000'")
		run = f.night(reconcile.CorrectionHeld, declined)
		n := nightly("c")
		n.Dead = dead
		err := f.s.Execute(f.ctx, reconcile.Order{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: func(
			ctx context.Context, rules reconcile.Rules, findings []reconcile.Finding,
		) ([]reconcile.Finding, error) {
			_, err := f.s.OpenRun(f.ctx, n)
			f.must(err)
			return sameAnswers(ctx, rules, findings)
		}}, func(reconcile.Action) error { return lost })
		if !errors.Is(err, reconcile.ErrRunLost) {
			f.Errorf("a release that was taken for dead: %v", err)
		}
		equal(f, "row", f.word("select status from payins where payment_id = 'payin-0000'"), "pending")

		// A run is at work now, in a process that lives on another machine.
		f.do("update hhrecon_run set owner_process = 'elsewhere' where state = 'running'")
		_, err = f.rule(reconcile.Ruling{RunID: run.ID, Seq: 1, Keep: true})
		if !errors.As(err, &held) || held.Action != "" {
			f.Errorf("a decision during a run: %v", err)
		}
	})
}
