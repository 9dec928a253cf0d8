package sql_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// comparedText returns the part of a finding that a corrected report compares with the earlier report.
func comparedText(f *reconcile.Finding) string {
	return fmt.Sprint(f.Outcome, f.Causes, f.Amount, f.InitialAmount, f.OldAmount, f.PaidAmount, f.Currency,
		f.ProviderStatus, "/", f.ProviderSubStatus, f.After)
}

// changes contains answers. Each answer differs from the verdict unchanged in one value.
var changes = []func(reconcile.Finding) reconcile.Finding{
	unchanged,
	unanswered,
	with(func(p *reconcile.Finding) { p.Outcome = reconcile.NotFound }),
	with(func(p *reconcile.Finding) { p.Outcome = reconcile.Unverifiable }),
	with(func(p *reconcile.Finding) { p.Causes = reconcile.CauseAppeal }),
	with(func(p *reconcile.Finding) { p.InitialAmount++ }),
	with(func(p *reconcile.Finding) { p.InitialAmount = 0 }),
	with(func(p *reconcile.Finding) { p.OldAmount++ }),
	with(func(p *reconcile.Finding) { p.PaidAmount++ }),
	with(func(p *reconcile.Finding) { p.ProviderStatus = "success" }),
	with(func(p *reconcile.Finding) { p.ProviderSubStatus = "paid" }),
	with(func(p *reconcile.Finding) { p.After.Status, p.Changes = "processing", true }),
	with(func(p *reconcile.Finding) { p.After.SubStatus, p.Changes = "paid", true }),
	with(func(p *reconcile.Finding) { p.After.SettledAmount, p.Changes = 1, true }),
}

func with(change func(*reconcile.Finding)) func(reconcile.Finding) reconcile.Finding {
	return func(p reconcile.Finding) reconcile.Finding {
		p = unchanged(p)
		change(&p)
		return p
	}
}

// listed returns the findings of a corrected report. listed checks that these findings agree with the report's totals,
// and that no payin is unresolved.
func (f *fixture) listed(s reconcile.ReportScope) []reconcile.Finding {
	f.Helper()
	found := f.findings(s)
	totals, err := f.s.Totals(f.ctx, s)
	f.must(err)
	equal(f, "totals", totals, sum(found))
	equal(f, "unresolved", f.unresolved(s), []string(nil))
	changes := f.changes(s)
	equal(f, "changes", len(changes), len(found))
	for i, c := range changes {
		equal(f, "what it is", []any{c.ProjectID, c.PaymentID, c.Is},
			[]any{found[i].ProjectID, found[i].PaymentID, reportedOf(&found[i])})
	}
	return found
}

func (f *fixture) changes(s reconcile.ReportScope) []reconcile.Change {
	f.Helper()
	var all []reconcile.Change
	for c, err := range f.s.Changes(f.ctx, s) {
		f.must(err)
		all = append(all, c)
	}
	return all
}

// reportedOf returns the part of a finding that a report contains.
func reportedOf(f *reconcile.Finding) reconcile.Reported {
	return reconcile.Reported{
		RunID: f.RunID, Currency: f.Currency, Amount: f.Amount, Outcome: f.Outcome, PaidAmount: f.PaidAmount,
		SettledAmount: f.After.SettledAmount,
	}
}

func TestWhatIsADifference(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(len(changes))...)
		base, _ := f.publish(f.closed(project, 1, unchanged).ID, midnight)
		f.save(payin(len(changes))) // not in the base report
		changes := append(slices.Clone(changes), unchanged)
		change := func(p reconcile.Finding) reconcile.Finding {
			n, err := strconv.Atoi(strings.TrimPrefix(p.PaymentID, "payin-"))
			f.must(err)
			return changes[n](p)
		}
		report, made := f.publish(f.closed(project, 2, change).ID, midnight)
		equal(f, "made", []any{made, report.BaseID}, []any{true, base.ID})
		var got []string
		for _, one := range f.listed(report.Scope) {
			got = append(got, strings.TrimPrefix(one.PaymentID, "payin-00"))
		}
		// Payin 00 is missing because it is unchanged. Payins 01 and 03 are missing because they no longer have an
		// answer.
		equal(f, "differences", strings.Join(got, " "), "02 04 05 06 07 08 09 10 11 12 13 14")

		// A change of the merchant's row is also a difference. A change of other data is not a difference.
		f.do("update payins set currency = 'USD' where payment_id = 'payin-0004'")
		f.do("update payins set amount = amount + 1 where payment_id = 'payin-0005'")
		again := func(p reconcile.Finding) reconcile.Finding {
			p = change(p)
			if p.PaymentID == "payin-0005" { // the other data of the payin is unchanged
				p.InitialAmount, p.OldAmount, p.PaidAmount = p.InitialAmount-1, p.OldAmount-1, p.PaidAmount-1
			}
			p.Reason, p.RequestID, p.Answer, p.CheckedAt = reconcile.Words("Another reason."), "req-2", "{}", acting
			return p
		}
		report, made = f.publish(f.closed(project, 3, again).ID, midnight)
		got = nil
		for _, one := range f.listed(report.Scope) {
			got = append(got, strings.TrimPrefix(one.PaymentID, "payin-00"))
		}
		equal(f, "differences", []any{made, strings.Join(got, " ")}, []any{true, "04 05"})
	})
}

// reportModel computes the contents of a report's versions in Go, to compare with the database.
type reportModel struct {
	versions [][]int64 // the runs that each report version includes
}

func trusted(f *reconcile.Finding) bool { return f.Outcome.Trusted() }

// better reports whether a report shows one finding in preference to another finding.
func better(a, b *reconcile.Finding) bool {
	if trusted(a) != trusted(b) {
		return trusted(a)
	}
	return a.RunID > b.RunID
}

// last returns the latest finding about a payin among some runs.
func last(findings []reconcile.Finding, runs []int64) *reconcile.Finding {
	var latest *reconcile.Finding
	for i := range findings {
		if slices.Contains(runs, findings[i].RunID) && (latest == nil || findings[i].RunID > latest.RunID) {
			latest = &findings[i]
		}
	}
	return latest
}

// reported returns the finding about a payin that readers know from earlier versions, or nil.
func (m *reportModel) reported(findings []reconcile.Finding) *reconcile.Finding {
	var reported *reconcile.Finding
	for _, runs := range m.versions {
		if w := last(findings, runs); w != nil && (reported == nil || better(w, reported)) {
			reported = w
		}
	}
	return reported
}

// newFindings lists the new findings of a report version that includes some runs, in the format run:seq.
func (m *reportModel) newFindings(all map[string][]reconcile.Finding, runs []int64) []string {
	var news []string
	for _, findings := range all {
		latest := last(findings, runs)
		if latest == nil {
			continue
		}
		reported := m.reported(findings)
		if reported == nil || better(latest, reported) && comparedText(latest) != comparedText(reported) {
			news = append(news, fmt.Sprintf("%03d:%03d", latest.RunID, latest.Seq))
		}
	}
	slices.Sort(news)
	return news
}

// Random nightly runs are published, and some runs are published late. The month's report is published several times.
// The corrected reports agree with a simple model in Go.
func TestCorrectionsAgreeWithAPlainAccount(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 25
		f.save(payins(many)...)
		chance := rand.New(rand.NewPCG(20, 26))
		month := reconcile.ReportScope{ProjectID: project,
			Window: reconcile.Window{From: midnight, To: midnight.AddDate(0, 1, 0)}}
		all := make(map[string][]reconcile.Finding) // findings by payin
		runs := []int64{}                           // closed runs
		var daily, monthly reportModel
		var late []int64 // runs that are not published yet
		check := func(what string, m *reportModel, r reconcile.Report, made bool, covers []int64) {
			f.Helper()
			news := m.newFindings(all, covers)
			if len(m.versions) > 0 {
				equal(f, what+": made", made, len(news) > 0)
			}
			if !made {
				return
			}
			equal(f, what+": report version", r.Version, len(m.versions))
			for _, c := range f.changes(r.Scope) {
				var was reconcile.Reported
				if reported := m.reported(all[c.PaymentID]); reported != nil {
					was = reportedOf(reported)
				}
				equal(f, what+": "+c.PaymentID+" was", c.Was, was)
			}
			m.versions = append(m.versions, slices.Clone(covers))
			if r.Version == 0 {
				return
			}
			var got []string
			for _, one := range f.listed(r.Scope) {
				got = append(got, fmt.Sprintf("%03d:%03d", one.RunID, one.Seq))
			}
			equal(f, what+": differences", got, news)
		}
		corrections := 0
		for day := 1; day <= 25; day++ {
			how := func(p reconcile.Finding) reconcile.Finding { return changes[chance.IntN(7)](p) }
			var ids []string
			if day > 1 {
				for n := range many {
					if chance.IntN(4) == 0 {
						ids = append(ids, payin(n).PaymentID)
					}
				}
			}
			run := f.closed(project, day, how, ids...)
			runs, late = append(runs, run.ID), append(late, run.ID)
			for _, one := range f.findings(reconcile.ReportScope{RunID: run.ID}) {
				all[one.PaymentID] = append(all[one.PaymentID], one)
			}
			for len(late) > 0 && (day == 1 || chance.IntN(2) == 0) {
				i := chance.IntN(len(late))
				r, made := f.publish(late[i], midnight)
				check(fmt.Sprint("run ", late[i]), &daily, r, made, []int64{late[i]})
				late = slices.Delete(late, i, i+1)
			}
			if chance.IntN(3) == 0 {
				r, made, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: month, Job: "monthly", Now: acting})
				f.must(err)
				check(fmt.Sprint("month, day ", day), &monthly, r, made, runs)
			}
			if f.Failed() {
				return
			}
			corrections = len(daily.versions) + len(monthly.versions) - 2
		}
		if corrections < 12 {
			f.Errorf("only %d corrections", corrections)
		}
		// Earlier corrected reports do not change.
		var reports []int64
		f.must(f.db.Select(&reports, "select id from hhrecon_report where edition > 0"))
		for _, id := range reports {
			r, err := f.s.Report(f.ctx, id)
			f.must(err)
			if len(f.listed(r.Scope)) == 0 {
				f.Errorf("report %d has become empty", id)
			}
		}
	})
}

func TestCorrectionOfManyPages(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 2345
		f.save(payins(many)...)
		execute := func(day int, how func(reconcile.Finding) reconcile.Finding) int64 {
			n := nightly("a")
			n.StartedAt = midnight.AddDate(0, 0, day)
			_, l := f.open(n)
			f.judge(l, how)
			w, err := f.s.Summarise(f.ctx, l.RunID, time.Time{}, false)
			f.must(err)
			f.must(f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, w, reconcile.Reason{}))
			for settled := 1; settled > 0; {
				settled, _, err = f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 1000)
				f.must(err)
			}
			_, err = f.s.CloseRun(f.ctx, l, reconcile.Complete, closing)
			f.must(err)
			return l.RunID
		}
		f.publish(execute(1, unchanged), midnight)
		report, _ := f.publish(execute(2, mixed), midnight)
		found := f.listed(report.Scope)
		// Of five findings, one is unchanged and one has no answer.
		equal(f, "differences", len(found), many*3/5)
		if !slices.IsSortedFunc(found, func(a, b reconcile.Finding) int { return int(a.Seq - b.Seq) }) {
			f.Error("not in the order of the selection")
		}
	})
}

func TestScopeOfAnotherReport(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		base, _ := f.publish(f.closed(project, 1, unchanged).ID, midnight)
		correction, _ := f.publish(f.closed(project, 2, verdict).ID, midnight)
		good := correction.Scope
		good.ProjectID = ""
		equal(f, "without its project", len(f.listed(good)), 2)
		for what, s := range map[string]reconcile.ReportScope{
			"a base":          {RunID: base.Scope.RunID, Correction: base.ID},
			"another run":     {RunID: base.Scope.RunID, Correction: correction.ID},
			"another project": {RunID: good.RunID, ProjectID: "another", Correction: correction.ID},
			"a period": {Window: reconcile.Window{From: midnight, To: midnight.Add(time.Hour)},
				Correction: correction.ID},
		} {
			_, err := f.s.Totals(f.ctx, s)
			if err == nil || !strings.Contains(err.Error(), "is about another run, project or period") {
				f.Errorf("%s: totals, %v", what, err)
			}
			for _, err = range f.s.Findings(f.ctx, s) {
			}
			if err == nil {
				f.Errorf("%s has findings", what)
			}
		}
		if _, err := f.s.Totals(f.ctx, reconcile.ReportScope{RunID: good.RunID, Correction: 99}); !errors.Is(err,
			reconcile.ErrNoReport) {
			f.Errorf("no report: %v", err)
		}
	})
}
