package sql_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// asked returns the verdict on a payin after HighHelp's given answer. The given amount is the amount that the customer
// paid (A). HighHelp's old amount (O) and initial amount (I) are the row's amount.
func asked(status, sub string, paid int64) func(reconcile.Finding) reconcile.Finding {
	return func(p reconcile.Finding) reconcile.Finding {
		rules := reconcile.DefaultProject(project).Rules(window.To)
		f := verdict(p)
		f.Result = reconcile.ResultNotAsked
		if p.Facts.Fault == "" {
			f.Result, f.Answer = reconcile.ResultAnswered, answerText(p, status, sub, paid)
		}
		again, err := reconcile.Replay(&f, &rules)
		if err != nil {
			panic(err)
		}
		return again
	}
}

func answerText(p reconcile.Finding, status, sub string, paid int64) string {
	return fmt.Sprintf(`{"status":%q,"sub_status":%q,"project_id":%q,"payment_id":%q,"payment_info":`+
		`{"amount":%d,"old_amount":%[6]d,"initial_amount":%[6]d,"currency":"KGS","type":"payin"}}`,
		status, sub, p.ProjectID, p.PaymentID, cmp.Or(paid, p.Amount), p.Amount)
}

// withQueries returns a fixture with the merchant's queries from a folder, without payins.
func withQueries(t *testing.T, url, dir string) *fixture {
	t.Helper()
	s := sqltest.OpenWith(t, url, sql.Options{SQLDir: dir})
	f := &fixture{T: t, ctx: t.Context(), url: url, s: s, db: sqltest.DB(t, url)}
	f.do("delete from payins")
	return f
}

// A row with an invalid value gets a finding that describes the error. Other rows are still judged.
func TestFaultyRowsAreNamed(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		odd := map[string]map[string]string{ // invalid values of the rows, by payin and column
			"payment_id": {"0001": "null", "0002": "''"},
			"amount":     {"0003": "null"}, "currency": {"0004": "null"}, "status": {"0005": "null"},
			"created_at": {"0006": "null"}, "updated_at": {"0007": "null"},
		}
		want := map[string]string{
			"": "fault.duplicate", "payin-0003": "fault.amount", "payin-0004": "fault.currency", "payin-0005": "fault.status",
			"payin-0006": "fault.created_at", "payin-0012": "fault.duplicate",
			"payin-0010": "fault.updated_at", "payin-0011": "fault.created_at",
		}
		if strings.HasPrefix(url, "postgres") {
			odd["updated_at"]["0010"] = "cast('infinity' as timestamptz)"
			want["payin-0011"] = ""
		} else {
			odd["updated_at"]["0010"], odd["created_at"]["0011"] = "datetime('now')", "5"
			odd["amount"]["0014"], want["payin-0014"] = "12.5", "fault.amount"
			odd["settled_amount"], want["payin-0015"] = map[string]string{"0015": "'x'"}, "fault.settled_amount"
			odd["lifetime"], want["payin-0016"] = map[string]string{"0016": "1.5"}, "fault.lifetime"
			odd["sub_status"], want["payin-0017"] = map[string]string{"0017": "x'ff'"}, "fault.text"
		}
		columns, tail, _ := strings.Cut(strings.TrimPrefix(goodOpen, "select "), "\n")
		var list []string
		for _, column := range strings.Split(columns, ", ") {
			expression := "p." + column
			for n, value := range odd[column] {
				expression = "case when p.payment_id = 'payin-" + n + "' then " + value + " else " + expression + " end"
			}
			list = append(list, expression+" as "+column)
		}
		text := "select " + strings.Join(list, ", ") + "\n" + strings.Replace(tail, "from payins", "from payins as p", 1)
		dir := t.TempDir()
		twice := strings.Replace(goodOpen, "where", "where payment_id = 'payin-0012' and", 1)
		write(t, dir, "open_payins.sql", text+" union all "+twice)
		f := withQueries(t, url, dir)
		f.save(payins(18)...)
		run, l := f.open(nightly("a"))
		equal(f, "selected", run.Selected, 17) // two rows without a payment_id have one finding together
		f.judge(l, asked("success", "", 0))
		f.end(l, reconcile.CorrectionApplied)
		faulty := 2 // rows without a payment_id
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			if one.Facts.Fault != "" && one.PaymentID != "" {
				faulty++
			}
			if one.Facts.Fault != want[one.PaymentID] {
				t.Errorf("payin %q: fault %q, want %q", one.PaymentID, one.Facts.Fault, want[one.PaymentID])
			}
			if (one.Outcome == reconcile.Unverifiable) != (one.Facts.Fault != "") || one.Changes == (one.Facts.Fault != "") {
				t.Errorf("payin %q: %s, changes %t", one.PaymentID, one.Outcome, one.Changes)
			}
			rows := map[string]int64{"": 2, "payin-0012": 2}[one.PaymentID]
			if one.Facts.Rows != rows || one.CreatedAt.IsZero() != (one.Facts.Fault == "fault.created_at") {
				t.Errorf("payin %q: %+v, created at %s", one.PaymentID, one.Facts, one.CreatedAt)
			}
			again, err := reconcile.Replay(&one, &run.Rules)
			if err != nil || again.Outcome != one.Outcome {
				t.Errorf("payin %q is judged again as %s (%v)", one.PaymentID, again.Outcome, err)
			}
		}
		// The run did not write one row, because the merchant's query returns a wrong updated_at for that row.
		equal(f, "rows written", f.count("select count(*) from payins where status = 'success'"), 18-faulty-1)
		verified, err := f.s.Verify(f.ctx, project)
		f.must(err)
		equal(f, "audit log", verified.Break, "")
	})
}

// A row with an invalid value is listed as unresolved when it becomes older than the time window, like any other row.
func TestFaultyRowsLeaveTheWindow(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		dir, text := t.TempDir(), strings.Replace(goodOpen, "amount", "nullif(amount, 1001) as amount", 1)
		text = strings.Replace(text, "currency", "nullif(currency, 'KGS') as currency", 1)
		text = strings.Replace(text, ", updated_at", ", nullif(updated_at, created_at) as updated_at", 1)
		twice := strings.Replace(goodOpen, "where", "where amount = 1002 and", 1)
		write(t, dir, "open_payins.sql", text+" union all "+twice)
		f := withQueries(t, url, dir)
		f.save(payins(3)...)
		later := nightly("a")
		later.Selection.Window = reconcile.Window{From: window.To, To: window.To.Add(time.Hour)}
		first := nightly("a")
		first.Selection.Window = reconcile.Window{From: midnight.AddDate(0, 0, -2), To: midnight.AddDate(0, 0, -1)}
		for _, n := range []reconcile.NewRun{first, later} {
			_, l := f.open(n)
			f.end(l, reconcile.CorrectionApplied)
		}
		equal(f, "unresolved", f.unresolved(reconcile.ReportScope{}), []string{"payin-0000", "payin-0001", "payin-0002"})
	})
}

// If another row with the same payment_id has already credited a payin, the payin is not credited again. A second row
// with the same payment_id is not an error in the queries.
func TestTwinOutsideOfTheSelection(t *testing.T) {
	conform(t, func(f *fixture) {
		f.s = f.withQueries([3]string{final, "payment_id, amount",
			"case when payment_id = 'twin' then 'payin-0000' else payment_id end as payment_id, amount"})
		twin := payin(0)
		twin.PaymentID, twin.Status, twin.SettledAmount = "twin", "success", twin.Amount
		f.save(append(payins(3), twin)...)
		run, l := f.open(nightly("a"))
		equal(f, "selected", run.Selected, 3)
		equal(f, "faults", len(run.Queries.Faults), 0)
		f.judge(l, asked("success", "", 0))
		f.end(l, reconcile.CorrectionApplied)
		for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
			want := reconcile.CorrectionApplied
			if one.PaymentID == "payin-0000" {
				want = reconcile.CorrectionRefused
				equal(f, "reason", strings.Contains(one.Reason.String(), "row.twice"), true)
			}
			equal(f, one.PaymentID, one.Correction, want)
		}
		equal(f, "rows written", f.count("select count(*) from payins where status = 'success'"), 3)
	})
}

// A row is treated as a held success until hhrecon or a person writes the row again, or another program changes its
// status.
func TestHeldSuccessIsAFact(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(12)...)
		type judge = func(reconcile.Finding) reconcile.Finding
		execute := func(mode reconcile.Correction, how judge) (reconcile.Run, map[string]bool) {
			f.Helper()
			_, l := f.open(nightly("a"))
			held := make(map[string]bool)
			f.judge(l, func(p reconcile.Finding) reconcile.Finding {
				held[p.PaymentID] = p.Facts.HeldSuccess
				return how(p)
			})
			return f.end(l, mode), held
		}
		only := func(how judge, ids ...string) judge {
			return func(p reconcile.Finding) reconcile.Finding {
				for _, id := range ids {
					if p.PaymentID == "payin-00"+id {
						return how(p)
					}
				}
				return unchanged(p)
			}
		}
		hold := asked("success", "", 500)
		ids := []string{"01", "02", "03", "04", "05", "06", "07", "08"}
		first, held := execute(reconcile.CorrectionApplied, only(hold, ids...))
		equal(f, "before", held["payin-0001"], false)
		second, _ := execute(reconcile.CorrectionHeld, only(hold, "04", "09"))
		action := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: second.ID, By: "a", Note: "b", At: acting}
		action.Ask = sameAnswers
		none := func(reconcile.Action) error { return nil }
		f.must(f.s.Execute(f.ctx, action, none))
		third, _ := execute(reconcile.CorrectionHeld, only(hold, "04", "10"))
		action.Kind, action.RunID = reconcile.ActionDiscard, third.ID
		f.must(f.s.Execute(f.ctx, action, none))
		// Another program removes the other values that the hold wrote.
		f.do("update payins set sub_status = null, settled_amount = null where payment_id in ('payin-0001', 'payin-0008')")
		f.do("update payins set status = 'pending' where payment_id = 'payin-0002'")
		action.Kind, action.RunID, action.PaymentIDs = reconcile.ActionUndo, first.ID, []string{"payin-0003"}
		f.must(f.s.Execute(f.ctx, action, none))
		word := reconcile.DecisionInput{Choice: reconcile.ChoiceKeep, By: "a", Note: "b", At: acting}
		decision, err := reconcile.NewDecision(f.ctx, f.s, project, "payin-0004", word)
		f.must(err)
		again, err := sameAnswers(f.ctx, decision.Rules, []reconcile.Finding{decision.Finding})
		f.must(err)
		decision.Answer = &again[0]
		_, err = f.s.ApplyDecision(f.ctx, decision)
		f.must(err)
		f.do("update payins set sub_status = null where payment_id in ('payin-0004', 'payin-0007')")
		execute(reconcile.CorrectionApplied, func(p reconcile.Finding) reconcile.Finding {
			switch p.PaymentID {
			case "payin-0005": // the row stays a held success
				return asked("dispute", "others", p.Amount)(p)
			case "payin-0006":
				return asked("dispute", "no_payment", p.Amount)(p)
			case "payin-0007": // the verdict writes nothing
				return hold(p)
			}
			return unchanged(p)
		})
		_, held = execute(reconcile.CorrectionApplied, unchanged)
		equal(f, "held successes", held, map[string]bool{
			"payin-0000": false, // the row was never held
			"payin-0001": true,
			"payin-0002": false, // another program changed the row
			"payin-0003": false, // undone
			"payin-0004": false, // decided
			"payin-0005": true,
			"payin-0006": false, // hhrecon wrote the row again
			"payin-0007": true,
			"payin-0008": true,
			"payin-0009": true,  // released
			"payin-0010": false, // discarded
			"payin-0011": false,
		})
		for _, one := range f.findings(reconcile.ReportScope{}) {
			if one.PaymentID == "payin-0008" && !one.Facts.HeldSuccess {
				f.Error("the finding does not have the fact")
			}
		}
	})
}
