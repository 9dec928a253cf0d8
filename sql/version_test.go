package sql_test

import (
	"os"
	"strings"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// version1 opens a database of an earlier version, whose audit log has only entries of version 1. The database has two
// runs of 20 payins with every outcome, a decision, an undo, and a release that skipped one row.
func version1(t *testing.T, url, dialect string, more ...string) *fixture {
	t.Helper()
	f := &fixture{T: t, ctx: t.Context(), url: url, db: sqltest.DB(t, url)}
	dump, err := os.ReadFile("testdata/version1." + dialect + ".sql")
	f.must(err)
	inserts := strings.Join(more, "")
	if dialect == "postgres" {
		inserts = strings.ReplaceAll(inserts, " as blob)", " as bytea)")
	}
	_, err = f.db.Exec(string(dump) + inserts)
	f.must(err)
	f.s = sqltest.Open(t, url)
	f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{}))
	return f
}

// eachVersion1 runs a test on both dialects, with additional statements before the migration.
func eachVersion1(t *testing.T, test func(f *fixture), more ...string) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) { test(version1(t, sqltest.EmptyPostgresURL(t), "postgres", more...)) })
	t.Run("sqlite", func(t *testing.T) { test(version1(t, sqltest.EmptySQLiteURL(t), "sqlite", more...)) })
}

// Verify accepts entries of both versions, and detects a changed byte in each.
func TestVerifyBothVersions(t *testing.T) {
	eachVersion1(t, func(f *fixture) {
		old := f.wantIntact()
		equal(f, "entries of version 1", old.Entries, int64(42))
		f.save(payins(3)...)
		f.wholeRun(reconcile.CorrectionApplied, verdict)
		both := f.wantIntact()
		if both.Entries <= old.Entries {
			f.Fatalf("%d entries", both.Entries)
		}
		equal(f, "versions", f.count("select count(distinct version) from hhrecon_finding"), 2)
		equal(f, "answers of version 2", f.count(`
			select count(*)
			from hhrecon_finding
			where version = 2 and (answer is not null or answer_digest is null)`), 0)
		equal(f, "the view", f.count("select count(*) from hhrecon_finding_answer where run_id > 2 and answer is null"), 0)
		equal(f, "the view of version 1", f.count(`
			select count(*)
			from hhrecon_finding_answer as v
			join hhrecon_finding as f on f.run_id = v.run_id and f.seq = v.seq
			where f.run_id < 3 and coalesce(v.answer, '') <> coalesce(f.answer, '')`), 0)
		for _, place := range []int64{3, old.Entries + 1} {
			f.tamper("update hhrecon_finding set reason = reason || '!' where chain_seq = ?", place)
			if broken := f.breaks(); !strings.Contains(broken, "was changed") {
				f.Errorf("entry %d: %q", place, broken)
			}
			f.tamper("update hhrecon_finding set reason = substr(reason, 1, length(reason) - 1) where chain_seq = ?", place)
		}
		for _, column := range []string{"answer_digest", "reason_code", "reason_args", "facts", "key_id"} {
			f.tamper("update hhrecon_finding set " + column + " = 'x' where chain_seq = 3")
			if broken := f.breaks(); !strings.Contains(broken, "entry 3 was changed") {
				f.Errorf("%s of version 1: %q", column, broken)
			}
			empty := "null"
			if strings.HasPrefix(column, "reason") {
				empty = "''"
			}
			f.tamper("update hhrecon_finding set " + column + " = " + empty + " where chain_seq = 3")
		}
		f.tamper("update hhrecon_finding set version = 1 where chain_seq = ?", old.Entries+1)
		if broken := f.breaks(); !strings.Contains(broken, "was changed") {
			f.Errorf("version 2 as 1: %q", broken)
		}
	})
}

// Findings of a version without codes of reasons keep their reasons. hhrecon computes such a reason from the finding's
// data, or uses the stored sentence.
func TestReasonsOfVersion1(t *testing.T) {
	want := map[string]string{
		"ok1":    "payin.confirmed 5000 KGS",
		"appeal": "amounts.appeal 3000 KGS 5000 KGS 5000→3000",
		"steps": "amounts.appeal 3500 KGS 4000 KGS 4000→3500; amounts.created_for 3000 KGS; " +
			"amounts.record 3000 KGS 5000 KGS",
		"units":    "amounts.record 500000 KGS 5000 KGS; amounts.mixed_units",
		"nopay":    "payin.no_payment 5000 KGS",
		"provider": "amounts.equal 5000 KGS",
		"tomorrow": `payin.disputed 5000 KGS "of_tomorrow"; payin.new_sub_status "\"of_tomorrow\""`,
		"declined": "payin.declined 5000 KGS",
		"pending":  `payin.pending "awaiting_confirm"`,
		"gone":     "payin.not_found",
		"cur":      `words "The answer cannot be trusted: its currency is \"RUB\", the merchant's row has \"KGS\"."`,
	}
	eachVersion1(t, func(f *fixture) {
		for _, one := range f.findings(reconcile.ReportScope{RunID: 1}) {
			if reason, ok := want[one.PaymentID]; ok {
				equal(f, one.PaymentID, one.Reason.String(), reason)
			}
			if one.Reason.IsZero() || one.Outcome != reconcile.Unreachable && one.Answer == "" {
				f.Errorf("%s: reason %s, answer %q", one.PaymentID, one.Reason, one.Answer)
			}
		}
		run, err := f.s.Run(f.ctx, 2)
		f.must(err)
		equal(f, "note", run.Note.String(),
			`words "3 of 11 answered open payins would be declined, rejected or disputed, more than the share of 1 %"`)
		for _, a := range f.actions(2) {
			left := a.Reason.String()
			changed := strings.Contains(left, "The row has changed since")
			if changed != (a.Result == reconcile.CorrectionSuperseded) {
				f.Errorf("the reason of an action that is %s: %s", a.Result, left)
			}
		}
	})
}

// An answer is stored once. Verify detects a changed or missing answer.
func TestAnswersAreKept(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		f.wholeRun(reconcile.CorrectionApplied, verdict)
		f.wholeRun(reconcile.CorrectionApplied, verdict)
		equal(f, "answers", f.count("select count(*) from hhrecon_answer"),
			f.count("select count(distinct answer_digest) from hhrecon_finding"))
		f.wantIntact()
		digest := f.word("select answer_digest from hhrecon_finding where chain_seq = 1")

		f.do("update hhrecon_answer set body = body || ' ' where digest = ?", digest)
		if broken := f.breaks(); !strings.Contains(broken, "the stored answer of entry 1 was changed") {
			f.Errorf("changed: %q", broken)
		}
		f.do("update hhrecon_answer set body = null where digest = ?", digest)
		const gone = "the answer of entry 1 is missing, but"
		if broken := f.breaks(); !strings.Contains(broken, gone) {
			f.Errorf("emptied: %q", broken)
		}
		f.do("delete from hhrecon_answer where digest = ?", digest)
		if broken := f.breaks(); !strings.Contains(broken, gone) {
			f.Errorf("deleted: %q", broken)
		}

	})
}

// Prune deletes an answer together with the last finding that refers to it. Answers to which other findings or projects
// refer stay.
func TestPruneAnswers(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		f.wholeRun(reconcile.CorrectionApplied, verdict)
		kept := f.count("select count(*) from hhrecon_answer")
		f.do("update hhrecon_answer set last_seen_at = '2026-10-30T00:00:00.000000Z'")
		for digest, seen := range map[string]string{
			"old": "2026-10-30T00:00:00.000000Z", "recent": "2026-11-01T12:00:00.000000Z",
		} {
			for _, id := range []string{project, "another"} {
				f.do("insert into hhrecon_answer (project_id, digest, body, last_seen_at) values (?, ?, 'x', ?)", id, digest, seen)
			}
		}
		old := reconcile.Retention{ProjectID: project, Before: midnight, Setting: "400d", Now: acting}
		pruned, err := f.s.Prune(f.ctx, old)
		f.must(err)
		equal(f, "pruned", pruned.Answers, int64(1))
		equal(f, "answers", f.count("select count(*) from hhrecon_answer"), kept+3)
		left := f.count("select count(*) from hhrecon_answer where digest = 'old' and project_id = ?", project)
		equal(f, "the old one", left, 0)
		f.wantIntact()
	})
}

// If an earlier version has not settled a verdict, the interrupted run queries the payin again.
func TestVerdictsBeforeVersion2(t *testing.T) {
	eachVersion1(t, func(f *fixture) {
		equal(f, "verdicts", f.count("select count(*) from hhrecon_selection where outcome is not null"), 0)
	})
}
