package sql_test

import (
	"strings"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/audit"
	"hhrecon/sql/sqltest"
)

// keyed opens the database with keys for the audit log.
func (f *fixture) keyed(keys ...string) {
	f.Helper()
	var all audit.Keys
	for _, id := range keys {
		all = append(all, audit.Key{ID: id, Secret: []byte(strings.Repeat(id, 32))})
	}
	f.s = sqltest.OpenWith(f.T, f.url, sql.Options{AuditKeys: all})
}

// Entries with a key can follow entries without a key. Without the key, no entry can be added, changed or verified.
func TestAuditKeys(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		f.wholeRun(reconcile.CorrectionApplied, unchanged)
		plain := f.wantIntact()
		f.keyed("a")
		run := f.wholeRun(reconcile.CorrectionApplied, mixed)
		f.execute(reconcile.RunAction{Kind: reconcile.ActionUndo, RunID: run.ID})
		f.must(f.s.RecordEvent(f.ctx, reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload}))
		v := f.wantIntact()
		equal(f, "entries with a key", v.Keyed, v.Entries-plain.Entries)

		f.keyed("b", "a")
		f.wholeRun(reconcile.CorrectionApplied, unchanged)
		f.wantIntact()
		f.keyed("b")
		if broken := f.breaks(); !strings.Contains(broken, `its key "a" is missing in HHRECON_AUDIT_KEY_FILE`) {
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
		if broken := f.breaks(); !strings.Contains(broken, "has no key, but earlier entries have a key") {
			f.Errorf("an entry without a key behind others: %q", broken)
		}
	})
}

// Writing to a log with keys requires the key of the last entry, under the same ID.
func TestWrongKeyWritesNothing(t *testing.T) {
	conform(t, func(f *fixture) {
		event := reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload}
		for range 2 {
			f.keyed("a")
			f.must(f.s.RecordEvent(f.ctx, event))
		}
		right := f.s
		before := f.wantIntact()
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
		equal(f, "verified", f.wantIntact(), before)
		f.tamper("update hhrecon_action set who = 'x' where chain_seq = ?", before.Entries)
		refused("behind a forged entry", `does not match its key "a"`)
	})
}

// If keys are set, Verify rejects a log whose last entry has no key, because entries with keys may have been deleted.
// Migrate adds an entry with a key.
func TestKeysCannotBeCutOff(t *testing.T) {
	conform(t, func(f *fixture) {
		event := reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload}
		f.must(f.s.RecordEvent(f.ctx, event))
		plain := f.wantIntact()
		f.keyed("a")
		broken := func(want string) {
			f.Helper()
			if got := f.breaks(); !strings.Contains(got, want) {
				f.Errorf("%q, want %q", got, want)
			}
		}
		broken("the last entry (entry 1) has no key")
		for range 2 { // a second migrate adds no further entry
			f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
			v := f.wantIntact()
			equal(f, "entries, and those with a key", [2]int64{v.Entries, v.Keyed}, [2]int64{2, 1})
		}
		f.must(f.s.RecordEvent(f.ctx, event))
		f.wantIntact()
		f.tamper("delete from hhrecon_action where chain_seq > ?", 1)
		f.do("update hhrecon_chain set chain_seq = 1, key_id = null, hash = ?", plain.Head)
		broken("the last entry (entry 1) has no key")
		f.tamper("delete from hhrecon_action where chain_seq > ?", 0)
		f.do("delete from hhrecon_chain")
		f.open(nightly("a"))
		broken("the log has no entry, but there are runs or users")
	})
}

// If there are users, the log without a project must exist, with and without keys. The log without a project contains
// sign-ins and changes of users.
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
		verify(0, "the log has no entry, but there are runs or users")
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		verify(1, "")
		f.keyed("a")
		verify(1, "the last entry (entry 1) has no key")
		f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
		verify(2, "")
	})
}
