package sql_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// columns lists a table's columns with their types.
func (f *fixture) columns(table string) map[string]string {
	f.Helper()
	var rows []struct{ Name, Type string }
	statement := "select name, type from pragma_table_info(?)"
	if f.postgres() {
		statement = "select column_name as name, data_type as type from information_schema.columns where table_name = ?"
	}
	f.must(f.db.Select(&rows, f.db.Rebind(statement), table))
	all := make(map[string]string)
	for _, row := range rows {
		all[row.Name] = row.Type
	}
	return all
}

// auditLog creates an audit log with many kinds of findings and actions, from two runs and a decision.
func (f *fixture) auditLog() reconcile.Run {
	f.Helper()
	f.save(payins(7)...)
	f.do("update payins set sub_status = '', settled_amount = 0, lifetime = 0 where payment_id = 'payin-0001'")
	run := f.wholeRun(reconcile.CorrectionHeld, mixed)
	f.do("update payins set status = 'new' where payment_id = 'payin-0002'")
	f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID})
	f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID, PaymentIDs: []string{"payin-0003"}})
	_, err := f.decide(reconcile.Decision{RunID: run.ID, Seq: 5, After: reconcile.State{Status: "success"}, By: "Aida",
		At: acting})
	f.must(err)
	f.wholeRun(reconcile.CorrectionApplied, unchanged)
	return run
}

func (f *fixture) breaks() string {
	f.Helper()
	v, err := f.s.Verify(f.ctx, project)
	f.must(err)
	return v.Break
}

// Verify detects a changed byte in any column of any entry, and an empty text instead of null.
func TestAnyChangedByteIsFound(t *testing.T) {
	conform(t, func(f *fixture) {
		f.auditLog()
		whole := f.wantIntact()
		if whole.Entries < 12 {
			f.Fatalf("%d entries", whole.Entries)
		}
		other := nightly("a")
		other.Project.ID = "another"
		stranger, _ := f.open(other)
		for _, table := range []string{"hhrecon_finding", "hhrecon_action"} {
			places := []int64{}
			f.must(f.db.Select(&places, "select chain_seq from "+table+" order by 1"))
			for column, kind := range f.columns(table) {
				for _, place := range places {
					var changed any
					where := fmt.Sprintf(" from %s where chain_seq = %d and project_id = '%s'", table, place, project)
					var before any
					f.must(f.db.QueryRow("select " + column + where).Scan(&before))
					switch old := before.(type) {
					case nil:
						changed = 0
						switch {
						case strings.HasPrefix(kind, "timestamp"):
							changed = midnight
						case strings.EqualFold(kind, "text"):
							changed = ""
						}
					case int64:
						changed = old + 1
						switch column {
						case "chain_seq", "seq": // the database rejects the number of an existing entry
							changed = old + 1000
						case "run_id": // the run must exist
							changed = stranger.ID
						}
					case bool:
						changed = !old
					case time.Time:
						changed = old.Add(time.Microsecond)
					case string:
						changed = old + "x"
						if old != "" {
							changed = string(old[0]^1) + old[1:]
						}
					default:
						f.Fatalf("%s is a %T", column, before)
					}
					// A check constraint allows only a few values in these columns.
					if column == "correction" || column == "result" && table == "hhrecon_action" || column == "kind" {
						changed = map[string]string{
							"correction": "dry_run", "result": "refused", "kind": "discard",
						}[column]
					}
					set := fmt.Sprintf("update %s set %s = ? where chain_seq = %d", table, column, place)
					f.tamper(set, changed)
					broken := f.breaks()
					back := fmt.Sprintf("update %s set %s = ? where hash = ?", table, column)
					if column == "hash" {
						f.tamper("update "+table+" set hash = ? where hash = ?", before, changed)
					} else {
						f.tamper(back, before, f.word(fmt.Sprintf("select hash from %s where %s", table,
							wherePlace(column, place, changed))))
					}
					if !strings.Contains(broken, fmt.Sprintf("entry %d", place)) {
						f.Errorf("%s.%s of entry %d from %v to %v: %q", table, column, place, before, changed, broken)
					}
					if v := f.wantIntact(); v != whole {
						f.Fatalf("%s.%s of entry %d was not restored: %+v", table, column, place, v)
					}
					if table == "hhrecon_finding" && place > 5 && column != "chain_seq" {
						break // five findings are enough, because findings differ in their null columns
					}
				}
			}
		}
	})
}

func wherePlace(column string, place int64, changed any) string {
	if column == "chain_seq" {
		return fmt.Sprintf("chain_seq = %v", changed)
	}
	return fmt.Sprintf("chain_seq = %d", place)
}

// Verify detects entries that are missing, added or swapped, and a missing end.
func TestAuditLogBreaks(t *testing.T) {
	conform(t, func(f *fixture) {
		run := f.auditLog()
		whole := f.wantIntact()
		last := whole.Entries
		other := nightly("a")
		other.Project.ID = "another"
		_, l := f.open(other)
		f.end(l, reconcile.CorrectionApplied)

		cols := ""
		for column := range f.columns("hhrecon_finding") {
			if column != "seq" && column != "chain_seq" && column != "payment_id" {
				cols += ", " + column
			}
		}
		keep := "create table kept as select * from hhrecon_finding"
		for _, test := range []struct {
			what, want string
			do         []string
		}{
			{"deleted", "entry 4 is missing", []string{"delete from hhrecon_finding where chain_seq = 4"}},
			{"the first deleted", "entry 1 is missing", []string{"delete from hhrecon_finding where chain_seq = 1"}},
			{"an action deleted", "entry 9 is missing", []string{"delete from hhrecon_action where chain_seq = 9"}},
			{"the tail cut", fmt.Sprintf("entry %d is missing because it was deleted or moved; the log ends with "+
				"entry %d", last-1, last), []string{
				fmt.Sprintf("delete from hhrecon_finding where chain_seq > %d", last-2),
			}},
			{"the tail cut and the end moved", fmt.Sprintf("the end of the log was changed: the stored head hash differs "+
				"from the hash of the last entry (entry %d)", last-1), []string{
				fmt.Sprintf("delete from hhrecon_finding where chain_seq = %d", last),
				fmt.Sprintf("update hhrecon_chain set chain_seq = %d", last-1),
			}},
			{"the end moved back", "does not belong to the log, which ends with entry 3", []string{
				"update hhrecon_chain set chain_seq = 3, hash = (select hash from hhrecon_finding where chain_seq = 3)",
			}},
			{"the end moved on", fmt.Sprintf("entry %d is missing", last+1),
				[]string{"update hhrecon_chain set chain_seq = chain_seq + 5000000000000000000"}},
			{"the end deleted", "does not belong to the log, which ends with entry 0", []string{"delete from hhrecon_chain"}},
			{"the end's hash", "the end of the log was changed", []string{"update hhrecon_chain set hash = 'x'"}},
			{"swapped", "entry 2 was changed, added or moved", []string{
				"update hhrecon_finding set chain_seq = -2 where chain_seq = 2",
				"update hhrecon_finding set chain_seq = 2 where chain_seq = 3",
				"update hhrecon_finding set chain_seq = 3 where chain_seq = -2",
			}},
			{"swapped with an action", "entry 7 was changed, added or moved: the action", []string{
				"update hhrecon_finding set chain_seq = -2 where chain_seq = 7",
				"update hhrecon_action set chain_seq = 7 where chain_seq = 8",
				"update hhrecon_finding set chain_seq = 8 where chain_seq = -2",
			}},
			{"out of place", `the finding about payin "payin-0002x" (number 99 of run 1) does not belong`, []string{
				"insert into hhrecon_finding (seq, chain_seq, payment_id" + cols + ") select 99, -7, payment_id || 'x'" + cols +
					" from hhrecon_finding where chain_seq = 3",
			}},
			{"added at the end", fmt.Sprintf(
				`the finding about payin "payin-0002x" (number 99 of run %d) does not belong to the log`, run.ID), []string{
				fmt.Sprintf("insert into hhrecon_finding (seq, chain_seq, payment_id"+cols+") select 99, %d, payment_id || 'x'"+
					cols+" from hhrecon_finding where chain_seq = 3", last+1),
			}},
			{"added under an action's place", "entry 9 ", []string{
				"insert into hhrecon_finding (seq, chain_seq, payment_id" + cols + ") select 99, 9, payment_id || 'x'" + cols +
					" from hhrecon_finding where chain_seq = 3",
			}},
			{"moved to another project", fmt.Sprintf("entry %d is missing", last), []string{
				fmt.Sprintf("update hhrecon_finding set project_id = 'another' where chain_seq = %d", last),
			}},
			{"moved to another project, with the end", "does not belong to the log", []string{
				fmt.Sprintf("update hhrecon_finding set project_id = 'another' where chain_seq = %d", last),
				fmt.Sprintf("update hhrecon_chain set chain_seq = %d, hash = (select hash from hhrecon_finding where chain_seq "+
					"= %[1]d)", last-1),
			}},
		} {
			for _, table := range []string{"hhrecon_finding", "hhrecon_action", "hhrecon_chain"} {
				f.do(strings.ReplaceAll(keep, "hhrecon_finding", table) + "")
				f.do("alter table kept rename to kept_" + table)
			}
			for _, statement := range test.do {
				f.tamper(statement)
			}
			if broken := f.breaks(); !strings.Contains(broken, test.want) {
				f.Errorf("%s: %q", test.what, broken)
			}
			for _, table := range []string{"hhrecon_finding", "hhrecon_action", "hhrecon_chain"} {
				f.tamper("delete from " + table)
				f.tamper("insert into " + table + " select * from kept_" + table)
				f.do("drop table kept_" + table)
			}
			equal(f, test.what, f.wantIntact(), whole)
		}
	})
}

// The hash distinguishes an empty text, null, zero and invalid UTF-8.
func TestEntryHashIsExact(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		f.do("update payins set sub_status = '', settled_amount = 0, lifetime = 0 where payment_id = 'payin-0001'")
		if !f.postgres() {
			f.do("update payins set currency = cast(x'ff' as text) where payment_id = 'payin-0000'")
		}
		f.wholeRun(reconcile.CorrectionApplied, unchanged)
		f.wantIntact()
		if !f.postgres() {
			f.tamper("update hhrecon_finding set currency = cast(x'fe' as text) where seq = 1")
			if broken := f.breaks(); !strings.Contains(broken, "entry 1 was changed") {
				f.Errorf("other bytes: %q", broken)
			}
			f.tamper("update hhrecon_finding set currency = cast(x'ff' as text) where seq = 1")
		}
		for _, column := range []string{"sub_status_before", "settled_amount_before", "lifetime", "sub_status_after",
			"settled_amount_after"} {
			old := "''"
			if !strings.HasPrefix(column, "sub") {
				old = "0"
			}
			f.tamper("update hhrecon_finding set " + column + " = null where seq = 2")
			if broken := f.breaks(); !strings.Contains(broken, "entry 2 was changed") {
				f.Errorf("null for empty in %s: %q", column, broken)
			}
			f.tamper("update hhrecon_finding set " + column + " = " + old + " where seq = 2")
			f.wantIntact()
		}
	})
}

// The same findings have the same hashes in both databases.
func TestEntryHashInBothDialects(t *testing.T) {
	t.Parallel()
	heads := make(map[string]bool)
	sqltest.URLs(t, func(t *testing.T, url string) {
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
		f.auditLog()
		heads[f.wantIntact().Head] = true
	})
	if len(heads) > 1 {
		t.Errorf("heads %v", heads)
	}
}

// inTurn repeats the function do while a run or a person's action holds the lock on the project.
func (f *fixture) inTurn(do func() error) error {
	for {
		var held *reconcile.HeldError
		if err := do(); !errors.As(err, &held) || f.ctx.Err() != nil {
			return err
		}
	}
}

// decideAll applies the same decision to each of the first findings of a run. count is the number of these findings.
func (f *fixture) decideAll(s *sql.Store, runID, count int64) (err error) {
	for seq := int64(1); seq <= count && err == nil; seq++ {
		r := sure(reconcile.Decision{RunID: runID, Seq: seq, After: reconcile.State{Status: "error"}, By: "Aida", At: acting})
		err = f.inTurn(func() error {
			_, err := s.ApplyDecision(f.ctx, r)
			return err
		})
	}
	return err
}

// settleUnreachable opens a run of a project, settles all its payins as unreachable, and interrupts the run.
func (f *fixture) settleUnreachable(project string) error {
	s := sqltest.Open(f.T, f.url)
	named := nightly("a")
	named.Project.ID = project
	var run reconcile.Run
	err := f.inTurn(func() (err error) {
		run, err = s.OpenRun(f.ctx, named)
		return err
	})
	if err != nil {
		return err
	}
	some, err := s.UnjudgedPayins(f.ctx, run.ID, reconcile.Span{}, 1000)
	if err != nil {
		return err
	}
	for i := range some {
		some[i] = unchanged(some[i])
		some[i].Outcome = reconcile.Unreachable // an unreachable payin leaves held corrections held
	}
	err = s.SaveVerdicts(f.ctx, lease(run), some)
	for n := 1; n > 0 && err == nil; {
		n, _, err = s.Settle(f.ctx, lease(run), reconcile.CorrectionApplied, closing, 0, 2)
	}
	if err == nil {
		_, err = s.InterruptRun(f.ctx, lease(run), reconcile.Reason{}) // other writers can then use the project
	}
	return err
}

// After eight writers of two projects have ended, both audit logs are valid and have no gaps.
func TestAuditLogUnderManyWriters(t *testing.T) {
	conform(t, func(f *fixture) {
		const writers, nights, each = 4, 3, 5
		projects := []string{project, "another"}
		for _, id := range projects {
			for n := range writers * nights * each {
				p := payin(n)
				p.ProjectID = id
				f.save(p)
			}
		}
		// A project has only one run at a time. Other writers of the project act on earlier runs.
		var all sync.WaitGroup
		for _, id := range projects {
			var held []reconcile.Run
			for n := range writers {
				named := nightly("a")
				named.Project.ID, named.Selection.Whole = id, false
				for i := range each {
					named.Selection.PaymentIDs = append(named.Selection.PaymentIDs, payin(n*each+i).PaymentID)
				}
				_, l := f.open(named)
				f.judge(l, declined)
				held = append(held, f.end(l, reconcile.CorrectionHeld))
			}
			all.Go(func() {
				if err := f.settleUnreachable(id); err != nil {
					f.Error(err)
				}
			})
			for _, run := range held[1:] { // release, undo and decide
				all.Go(func() {
					s := sqltest.Open(f.T, f.url)
					order := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: run.ID, Ask: sameAnswers, By: "Aida",
						At: acting}
					none := func(reconcile.Action) error { return nil }
					err := f.inTurn(func() error { return s.Execute(f.ctx, order, none) })
					if err == nil {
						err = f.decideAll(s, run.ID, each)
					}
					if order.Kind = reconcile.ActionUndo; err == nil {
						err = f.inTurn(func() error { return s.Execute(f.ctx, order, none) })
					}
					if err != nil {
						f.Error(err)
					}
				})
			}
		}
		all.Wait()
		for _, id := range projects {
			v, err := f.s.Verify(f.ctx, id)
			f.must(err)
			if v.Break != "" {
				f.Errorf("%s: %s", id, v.Break)
			}
			equal(f, id, v.Entries, int64(f.count("select (select count(*) from hhrecon_finding where project_id = ?) + "+
				"(select count(*) from hhrecon_action where project_id = ?)", id, id)))
			equal(f, id, f.count("select count(*) from hhrecon_action where project_id = ?", id), 3*each*(writers-1))
		}
	})
}
