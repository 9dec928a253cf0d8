package sql_test

import (
	"net/url"
	"strings"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/db"
	"hhrecon/sql/sqltest"
)

// If the database's encoding lacks a character of a verdict, the verdict is saved with its text escaped. Other verdicts
// are still saved.
func TestTextOfAnotherEncoding(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(sqltest.EmptyPostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(at.Path, "/") + "_win"
	server := sqltest.DB(t, at.String())
	server.MustExec("create database " + name + " encoding 'WIN1251' lc_collate 'C' lc_ctype 'C' template template0")
	t.Cleanup(func() { server.MustExec("drop database " + name + " with (force)") })
	at.Path = "/" + name
	s, there := sqltest.Open(t, at.String()), sqltest.DB(t, at.String())
	f := &fixture{T: t, ctx: t.Context(), url: at.String(), s: s, db: there}
	f.must(f.s.Migrate(f.ctx, sql.MigrateOptions{SampleSchema: true}))
	f.save(payins(4)...)
	run, l := f.open(nightly("a"))
	f.judge(l, func(p reconcile.Finding) reconcile.Finding {
		p = verdict(p)
		switch p.Seq {
		case 1:
			p.Answer = `{"status":"успех"}`
		case 2:
			p.Answer, p.Reason = `{"status":"ийгилик, өттү 🙈"}`, reconcile.Words("өттү")
		case 3:
			p.ProviderSubStatus, p.After.SubStatus = "өттү", "өттү"
		}
		return p
	})
	f.settleTwice(l)
	found := f.findings(reconcile.ReportScope{RunID: run.ID})
	equal(f, "free text", []string{found[0].Answer, found[1].Answer, found[1].Reason.String()}, []string{
		`{"status":"успех"}`, db.ASCII(`{"status":"ийгилик, өттү 🙈"}`), `words "өттү"`})
	for i, want := range []reconcile.Outcome{"confirmed", "confirmed", "unverifiable", "confirmed"} {
		equal(f, found[i].PaymentID, found[i].Outcome, want)
	}
	equal(f, "rows", f.count("select count(*) from payins where status = 'success'"), 3)
	f.wantIntact()
}
