package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/highhelp/sandbox"
	"hhrecon/reports/mail/mailtest"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

func TestMain(m *testing.M) {
	if os.Getenv(cronSeconds) != "" {
		config.ParseCron = cronWithSeconds
	}
	if ahead, err := time.ParseDuration(os.Getenv(clockOffset)); err == nil {
		clock = func() time.Time { return time.Now().Add(ahead) }
	}
	if os.Getenv(fastRequeue) != "" {
		service.BatchExpiry, service.RequeueEvery = 7*time.Second, time.Second
	}
	if os.Getenv("GORACE") == "" { // by default, each process sleeps for a second at its end
		if err := os.Setenv("GORACE", "atexit_sleep_ms=10"); err != nil {
			panic(err)
		}
	}
	// Most tests mainly wait for other processes, so many can run in parallel.
	if err := flag.Set("test.parallel", strconv.Itoa(3*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"hhrecon": main})
}

// cronSeconds is the environment variable with which this test binary accepts seconds in cron expressions.
const cronSeconds = "TEST_CRON_SECONDS"

// clockOffset is the environment variable with the offset of the process's clock from the database's clock.
const clockOffset = "TEST_CLOCK_OFFSET"

// fastRequeue is the environment variable with which workers reclaim the batches of expired workers sooner.
const fastRequeue = "TEST_FAST_REQUEUE"

var cronWithSeconds = cron.NewParser(cron.SecondOptional |
	cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse

// TestScripts runs each script of testdata/script with SQLite and PostgreSQL. In addition to testscript's commands,
// scripts can use:
//
//	sandbox N [once] [padded] [still]  starts the sandbox with N sample payins and sets its environment variables;
//	                           still: without payins whose state changes
//	payins                     inserts the merchant's rows of these payins
//	query SQL                  prints a query's rows, with columns joined by |
//	status N COMMAND...        runs a command that must exit with that status
//	slow D                     delays every answer by D
//	decline-all                makes HighHelp decline every open payin
//	says ID STATUS [SUB_STATUS] [AMOUNT]  changes HighHelp's answer about a payin
//	wait-rows N ROWS           waits for N rows; ROWS is a table with a condition: 'payins where status = ''decline'''
//	wait-asked N               waits until HighHelp has received N requests
//	asked NAME                 sets NAME to the number of requests to HighHelp
//	asked-at-most N            fails if HighHelp has received more than N requests
//	wrong-key FILE             writes a key that is not the project's
//	open-payin NAME            sets NAME to a payin that HighHelp confirms
//	alert FILE [ID], tamper FILE   writes an alert to FILE; changes the alert in FILE
//	refuse-success             makes the merchant's table (PostgreSQL) refuse every success
//	forget-all                 makes HighHelp forget all payins
//	touch-payin ID             changes a payin's row, as the merchant's code does
//	waiting-payin NAME         sets NAME to a payin that needs a decision; with -2, -3 and -4 to other payins
//	approval SUM               sets approval in schedules.yaml; for a payment ID, SUM is the payin's larger amount
//	set NAME                   sets NAME to the output of the last command
//	mail-server                starts a mail server and sets its environment variables
//	mail-server-says CODE      sets the mail server's answer to every recipient; 250 means success
//	mails N                    fails if the mail server does not have N messages
//	read-mail N                prints message N as its reader sees it, and saves its attachment
//	job-for ADDRESS...         adds jobs with these recipients to schedules.yaml
//	last-month                 moves all runs to last month; sets FROM and TO to the limits of last month
//	appeal                     increases the paid amount of a confirmed payin at HighHelp
//	copy-database NAME         copies the database, and sets NAME to the copy's URL
//	restore-database NAME      continues with the copy as three days old, and with the merchant's current table
//	old-database               continues with a database of an earlier version, whose open payins HighHelp confirms
//	query-row ID               prints a payin's status, sub-status and settled amount
//	orders                     creates a merchant's table orders with these payins; see script_init_test.go
//	execute FILE               executes the SQL in a file; append FILE LINE adds a line to a file
//	fill-decisions FILE WORD   writes an invalid word into the first empty Decision of a workbook and WORD into the rest
func TestScripts(t *testing.T) {
	t.Parallel()
	dialects, dir, files := []string{"sqlite", "postgres"}, "testdata/script", []string(nil)
	if testing.Short() {
		dialects, dir, files = dialects[:1], "", []string{"testdata/script/night.txt", "testdata/script/held.txt"}
	}
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir: dir, Files: files,
				Condition: func(cond string) (bool, error) {
					return cond == "dialect:"+dialect, nil
				},
				Setup: func(e *testscript.Env) error {
					address := sqltest.SQLiteURL(t)
					user, owner := address, address
					if dialect == "postgres" { // commands connect as the two users that the manual describes
						address = sqltest.PostgresURL(t)
						user, owner = sqltest.TwoUsers(t, address)
					}
					e.Setenv(superuser, address)
					e.Setenv("HHRECON_DATABASE_URL", user)
					e.Setenv("HHRECON_OWNER_DATABASE_URL", owner)
					e.Setenv("GORACE", os.Getenv("GORACE"))
					e.Values[stateKey{}] = &scriptState{}
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"mail-server": startMailServer(t), "mail-server-says": mailServerSays, "mails": mails, "read-mail": readMail(t),
					"job-for": jobFor, "appeal": appeal(t), "last-month": lastMonthCommand(t),
					"copy-database": copyDatabase(t), "restore-database": restoreDatabase(t),
					"says": says, "wait-rows": waitRows(t), "old-database": oldDatabase(t),
					"sandbox": startSandbox, "payins": loadPayins, "query": queryCommand(t), "status": status, "slow": slow,
					"decline-all": declineAll, "wait-asked": waitAsked, "asked": asked, "asked-at-most": askedAtMost,
					"wrong-key": wrongKey, "open-payin": openPayin, "alert": captureAlert, "tamper": tamper,
					"refuse-success": refuseSuccess(t), "forget-all": forgetAll, "touch-payin": touchPayin(t),
					"waiting-payin": waitingPayin(t, 0), "waiting-payin-2": waitingPayin(t, 1),
					"waiting-payin-3": waitingPayin(t, 2), "waiting-payin-4": waitingPayin(t, 3),
					"approval": approval(t), "set": func(ts *testscript.TestScript, _ bool, args []string) {
						ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
					},
					"query-row": queryRow(t), "fill-decisions": fillDecisions, "orders": orders(t), "execute": execute(t),
					"append": appendLine,
				},
			})
		})
	}
}

// scriptState is a script's sandbox, samples and mail server.
type scriptState struct {
	mailServer *mailtest.Server
	box        *sandbox.Sandbox
	samples    []sandbox.Sample
}

type stateKey struct{}

func stateOf(ts *testscript.TestScript) *scriptState { return ts.Value(stateKey{}).(*scriptState) }

func startSandbox(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(writeKeys(ts.MkAbs("keys")))
	project, err := (&sandboxCmd{Project: demoProject, Keys: ts.MkAbs("keys")}).project()
	ts.Check(err)
	if slices.Contains(args, "once") {
		project.Signature.Digest = "once"
	}
	project.Signature.Padding = slices.Contains(args, "padded")
	box, err := sandbox.New(sandbox.Options{Projects: []sandbox.Project{project}})
	ts.Check(err)
	samples := sandbox.Samples(n, 1, demoProject, time.Now())
	if slices.Contains(args, "still") {
		samples = slices.DeleteFunc(samples, func(s sandbox.Sample) bool {
			return s.Gateway != nil && (s.Gateway.Status == "processing" || len(s.Gateway.Steps) > 0)
		})
	}
	ts.Check(box.Load(samples))
	*stateOf(ts) = scriptState{box: box, samples: samples, mailServer: stateOf(ts).mailServer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { box.ServeHTTP(w, r) }))
	ts.Defer(func() { box.Close(); server.Close() })
	ts.Setenv("HHRECON_API_URL", server.URL)
	ts.Setenv("HHRECON_PROJECT_ID", demoProject)
	ts.Setenv("HHRECON_PRIVATE_KEY_FILE", ts.MkAbs("keys/private_key.pem"))
	ts.Check(os.WriteFile(ts.MkAbs("schedules.yaml"), fmt.Appendf(nil,
		"timezone: Asia/Bishkek\nprojects:\n  - id: %s\n    rate: 2000\n    attempt_timeout: 1s\n    payin_timeout: 1s\n  "+
			"  recheck: 720h\n    hold_above: {count: 100}\n", demoProject), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("alert_key.pem"), []byte(ts.ReadFile("keys/alert_key.pem")), 0o600))
	for _, sample := range samples {
		if sample.Outcome == "confirmed" && !sample.Merchant.Final() {
			ts.Setenv("CONFIRMED", sample.Merchant.PaymentID)
			break
		}
	}
}

func loadPayins(ts *testscript.TestScript, _ bool, _ []string) {
	ctx := context.Background()
	store, err := sql.Open(ctx, superuserOf(ts), sql.Options{})
	ts.Check(err)
	defer store.Close()
	_, err = store.SavePayins(ctx, merchantRows(stateOf(ts).samples))
	ts.Check(err)
}

type command = func(*testscript.TestScript, bool, []string)

func queryCommand(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) { showRows(t, ts, args[0]) }
}

func queryRow(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		showRows(t, ts, "select status, sub_status, settled_amount from payins where payment_id = '"+args[0]+"'")
	}
}

func touchPayin(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		_, err := sqltest.DB(t, superuserOf(ts)).Exec(
			"update payins set status = 'processing', updated_at = '2026-01-01T00:00:00.000000Z' where payment_id = '" +
				args[0] + "'")
		ts.Check(err)
	}
}

func refuseSuccess(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, _ []string) {
		_, err := sqltest.DB(t, superuserOf(ts)).Exec(`
			create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no credit today'; end $$;
			create trigger refuse before update on payins for each row when (new.status = 'success') execute function refuse()`)
		ts.Check(err)
	}
}

func forgetAll(ts *testscript.TestScript, _ bool, _ []string) {
	stateOf(ts).box.ClearFaults()
	ts.Check(stateOf(ts).box.Inject(sandbox.Fault{Name: "forget"}))
}

func waitingPayin(t *testing.T, skip int) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		var id string
		ts.Check(sqltest.DB(t, superuserOf(ts)).Get(&id, `select payment_id from hhrecon_finding
			where outcome = 'different_amount' and provider_status = 'success' and correction = 'applied'
				order by seq limit 1 offset `+strconv.Itoa(skip)))
		ts.Setenv(args[0], id)
	}
}

func fillDecisions(ts *testscript.TestScript, _ bool, args []string) {
	book, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { _ = book.Close() }()
	const sheet = "Different amounts"
	rows, err := book.GetRows(sheet)
	ts.Check(err)
	heading := slices.IndexFunc(rows, func(row []string) bool { return slices.Contains(row, "Decision") })
	column := slices.Index(rows[heading], "Decision")
	word := "perhaps" // this word is not a valid decision
	for i, row := range rows[heading+1:] {
		if column < len(row) && row[column] != "" {
			continue // this row needs no decision
		}
		cell, err := excelize.CoordinatesToCellName(column+1, heading+i+2)
		ts.Check(err)
		ts.Check(book.SetCellStr(sheet, cell, word))
		word = args[1]
	}
	ts.Check(book.Save())
}

func showRows(t *testing.T, ts *testscript.TestScript, query string) {
	rows, err := sqltest.DB(t, superuserOf(ts)).Queryx(query)
	ts.Check(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		values, err := rows.SliceScan()
		ts.Check(err)
		for i, value := range values {
			if raw, ok := value.([]byte); ok {
				value = string(raw)
			}
			if i > 0 {
				fmt.Fprint(ts.Stdout(), "|")
			}
			fmt.Fprint(ts.Stdout(), value)
		}
		fmt.Fprintln(ts.Stdout())
	}
	ts.Check(rows.Err())
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if (got == want) == neg {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func slow(ts *testscript.TestScript, _ bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	box := stateOf(ts).box
	box.ClearFaults()
	for _, s := range stateOf(ts).samples {
		if s.Fault != nil {
			ts.Check(box.Inject(*s.Fault))
		}
	}
	if d > 0 {
		ts.Check(box.Inject(sandbox.Fault{Name: "delay", Delay: d}))
	}
}

func declineAll(ts *testscript.TestScript, _ bool, _ []string) {
	for _, s := range stateOf(ts).samples {
		if s.Gateway != nil && !s.Merchant.Final() {
			declined := *s.Gateway
			declined.Status, declined.SubStatus, declined.Steps = "decline", "", nil
			ts.Check(stateOf(ts).box.Put(declined))
		}
	}
}

func waitAsked(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(time.Minute); stateOf(ts).box.Stats().Total < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("only %d requests", stateOf(ts).box.Stats().Total)
		}
	}
}

func asked(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strconv.Itoa(stateOf(ts).box.Stats().Total))
}

func askedAtMost(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	if total := stateOf(ts).box.Stats().Total; total > n {
		ts.Fatalf("%d requests", total)
	}
}

func wrongKey(ts *testscript.TestScript, _ bool, args []string) {
	_, err := keyPair(ts.MkAbs("."), args[0], args[0]+".pub")
	ts.Check(err)
}

func openPayin(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], ts.Getenv("CONFIRMED"))
}

func captureAlert(ts *testscript.TestScript, _ bool, args []string) {
	p, ok := stateOf(ts).box.Payin(demoProject, append(args, ts.Getenv("CONFIRMED"))[1])
	if !ok {
		ts.Fatalf("the sandbox does not have the payin")
	}
	body, header, err := stateOf(ts).box.Alert(p)
	ts.Check(err)
	var capture bytes.Buffer
	ts.Check(header.Write(&capture))
	fmt.Fprintf(&capture, "\r\n%s", body)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), capture.Bytes(), 0o600))
}

func tamper(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.Replace(ts.ReadFile(args[0]), `"success"`, `"decline"`, 1)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func approval(t *testing.T) command {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		sum, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			ts.Check(sqltest.DB(t, superuserOf(ts)).Get(&sum, `select max(case when amount > merchant_amount
				then amount else merchant_amount end) from hhrecon_finding where payment_id = '`+args[0]+"'"))
		}
		text, _, _ := strings.Cut(ts.ReadFile("schedules.yaml"), "    approval:")
		text += fmt.Sprintf("    approval: {above: %d}\n", sum)
		ts.Check(os.WriteFile(ts.MkAbs("schedules.yaml"), []byte(text), 0o600))
	}
}
