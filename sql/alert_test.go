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

// alert is one about the nth payin, in a version.
func alert(n int, version string) reconcile.Alert {
	return reconcile.Alert{
		ProjectID: project, PaymentID: payin(n).PaymentID, Status: "success", SubStatus: "",
		Key: fmt.Sprintf("%s:%s:success:", project, payin(n).PaymentID), Version: version,
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

// An alert is kept to the byte; an exact duplicate is counted on it, whatever became of it; another version under the same key
// is kept.
func TestAlertsAreKeptOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		first := alert(1, "v1")
		equal(f, "new", f.saveAlert(first), true)
		equal(f, "again", f.saveAlert(first), false)
		equal(f, "another version", f.saveAlert(alert(1, "v2")), true)
		elsewhere := alert(1, "v1")
		elsewhere.ProjectID = "another"
		equal(f, "another project", f.saveAlert(elsewhere), true)
		garbled := reconcile.Alert{
			ProjectID: project, Key: strings.Repeat("long", 3000), Version: strings.Repeat("\x00", 5000), ReceivedAt: midnight,
			State: reconcile.AlertUnreadable, Note: "not a payin's \xff",
		}
		equal(f, "unreadable", f.saveAlert(garbled), true)
		equal(f, "unreadable again", f.saveAlert(garbled), false)

		waiting := f.waiting(project)
		for i := range waiting {
			waiting[i].ID = 0
		}
		first.Repeats = 1
		equal(f, "waiting", waiting, []reconcile.Alert{first, alert(1, "v2")})

		run, _ := f.open(nightly("a"))
		f.must(f.s.EndAlerts(f.ctx, []int64{f.waiting(project)[0].ID}, reconcile.AlertDone, run.ID, "asked"))
		equal(f, "after its end", f.saveAlert(first), false)
		equal(f, "still waiting", len(f.waiting(project)), 1)
		equal(f, "ended", f.word("select state || ' ' || run_id || ' ' || note || ' ' || repeats from hhrecon_alert where version = 'v1' and project_id = ?", project),
			fmt.Sprintf("done %d asked 2", run.ID))
	})
}

func TestEndAndCountAlerts(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 1200 // more than go into one statement
		for n := range many {
			a := alert(n, "v1")
			if n%2 == 1 {
				a.ProjectID = "another"
			}
			f.saveAlert(a)
		}
		var ids []int64
		f.must(f.db.Select(&ids, "select id from hhrecon_alert order by id desc"))
		equal(f, "in the order of arrival", f.waiting(project)[:2], []reconcile.Alert{numbered(alert(0, "v1"), ids[many-1]), numbered(alert(2, "v1"), ids[many-3])})
		f.must(f.s.EndAlerts(f.ctx, ids[:1], reconcile.AlertNoPayin, 0, "no such payin"))
		f.must(f.s.EndAlerts(f.ctx, ids[:many-2], reconcile.AlertDone, 0, "asked")) // leaves what has ended as it is
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

func numbered(a reconcile.Alert, id int64) reconcile.Alert {
	a.ID = id
	return a
}

// Of many processes that save one alert at once, one keeps it, and each other one is counted.
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
		equal(f, "repeats", f.count("select sum(repeats) from hhrecon_alert"), each*(processes-1))
	})
}

// An alert whose commit goes unheard is saved once more, and is neither lost nor its own repetition.
func TestLostAlertIsSavedOnce(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"BEGIN\x00", "SET\x00", "INSERT", "COMMIT\x00"} {
		url := sqltest.PostgresURL(t)
		d := deafen(t, url)
		f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, d.url), db: sqltest.DB(t, url)}
		d.breaks.Store(at)
		equal(f, "new", f.saveAlert(alert(1, "v1")), true)
		equal(f, "left of "+at, d.breaks.Load().(string), "")
		d.breaks.Store(at)
		equal(f, "repeated", f.saveAlert(alert(1, "v1")), false)
		equal(f, "left of "+at, d.breaks.Load().(string), "")
		equal(f, "repeats", f.waiting(project)[0].Repeats, int64(1))

	}
}
