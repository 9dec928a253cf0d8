package sql_test

import (
	"errors"
	"strings"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

func (f *fixture) execute(o reconcile.RunAction) []reconcile.Action {
	f.Helper()
	if o.By == "" {
		o.By, o.Note = "Aida", "as agreed"
	}
	if o.At.IsZero() {
		o.At = acting
	}
	if o.Ask == nil {
		o.Ask = sameAnswers
	}
	var all []reconcile.Action
	f.must(f.s.Execute(f.ctx, o, func(a reconcile.Action) error {
		all = append(all, a)
		return nil
	}))
	return all
}

func TestUndoIsExact(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(7)...)
		f.do("update payins set sub_status = '', settled_amount = 0 where payment_id in ('payin-0001', 'payin-0003')")
		before := f.dump("payins")
		run := f.wholeRun(reconcile.CorrectionApplied, mixed)
		after := f.dump("payins")
		if after == before {
			f.Fatal("nothing was written")
		}
		would := f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID, DryRun: true})
		equal(f, "rows after a dry run", f.dump("payins"), after)
		equal(f, "actions after a dry run", f.count("select count(*) from hhrecon_action"), 0)
		done := f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID})
		equal(f, "rows", f.dump("payins"), before)
		equal(f, "selection", f.count("select count(*) from hhrecon_selection"), 0)
		equal(f, "actions", len(done), f.count("select count(*) from hhrecon_finding where correction = 'applied'"))
		for i := range done {
			equal(f, "result", []any{done[i].Result, would[i].Result, done[i].Reason.IsZero()},
				[]any{reconcile.CorrectionApplied, reconcile.CorrectionDryRun, true})
			would[i].ID, would[i].Result = done[i].ID, done[i].Result
			equal(f, "dry run", would[i], done[i])
		}
		equal(f, "stored", f.actions(run.ID), done)
		equal(f, "again", f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID}), nil)
		equal(f, "entries", f.wantIntact().Entries, int64(7+len(done)))
	})
}

func results(actions []reconcile.Action) string {
	var all []string
	for _, a := range actions {
		all = append(all, string(a.Result))
	}
	return strings.Join(all, " ")
}

func TestUndoSkipsChangedRows(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(6)...)
		run := f.wholeRun(reconcile.CorrectionApplied, declined)
		undo := reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID}
		f.do("update payins set status = 'dispute' where payment_id = 'payin-0001'")
		f.do("update payins set sub_status = 'it''s' where payment_id = 'payin-0002'")
		f.do("update payins set settled_amount = 0 where payment_id = 'payin-0003'")
		f.do("update payins set updated_at = '2026-11-02T06:00:00.000001Z' where payment_id = 'payin-0004'")
		f.do("delete from payins where payment_id = 'payin-0005'")
		touched := f.dump("payins where payment_id <> 'payin-0000'")
		says := []string{
			"",
			`row.changed "\"dispute\"" "\"canceled\"" "null" "\"2026-11-02T06:00:00.000000Z\""`,
			`row.changed "\"decline\"" "\"it's\"" "null" "\"2026-11-02T06:00:00.000000Z\""`,
			`row.changed "\"decline\"" "\"canceled\"" "0" "\"2026-11-02T06:00:00.000000Z\""`,
			`row.changed "\"decline\"" "\"canceled\"" "null" "\"2026-11-02T06:00:00.000001Z\""`,
			`row.gone "open_payins.sql" "final_payins.sql"`,
		}
		undo.DryRun = true
		would := f.execute(undo)
		equal(f, "dry run", results(would), "dry_run superseded superseded superseded superseded superseded")
		undo.DryRun = false
		done := f.execute(undo)
		equal(f, "undo", results(done), "applied superseded superseded superseded superseded superseded")
		for i := range says {
			equal(f, "reason", done[i].Reason.String(), says[i])
			equal(f, "dry run's reason", would[i].Reason.String(), says[i])
		}
		equal(f, "touched rows", f.dump("payins where payment_id <> 'payin-0000'"), touched)
		equal(f, "again", f.execute(undo), done[1:]) // Execute returns the same results as before
		equal(f, "written once", f.count("select count(*) from hhrecon_action"), 6)

		f.do("update payins set settled_amount = 7 where payment_id = 'payin-0003'") // the row changed since the run
		f.do("update payins set status = 'decline' where payment_id = 'payin-0001'") // the value that the run wrote
		again := f.execute(undo)
		equal(f, "once more", results(again), "applied superseded superseded superseded superseded")
		equal(f, "one more and one again", f.count("select count(*) from hhrecon_action"), 8)
		equal(f, "stored", len(f.actions(run.ID)), 8)
		equal(f, "entries", f.wantIntact().Entries, int64(14))
	})
}

func TestUndoOfSomePayins(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		run := f.wholeRun(reconcile.CorrectionApplied, verdict)
		done := f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID,
			PaymentIDs: []string{"payin-0002", "payin-0000", "none'; --"}})
		equal(f, "payins", []string{done[0].PaymentID, done[1].PaymentID}, []string{"payin-0000", "payin-0002"})
		equal(f, "before and after", []reconcile.State{done[0].Before, done[0].After},
			[]reconcile.State{{Status: "success", SettledAmount: 1000}, {Status: "pending"}})
		equal(f, "by", []any{done[0].By, done[0].Note, done[0].At, done[0].Currency, done[0].ProjectID},
			[]any{"Aida", "as agreed", acting, "KGS", project})
		equal(f, "rows", f.count("select count(*) from payins where status = 'success'"), 2)
		equal(f, "the rest", results(f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID})),
			"applied applied")
	})
}

func TestInvalidActions(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		dry := nightly("a")
		dry.DryRun = true
		dryRun, l := f.open(dry)
		f.judge(l, declined)
		f.end(l, reconcile.CorrectionDryRun)
		complete := f.wholeRun(reconcile.CorrectionApplied, unchanged)
		decision := reconcile.Decision{RunID: complete.ID, Seq: 9, After: reconcile.State{Status: "success"}}
		if _, err := f.decide(decision); !errors.Is(err, reconcile.ErrNoFinding) {
			f.Errorf("no finding: %v", err)
		}
		open, _ := f.open(nightly("a"))
		shadow := reconcile.Consent{Shadow: true}
		for _, test := range []struct {
			action reconcile.RunAction
			want   error
		}{
			{reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: 99}, reconcile.ErrNoRun},
			{reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: 99, DryRun: true}, reconcile.ErrNoRun},
			{reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: -1}, reconcile.ErrNoRun},
			{reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: open.ID}, reconcile.ErrOpenRun},
			{reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: open.ID, DryRun: true}, reconcile.ErrOpenRun},
			{reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: dryRun.ID}, reconcile.ErrDryRun},
			{reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: complete.ID, Ask: sameAnswers}, reconcile.ErrNotHeld},
			{reconcile.RunAction{Kind: reconcile.ActionDiscard, RunID: complete.ID}, reconcile.ErrNotHeld},
			{reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: open.ID, Ask: sameAnswers}, reconcile.ErrOpenRun},
			{reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: complete.ID, Consent: shadow}, reconcile.ErrShadow},
			{reconcile.RunAction{Kind: reconcile.ActionUndoDecision, RunID: complete.ID, Consent: shadow}, reconcile.ErrShadow},
			{reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: complete.ID, Ask: sameAnswers, Consent: shadow},
				reconcile.ErrShadow},
			{reconcile.RunAction{Kind: reconcile.ActionDiscard, RunID: complete.ID, Consent: shadow}, reconcile.ErrNotHeld},
		} {
			if err := f.s.Execute(f.ctx, test.action, nil); !errors.Is(err, test.want) {
				f.Errorf("%+v: %v", test.action, err)
			}
		}
		for want, action := range map[string]reconcile.RunAction{
			`"decide" is not an action about a run`: {Kind: reconcile.ActionDecide, RunID: complete.ID},
			"a release must query HighHelp again":   {Kind: reconcile.ActionRelease, RunID: complete.ID},
			"release applies to all payins of a run and has no dry run": {Kind: reconcile.ActionRelease, RunID: complete.ID,
				DryRun: true},
			"discard applies to all payins of a run and has no dry run": {Kind: reconcile.ActionDiscard, RunID: complete.ID,
				PaymentIDs: []string{"x"}},
		} {
			if err := f.s.Execute(f.ctx, action, nil); err == nil || err.Error() != want {
				f.Errorf("%+v: %v", action, err)
			}
		}
		for want, r := range map[error]reconcile.Decision{
			reconcile.ErrNoRun:   {RunID: 99, Seq: 1, After: decision.After},
			reconcile.ErrOpenRun: {RunID: open.ID, Seq: 1, After: decision.After},
			reconcile.ErrDryRun:  {RunID: dryRun.ID, Seq: 1, After: decision.After},
			reconcile.ErrShadow:  {RunID: complete.ID, Seq: 1, After: decision.After, Consent: shadow},
		} {
			if _, err := f.decide(r); !errors.Is(err, want) {
				f.Errorf("%+v: %v", r, err)
			}
		}
		equal(f, "actions", f.count("select count(*) from hhrecon_action"), 0)
		equal(f, "selection", f.count("select count(*) from hhrecon_selection where run_id < 0"), 0)
	})
}

func TestDecisions(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(6)...)
		f.do("update payins set sub_status = '' where payment_id = 'payin-0001'")
		disputed := func(p reconcile.Finding) reconcile.Finding {
			p = verdict(p)
			p.Outcome, p.After = reconcile.DifferentAmount,
				reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: 500}
			if p.Seq == 2 {
				return unchanged(p)
			}
			return p
		}
		run := f.wholeRun(reconcile.CorrectionApplied, disputed)
		decide := func(seq int64, after reconcile.State) reconcile.Action {
			f.Helper()
			a, err := f.decide(reconcile.Decision{RunID: run.ID, Seq: seq, After: after, By: "Aida", Note: "called", At: acting})
			f.must(err)
			return a
		}
		accept := reconcile.State{Status: "success", SettledAmount: 500}
		a := decide(1, accept)
		equal(f, "accepted", a, reconcile.Action{
			ID: 7, Kind: reconcile.ActionDecide, ProjectID: project, RunID: run.ID, Seq: 1, PaymentID: "payin-0000",
			Currency: "KGS",
			Before:   reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: 500}, After: accept,
			Result: reconcile.CorrectionApplied, By: "Aida", Note: "called", At: acting,
		})
		equal(f, "row", f.count("select count(*) from payins where payment_id = 'payin-0000' and status = 'success' and "+
			"sub_status is null and settled_amount = 500 and updated_at = '2026-11-02T16:00:00.000000Z'"), 1)
		if _, err := f.decide(reconcile.Decision{RunID: run.ID, Seq: 1, After: accept}); !errors.Is(err,
			reconcile.ErrDecided) {
			f.Errorf("decided twice: %v", err)
		}
		a = decide(2, reconcile.State{Status: "pending"}) // this decision keeps the row of a finding without a change
		equal(f, "kept", []any{a.Result, a.Reason.IsZero()}, []any{reconcile.CorrectionNone, true})
		if _, err := f.decide(reconcile.Decision{RunID: run.ID, Seq: 2, After: accept}); !errors.Is(err,
			reconcile.ErrDecided) {
			f.Errorf("decided after it was kept: %v", err)
		}
		f.do("update payins set status = 'processing' where payment_id in ('payin-0002', 'payin-0003')")
		a = decide(3, accept)
		equal(f, "changed", []any{a.Result, strings.HasPrefix(a.Reason.String(), `row.changed "\"processing\""`)},
			[]any{reconcile.CorrectionSuperseded, true})
		a = decide(4, reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: 500})
		equal(f, "changed and kept", a.Result, reconcile.CorrectionSuperseded)
		f.do("update payins set status = 'dispute' where payment_id = 'payin-0002'")
		equal(f, "as it was again", decide(3, accept).Result, reconcile.CorrectionApplied)
		equal(f, "an empty text is kept", f.count("select count(*) from payins where payment_id = 'payin-0001' and "+
			"sub_status = ''"), 1)

		would := f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID, DryRun: true})
		done := f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID})
		equal(f, "undo", results(done), "superseded superseded superseded applied applied")
		equal(f, "undo, dry", results(would), "superseded superseded superseded dry_run dry_run")
		equal(f, "reason", done[0].Reason.String(), "row.decided 7")
		equal(f, "rows", f.count("select count(*) from payins where status = 'success'"), 2)
		equal(f, "listed once", len(f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID})), 3)
		// The decision starts from the state after the undo.
		equal(f, "decided after the undo", decide(5, accept).Result, reconcile.CorrectionApplied)
		equal(f, "entries", f.wantIntact().Entries, int64(f.count("select count(*) from hhrecon_action"))+6)
	})
}

func TestActionOnRefusedRow(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		run := f.wholeRun(reconcile.CorrectionHeld, declined)
		refuse := `create trigger no before update on payins when old.payment_id = 'payin-0001'
			begin select raise(abort, 'not this one'); end`
		allow := "drop trigger no"
		if f.postgres() {
			f.do(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$`)
			refuse = "create trigger no before update on payins for each row when (old.payment_id = 'payin-0001') execute " +
				"function refuse()"
			allow = "drop trigger no on payins"
		}
		f.do(refuse)
		done := f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID})
		equal(f, "release", results(done), "applied refused applied")
		if !strings.HasPrefix(done[1].Reason.String(), "row.refused ") ||
			!strings.Contains(done[1].Reason.String(), "not this one") {
			f.Errorf("reason %q", done[1].Reason.String())
		}
		f.do(allow)
		f.do(strings.ReplaceAll(refuse, "payin-0001", "payin-0002"))
		undo := reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID}
		equal(f, "undo", results(f.execute(undo)), "applied refused")
		equal(f, "undo again", results(f.execute(undo)), "refused")
		equal(f, "listed once", f.count("select count(*) from hhrecon_action where kind = 'undo'"), 2)
		a, err := f.decide(reconcile.Decision{RunID: run.ID, Seq: 3, After: reconcile.State{Status: "success"}, At: acting})
		f.must(err)
		equal(f, "decision", a.Result, reconcile.CorrectionRefused)
		f.do(allow)
		equal(f, "undo in the end", results(f.execute(undo)), "applied")
		equal(f, "rows", f.count("select count(*) from payins where status = 'pending' and updated_at = created_at"), 3)
		f.wantIntact()
	})
}

// A merchant's statement works even if it does not return updated_at or use updated_at_after.
func TestOldStatement(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		returning := "payment_id"
		if strings.HasPrefix(url, "postgres") {
			returning = "p.payment_id"
		}
		old := strings.NewReplacer("coalesce(s.updated_at_after, :now)", ":now", "p.payment_id, p.updated_at", returning)
		write(t, dir, "correct_payins.sql", old.Replace(guarded))
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.OpenWith(t, url, sql.Options{SQLDir: dir}),
			db: sqltest.DB(t, url)}
		f.must(f.s.CheckQueries(f.ctx))
		f.save(payins(2)...)
		run := f.wholeRun(reconcile.CorrectionApplied, declined)
		equal(f, "undo", results(f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID})),
			"applied applied")
		equal(f, "rows", f.count("select count(*) from payins where status = 'pending' and sub_status is null and "+
			"updated_at = '2026-11-02T16:00:00.000000Z'"), 2)
		f.wantIntact()
	})
}

func TestLastFinding(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		last := func() (string, error) {
			one, err := f.s.LatestFinding(f.ctx, project, "payin-0001")
			return string(one.Outcome), err
		}
		if _, err := last(); !errors.Is(err, reconcile.ErrNoFinding) {
			f.Errorf("no run: %v", err)
		}
		first := f.wholeRun(reconcile.CorrectionApplied, unchanged)
		f.wholeRun(reconcile.CorrectionHeld, declined)
		dry := nightly("a")
		dry.DryRun = true
		_, l := f.open(dry)
		f.judge(l, verdict)
		f.end(l, reconcile.CorrectionDryRun)
		_, l = f.open(nightly("a")) // the run is still open
		f.judge(l, verdict)
		_, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 10)
		f.must(err)
		word, err := last()
		f.must(err)
		equal(f, "latest finding", word, "declined")
		want := f.findings(reconcile.ReportScope{RunID: first.ID + 1})[1]
		got, err := f.s.LatestFinding(f.ctx, project, "payin-0001")
		f.must(err)
		equal(f, "finding", got, want)
		if _, err := f.s.LatestFinding(f.ctx, "another", "payin-0001"); !errors.Is(err, reconcile.ErrNoFinding) {
			f.Errorf("another project's: %v", err)
		}
	})
}
