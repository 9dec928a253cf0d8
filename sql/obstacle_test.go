package sql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// settleTwice first settles all verdicts, and then the verdicts whose rows were locked, like a run.
func (f *fixture) settleTwice(l reconcile.Lease) reconcile.Run {
	f.Helper()
	w, err := f.s.Summarise(f.ctx, l.RunID, time.Time{}, false)
	f.must(err)
	f.must(f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, w, reconcile.Reason{}))
	for range 2 {
		if n, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 1000); err != nil || n == 1000 {
			f.Fatal(n, err)
		}
	}
	run, err := f.s.CloseRun(f.ctx, l, reconcile.Complete, closing)
	f.must(err)
	return run
}

// obstacle prevents payin-0002 from being written or read back.
type obstacle struct {
	what             string
	postgres, sqlite string // SQL that creates the obstacle; "" if the database does not have it
	correct          string // a replacement in the merchant's statement, in the format "old -> new"
	all              bool   // the obstacle also affects the other payins
	result           reconcile.Correction
	reason           string // the end of the reason of the unwritten row
}

var obstacles = []obstacle{
	{what: "nothing", postgres: "select 1", sqlite: "select 1", result: reconcile.CorrectionApplied},
	{what: "a trigger drops the update", postgres: beforeUpdate("return null;"), sqlite: "create trigger adverse " +
		"before update on payins when old.payment_id = 'payin-0002' begin select raise(ignore); end",
		result: reconcile.CorrectionRefused, reason: "row.not_written"},
	{what: "a trigger refuses the update", postgres: beforeUpdate("raise exception 'not here';"),
		sqlite: "create trigger " +
			"adverse before update on payins when old.payment_id = 'payin-0002' begin select raise(abort, 'not here'); end",
		result: reconcile.CorrectionRefused, reason: `not here`},
	{what: "a trigger lacks a right", postgres: beforeUpdate("raise exception using errcode = '42501';"),
		result: reconcile.CorrectionRefused, reason: "42501"},
	{what: "a trigger divides by zero", postgres: beforeUpdate("perform 1 / 0; return new;"),
		result: reconcile.CorrectionRefused, reason: `division by zero"`},
	{what: "a deadlock each time", postgres: beforeUpdate("raise exception 'again' using errcode = '40P01';"),
		result: reconcile.CorrectionRefused, reason: `again`},
	{what: "a trigger rewrites the status", postgres: beforeUpdate("new.status = 'decline'; return new;"),
		sqlite: afterUpdate("status = 'decline'"), result: reconcile.CorrectionRefused,
		reason: `row.not_kept "status" "\"success\"" "\"decline\""`},
	{what: "a trigger rewrites the status to an unknown word", postgres: beforeUpdate("new.status = 'odd'; return new;"),
		sqlite: afterUpdate("status = 'odd'"), result: reconcile.CorrectionRefused,
		reason: `row.not_shown "open_payins.sql" "final_payins.sql"`},
	{what: "a trigger rewrites the sub-status", postgres: beforeUpdate("new.sub_status = 'x'; return new;"),
		sqlite: afterUpdate("sub_status = 'x'"), result: reconcile.CorrectionRefused,
		reason: `row.not_kept "sub_status" "null" "\"x\""`},
	{what: "a trigger empties the sub-status", postgres: beforeUpdate("new.sub_status = ''; return new;"),
		sqlite: afterUpdate("sub_status = ''"), result: reconcile.CorrectionApplied},
	{what: "a trigger rewrites the settled amount", postgres: beforeUpdate("new.settled_amount = 1; return new;"),
		sqlite: afterUpdate("settled_amount = 1"), result: reconcile.CorrectionRefused,
		reason: `row.not_kept "settled_amount" "1002" "1"`},
	{what: "a trigger rewrites the amount", postgres: beforeUpdate("new.amount = 1; return new;"),
		sqlite: afterUpdate("amount = 1"), result: reconcile.CorrectionRefused, reason: `row.not_kept "amount" "1002" "1"`},
	{what: "a trigger sets updated_at to now", postgres: beforeUpdate("new.updated_at = now(); return new;"),
		sqlite: afterUpdate("updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"), result: reconcile.CorrectionApplied},
	{what: "a trigger sets updated_at six hours later", postgres: beforeUpdate(
		"new.updated_at = new.updated_at + interval '6 hours'; return new;"),
		sqlite: afterUpdate("updated_at = '2026-11-02T12:00:00.000000Z'"), result: reconcile.CorrectionRefused,
		reason: `row.not_kept "updated_at" "\"2026-11-02T06:00:00.000000Z\"" "\"2026-11-02T12:00:00.000000Z\""`},
	{what: "a constraint that waits", postgres: atTheEnd(beforeUpdate("raise exception 'too late';")),
		result: reconcile.CorrectionRefused, reason: `too late`},
	{what: "a trigger that waits and rewrites", postgres: atTheEnd(beforeUpdate(
		"update payins set status = 'decline' where payment_id = 'payin-0002' and status <> 'decline'; return null;")),
		result: reconcile.CorrectionRefused, reason: `row.not_kept "status" "\"success\"" "\"decline\""`},
	{what: "the row has changed", postgres: "update payins set status = 'new' where payment_id = 'payin-0002'",
		sqlite: "update payins set status = 'new' where payment_id = 'payin-0002'", result: reconcile.CorrectionSuperseded,
		reason: `row.changed "\"new\"" "null" "null" "\"2026-11-01T00:00:02.000000Z\""`},
	{what: "the amount has changed", postgres: "update payins set amount = 7 where payment_id = 'payin-0002'",
		sqlite: "update payins set amount = 7 where payment_id = 'payin-0002'", result: reconcile.CorrectionSuperseded,
		reason: `row.amount_changed "7" "\"KGS\""`},
	{what: "the currency has changed", postgres: "update payins set currency = 'USD' where payment_id = 'payin-0002'",
		sqlite: "update payins set currency = 'USD' where payment_id = 'payin-0002'", result: reconcile.CorrectionSuperseded,
		reason: `row.amount_changed "1002" "\"USD\""`},
	{what: "the row is gone", postgres: "delete from payins where payment_id = 'payin-0002'",
		sqlite: "delete from payins where payment_id = 'payin-0002'", result: reconcile.CorrectionSuperseded,
		reason: `row.gone "open_payins.sql" "final_payins.sql"`},
	{what: "the settled amount is scaled", postgres: "select 1", sqlite: "select 1", all: true,
		correct: "settled_amount = s.settled_amount_after -> settled_amount = s.settled_amount_after * 100",
		result:  reconcile.CorrectionRefused, reason: `row.not_kept "settled_amount" "1002" "100200"`},
	{what: "columns are swapped", postgres: "select 1", sqlite: "select 1", all: true,
		correct: "sub_status = s.sub_status_after -> sub_status = s.status_after",
		result:  reconcile.CorrectionRefused, reason: `row.not_kept "sub_status" "null" "\"success\""`},
	{what: "the settled amount is written as the amount", postgres: "select 1", sqlite: "select 1", all: true,
		correct: "settled_amount = s.settled_amount_after -> settled_amount = s.settled_amount_after, amount = 5",
		result:  reconcile.CorrectionRefused, reason: `row.not_kept "amount" "1002" "5"`},
	{what: "the statement writes another row", postgres: "select 1", sqlite: "select 1", all: true,
		correct: "and p.payment_id = s.payment_id -> and p.payment_id > s.payment_id " +
			"or s.run_id = :run_id and s.seq = :first and :last < 0",
		result: reconcile.CorrectionRefused, reason: `which is not in the batch, or returned it twice"`},
}

// beforeUpdate returns a PostgreSQL trigger on payin-0002.
func beforeUpdate(do string) string {
	return "create function adverse() returns trigger language plpgsql as $$ " +
		"begin if new.payment_id = 'payin-0002' then " + do + " end if; return new; end $$; " +
		"create trigger adverse before update on payins for each row execute function adverse()"
}

// atTheEnd returns a deferred trigger.
func atTheEnd(trigger string) string {
	return strings.NewReplacer("trigger adverse before", "constraint trigger adverse after",
		"on payins", "on payins deferrable initially deferred").Replace(trigger)
}

// afterUpdate returns an SQLite trigger that changes payin-0002.
func afterUpdate(set string) string {
	return "create trigger adverse after update on payins when new.payment_id = 'payin-0002' begin " +
		"update payins set " + set + " where payment_id = 'payin-0002'; end"
}

// A row that is not written, or is not read back as written, has its own result and reason. Other rows are still
// written.
func TestObstacles(t *testing.T) {
	for _, a := range obstacles {
		t.Run(a.what, func(t *testing.T) {
			conform(t, func(f *fixture) {
				do := a.sqlite
				if f.postgres() {
					do = a.postgres
				}
				if do == "" {
					f.Skip("not in this database")
				}
				if old, changed, own := strings.Cut(a.correct, " -> "); own {
					f.withStatement(strings.Replace(guarded, old, changed, 1))
				}
				f.save(payins(6)...)
				run, l := f.openUnproved(nightly("a"))
				f.judge(l, verdict)
				f.do(do)
				before := f.dump("payins")
				f.settleTwice(l)
				applied := 0
				for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
					want, reason := reconcile.CorrectionApplied, one.Reason.String()
					if one.PaymentID == "payin-0002" || a.all {
						want = a.result
					}
					equal(f, one.PaymentID, one.Correction, want)
					if one.PaymentID == "payin-0002" && !strings.Contains(reason, a.reason) {
						f.Errorf("reason %s, want %s", reason, a.reason)
					}
					if one.Correction == reconcile.CorrectionApplied {
						applied++
					}
				}
				equal(f, "written rows", f.count("select count(*) from payins where status = 'success'"), applied)
				if a.all {
					equal(f, "rows", f.dump("payins"), before)
				}
				f.wantIntact()
				// The undo is tested only if the row has exactly the values that the run wrote.
				if a.result != reconcile.CorrectionApplied || strings.Contains(a.what, "empties") {
					return
				}
				undo := reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID}
				equal(f, "undo", results(f.execute(undo)), "applied applied applied applied applied applied")
			})
		})
	}
}

// withStatement opens a store with a changed correct_payins.sql.
func (f *fixture) withStatement(correct string) {
	f.Helper()
	dir := f.TempDir()
	if head, tail, _ := strings.Cut(correct, "returning "); !f.postgres() {
		correct = head + "returning " + strings.ReplaceAll(tail, "p.", "")
	}
	write(f.T, dir, "correct_payins.sql", correct)
	f.s = sqltest.OpenWith(f.T, f.url, sql.Options{SQLDir: dir})
}

// A locked row gets its own result. The other rows are written without waiting, and the locked row is written later.
func TestLockedRow(t *testing.T) {
	t.Parallel()
	for _, own := range []string{"", "rows", "a view that cannot be locked"} {
		url := sqltest.PostgresURL(t)
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
		switch own {
		case "rows":
			f.withStatement(guarded)
		case "a view that cannot be locked":
			dir := t.TempDir()
			open := strings.Replace(goodOpen, "select project_id", "select distinct project_id",
				1) + " and status in (:open_statuses)"
			write(t, dir, "open_payins.sql", open)
			write(t, dir, "correct_payins.sql", guarded)
			f.s = sqltest.OpenWith(t, url, sql.Options{SQLDir: dir})
		}
		f.save(payins(30)...)
		run, l := f.open(nightly("a"))
		f.judge(l, verdict)
		tx, err := f.db.Beginx()
		f.must(err)
		tx.MustExec("select * from payins where payment_id in ('payin-0009', 'payin-0020') for update")
		start := time.Now()
		w, err := f.s.Summarise(f.ctx, l.RunID, time.Time{}, false)
		f.must(err)
		f.must(f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, w, reconcile.Reason{}))
		n, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 1000)
		f.must(err)
		equal(f, own+": settled at first", n, 28)
		f.must(tx.Rollback())
		tx, err = f.db.Beginx()
		f.must(err)
		tx.MustExec("select * from payins where payment_id = 'payin-0020' for update")
		n, _, err = f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 1000)
		f.must(err)
		equal(f, own+": settled at the end", n, 2)
		if took := time.Since(start); own == "" && took > 5*time.Second {
			f.Errorf("the run waited for %v", took)
		}
		_, err = f.s.CloseRun(f.ctx, l, reconcile.Complete, closing)
		f.must(err)
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			want := reconcile.CorrectionApplied
			if one.PaymentID == "payin-0020" {
				want = reconcile.CorrectionLocked
			}
			equal(f, own+": "+one.PaymentID, one.Correction, want)
			equal(f, "reason", strings.Contains(one.Reason.String(), "row.locked"), want == reconcile.CorrectionLocked)
		}
		// An undo of a locked row does nothing and can be repeated.
		f.must(tx.Rollback())
		tx, err = f.db.Beginx()
		f.must(err)
		tx.MustExec("select * from payins where payment_id = 'payin-0009' for update")
		undo := reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID}
		equal(f, own+": undo", strings.Count(fmt.Sprint(results(f.execute(undo))), "locked"), 1)
		f.must(tx.Rollback())
		equal(f, own+": undo again", results(f.execute(undo)), "applied")
		equal(f, own+": rows", f.count("select count(*) from payins where status = 'pending'"), 30)
		f.wantIntact()
	}
}

// If a row of a held run was locked during the release, the run can be released again.
func TestReleaseOfLockedRow(t *testing.T) {
	t.Parallel()
	url := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
	f.save(payins(4)...)
	held := f.wholeRun(reconcile.CorrectionHeld, declined)
	tx, err := f.db.Beginx()
	f.must(err)
	tx.MustExec("select * from payins where payment_id = 'payin-0001' for update")
	release := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: held.ID}
	equal(f, "release", results(f.execute(release)), "applied locked applied applied")
	f.must(tx.Rollback())
	equal(f, "release again", results(f.execute(release)), "applied")
	run, err := f.s.Run(f.ctx, held.ID)
	f.must(err)
	equal(f, "state", run.State, reconcile.Released)
}

// A row-level security policy that hides a row from updates is not reported as a change of the row.
func TestRowLevelSecurity(t *testing.T) {
	t.Parallel()
	url := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
	f.save(payins(6)...)
	f.do("do $$ begin create role hhrecon_adverse; exception when duplicate_object then null; end $$")
	f.do("grant usage on schema public to hhrecon_adverse; grant all on all tables in schema public to hhrecon_adverse; " +
		"grant all on all sequences in schema public to hhrecon_adverse")
	f.do("alter table payins enable row level security; create policy s on payins for select using (true); " +
		"create policy u on payins for update using (payment_id <> 'payin-0002') with check (payment_id <> 'payin-0003')")
	f.s = sqltest.Open(t, parameter(t, url, "role", "hhrecon_adverse"))
	run, l := f.open(nightly("a"))
	f.judge(l, verdict)
	f.settleTwice(l)
	for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
		want := map[string]reconcile.Correction{
			"payin-0002": reconcile.CorrectionRefused, "payin-0003": reconcile.CorrectionRefused,
		}[one.PaymentID]
		if want == "" {
			want = reconcile.CorrectionApplied
		}
		equal(f, one.PaymentID+" "+one.Reason.String(), one.Correction, want)
	}
	equal(f, "rows", f.count("select count(*) from payins where status = 'success'"), 4)
}

// If a batch is slow, the next batches are smaller. No transaction locks rows for a long time.
func TestSlowTable(t *testing.T) {
	t.Parallel()
	url := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
	f.save(payins(40)...)
	run, l := f.open(nightly("a"))
	f.judge(l, verdict)
	f.do(strings.ReplaceAll(beforeUpdate("perform pg_sleep(0.15); return new;"), "new.payment_id = 'payin-0002'", "true"))
	done := make(chan time.Duration)
	stop := make(chan struct{})
	go func() { // simulates the merchant's program that writes rows, and measures the longest wait of the program
		var longest time.Duration
		for n := 0; ; n = (n + 7) % 40 {
			select {
			case <-stop:
				done <- longest
				return
			case <-time.After(20 * time.Millisecond):
			}
			start := time.Now()
			_, err := f.db.Exec("select 1 from payins where payment_id = $1 for update", payin(n).PaymentID)
			if err != nil {
				t.Error(err)
			}
			longest = max(longest, time.Since(start))
		}
	}()
	f.settleTwice(l)
	close(stop)
	if longest := <-done; longest > 4*time.Second { // on an idle machine, the longest wait is 2 s
		f.Errorf("a writer waited for %v", longest)
	}
	for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
		equal(f, one.PaymentID, one.Correction, reconcile.CorrectionApplied)
	}
}

// An undo works although a merchant's trigger sets updated_at.
func TestTriggerThatSetsUpdatedAt(t *testing.T) {
	conform(t, func(f *fixture) {
		at := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
		touch := `create trigger touch after update on payins begin
			update payins set updated_at = '` + at + `'
			where project_id = new.project_id and payment_id = new.payment_id; end`
		if f.postgres() {
			f.do("create function touch() returns trigger language plpgsql as $$ begin new.updated_at := '" + at +
				"'; return new; end $$")
			touch = "create trigger touch before update on payins for each row execute function touch()"
		}
		f.save(payins(4)...)
		f.do(touch)
		applied := f.wholeRun(reconcile.CorrectionApplied, declined)
		equal(f, "corrected at", f.count("select count(*) from hhrecon_finding where corrected_at = '"+at+"'"), 4)
		undo := reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: applied.ID}
		equal(f, "undo", results(f.execute(undo)), "applied applied applied applied")
		equal(f, "rows", f.count("select count(*) from payins where status = 'pending'"), 4)
		held := f.wholeRun(reconcile.CorrectionHeld, declined)
		f.execute(reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: held.ID})
		undo.RunID = held.ID
		equal(f, "undo of a release", results(f.execute(undo)), "applied applied applied applied")
		equal(f, "updated", f.count("select count(*) from hhrecon_action where updated_at_after = '"+at+"'"), 12)
		after := reconcile.State{Status: "success"}
		a, err := f.decide(reconcile.Decision{RunID: held.ID, Seq: 1, After: after, At: acting})
		f.must(err)
		equal(f, "decision", a.Result, reconcile.CorrectionApplied)
		f.wantIntact()
	})
}
