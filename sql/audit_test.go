package sql_test

import (
	"strings"
	"testing"

	"hhrecon/reconcile"
)

// Each event is an entry of a project's audit log, or of the audit log without a project. Lists of a run's actions
// do not contain events.
func TestEvents(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		run := f.wholeRun(reconcile.CorrectionApplied, verdict)
		before := f.wantIntact()
		f.must(f.s.RecordEvent(f.ctx, reconcile.Event{
			ProjectID: project, Kind: reconcile.ActionStop, RunID: run.ID, Actor: "Aida\x00", Note: "Why",
			Facts: map[string]string{"via": "page", "text": "a\x00\xff<b>"}, At: acting,
		}))
		f.must(f.s.RecordEvent(f.ctx, reconcile.Event{ProjectID: project, Kind: reconcile.ActionDownload, Actor: "Aida"}))
		f.must(f.s.RecordEvent(f.ctx, reconcile.Event{Kind: reconcile.ActionSignIn, Actor: "Aida"}))
		equal(f, "entries", f.wantIntact().Entries, before.Entries+2)
		equal(f, "actions of the run", len(f.actions(run.ID)), 0)
		about, err := f.s.Verify(f.ctx, "")
		f.must(err)
		equal(f, "about no project", [2]any{about.Entries, about.Break}, [2]any{int64(1), ""})
		projects, err := f.s.AuditLogProjects(f.ctx)
		f.must(err)
		equal(f, "projects", strings.Join(projects, " "), project)
		for _, column := range []string{"facts", "who", "kind"} {
			f.tamper("update hhrecon_action set "+column+" = "+column+" || 'x' where chain_seq = ?", before.Entries+1)
			if broken := f.breaks(); !strings.Contains(broken, "was changed") {
				f.Errorf("%s: %q", column, broken)
			}
			f.tamper("update hhrecon_action set "+column+" = substr("+column+", 1, length("+column+") - 1) where chain_seq = ?",
				before.Entries+1)
		}
		f.wantIntact()
	})
}

// The transaction that opens or stops a run records the person and the digest of the settings.
func TestRunEvents(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		n := nightly("a")
		n.StartEvent = reconcile.Event{Actor: "os:cron", Facts: map[string]string{"settings": "digest"}}
		run, l := f.open(n)
		f.must(f.s.RequestStop(f.ctx, run.ID, "Aida"))
		equal(f, "actions of the run", len(f.actions(run.ID)), 0)
		f.judge(l, verdict)
		f.end(l, reconcile.CorrectionApplied)
		n.Origin.By = "Bakyt"
		f.open(n)
		var events []string
		f.must(f.db.Select(&events,
			"select kind || ' ' || who || coalesce(facts, '') from hhrecon_action order by chain_seq"))
		equal(f, "events", events, []string{
			`begin os:cron{"settings":"digest","trigger":"command"}`, "stop Aida",
			`begin Bakyt{"settings":"digest","trigger":"command"}`,
		})
		equal(f, "entries", f.wantIntact().Entries, int64(5))
	})
}

// head returns the end of the project's audit log.
func (f *fixture) head() reconcile.Head {
	f.Helper()
	v := f.wantIntact()
	return reconcile.Head{Entries: v.Entries, Hash: v.Head}
}

func (f *fixture) wantIntact(kept ...reconcile.Head) reconcile.Verification {
	f.Helper()
	v, err := f.s.Verify(f.ctx, project, kept...)
	f.must(err)
	if v.Break != "" {
		f.Errorf("the audit log breaks after %d entries: %s", v.Entries, v.Break)
	}
	return v
}

// The database rejects statements that would make the log invalid.
func TestAuditLogIsAppendOnly(t *testing.T) {
	conform(t, func(f *fixture) {
		f.auditLog()
		for _, table := range []string{"hhrecon_finding", "hhrecon_action"} {
			statements := []string{"update " + table + " set reason = 'x'", "delete from " + table}
			if f.postgres() {
				statements = append(statements, "truncate "+table)
			}
			for _, statement := range statements {
				_, err := f.db.Exec(statement)
				if err == nil || !strings.Contains(err.Error(),
					table+" is an audit trail: its rows are never changed and never deleted") {
					f.Errorf("%s: %v", statement, err)
				}
			}
		}
		f.wantIntact()
	})
}
