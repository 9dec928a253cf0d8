package main

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hhrecon/sql/sqltest"
)

// TestRace changes rows during a run, as the merchant's program does after an alert. The test changes rows while the
// run requests payins and while the run settles payins. No change may be lost. Corrections must be superseded for
// exactly those rows that changed before the run updated the row. HHRECON_CHANGES is the number of changes.
func TestRace(t *testing.T) {
	t.Parallel()
	changes := sizeFromEnv(t, "HHRECON_CHANGES", 3000)
	s := newFixture(t, longTimeouts, answeredSamples(max(1500, changes/2)))
	url, db := s.postgres()
	payinsLog(t, db, true)
	db.MustExec(`alter table payins_log add settled_after bigint`)
	db.MustExec(`create function note_settled() returns trigger language plpgsql as $$
		begin
			new.settled_after = (select settled_amount from payins p where p.project_id = new.project_id
				and p.payment_id = new.payment_id);
			return new;
		end $$;
		create trigger note_settled before insert on payins_log for each row execute function note_settled();`)

	unblock := s.blockAnswers() // the run waits until some rows have changed
	began := time.Now()
	p := s.start(url, "run", "--json")
	if !p.waitFor(func() bool { return queryCount(t, db, `select count(*) from hhrecon_run`) > 0 }) {
		t.Fatalf("no run was opened:\n%s", p.err.String())
	}
	alerts := &alertWriter{t: t, db: db}
	for _, sample := range s.samples {
		alerts.ids = append(alerts.ids, sample.Merchant.PaymentID)
	}
	// Before the run settles, a fifth of the rows changes again and again. The other rows are unchanged when the run
	// begins to settle.
	early := changes * 2 / 5
	few := alerts.ids[:len(alerts.ids)/5]
	first := alerts.write(early/10, 2, func(int) string { return few[rand.IntN(len(few))] })
	unblock()
	alerts.write(early-first, 2, func(i int) string {
		for p.running() && s.requestCount() < len(s.samples)*i/early {
			time.Sleep(time.Millisecond)
		}
		return few[rand.IntN(len(few))]
	})
	p.waitFor(func() bool { return queryCount(t, db, `select count(*) from hhrecon_run where decision <> ''`) > 0 })
	alerts.write(changes-early, 8, func(int) string { return alerts.ids[rand.IntN(len(alerts.ids))] })
	r := p.wantStatus(exitOK).results()[0]
	took := time.Since(began)

	checkConsistency(t, db)
	s.checkSuperseded(db, changes)
	superseded := queryCount(t, db, `select count(*) from hhrecon_finding where correction = 'superseded'`)
	if r.Corrections.Superseded != superseded {
		t.Errorf("the run reports %d superseded rows, but the findings have %d", r.Corrections.Superseded, superseded)
	}
	late := queryCount(t, db, `select count(*) from payins_log, hhrecon_run where actor <> 'hhrecon'
		and updated_after > closed_at`)
	t.Logf("%d changes by others during a run over %d payins: %d while it asked, %d while it settled, %d afterwards; "+
		"%d rows corrected, %d superseded, none lost, in %s",
		changes, r.Selected, early, int64(changes-early)-late, late, r.Corrections.Applied, superseded,
		took.Round(10*time.Millisecond))
}

// alertWriter is another process that updates the merchant's rows.
type alertWriter struct {
	t   *testing.T
	db  *sqltest.Database
	ids []string
	no  atomic.Int64 // number of the last change; the change writes this number as the row's settled amount
}

// write makes n changes with several goroutines, and returns n. The function next selects the payin of each change.
func (a *alertWriter) write(n, atOnce int, next func(i int) string) int {
	var writers sync.WaitGroup
	var begun atomic.Int64
	statuses := []string{"success", "decline", "processing", "dispute"}
	for range atOnce {
		writers.Go(func() {
			for {
				i := int(begun.Add(1))
				if i > n {
					return
				}
				result, err := a.db.Exec(`update payins set status = $1, sub_status = 'alert', settled_amount = $2,
					updated_at = clock_timestamp()
					where project_id = $3 and payment_id = $4`, statuses[rand.IntN(len(statuses))], a.no.Add(1), demoProject, next(i))
				if err != nil {
					a.t.Error(err)
					return
				}
				if changed, err := result.RowsAffected(); err != nil || changed != 1 {
					a.t.Errorf("%d rows changed: %v", changed, err)
				}
			}
		})
	}
	writers.Wait()
	return n
}

// checkSuperseded fails the test if a change was lost or a finding does not match its row. The log contains every
// update of a row in order.
func (s *fixture) checkSuperseded(db *sqltest.Database, changes int) {
	s.t.Helper()
	if n := queryCount(s.t, db, `select count(*) from payins_log where actor <> 'hhrecon'`); n != int64(changes) {
		s.t.Errorf("%d changes were made, but the log has %d", changes, n)
	}
	queries := map[string]string{
		"updates that did not see the one before": `select count(*) from (select *, lag(status_after) over w as status,
			lag(updated_after) over w as updated
			from payins_log window w as (partition by project_id, payment_id order by id)) as l
				where (status, updated) <> (status_before, updated_before)`,
		"rows that are not as their last writer left them": `select count(*) from payins p join (select distinct
			on (project_id, payment_id) * from payins_log
			order by project_id, payment_id, id desc) as l using (project_id, payment_id)
			where (p.status, p.updated_at, coalesce(p.settled_amount, -1)) <> (l.status_after, l.updated_after,
				coalesce(l.settled_after, -1))`,
		"corrections of rows that another had changed first": `select count(*) from hhrecon_finding f
			join (select distinct on (project_id, payment_id) * from payins_log
			order by project_id, payment_id, id) as l using (project_id, payment_id) where f.correction = 'applied'
				and l.actor <> 'hhrecon'`,
		"superseded findings whose row no other had changed": `select count(*) from hhrecon_finding f
			where f.correction = 'superseded'
			and not exists (select 1 from payins_log l where l.actor <> 'hhrecon'
				and (l.project_id, l.payment_id) = (f.project_id, f.payment_id))`,
		"superseded findings whose row the run changed": `select count(*) from hhrecon_finding f
			where f.correction = 'superseded'
			and exists (select 1 from payins_log l where l.actor = 'hhrecon'
				and (l.project_id, l.payment_id) = (f.project_id, f.payment_id))`,
		"superseded findings that do not say what would have been written": `select count(*) from hhrecon_finding
			where correction = 'superseded'
			and (status_after, coalesce(sub_status_after, ''), coalesce(settled_amount_after, 0)) = (status_before,
				coalesce(sub_status_before, ''), coalesce(settled_amount_before, 0))`,
		"findings neither applied, nor superseded, nor without a change": `select count(*) from hhrecon_finding
			where correction not in ('applied', 'superseded', 'none')`,
	}
	for what, query := range queries {
		if n := queryCount(s.t, db, query); n != 0 {
			s.t.Errorf("%s: %d", what, n)
		}
	}
	if queryCount(s.t, db, `select count(*) from hhrecon_finding where correction = 'superseded'`) == 0 {
		s.t.Error("no row was superseded: the test has produced no race")
	}
}
