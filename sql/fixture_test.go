package sql_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

const project = "57aff4db-b45d-42bf-bc5f-b7a499a01782"

var (
	midnight = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	window   = reconcile.Window{From: midnight, To: midnight.Add(24 * time.Hour)}
	closing  = midnight.Add(30 * time.Hour)
	acting   = midnight.Add(40 * time.Hour)
)

func alive(reconcile.Run) bool { return false }
func dead(reconcile.Run) bool  { return true }

func owner(token string) reconcile.Owner {
	return reconcile.Owner{Token: token, Host: "host", PID: 42, Process: "boot:pid/1"}
}

// fixture is a store with a direct connection to its database.
type fixture struct {
	*testing.T
	ctx context.Context
	url string
	s   *sql.Store
	db  *sqlx.DB

	disarmed bool // the triggers of the audit log were removed
}

// conform runs a test on PostgreSQL and on SQLite.
func conform(t *testing.T, test func(f *fixture)) {
	t.Helper()
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		t.Parallel()
		test(&fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)})
	})
}

func (f *fixture) postgres() bool { return f.db.DriverName() == "postgres" }

// must ends the test if err is not nil.
func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// do executes a statement directly in the database.
func (f *fixture) do(statement string, values ...any) {
	f.Helper()
	_, err := f.db.Exec(f.db.Rebind(statement), values...)
	f.must(err)
}

// tamper changes the audit log like a user who can remove the log's triggers. The triggers stay removed.
func (f *fixture) tamper(statement string, values ...any) {
	f.Helper()
	for _, table := range []string{"hhrecon_finding", "hhrecon_action"} {
		switch {
		case f.disarmed:
		case f.postgres():
			all := []string{}
			f.must(f.db.Select(&all, "select cast(relid as text) from pg_partition_tree('"+table+"')"))
			for _, one := range append(all, table) {
				f.do("alter table " + one + " disable trigger user")
			}
		default:
			f.do("drop trigger " + table + "_unchanged")
			f.do("drop trigger " + table + "_kept")
		}
	}
	f.disarmed = true
	f.do(statement, values...)
}

// count executes a query directly in the database, and returns the number.
func (f *fixture) count(statement string, values ...any) int {
	f.Helper()
	var n int
	f.must(f.db.Get(&n, f.db.Rebind(statement), values...))
	return n
}

func (f *fixture) word(statement string, values ...any) string {
	f.Helper()
	var s string
	f.must(f.db.Get(&s, f.db.Rebind(statement), values...))
	return s
}

// payin returns the nth payin of the time window, with an open status.
func payin(n int) reconcile.Payin {
	at := midnight.Add(time.Duration(n) * time.Second)
	return reconcile.Payin{
		ProjectID: project, PaymentID: fmt.Sprintf("payin-%04d", n), Amount: int64(1000 + n), Currency: "KGS",
		Status: "pending", CreatedAt: at, UpdatedAt: at,
	}
}

func payins(n int) []reconcile.Payin {
	some := make([]reconcile.Payin, n)
	for i := range some {
		some[i] = payin(i)
	}
	return some
}

func (f *fixture) save(some ...reconcile.Payin) {
	f.Helper()
	_, err := f.s.SavePayins(f.ctx, slices.Values(some))
	f.must(err)
}

// nightly returns a run over all open payins of the time window.
func nightly(token string) reconcile.NewRun {
	return reconcile.NewRun{
		Project: reconcile.DefaultProject(project), Owner: owner(token), StartedAt: window.To, Expired: alive,
		Request: reconcile.Request{Selection: reconcile.Selection{Window: window, Whole: true}},
	}
}

func (f *fixture) open(n reconcile.NewRun) (reconcile.Run, reconcile.Lease) {
	f.Helper()
	run, err := f.s.OpenRun(f.ctx, n)
	f.must(err)
	return run, lease(run)
}

func lease(run reconcile.Run) reconcile.Lease {
	return reconcile.Lease{RunID: run.ID, ProjectID: run.ProjectID, Token: run.Owner.Token}
}

// verdict returns the verdict on a payin that HighHelp reports as successful with the row's amount.
func verdict(p reconcile.Finding) reconcile.Finding {
	p.InitialAmount, p.OldAmount, p.PaidAmount = p.Amount, p.Amount, p.Amount
	p.ProviderStatus, p.RequestID, p.Answer = "success", "req-"+p.PaymentID, `{"status":"success"}`
	p.Outcome, p.Result = reconcile.Confirmed, reconcile.ResultAnswered
	p.Reason, p.CheckedAt = reconcile.Words("Paid as asked."), closing
	p.After = reconcile.State{Status: "success", SettledAmount: p.Amount}
	p.Changes = true
	return p
}

// unchanged returns a verdict that does not change the payin's row.
func unchanged(p reconcile.Finding) reconcile.Finding {
	p = verdict(p)
	p.Outcome, p.ProviderStatus, p.Changes = reconcile.Pending, "processing", false
	p.Reason = reconcile.Words("Still under way.")
	p.After = reconcile.State{Status: p.Status, SubStatus: p.SubStatus, SettledAmount: p.SettledAmount}
	return p
}

// declined returns a verdict with a harmful correction, because HighHelp declined the payin.
func declined(p reconcile.Finding) reconcile.Finding {
	p = verdict(p)
	p.Outcome, p.ProviderStatus, p.Harmful = reconcile.Declined, "decline", true
	p.Reason = reconcile.Words("HighHelp declined this payin.")
	p.InitialAmount, p.OldAmount, p.PaidAmount = 0, 0, 0
	p.After = reconcile.State{Status: "decline", SubStatus: "canceled"}
	return p
}

// judge saves a verdict for each open payin of the run.
func (f *fixture) judge(l reconcile.Lease, how func(reconcile.Finding) reconcile.Finding) []reconcile.Finding {
	f.Helper()
	all, err := f.s.UnjudgedPayins(f.ctx, l.RunID, reconcile.Span{}, 1_000_000)
	f.must(err)
	for i := range all {
		all[i] = how(all[i])
	}
	f.must(f.s.SaveVerdicts(f.ctx, l, all))
	return all
}

// settleAll settles all verdicts and returns their number. The first transaction settles three verdicts, and each
// further transaction twice as many.
func (f *fixture) settleAll(l reconcile.Lease, mode reconcile.Correction) int {
	f.Helper()
	for all, most := 0, 3; ; most = min(2*most, 500) {
		n, _, err := f.s.Settle(f.ctx, l, mode, closing, 0, most)
		f.must(err)
		if n == 0 {
			return all
		}
		all += n
	}
}

// end summarises the run's verdicts, settles them and closes the run.
func (f *fixture) end(l reconcile.Lease, mode reconcile.Correction) reconcile.Run {
	f.Helper()
	w, err := f.s.Summarise(f.ctx, l.RunID, time.Time{}, false)
	f.must(err)
	note := ""
	if mode == reconcile.CorrectionHeld {
		note = "too many declines"
	}
	f.must(f.s.SaveCorrectionMode(f.ctx, l, mode, w, reconcile.Words(note)))
	f.settleAll(l, mode)
	state := reconcile.Complete
	if mode == reconcile.CorrectionHeld {
		state = reconcile.Held
	}
	run, err := f.s.CloseRun(f.ctx, l, state, closing)
	f.must(err)
	return run
}

func (f *fixture) findings(scope reconcile.ReportScope) []reconcile.Finding {
	scope.Answers = true
	f.Helper()
	var all []reconcile.Finding
	for one, err := range f.s.Findings(f.ctx, scope) {
		f.must(err)
		all = append(all, one)
	}
	return all
}

func (f *fixture) actions(runID int64) []reconcile.Action {
	f.Helper()
	var all []reconcile.Action
	for one, err := range f.s.Actions(f.ctx, runID) {
		f.must(err)
		all = append(all, one)
	}
	return all
}

// dump returns a whole table as text, including nulls.
func (f *fixture) dump(table string) string {
	f.Helper()
	rows, err := f.db.Queryx("select * from " + table + " order by 1, 2") //nolint:sqlclosecheck // closed in a function
	if err != nil {
		f.Fatal(err)
	}
	defer func() { f.must(rows.Close()) }()
	var text strings.Builder
	for rows.Next() {
		values, err := rows.SliceScan()
		f.must(err)
		for _, v := range values {
			if at, ok := v.(time.Time); ok {
				v = at.UTC().Format(time.RFC3339Nano)
			}
			fmt.Fprintf(&text, "%#v ", v)
		}
		text.WriteByte('\n')
	}
	f.must(rows.Err())
	return text.String()
}

func (f *fixture) unresolved(scope reconcile.ReportScope) []string {
	f.Helper()
	var ids []string
	for p, err := range f.s.Unresolved(f.ctx, scope) {
		f.must(err)
		ids = append(ids, p.PaymentID)
	}
	return ids
}

// equal compares two values, and reports both if they differ.
func equal[T any](f *fixture, what string, got, want T) {
	f.Helper()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		f.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// sameAnswers implements AskAgain and returns HighHelp's answers unchanged.
func sameAnswers(_ context.Context, _ reconcile.Rules, findings []reconcile.Finding) ([]reconcile.Finding, error) {
	again := slices.Clone(findings)
	for i := range again {
		again[i].CheckedAt = time.Now()
	}
	return again, nil
}

// sure returns a decision with HighHelp's new answer, which is the same as before.
func sure(r reconcile.Decision) reconcile.Decision {
	r.Finding = reconcile.Finding{Seq: r.Seq, ProviderStatus: "processing"}
	r.Finding.Outcome = reconcile.Pending
	again := r.Finding
	again.CheckedAt = time.Now()
	r.Answer = &again
	return r
}

func (f *fixture) decide(r reconcile.Decision) (reconcile.Action, error) {
	return f.s.ApplyDecision(f.ctx, sure(r))
}

// wholeRun opens, judges and ends a run.
func (f *fixture) wholeRun(mode reconcile.Correction, how func(reconcile.Finding) reconcile.Finding) reconcile.Run {
	f.Helper()
	_, l := f.open(nightly("a"))
	f.judge(l, how)
	return f.end(l, mode)
}
