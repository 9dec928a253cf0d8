package sql_test

import (
	"context"
	"net"
	"net/url"
	"strings"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// withCorrection opens a store whose correct_payins.sql has an additional condition.
func withCorrection(t *testing.T, at, condition string) *fixture {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "correct_payins.sql", `update payins as p
		set status = s.status_after, settled_amount = s.settled_amount_after, updated_at = :now
		from hhrecon_selection as s where s.run_id = :run_id and s.seq between :first and :last and s.changes
		and p.payment_id = s.payment_id and p.project_id = s.project_id and `+condition+` returning p.payment_id`)
	return &fixture{T: t, ctx: t.Context(), url: at, s: sqltest.OpenWith(t, at, sql.Options{SQLDir: dir}),
		db: sqltest.DB(t, at)}
}

// A transaction is repeated after a deadlock with the merchant's own writers.
func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"40P01", "40001"} {
		f := withCorrection(t, sqltest.PostgresURL(t), "fail_once()")
		f.do(`create sequence tries`)
		f.do(`create function fail_once() returns boolean language plpgsql as $$
			begin if nextval('tries') <= 2 then raise exception 'not now' using errcode = '` + code + `'; end if;
			return true; end $$`)
		f.save(payins(3)...)
		run, l := f.openUnproved(nightly("a"))
		f.judge(l, verdict)
		f.end(l, reconcile.CorrectionApplied)
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			equal(f, "correction", one.Correction, reconcile.CorrectionApplied)
		}
	}
}

// A lost connection rolls back the transaction.
func TestConnectionIsLost(t *testing.T) {
	t.Parallel()
	f := withCorrection(t, sqltest.PostgresURL(t), "pg_terminate_backend(pg_backend_pid()) is not null")
	f.save(payins(3)...)
	_, l := f.openUnproved(nightly("a"))
	f.judge(l, verdict)
	if n, _, err := f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 10); err == nil {
		f.Errorf("settled %d", n)
	}
	equal(f, "pending rows", f.count("select count(*) from payins where status = 'pending'"), 3)
	equal(f, "findings", f.count("select count(*) from hhrecon_finding"), 0)
	equal(f, "selection", f.count("select count(*) from hhrecon_selection where outcome is not null"), 3)
	f.s = sqltest.Open(t, f.url)
	f.end(l, reconcile.CorrectionApplied)
	equal(f, "success rows", f.count("select count(*) from payins where status = 'success'"), 3)
}

// Errors about a wrong password or an invalid URL do not contain the password.
func TestErrorsOfConnecting(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, says string }{
		{"", "no database: set HHRECON_DATABASE_URL"},
		{"mysql://u:secret@h/d", "hhrecon needs PostgreSQL, and cannot use a database at mysql://"},
		{"sqlserver://u:secret@h?database=d", "hhrecon needs PostgreSQL, and cannot use a database at sqlserver://"},
		{"db.merchant.example:5432", "must begin with sqlite:"},
		{"postgres://u:sec ret@h:x/d", "special characters in the user or the password must be percent-encoded"},
		{"postgres://u:secret@h:99999/d", ""},
		{"postgres://u:secret@h/d?sslmode=secret", ""},
		{"postgres://u:secret@h/d?sslmod=disable", `has the option "sslmod"`},
		{"postgres://u:secret@h/d?statement_timeout=soon", `statement_timeout="soon" is not a time`},
		{"sqlite:", "the file name is missing"},
		{"sqlite::memory:", "write a file name"},
		{"sqlite:x.db?mode=ro", "options are not supported"},
	}
	for _, test := range tests {
		_, err := sql.Open(t.Context(), test.url, sql.Options{})
		if err == nil || !strings.Contains(err.Error(), test.says) ||
			strings.Contains(strings.ReplaceAll(err.Error(), "sslmode", ""), "secret") && test.says != "" {
			t.Errorf("%s: %v", test.url, err)
		}
	}
	s := sqltest.Open(t, "sqlite:"+t.TempDir()+"/no/such/folder.db")
	if err := s.Ping(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "SQLite: ") {
		t.Errorf("no folder: %v", err)
	}
}

// parameter adds a parameter to a URL.
func parameter(t *testing.T, at, name, value string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func TestOptionsOfTheServer(t *testing.T) {
	t.Parallel()
	at := sqltest.PostgresURL(t)
	for name, value := range map[string]string{
		"search_path": "public", "TimeZone": "Asia/Bishkek", "options": "-c work_mem=8MB", "application_name": "x",
		"statement_timeout": "30s", "lock_timeout": "5s", "hhrecon.x": "y", "binary_parameters": "no",
		"default_transaction_isolation": "serializable",
	} {
		f := &fixture{T: t, ctx: t.Context(), url: at, s: sqltest.Open(t, parameter(t, at, name, value)),
			db: sqltest.DB(t, at)}
		f.tamper("truncate payins, hhrecon_run, hhrecon_selection, hhrecon_finding, hhrecon_unresolved, hhrecon_action, " +
			"hhrecon_chain cascade")
		f.save(payins(3)...)
		run, l := f.open(nightly("a"))
		equal(f, name, run.StartedAt, window.To)
		f.judge(l, verdict)
		f.end(l, reconcile.CorrectionApplied)
		equal(f, name, f.findings(reconcile.ReportScope{RunID: run.ID})[0].CreatedAt, payin(0).CreatedAt)
	}
	s := sqltest.Open(t, parameter(t, at, "statement_timeout", "50ms"))
	err := s.Ping(t.Context())
	if err != nil {
		t.Error(err)
	}
	busy, err := sqltest.DB(t, at).Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Rollback() }()
	if _, err := busy.Exec("lock table payins"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenRun(t.Context(), nightly("b")); err == nil || !strings.Contains(err.Error(), "statement timeout") {
		t.Errorf("a statement that waits too long: %v", err)
	}
}

// If a server accepts a connection but does not answer, hhrecon does not wait forever.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	s := sqltest.Open(t, "postgres://u@"+silent.Addr().String()+"/d?sslmode=disable&connect_timeout=1")
	if err := s.Ping(context.Background()); err == nil || !strings.Contains(err.Error(), "the database does not answer") {
		t.Errorf("a silent server: %v", err)
	}
}
