package sql_test

import (
	"testing"

	"hhrecon/reconcile"
)

func (f *fixture) execute(o reconcile.Order) []reconcile.Action {
	f.Helper()
	if o.By == "" {
		o.By, o.Note = "Aida", "as agreed"
	}
	if o.At.IsZero() {
		o.At = acting
	}
	var all []reconcile.Action
	f.must(f.s.Execute(f.ctx, o, func(a reconcile.Action) error {
		all = append(all, a)
		return nil
	}))
	return all
}

// night opens, judges and ends a run.
func (f *fixture) night(mode reconcile.Correction, how func(reconcile.Finding) reconcile.Finding) reconcile.Run {
	f.Helper()
	_, l := f.open(nightly("a"))
	f.judge(l, how)
	return f.end(l, mode)
}

func (f *fixture) holds() reconcile.Verification {
	f.Helper()
	v, err := f.s.Verify(f.ctx, project)
	f.must(err)
	if v.Break != "" {
		f.Errorf("the audit trail breaks after %d entries: %s", v.Entries, v.Break)
	}
	return v
}

func TestUndoToTheByte(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(7)...)
		f.do("update payins set sub_status = '', settled_amount = 0 where payment_id in ('payin-0001', 'payin-0003')")
		before := f.dump("payins")
		run := f.night(reconcile.CorrectionApplied, mixed)
		after := f.dump("payins")
		if after == before {
			f.Fatal("nothing was written")
		}
		would := f.execute(reconcile.Order{Kind: reconcile.ActionUndo, RunID: run.ID, DryRun: true})
		equal(f, "rows after a dry run", f.dump("payins"), after)
		equal(f, "actions after a dry run", f.count("select count(*) from hhrecon_action"), 0)
		done := f.execute(reconcile.Order{Kind: reconcile.ActionUndo, RunID: run.ID})
		equal(f, "rows", f.dump("payins"), before)
		equal(f, "selection", f.count("select count(*) from hhrecon_selection"), 0)
		equal(f, "actions", len(done), f.count("select count(*) from hhrecon_finding where correction = 'applied'"))
		for i := range done {
			equal(f, "result", []any{done[i].Result, would[i].Result, done[i].Reason}, []any{reconcile.CorrectionApplied, reconcile.CorrectionDryRun, ""})
			would[i].ID, would[i].Result = done[i].ID, done[i].Result
			equal(f, "dry run", would[i], done[i])
		}
		equal(f, "stored", f.actions(run.ID), done)
		equal(f, "again", f.execute(reconcile.Order{Kind: reconcile.ActionUndo, RunID: run.ID}), nil)
		equal(f, "entries", f.holds().Entries, int64(7+len(done)))
	})
}
