package sql_test

import (
	"fmt"
	"slices"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/mapping"
	"hhrecon/sql/sqltest"
)

// withMapping opens a store with the queries that are rendered for the default table without some of its columns.
func (f *fixture) withMapping(xmin bool, without ...mapping.Role) *sql.Store {
	f.Helper()
	m := mapping.Mapping{
		Table: mapping.Table{Schema: "public", Name: "payins", Kind: "table"}, Fields: make(map[mapping.Role]mapping.Field),
		Unit: mapping.Minor, Projects: []string{project}, Xmin: xmin,
		Words: map[string]string{"processing": "processing", "dispute": "dispute", "error": "error", "success": "success",
			"decline": "decline"},
	}
	for _, status := range m.Words {
		m.Statuses = append(m.Statuses, mapping.StatusWord{Word: status, Status: status})
	}
	m.Statuses = append(m.Statuses, mapping.StatusWord{Word: "pending", Status: "pending"})
	for _, role := range mapping.Roles {
		base := map[mapping.Role]string{"amount": "int8", "settled_amount": "int8", "lifetime": "int4",
			"created_at": "timestamptz", "updated_at": "timestamptz"}[role]
		if base == "" {
			base = "text"
		}
		m.Fields[role] = mapping.Field{Column: &mapping.Column{Name: string(role), Type: base, Base: base}}
	}
	for _, role := range without {
		delete(m.Fields, role)
	}
	files, err := m.Files(mapping.Setup{User: "hhrecon"})
	f.must(err)
	dir := f.TempDir()
	for _, name := range []string{"open_payins.sql", "final_payins.sql", "correct_payins.sql"} {
		write(f.T, dir, name, string(files["sql/"+name]))
	}
	return sqltest.OpenWith(f.T, f.url, sql.Options{SQLDir: dir})
}

// Corrections, releases, decisions and undos work for tables without updated_at, sub_status or settled_amount. With
// xmin as the guard, a row with any change is not written.
func TestTablesWithoutColumns(t *testing.T) {
	for name, test := range map[string]struct {
		xmin    bool
		without []mapping.Role
	}{
		"updated_at":  {false, []mapping.Role{mapping.UpdatedAt}},
		"xmin":        {true, []mapping.Role{mapping.UpdatedAt}},
		"three":       {false, []mapping.Role{mapping.UpdatedAt, mapping.SubStatus, mapping.SettledAmount}},
		"xmin, three": {true, []mapping.Role{mapping.UpdatedAt, mapping.SubStatus, mapping.SettledAmount}},
		"sub_status":  {false, []mapping.Role{mapping.SubStatus}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := sqltest.PostgresURL(t)
			f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
			f.save(payins(4)...)
			f.s = f.withMapping(test.xmin, test.without...)
			equal(f, "proof", f.proof(f.s, reconcile.DefaultProject(project)), "")
			before := f.dump("payins")
			undo := func(run reconcile.Run, kind reconcile.ActionKind, want string) {
				t.Helper()
				equal(f, "undo", results(f.execute(reconcile.RunAction{Kind: kind, RunID: run.ID})), want)
			}

			run := f.wholeRun(reconcile.CorrectionApplied, declined)
			equal(f, "declined", f.count("select count(*) from payins where status = 'decline'"), 4)
			undo(run, reconcile.ActionUndo, "applied applied applied applied")
			equal(f, "rows", f.dump("payins"), before)
			for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
				equal(f, "a time of the last change", one.UpdatedAt.IsZero(), slices.Contains(test.without, mapping.UpdatedAt))
			}

			held := f.wholeRun(reconcile.CorrectionHeld, declined)
			undo(held, reconcile.ActionRelease, "applied applied applied applied")
			undo(held, reconcile.ActionUndo, "applied applied applied applied")
			equal(f, "rows", f.dump("payins"), before)

			run = f.wholeRun(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
				p = verdict(p)
				p.After = reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: p.Amount - 100}
				return p
			})
			action, err := f.decide(reconcile.Decision{RunID: run.ID, Seq: 1, By: "Aida", At: acting,
				After: reconcile.State{Status: "success", SettledAmount: 900}})
			f.must(err)
			equal(f, "decided", action.Result, reconcile.CorrectionApplied)
			undo(run, reconcile.ActionUndoDecision, "applied")
			f.do("update payins set lifetime = 77 where payment_id = 'payin-0001'")
			f.do("update payins set amount = 77 where payment_id = 'payin-0002'")
			changed := "applied applied superseded applied"
			if test.xmin {
				changed = "applied superseded superseded applied"
			}
			undo(run, reconcile.ActionUndo, changed)
			equal(f, "audit log", f.breaks(), "")
			v, err := f.s.Verified(f.ctx, run, window)
			f.must(err)
			equal(f, "successes of the period", v.Successes, 0)
			f.do("update payins set status = 'success' where payment_id = 'payin-0003'")
			v, err = f.s.Verified(f.ctx, run, window)
			f.must(err)
			equal(f, "successes of the period", v.Successes, 1)
		})
	}
}

// The values in hhrecon_payin do not count after the merchant's own programs change a row, even if the row has the old
// status again. A table without the version of a row compares only the status.
func TestKeptValuesCountForOneVersion(t *testing.T) {
	t.Parallel()
	absent := []mapping.Role{mapping.SubStatus, mapping.SettledAmount}
	for name, test := range map[string]struct {
		xmin    bool
		without []mapping.Role
		want    string // of the row that the merchant's programs changed to pending and back
	}{
		"updated_at": {false, absent, "dispute  0"},
		"xmin":       {true, append(slices.Clone(absent), mapping.UpdatedAt), "dispute  0"},
		"neither":    {false, append(slices.Clone(absent), mapping.UpdatedAt), "dispute different_amount 900"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := sqltest.PostgresURL(t)
			f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
			f.save(payins(2)...)
			f.s = f.withMapping(test.xmin, test.without...)
			f.wholeRun(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
				p = verdict(p)
				p.After = reconcile.State{Status: "dispute", SubStatus: "different_amount", SettledAmount: 900}
				return p
			})
			for _, status := range []string{"pending", "dispute"} {
				f.do("update payins set status = ?, updated_at = now() where payment_id = 'payin-0001'", status)
			}
			read := make(map[string]string)
			f.wholeRun(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
				read[p.PaymentID] = fmt.Sprintf("%s %s %d", p.Status, p.SubStatus, p.SettledAmount)
				return unchanged(p)
			})
			equal(f, "a row that did not change", read["payin-0000"], "dispute different_amount 900")
			equal(f, "a row that changed", read["payin-0001"], test.want)
		})
	}
}
