package sql_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// publish publishes a run's report. If the day of since already has a report, the new report is a corrected
// version of that report.
func (f *fixture) publish(runID int64, since time.Time, recipients ...string) (reconcile.Report, bool) {
	f.Helper()
	r, made, err := f.s.PublishReport(f.ctx, reconcile.Publication{
		Scope: reconcile.ReportScope{RunID: runID}, CorrectSince: since, Recipients: to(recipients...), Now: acting,
	})
	f.must(err)
	return r, made
}

func TestReportOfARun(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		run := f.closed(project, 1, unchanged)
		report, made := f.publish(run.ID, time.Time{}, "Aida@merchant.example/ru", "cfo@merchant.example",
			"aida@MERCHANT.example/ky")
		equal(f, "made", made, true)
		equal(f, "report", report, reconcile.Report{
			ID: report.ID, BaseID: report.ID, Scope: reconcile.ReportScope{RunID: run.ID, ProjectID: project}, MadeAt: acting,
		})
		equal(f, "recipients", f.sentTo(report.ID), "aida@MERCHANT.example/ky cfo@merchant.example/")
		again, made := f.publish(run.ID, time.Time{}, "another@merchant.example")
		equal(f, "again", []any{again, made}, []any{report, false})
		equal(f, "recipients", f.sentTo(report.ID), "aida@MERCHANT.example/ky cfo@merchant.example/")
		read, err := f.s.Report(f.ctx, report.ID)
		f.must(err)
		equal(f, "read", read, report)

		all, err := f.s.Deliveries(f.ctx, reconcile.DeliveryFilter{RunID: run.ID, State: reconcile.DeliveryWaiting, Limit: 1})
		f.must(err)
		d := all[0]
		equal(f, "newest", d, reconcile.Delivery{
			ID: d.ID, Report: report, Recipient: reconcile.Recipient{Address: "cfo@merchant.example"}, MessageID: d.MessageID,
			State: reconcile.DeliveryWaiting, NextAt: acting, MadeAt: acting,
		})
		if id := d.MessageID; !strings.HasPrefix(id, "<") ||
			!strings.HasSuffix(id, fmt.Sprintf(".%d@hhrecon.invalid>", report.ID)) || len(id) < 40 {
			f.Errorf("message id %q", id)
		}
		for what, filter := range map[string]reconcile.DeliveryFilter{
			"another run": {RunID: run.ID + 1}, "another report": {ReportID: report.ID + 1},
			"another state": {State: reconcile.DeliverySent},
		} {
			none, err := f.s.Deliveries(f.ctx, filter)
			f.must(err)
			equal(f, what, len(none), 0)
		}
	})
}

func TestNothingToPublish(t *testing.T) {
	conform(t, func(f *fixture) {
		open, l := f.open(nightly("a"))
		f.end(l, reconcile.CorrectionApplied)
		n := nightly("b")
		n.DryRun = true
		dry, l := f.open(n)
		f.end(l, reconcile.CorrectionDryRun)
		running, _ := f.open(nightly("c"))
		for id, want := range map[int64]error{dry.ID: reconcile.ErrDryRun, running.ID: reconcile.ErrOpenRun,
			99: reconcile.ErrNoRun} {
			_, _, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: reconcile.ReportScope{RunID: id},
				Recipients: to("a@b.example"), Now: acting})
			if !errors.Is(err, want) {
				f.Errorf("run %d: %v, not %v", id, err, want)
			}
			if _, err := f.s.Resend(f.ctx, id, to("a@b.example"), "aida", acting); !errors.Is(err, want) {
				f.Errorf("run %d by hand: %v, not %v", id, err, want)
			}
		}
		if _, _, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: reconcile.ReportScope{RunID: open.ID},
			Recipients: to(" "), Now: acting}); err == nil {
			f.Error("a recipient without an address was accepted")
		}
		equal(f, "reports", f.count("select count(*) from hhrecon_report"), 0)
		if _, err := f.s.Report(f.ctx, 1); !errors.Is(err, reconcile.ErrNoReport) {
			f.Errorf("no report: %v", err)
		}
		// A run without payins is reported, even without recipients.
		report, made := f.publish(open.ID, time.Time{})
		equal(f, "an empty night", []any{made, report.Version, f.sentTo(report.ID)}, []any{true, 0, ""})
	})
}

func TestCorrectionsOfARun(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		other := payin(0)
		other.ProjectID = "another"
		f.save(other)
		f.publish(f.closed("another", 3, unchanged).ID, time.Time{}, "other@merchant.example")
		since := midnight.AddDate(0, 0, 1)

		// There is no base report yet.
		first, made := f.publish(f.closed(project, 1, unchanged).ID, since, "a@merchant.example/ru", "b@merchant.example")
		equal(f, "the base", []any{made, first.Version, first.BaseID}, []any{true, 0, first.ID})

		same, made := f.publish(f.closed(project, 2, unchanged, "payin-0000").ID, since, "c@merchant.example")
		equal(f, "the same", []any{made, same}, []any{false, reconcile.Report{}})
		lost, made := f.publish(f.closed(project, 2, unanswered, "payin-0001").ID, since, "c@merchant.example")
		equal(f, "a missing answer", []any{made, lost}, []any{false, reconcile.Report{}})
		equal(f, "reports", f.count("select count(*) from hhrecon_report where project_id = ?", project), 1)
		equal(f, "covered", f.count("select count(*) from hhrecon_report_run"), 2)

		// The delivery to b has failed, so b gets no corrected reports. The report to recipient a has the language of the
		// latest delivery to a.
		f.do("update hhrecon_delivery set state = 'given_up' where address = 'b@merchant.example'")
		run := f.closed(project, 2, verdict, "payin-0000", "payin-0002")
		second, made := f.publish(run.ID, since, "c@merchant.example", "A@merchant.example/ky")
		equal(f, "a correction", []any{made, second}, []any{true, reconcile.Report{
			ID: second.ID, BaseID: first.ID, Version: 1, MadeAt: acting,
			Scope: reconcile.ReportScope{RunID: run.ID, ProjectID: project, Correction: second.ID},
		}})
		equal(f, "its recipients", f.sentTo(second.ID), "A@merchant.example/ky c@merchant.example/")

		third, made := f.publish(f.closed(project, 3, declined, "payin-0001").ID, since)
		equal(f, "the next", []any{made, third.Version, third.BaseID}, []any{true, 2, first.ID})
		equal(f, "its recipients", f.sentTo(third.ID), "A@merchant.example/ky c@merchant.example/")

		fresh, made := f.publish(f.closed(project, 4, unchanged).ID, time.Time{}, "d@merchant.example")
		equal(f, "a separate night", []any{made, fresh.Version, f.sentTo(fresh.ID)}, []any{true, 0, "d@merchant.example/"})
		late, made := f.publish(f.closed(project, 5, verdict, "payin-0003").ID, since)
		equal(f, "a correction to the latest", []any{made, late.Version, late.BaseID}, []any{true, 1, fresh.ID})
	})
}

func TestBaseIsTooOld(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		first, _ := f.publish(f.closed(project, 1, unchanged).ID, time.Time{})
		second, made := f.publish(f.closed(project, 2, unchanged).ID, midnight.AddDate(0, 0, 1).Add(time.Microsecond))
		equal(f, "a separate base", []any{made, second.Version}, []any{true, 0})
		if first.ID == second.ID {
			f.Error("two runs share a report")
		}
	})
}

func TestReportOfAPeriod(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		month := reconcile.ReportScope{ProjectID: project,
			Window: reconcile.Window{From: midnight, To: midnight.AddDate(0, 1, 0)}}
		publish := func(job string, s reconcile.ReportScope, recipients ...string) (reconcile.Report, bool) {
			f.Helper()
			r, made, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: s, Job: job, Recipients: to(recipients...),
				Now: acting})
			f.must(err)
			return r, made
		}
		f.closed(project, 1, unchanged)
		base, made := publish("month-end", month, "a@merchant.example")
		equal(f, "base", []any{made, base},
			[]any{true, reconcile.Report{ID: base.ID, BaseID: base.ID, Scope: month, Job: "month-end", MadeAt: acting}})
		same, made := publish("month-end", month, "b@merchant.example")
		equal(f, "the same", []any{made, same}, []any{false, base})

		run := f.closed(project, 2, verdict, "payin-0001")
		f.closed(project, 40, verdict, "payin-0002") // outside the period
		second, made := publish("month-end", month, "b@merchant.example")
		want := base
		want.ID, want.Version, want.Scope.Correction = second.ID, 1, second.ID
		equal(f, "a correction", []any{made, second}, []any{true, want})
		equal(f, "its recipients", f.sentTo(second.ID), "a@merchant.example/ b@merchant.example/")
		equal(f, "covered", f.count("select count(*) from hhrecon_report_run where report_id = ?", second.ID), 2)
		equal(f, "covered", f.count("select count(*) from hhrecon_report_run where report_id = ? and run_id = ?", second.ID,
			run.ID), 1)
		same, made = publish("month-end", month)
		equal(f, "the same", []any{made, same}, []any{false, second})

		for what, s := range map[string]reconcile.ReportScope{"all projects": {Window: month.Window},
			"no end": {ProjectID: project, Window: reconcile.Window{From: midnight}}} {
			one, made := publish("month-end", s)
			equal(f, what, []any{made, one.Version, one.Scope}, []any{true, 0, s})
		}
		one, made := publish("audit", month)
		equal(f, "another job", []any{made, one.Version}, []any{true, 0})
	})
}

// If several processes publish the same report, one process creates the report and the other processes read it.
func TestPublishAtOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(20)...)
		first := f.closed(project, 1, unchanged)
		period := reconcile.ReportScope{ProjectID: project,
			Window: reconcile.Window{From: midnight, To: midnight.AddDate(0, 1, 0)}}
		race := func(what string, publications ...reconcile.Publication) []reconcile.Report {
			f.Helper()
			var mu sync.Mutex
			var all sync.WaitGroup
			made, seen := 0, make(map[int64]reconcile.Report)
			for _, a := range publications {
				a.Recipients, a.Now = to("a@merchant.example"), acting
				s := sqltest.Open(f.T, f.url)
				all.Go(func() {
					r, new, err := s.PublishReport(f.ctx, a)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						f.Errorf("%s: %v", what, err)
					}
					if new {
						made++
					}
					seen[r.ID] = r
				})
			}
			all.Wait()
			equal(f, what+": made and seen", []int{made, len(seen)}, []int{len(seen), len(seen)})
			return slices.SortedFunc(maps.Values(seen), func(a, b reconcile.Report) int { return int(a.ID - b.ID) })
		}
		run := reconcile.Publication{Scope: reconcile.ReportScope{RunID: first.ID}}
		base := race("a run", run, run, run, run, run)
		equal(f, "reports of a run", len(base), 1)
		equal(f, "deliveries", f.sentTo(base[0].ID), "a@merchant.example/")
		job := reconcile.Publication{Scope: period, Job: "month-end"}
		equal(f, "reports of a period", len(race("a period", job, job, job, job, job)), 1)

		var later []reconcile.Publication
		for n := range 5 {
			r := f.closed(project, 2, verdict, payin(n).PaymentID)
			a := reconcile.Publication{Scope: reconcile.ReportScope{RunID: r.ID}, CorrectSince: midnight}
			later = append(later, a, a)
		}
		var versions []int
		for _, r := range race("corrections", later...) {
			equal(f, "base", r.BaseID, base[0].ID)
			versions = append(versions, r.Version)
			equal(f, "deliveries", f.sentTo(r.ID), "a@merchant.example/")
		}
		equal(f, "versions", versions, []int{1, 2, 3, 4, 5})
		corrections := race("a period again", job, job, job, job, job)
		equal(f, "corrections of a period", []int{len(corrections), corrections[0].Version}, []int{1, 1})
	})
}

// If a run was opened for publication, it is listed from its end until its report is published.
func TestUnpublished(t *testing.T) {
	conform(t, func(f *fixture) {
		waiting := func() (ids []int64) {
			f.Helper()
			runs, err := f.s.UnpublishedRuns(f.ctx)
			f.must(err)
			for _, run := range runs {
				if !run.Unpublished || run.NoEmail != run.DryRun {
					f.Errorf("run %d is not marked as unpublished", run.ID)
				}
				ids = append(ids, run.ID)
			}
			return ids
		}
		begin := func(dry, publish bool) (reconcile.Run, reconcile.Lease) {
			n := nightly("a")
			n.DryRun, n.Publish = dry, publish
			return f.open(n)
		}
		_, l := begin(false, false)
		f.end(l, reconcile.CorrectionApplied)
		dry, l := begin(true, true)
		f.end(l, reconcile.CorrectionDryRun)
		run, l := begin(false, true)
		equal(f, "unpublished while it runs", len(waiting()), 1)
		f.end(l, reconcile.CorrectionApplied)
		equal(f, "unpublished", fmt.Sprint(waiting()), fmt.Sprint([]int64{dry.ID, run.ID}))
		for _, id := range []int64{dry.ID, run.ID, run.ID} {
			f.must(f.s.MarkPublished(f.ctx, id))
		}
		equal(f, "unpublished in the end", len(waiting()), 0)
	})
}
