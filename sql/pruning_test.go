package sql_test

import (
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/audit"
	"hhrecon/sql/sqltest"
)

// A checkpoint that was moved is found, although all that is left of the log holds: no pruning was recorded. A version
// that did not record any left logs whose pruning is recorded by the migration.
func TestMovedCheckpointIsFound(t *testing.T) {
	conform(t, func(f *fixture) {
		f.oldNights()
		f.prune(retention())
		whole := f.holds()
		const moved = "the checkpoint was moved"
		to := whole.Pruned + 1
		f.do(`update hhrecon_anchor set goal = ?, chain_seq = ?, hash = (
				select hash from hhrecon_finding where chain_seq = ?
			)`, to, to, to)
		f.do("delete from hhrecon_finding where chain_seq = ?", to)
		if broken := f.breaks(); !strings.Contains(broken, moved) {
			f.Errorf("beyond what was pruned: %q", broken)
		}
		if v, err := f.s.Verify(f.ctx, project, reconcile.Head{Entries: to - 1, Hash: strings.Repeat("0", 64)}); err != nil ||
			!v.KeptPruned {
			f.Errorf("a head before the checkpoint: %+v, %v", v, err)
		}
		f.do(`update hhrecon_anchor set goal = ?, chain_seq = ?, hash = (
				select hash from hhrecon_action where chain_seq = ?
			)`, whole.Entries, whole.Entries, whole.Entries)
		f.do("delete from hhrecon_finding")
		f.do("delete from hhrecon_action")
		if broken := f.breaks(); !strings.Contains(broken, moved) {
			f.Errorf("without the record of any pruning: %q", broken)
		}
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		f.holds()
	})
}

// Events between runs are pruned with them, and those about no project by their age.
func TestPruneEvents(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		event := reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload, Actor: "Aida", At: acting}
		for range 2 {
			f.must(f.s.RecordEvent(f.ctx, event))
			f.night(reconcile.CorrectionApplied, unchanged)
		}
		event.At = aged.Add(time.Hour)
		f.must(f.s.RecordEvent(f.ctx, event))
		f.young(f.night(reconcile.CorrectionApplied, unchanged))
		p := f.prune(retention())
		equal(f, "runs and entries", [2]int64{p.Runs, p.Entries}, [2]int64{2, 8})
		f.holds()

		for _, event.At = range []time.Time{acting, acting, aged.Add(time.Hour), acting} {
			event.ProjectID = ""
			f.must(f.s.RecordEvent(f.ctx, event))
		}
		about := retention()
		about.ProjectID = ""
		equal(f, "entries about no project", f.prune(about).Entries, 2)
		equal(f, "again", f.prune(about).Entries, 0)
		v, err := f.s.Verify(f.ctx, "")
		f.must(err)
		equal(f, "about no project", [3]any{v.Pruned, v.Entries, v.Break}, [3]any{int64(2), int64(5), ""})
	})
}

// keyed opens the database with keys.
func (f *fixture) keyed(keys ...string) {
	f.Helper()
	var all audit.Keys
	for _, id := range keys {
		all = append(all, audit.Key{ID: id, Secret: []byte(strings.Repeat(id, 32))})
	}
	f.s = sqltest.OpenWith(f.T, f.url, sql.Options{AuditKeys: all})
}

// Entries with a key follow those without one. Without the key no entry can be added,
// changed or verified.
func TestAuditKeys(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		f.night(reconcile.CorrectionApplied, unchanged)
		plain := f.holds()
		f.keyed("a")
		run := f.night(reconcile.CorrectionApplied, mixed)
		f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID})
		f.must(f.s.RecordEvent(f.ctx, reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload}))
		v := f.holds()
		equal(f, "entries with a key", v.Keyed, v.Entries-plain.Entries)

		f.keyed("b", "a")
		f.night(reconcile.CorrectionApplied, unchanged)
		f.holds()
		f.keyed("b")
		if broken := f.breaks(); !strings.Contains(broken, `does not have its key "a"`) {
			f.Errorf("without the old key: %q", broken)
		}
		f.keyed()
		err := f.s.RecordEvent(f.ctx, reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload})
		if err == nil || !strings.Contains(err.Error(), `have the key "b", and HHRECON_AUDIT_KEY_FILE is not set`) {
			f.Errorf("an entry without the key: %v", err)
		}
		f.do("update hhrecon_chain set key_id = null")
		f.must(f.s.RecordEvent(f.ctx, reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload}))
		f.keyed("b", "a")
		if broken := f.breaks(); !strings.Contains(broken, "has no key, but earlier entries have one") {
			f.Errorf("an entry without a key behind others: %q", broken)
		}
	})
}

// A log with keys is written only with the key of its last entry, under that key's ID.
func TestWrongKeyWritesNothing(t *testing.T) {
	conform(t, func(f *fixture) {
		event := reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload}
		for range 2 {
			f.keyed("a")
			f.must(f.s.RecordEvent(f.ctx, event))
		}
		right := f.s
		before := f.holds()
		refused := func(what, want string) {
			f.Helper()
			if err := f.s.RecordEvent(f.ctx, event); err == nil || !strings.Contains(err.Error(), want) {
				f.Errorf("%s: %v", what, err)
			}
		}
		f.keyed("b")
		refused("without the old key", `does not have the key "a"`)
		other := audit.Keys{{ID: "a", Secret: []byte(strings.Repeat("b", 32))}}
		f.s = sqltest.OpenWith(f.T, f.url, sql.Options{AuditKeys: other})
		refused("another secret", `does not match its key "a"`)
		f.s = right
		equal(f, "verified", f.holds(), before)
		f.tamper("update hhrecon_action set who = 'x' where chain_seq = ?", before.Entries)
		refused("behind a forged entry", `does not match its key "a"`)
	})
}

// With keys, a log whose end has none is broken until migrate adds an entry: those with keys may have been deleted.
func TestKeysCannotBeCutOff(t *testing.T) {
	conform(t, func(f *fixture) {
		event := reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload}
		f.must(f.s.RecordEvent(f.ctx, event))
		plain := f.holds()
		f.keyed("a")
		broken := func(want string) {
			f.Helper()
			if got := f.breaks(); !strings.Contains(got, want) {
				f.Errorf("%q, want %q", got, want)
			}
		}
		broken("its last entry, 1, has no key")
		for range 2 { // it adds one entry
			f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
			v := f.holds()
			equal(f, "entries, and those with a key", [2]int64{v.Entries, v.Keyed}, [2]int64{2, 1})
		}
		f.must(f.s.RecordEvent(f.ctx, event))
		f.holds()
		f.tamper("delete from hhrecon_action where chain_seq > ?", 1)
		f.do("update hhrecon_chain set chain_seq = 1, key_id = null, hash = ?", plain.Head)
		broken("its last entry, 1, has no key")
		f.tamper("delete from hhrecon_action where chain_seq > ?", 0)
		f.do("delete from hhrecon_chain")
		f.open(nightly("a"))
		broken("it has no entry, but there are runs or users")
	})
}

// The log of sign-ins and users is there if users are, with keys and without.
func TestLogOfUsersCannotBeDropped(t *testing.T) {
	conform(t, func(f *fixture) {
		verify := func(entries int64, want string) {
			f.Helper()
			v, err := f.s.Verify(f.ctx, "")
			f.must(err)
			equal(f, "entries", v.Entries, entries)
			equal(f, "break", v.Break[:min(len(v.Break), len(want))], want)
		}
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		verify(0, "")
		f.must(f.s.SaveUser(f.ctx, reconcile.User{Name: "Aida", Role: reconcile.RoleAdmin, Hash: "x"}))
		verify(0, "it has no entry, but there are runs or users")
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		verify(1, "")
		f.keyed("a")
		verify(1, "its last entry, 1, has no key")
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		verify(2, "")
	})
}
