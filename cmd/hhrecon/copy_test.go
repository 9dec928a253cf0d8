package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"hhrecon/cmd/hhrecon/actions"
	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// superuser is the environment variable with the database's URL for the superuser.
const superuser = "TEST_DATABASE_URL"

// superuserOf returns the URL with which the superuser connects to the script's database.
func superuserOf(ts *testscript.TestScript) string {
	address := ts.Getenv("HHRECON_DATABASE_URL")
	own, err := url.Parse(address)
	ts.Check(err)
	all, err := url.Parse(ts.Getenv(superuser))
	ts.Check(err)
	if own.Scheme == "sqlite" {
		return address
	}
	own.User = all.User
	return own.String()
}

// copyDatabase copies the script's database, as an administrator does for a staging system or a backup. copyDatabase
// sets a variable to the URL of the copy.
func copyDatabase(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		from := superuserOf(ts)
		ts.Setenv(args[0], copyOf(t, from, ts.MkAbs(args[0]+".sqlite")))
	}
}

func copyOf(t *testing.T, from, file string) string {
	t.Helper()
	if strings.HasPrefix(from, "sqlite:") {
		sqltest.DB(t, from).MustExec("vacuum into '" + file + "'")
		return "sqlite:" + file
	}
	at, err := url.Parse(from)
	must(t, err)
	was := strings.TrimPrefix(at.Path, "/")
	name := fmt.Sprintf("%s_%d", was, time.Now().UnixNano())
	at.Path = "/postgres"
	server := sqltest.DB(t, at.String())
	server.MustExec("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + was + "'")
	server.MustExec("create database " + name + " template " + was)
	t.Cleanup(func() { server.MustExec("drop database " + name + " with (force)") })
	at.Path = "/" + name
	return at.String()
}

// restoreDatabase replaces the database with a copy that is three days old, but keeps the merchant's current table. The
// rows that changed since the copy have yesterday's timestamp.
func restoreDatabase(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		before := time.Now().AddDate(0, 0, -3).UTC().Format(time.RFC3339)
		yesterday := time.Now().AddDate(0, 0, -1).UTC().Format("2006-01-02T15:04:05.000000Z")
		to := sqltest.DB(t, ts.Getenv(args[0]))
		_, err := to.Exec("update hhrecon_run set started_at = '" + before[:19] + ".000000Z'")
		ts.Check(err)
		var rows []struct {
			PaymentID string `db:"payment_id"`
			Status    string
			SubStatus *string `db:"sub_status"`
			Settled   *int64  `db:"settled_amount"`
		}
		ts.Check(sqltest.DB(t, superuserOf(ts)).Select(&rows,
			"select payment_id, status, sub_status, settled_amount from payins"))
		for _, r := range rows {
			_, err := to.Exec(to.Rebind("update payins set status = ?, sub_status = ?, settled_amount = ?, updated_at = ? "+
				"where payment_id = ? and status <> ?"), r.Status, r.SubStatus, r.Settled, yesterday, r.PaymentID, r.Status)
			ts.Check(err)
		}
		ts.Setenv("HHRECON_DATABASE_URL", ts.Getenv(args[0]))
	}
}

// oldDatabase replaces the script's database with a database of an earlier version, which has only one user. The payins
// are two hours old, and HighHelp confirms the open ones.
func oldDatabase(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, _ []string) {
		address, dialect := sqltest.EmptySQLiteURL, "sqlite"
		if !strings.HasPrefix(ts.Getenv(superuser), "sqlite:") {
			address, dialect = sqltest.EmptyPostgresURL, "postgres"
		}
		ts.Setenv("HHRECON_DATABASE_URL", address(t))
		ts.Setenv("HHRECON_OWNER_DATABASE_URL", "")
		dump, err := os.ReadFile("../../sql/testdata/version1." + dialect + ".sql")
		ts.Check(err)
		db, created := sqltest.DB(t, superuserOf(ts)), time.Now().Add(-2*time.Hour).UTC()
		db.MustExec(string(dump))
		db.MustExec("update payins set created_at = '" + created.Format("2006-01-02T15:04:05.000000Z") + "'")
		var open []string
		ts.Check(db.Select(&open, "select payment_id from payins where status not in ('success', 'decline')"))
		for _, id := range open {
			ts.Check(stateOf(ts).box.Put(sandbox.Payin{ProjectID: demoProject, PaymentID: id, Amount: 5000,
				Status: "success", Lifetime: 300, CreatedAt: created}))
		}
	}
}

// TestServeCopy runs the service on a database that is marked as a copy. The service must only show the page to users
// who sign in. The service must not send a request or change a table.
func TestServeCopy(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, original string) {
		samples := limitUnreachable(sandbox.Samples(60, 1, demoProject, time.Now()))
		s := newFixture(t, longTimeouts+", alert_public_key_file: keys/alert_key.pem", samples)
		s.jobs(`name: nightly, cron: "* * * * * *", do: reconcile`)
		s.start(original, "migrate").wantStatus(exitOK)
		s.load(original)
		s.start(original, "run", "--no-email").wantStatus(exitOK, exitUntrusted)
		const password = "a long enough passphrase"
		u := reconcile.User{Name: "Aida", Role: reconcile.RoleAdmin}
		store := sqltest.Open(t, original)
		must(t, auditlog.AddUser(t.Context(), store, actions.SystemUser(), u, password))
		must(t, store.Close()) // PostgreSQL only copies a database without connections
		address := copyOf(t, original, filepath.Join(t.TempDir(), "copy.sqlite"))
		s.start(address, "serve", "--listen", "127.0.0.1:0").wantStatus(exitUsage).wantOutput("hhrecon adopt --as copy")
		s.start(address, "adopt", "--as", "copy").wantStatus(exitOK)
		db, asked := sqltest.DB(t, address), s.requestCount()
		before := rowsOf(t, db)

		p, page := s.serve(address)
		p.wantOutput("only the page is served, because the database is a copy")
		jar, err := cookiejar.New(nil)
		must(t, err)
		client := &http.Client{Jar: jar, Timeout: waitLimit}
		post := func(path string, form url.Values) (int, string) {
			response, err := client.PostForm(page+path, form)
			must(t, err)
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			must(t, err)
			return response.StatusCode, string(text)
		}
		status, text := post("/signin", url.Values{"name": {"Aida"}, "password": {password}})
		if status != http.StatusOK || !strings.Contains(text, "Aida") {
			t.Errorf("signing in: status %d: %s", status, text)
		}
		seesCopy(t, client, page)
		status, text = post("/launch", url.Values{"project": {demoProject}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, "this database was declared a copy") {
			t.Errorf("a run: status %d: %s", status, text)
		}
		status, text = post("/runs/1/send", url.Values{})
		if status != http.StatusConflict || !strings.Contains(text, "this database was declared a copy") {
			t.Errorf("sending a report again: status %d: %s", status, text)
		}
		var waits struct {
			Seq string
			ID  string `db:"payment_id"`
		}
		must(t, db.Get(&waits, `select cast(seq as varchar(9)) as seq, payment_id from hhrecon_finding
			where outcome = 'different_amount' and provider_status = 'success' and correction = 'applied' order by seq limit 1`))
		status, text = post("/payin/decide", url.Values{
			"project": {demoProject}, "id": {waits.ID}, "run": {"1"}, "seq": {waits.Seq}, "choice": {"accept"}, "note": {"why"},
		})
		if status != http.StatusBadGateway || !strings.Contains(text, "this database was declared a copy") {
			t.Errorf("a decision: status %d: %s", status, text)
		}
		payin, _ := s.box.Payin(demoProject, s.samples[0].Merchant.PaymentID)
		alert := s.newAlert(payin)
		request, err := http.NewRequest(http.MethodPost, page+"/alerts/"+demoProject, strings.NewReader(string(alert.body)))
		must(t, err)
		request.Header = alert.header
		response, err := client.Do(request)
		must(t, err)
		must(t, response.Body.Close())
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("an alert: status %d", response.StatusCode)
		}
		must(t, p.cmd.Process.Signal(syscall.SIGTERM))
		p.wantStatus(exitOK)
		if after := rowsOf(t, db); after != before {
			t.Errorf("rows of tables before:\n%s\nafter:\n%s", before, after)
		}
		if got := s.requestCount(); got != asked {
			t.Errorf("HighHelp received %d more requests", got-asked)
		}
	})
}

// seesCopy checks that each page shows that the database is a copy.
func seesCopy(t *testing.T, client *http.Client, page string) {
	t.Helper()
	for _, path := range []string{"/", "/runs", "/runs/1", "/runs/1/workbook", "/waiting", "/deliveries"} {
		response, err := client.Get(page + path)
		must(t, err)
		text, err := io.ReadAll(response.Body)
		must(t, errors.Join(err, response.Body.Close()))
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
		if !strings.HasSuffix(path, "workbook") && !strings.Contains(string(text), "This database is a copy") {
			t.Errorf("%s does not say that the database is a copy", path)
		}
	}
}

// rowsOf returns the number of rows in each table that a service writes.
func rowsOf(t *testing.T, db *sqltest.Database) string {
	t.Helper()
	var text strings.Builder
	for _, table := range []string{"run", "action", "alert", "delivery", "due", "finding", "report", "session", "user"} {
		fmt.Fprintln(&text, table, queryCount(t, db, "select count(*) from hhrecon_"+table))
	}
	return text.String()
}
