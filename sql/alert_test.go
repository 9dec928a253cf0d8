package sql_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// alert returns an alert about the nth payin. Alerts with different versions have different digests of the signed text.
func alert(n int, version string) reconcile.Alert {
	return reconcile.Alert{
		ProjectID: project, PaymentID: payin(n).PaymentID, Status: "success", SubStatus: "",
		TextDigest: fmt.Sprintf("%s of %d", version, n), Amount: 7000, OldAmount: 5000, InitialAmount: 3000,
		Body: []byte("{\"a\": 1,\x00\xff\r\n \"b\":2}"), Timestamp: "1721647251", Signature: "c2lnbmF0dXJl",
		ReceivedAt: midnight.Add(time.Duration(n) * time.Microsecond), State: reconcile.AlertWaiting,
	}
}

func (f *fixture) waiting(of string) []reconcile.Alert {
	f.Helper()
	alerts, err := f.s.WaitingAlerts(f.ctx, of, 100)
	f.must(err)
	return alerts
}

func (f *fixture) saveAlert(a reconcile.Alert) bool {
	f.Helper()
	fresh, err := f.s.SaveAlert(f.ctx, a)
	f.must(err)
	return fresh
}

// listed returns the alert with only the fields that lists of alerts contain.
func listed(a reconcile.Alert, id int64) reconcile.Alert {
	a.ID, a.Body, a.Timestamp, a.Signature = id, nil, "", ""
	return a
}

// An alert's text is saved unchanged and only once, in any state. An alert with another text, or of another project, is
// also saved. Lists do not contain bodies.
func TestAlertsAreKeptOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		has := func(a reconcile.Alert) bool {
			f.Helper()
			has, err := f.s.HasAlert(f.ctx, a.ProjectID, a.TextDigest)
			f.must(err)
			return has
		}
		first := alert(1, "v1")
		equal(f, "not there", has(first), false)
		equal(f, "new", f.saveAlert(first), true)
		equal(f, "there", has(first), true)
		mutated := first
		mutated.Body, mutated.Status, mutated.State = []byte("{}"), "decline", reconcile.AlertUnreadable
		equal(f, "again", f.saveAlert(mutated), false)
		equal(f, "another text", f.saveAlert(alert(1, "v2")), true)
		elsewhere := alert(1, "v1")
		elsewhere.ProjectID = "another"
		equal(f, "not in another project", has(elsewhere), false)
		equal(f, "another project", f.saveAlert(elsewhere), true)
		garbled := reconcile.Alert{
			ProjectID: project, TextDigest: "garbled", Status: strings.Repeat("long", 3000), ReceivedAt: midnight,
			State: reconcile.AlertUnreadable, Note: "not a payin's \xff",
		}
		equal(f, "unreadable", f.saveAlert(garbled), true)
		equal(f, "unreadable again", f.saveAlert(garbled), false)

		waiting := f.waiting(project)
		for i := range waiting {
			waiting[i].ID = 0
		}
		equal(f, "waiting", waiting, []reconcile.Alert{listed(first, 0), listed(alert(1, "v2"), 0)})
		var body []byte
		f.must(f.db.Get(&body, "select body from hhrecon_alert order by id limit 1"))
		equal(f, "body", body, first.Body)

		run, _ := f.open(nightly("a"))
		f.do("update hhrecon_alert set note = 'arrived' where id = ?", f.waiting(project)[0].ID)
		f.must(f.s.EndAlerts(f.ctx, []int64{f.waiting(project)[0].ID}, reconcile.AlertDone, run.ID, "asked"))
		f.must(f.s.EndAlerts(f.ctx, []int64{f.waiting(project)[0].ID}, reconcile.AlertDone, run.ID, "asked"))
		equal(f, "after its end", f.saveAlert(first), false)
		equal(f, "still waiting", len(f.waiting(project)), 0)
		const ended = "select min(state || ' ' || run_id || ' ' || note) || ', ' || max(note) from hhrecon_alert where " +
			"run_id > 0"
		equal(f, "ended", f.word(ended), fmt.Sprintf("done %d arrived; asked, asked", run.ID))
	})
}

// AlertBytes adds up the sizes of bodies by project and time. An alert without a body is also saved.
func TestAlertBytes(t *testing.T) {
	conform(t, func(f *fixture) {
		bodyless, late, elsewhere := alert(1, "none"), alert(1, "v2"), alert(1, "v3")
		bodyless.Body, bodyless.Note = nil, "its body is not kept"
		late.ReceivedAt, late.State = midnight.Add(time.Hour), reconcile.AlertUnreadable
		elsewhere.ProjectID = "another"
		for _, a := range []reconcile.Alert{bodyless, alert(1, "v1"), late, elsewhere} {
			f.saveAlert(a)
		}
		for since, want := range map[time.Time]int64{
			midnight: 2 * int64(len(late.Body)), late.ReceivedAt: int64(len(late.Body)), closing: 0,
		} {
			got, err := f.s.AlertBytes(f.ctx, project, since)
			f.must(err)
			equal(f, since.String(), got, want)
		}
		equal(f, "without a body", f.count("select count(*) from hhrecon_alert where body is null and state = 'waiting'"), 1)
	})
}

// Alerts from versions that did not store texts are processed and listed, and are never duplicates.
func TestAlertsBeforeTexts(t *testing.T) {
	const old = `
		insert into hhrecon_alert (project_id, payment_id, status, sub_status, alert_key, version, body, sent_timestamp,
			signature, received_at, state, note, repeats, saved_by)
		select '` + project + `', 'payin-0001', 'success', '', 'key', 'v' || n, cast('body' as blob), '1', 's',
			'2026-11-01T00:00:00.000000Z', 'waiting', '', 3, 'a'
		from (select 1 as n union select 2) as versions;`
	eachVersion1(t, func(f *fixture) {
		waiting := f.waiting(project)
		if len(waiting) != 2 || waiting[0].PaymentID != "payin-0001" || waiting[0].TextDigest != "" ||
			waiting[0].Amount != 0 {
			f.Fatalf("%+v", waiting)
		}
		equal(f, "the same from now on", f.saveAlert(alert(1, "v1")), true)
		f.must(f.s.EndAlerts(f.ctx, []int64{waiting[0].ID, waiting[1].ID}, reconcile.AlertDone, 0, "asked"))
		equal(f, "done", f.count("select count(*) from hhrecon_alert where state = 'done' and note = 'asked'"), 2)
		equal(f, "bodies", f.count("select count(*) from hhrecon_alert where length(body) = 4"), 2)
		equal(f, "waiting", f.waiting(project), []reconcile.Alert{listed(alert(1, "v1"), waiting[1].ID+1)})
	}, old)
}

func TestEndAndCountAlerts(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 1200 // more than the limit of one statement
		for n := range many {
			a := alert(n, "v1")
			if n%2 == 1 {
				a.ProjectID = "another"
			}
			f.saveAlert(a)
		}
		var ids []int64
		f.must(f.db.Select(&ids, "select id from hhrecon_alert order by id desc"))
		equal(f, "in the order of arrival", f.waiting(project)[:2], []reconcile.Alert{
			listed(alert(0, "v1"), ids[many-1]), listed(alert(2, "v1"), ids[many-3]),
		})
		f.must(f.s.EndAlerts(f.ctx, ids[:1], reconcile.AlertNoPayin, 0, "no such payin"))
		f.must(f.s.EndAlerts(f.ctx, ids[:many-2], reconcile.AlertDone, 0, "asked")) // leaves ended alerts unchanged
		counts, err := f.s.CountAlerts(f.ctx)
		f.must(err)
		at := func(n int) time.Time { return midnight.Add(time.Duration(n) * time.Microsecond) }
		equal(f, "counts", counts, []reconcile.AlertCount{
			{ProjectID: project, State: reconcile.AlertDone, Count: many/2 - 1, Oldest: at(2)},
			{ProjectID: project, State: reconcile.AlertWaiting, Count: 1, Oldest: at(0)},
			{ProjectID: "another", State: reconcile.AlertDone, Count: many/2 - 2, Oldest: at(3)},
			{ProjectID: "another", State: reconcile.AlertNoPayin, Count: 1, Oldest: at(many - 1)},
			{ProjectID: "another", State: reconcile.AlertWaiting, Count: 1, Oldest: at(1)},
		})
		if err := f.s.EndAlerts(f.ctx, ids, reconcile.AlertDone, 999, ""); err == nil {
			f.Error("ended by a run that there is not")
		}
	})
}

// If several processes save the same alert, only one of them saves it.
func TestOneAlertAtOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		const processes, each = 6, 5
		var fresh atomic.Int64
		var all sync.WaitGroup
		for range processes {
			s := sqltest.Open(f.T, f.url)
			all.Go(func() {
				for n := range each {
					is, err := s.SaveAlert(f.ctx, alert(n, "v1"))
					if err != nil {
						f.Error(err)
					}
					if is {
						fresh.Add(1)
					}
				}
			})
		}
		all.Wait()
		equal(f, "kept", []int64{fresh.Load(), int64(len(f.waiting(project)))}, []int64{each, each})
	})
}

// An alert is saved again if the answer to its commit was lost. The alert is stored once and is not treated as a
// duplicate.
func TestLostAlertIsSavedOnce(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"BEGIN\x00", "SET\x00", "INSERT", "COMMIT\x00"} {
		url := sqltest.PostgresURL(t)
		d := dropAnswer(t, url)
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, d.url), db: sqltest.DB(t, url)}
		d.breaks.Store(at)
		equal(f, "new", f.saveAlert(alert(1, "v1")), true)
		equal(f, "left of "+at, d.breaks.Load().(string), "")
		d.breaks.Store(at)
		equal(f, "repeated", f.saveAlert(alert(1, "v1")), false)
		equal(f, "left of "+at, d.breaks.Load().(string), "")
		d.breaks.Store("SELECT")
		has, err := f.s.HasAlert(f.ctx, project, alert(1, "v1").TextDigest)
		f.must(err)
		equal(f, "there", has, true)
		equal(f, "left of a look", d.breaks.Load().(string), "")
	}
}
