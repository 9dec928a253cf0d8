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

// closed is a closed run on a day, over the named payins or all.
func (f *fixture) closed(of string, day int, how func(reconcile.Finding) reconcile.Finding,
	ids ...string) reconcile.Run {
	f.Helper()
	n := nightly("a")
	n.Project.ID, n.StartedAt = of, midnight.AddDate(0, 0, day)
	n.Selection.PaymentIDs, n.Selection.Whole = ids, false
	_, l := f.open(n)
	f.judge(l, how)
	return f.end(l, reconcile.CorrectionApplied)
}

// silent is a payin without an answer.
func silent(p reconcile.Finding) reconcile.Finding {
	p = unchanged(p)
	return reconcile.Finding{
		Seq: p.Seq, Payin: p.Payin, Verdict: reconcile.Verdict{Outcome: reconcile.Unreachable, After: p.After},
		Result: reconcile.ResultUnreachable, Reason: reconcile.Words("No usable answer."), CheckedAt: closing,
	}
}

// to lists recipients, each as address or address/language.
func to(some ...string) []reconcile.Recipient {
	list := make([]reconcile.Recipient, len(some))
	for i, s := range some {
		list[i].Address, list[i].Language, _ = strings.Cut(s, "/")
	}
	return list
}

// announce announces a run, as a correction to a base since the beginning where later is set.
func (f *fixture) announce(runID int64, since time.Time, recipients ...string) (reconcile.Report, bool) {
	f.Helper()
	r, made, err := f.s.PublishReport(f.ctx, reconcile.Publication{
		Scope: reconcile.ReportScope{RunID: runID}, CorrectSince: since, Recipients: to(recipients...), Now: acting,
	})
	f.must(err)
	return r, made
}

// sentTo lists who a report is to be sent to.
func (f *fixture) sentTo(reportID int64) string {
	f.Helper()
	all, err := f.s.Deliveries(f.ctx, reconcile.DeliveryFilter{ReportID: reportID})
	f.must(err)
	var some []string
	for _, d := range slices.Backward(all) {
		if d.Report.ID != reportID {
			f.Errorf("delivery %d has report %d, not %d", d.ID, d.Report.ID, reportID)
		}
		some = append(some, d.Recipient.Address+"/"+d.Recipient.Language)
	}
	return strings.Join(some, " ")
}

// take claims the next delivery.
func (f *fixture) take(token string, now time.Time) (reconcile.Delivery, bool) {
	f.Helper()
	d, found, err := f.s.NextDelivery(f.ctx, owner(token), now, ownerAlive)
	f.must(err)
	return d, found
}

func TestReportOfARun(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		run := f.closed(project, 1, unchanged)
		report, made := f.announce(run.ID, time.Time{}, "Aida@merchant.example/ru", "cfo@merchant.example",
			"aida@MERCHANT.example/ky")
		equal(f, "made", made, true)
		equal(f, "report", report, reconcile.Report{
			ID: report.ID, BaseID: report.ID, Scope: reconcile.ReportScope{RunID: run.ID, ProjectID: project}, MadeAt: acting,
		})
		equal(f, "recipients", f.sentTo(report.ID), "aida@MERCHANT.example/ky cfo@merchant.example/")
		again, made := f.announce(run.ID, time.Time{}, "another@merchant.example")
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

func TestNothingToAnnounce(t *testing.T) {
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
			f.Error("a recipient without an address was taken")
		}
		equal(f, "reports", f.count("select count(*) from hhrecon_report"), 0)
		if _, err := f.s.Report(f.ctx, 1); !errors.Is(err, reconcile.ErrNoReport) {
			f.Errorf("no report: %v", err)
		}
		// An empty night is news, and a report without recipients is made all the same.
		report, made := f.announce(open.ID, time.Time{})
		equal(f, "an empty night", []any{made, report.Version, f.sentTo(report.ID)}, []any{true, 0, ""})
	})
}

func TestCorrectionsOfARun(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(4)...)
		other := payin(0)
		other.ProjectID = "another"
		f.save(other)
		f.announce(f.closed("another", 3, unchanged).ID, time.Time{}, "other@merchant.example")
		since := midnight.AddDate(0, 0, 1)

		// there is no base yet
		first, made := f.announce(f.closed(project, 1, unchanged).ID, since, "a@merchant.example/ru", "b@merchant.example")
		equal(f, "the base", []any{made, first.Version, first.BaseID}, []any{true, 0, first.ID})

		same, made := f.announce(f.closed(project, 2, unchanged, "payin-0000").ID, since, "c@merchant.example")
		equal(f, "the same", []any{made, same}, []any{false, reconcile.Report{}})
		lost, made := f.announce(f.closed(project, 2, silent, "payin-0001").ID, since, "c@merchant.example")
		equal(f, "a missing answer", []any{made, lost}, []any{false, reconcile.Report{}})
		equal(f, "reports", f.count("select count(*) from hhrecon_report where project_id = ?", project), 1)
		equal(f, "covered", f.count("select count(*) from hhrecon_report_run"), 2)

		// B's delivery is given up, so b gets no corrections; a's language is the newest.
		f.do("update hhrecon_delivery set state = 'given_up' where address = 'b@merchant.example'")
		run := f.closed(project, 2, verdict, "payin-0000", "payin-0002")
		second, made := f.announce(run.ID, since, "c@merchant.example", "A@merchant.example/ky")
		equal(f, "a correction", []any{made, second}, []any{true, reconcile.Report{
			ID: second.ID, BaseID: first.ID, Version: 1, MadeAt: acting,
			Scope: reconcile.ReportScope{RunID: run.ID, ProjectID: project, Correction: second.ID},
		}})
		equal(f, "its recipients", f.sentTo(second.ID), "A@merchant.example/ky c@merchant.example/")

		third, made := f.announce(f.closed(project, 3, declined, "payin-0001").ID, since)
		equal(f, "the next", []any{made, third.Version, third.BaseID}, []any{true, 2, first.ID})
		equal(f, "its recipients", f.sentTo(third.ID), "A@merchant.example/ky c@merchant.example/")

		fresh, made := f.announce(f.closed(project, 4, unchanged).ID, time.Time{}, "d@merchant.example")
		equal(f, "a night of its own", []any{made, fresh.Version, f.sentTo(fresh.ID)}, []any{true, 0, "d@merchant.example/"})
		late, made := f.announce(f.closed(project, 5, verdict, "payin-0003").ID, since)
		equal(f, "a correction to the latest", []any{made, late.Version, late.BaseID}, []any{true, 1, fresh.ID})
	})
}

func TestBaseIsTooOld(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		first, _ := f.announce(f.closed(project, 1, unchanged).ID, time.Time{})
		second, made := f.announce(f.closed(project, 2, unchanged).ID, midnight.AddDate(0, 0, 1).Add(time.Microsecond))
		equal(f, "a base of its own", []any{made, second.Version}, []any{true, 0})
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
		announce := func(job string, s reconcile.ReportScope, recipients ...string) (reconcile.Report, bool) {
			f.Helper()
			r, made, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: s, Job: job, Recipients: to(recipients...),
				Now: acting})
			f.must(err)
			return r, made
		}
		f.closed(project, 1, unchanged)
		base, made := announce("month-end", month, "a@merchant.example")
		equal(f, "base", []any{made, base},
			[]any{true, reconcile.Report{ID: base.ID, BaseID: base.ID, Scope: month, Job: "month-end", MadeAt: acting}})
		same, made := announce("month-end", month, "b@merchant.example")
		equal(f, "the same", []any{made, same}, []any{false, base})

		run := f.closed(project, 2, verdict, "payin-0001")
		f.closed(project, 40, verdict, "payin-0002") // outside
		second, made := announce("month-end", month, "b@merchant.example")
		want := base
		want.ID, want.Version, want.Scope.Correction = second.ID, 1, second.ID
		equal(f, "a correction", []any{made, second}, []any{true, want})
		equal(f, "its recipients", f.sentTo(second.ID), "a@merchant.example/ b@merchant.example/")
		equal(f, "covered", f.count("select count(*) from hhrecon_report_run where report_id = ?", second.ID), 2)
		equal(f, "covered", f.count("select count(*) from hhrecon_report_run where report_id = ? and run_id = ?", second.ID,
			run.ID), 1)
		same, made = announce("month-end", month)
		equal(f, "the same", []any{made, same}, []any{false, second})

		for what, s := range map[string]reconcile.ReportScope{"all projects": {Window: month.Window},
			"no end": {ProjectID: project, Window: reconcile.Window{From: midnight}}} {
			one, made := announce("month-end", s)
			equal(f, what, []any{made, one.Version, one.Scope}, []any{true, 0, s})
		}
		one, made := announce("audit", month)
		equal(f, "another job", []any{made, one.Version}, []any{true, 0})
	})
}

// Of processes that announce the same at once, one makes the report; the others read it.
func TestAnnounceAtOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(20)...)
		first := f.closed(project, 1, unchanged)
		period := reconcile.ReportScope{ProjectID: project,
			Window: reconcile.Window{From: midnight, To: midnight.AddDate(0, 1, 0)}}
		race := func(what string, announcements ...reconcile.Publication) []reconcile.Report {
			f.Helper()
			var mu sync.Mutex
			var all sync.WaitGroup
			made, seen := 0, make(map[int64]reconcile.Report)
			for _, a := range announcements {
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
		var editions []int
		for _, r := range race("corrections", later...) {
			equal(f, "base", r.BaseID, base[0].ID)
			editions = append(editions, r.Version)
			equal(f, "deliveries", f.sentTo(r.ID), "a@merchant.example/")
		}
		equal(f, "editions", editions, []int{1, 2, 3, 4, 5})
		corrections := race("a period again", job, job, job, job, job)
		equal(f, "corrections of a period", []int{len(corrections), corrections[0].Version}, []int{1, 1})
	})
}

func TestDeliveryFromClaimToEnd(t *testing.T) {
	conform(t, func(f *fixture) {
		report, _ := f.announce(f.closed(project, 1, unchanged).ID, time.Time{}, "a@merchant.example", "b@merchant.example",
			"c@merchant.example")
		f.do("update hhrecon_delivery set next_at = ? where address like 'c%'",
			acting.Add(-time.Hour).Format("2006-01-02T15:04:05.000000Z"))
		if _, found := f.take("w", acting.Add(-2*time.Hour)); found {
			f.Error("claimed before it was due")
		}
		c, _ := f.take("w", acting)
		equal(f, "the oldest first", []any{c.Recipient.Address, c.State, c.Tries, c.Token, c.Doubtful, c.Report},
			[]any{"c@merchant.example", reconcile.DeliverySending, 1, "w", false, report})
		a, _ := f.take("w", acting)
		equal(f, "then in their order", a.Recipient.Address, "a@merchant.example")

		c.State, c.SentAt = reconcile.DeliverySent, acting.Add(time.Second)
		f.must(f.s.EndDelivery(f.ctx, c))
		f.must(f.s.EndDelivery(f.ctx, c)) // whose answer was lost
		a.State, a.NextAt, a.Note, a.Doubtful = reconcile.DeliveryWaiting, acting.Add(time.Minute), "452 no space", true
		f.must(f.s.EndDelivery(f.ctx, a))
		b, _ := f.take("w", acting)
		equal(f, "what is due", b.Recipient.Address, "b@merchant.example")
		if _, found := f.take("w", acting); found {
			f.Error("claimed what is not due, is sent or is being tried")
		}
		b.State, b.Note = reconcile.DeliveryGivenUp, "550 no such user"
		f.must(f.s.EndDelivery(f.ctx, b))
		b.State = reconcile.DeliverySending
		if err := f.s.EndDelivery(f.ctx, b); err == nil || errors.Is(err, reconcile.ErrDeliveryLost) {
			f.Errorf("an end that is none: %v", err)
		}
		counts, err := f.s.CountDeliveries(f.ctx)
		f.must(err)
		equal(f, "counts", counts, []reconcile.DeliveryCount{{State: reconcile.DeliveryGivenUp, Count: 1},
			{State: reconcile.DeliverySent, Count: 1}, {State: reconcile.DeliveryWaiting, Count: 1}})
		again, found := f.take("w", acting.Add(time.Minute))
		equal(f, "again", []any{found, again.ID, again.Tries, again.Note, again.Doubtful, again.MessageID},
			[]any{true, a.ID, 2, a.Note, true, a.MessageID})
		all, err := f.s.Deliveries(f.ctx, reconcile.DeliveryFilter{State: reconcile.DeliverySent})
		f.must(err)
		equal(f, "sent", []any{len(all), all[0].SentAt, all[0].ID}, []any{1, c.SentAt, c.ID})
	})
}

func TestDeliveryOfADeadProcess(t *testing.T) {
	conform(t, func(f *fixture) {
		f.announce(f.closed(project, 1, unchanged).ID, time.Time{}, "a@merchant.example")
		first, _ := f.take("dead", acting)
		if _, found := f.take("w", acting); found {
			f.Error("claimed what a living process tries")
		}
		f.must(f.s.HeartbeatDelivery(f.ctx, first))
		var asked []reconcile.Owner
		second, found, err := f.s.NextDelivery(f.ctx, owner("w"), acting,
			func(o reconcile.Owner, silence time.Duration) bool {
				asked = append(asked, o)
				return silence >= 0 && silence < time.Hour
			})
		f.must(err)
		equal(f, "asked about", asked, []reconcile.Owner{owner("dead")})
		equal(f, "taken over", []any{found, second.ID, second.Doubtful, second.Tries, second.Token},
			[]any{true, first.ID, true, 2, "w"})
		first.State = reconcile.DeliverySent
		lost := map[string]error{"EndDelivery": f.s.EndDelivery(f.ctx, first),
			"BeatDelivery": f.s.HeartbeatDelivery(f.ctx, first)}
		// The same process again, in an earlier try.
		earlier := second
		earlier.State, earlier.Tries = reconcile.DeliverySent, 1
		lost["EndDelivery of an earlier try"] = f.s.EndDelivery(f.ctx, earlier)
		for call, err := range lost {
			if !errors.Is(err, reconcile.ErrDeliveryLost) {
				f.Errorf("%s: %v", call, err)
			}
		}
		second.State, second.SentAt = reconcile.DeliverySent, acting
		f.must(f.s.EndDelivery(f.ctx, second))
	})
}

// Eight processes share two hundred deliveries; each is claimed once.
func TestDeliveriesAreClaimedOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 200
		var some []string
		for n := range many {
			some = append(some, fmt.Sprintf("reader-%03d@merchant.example", n))
		}
		f.announce(f.closed(project, 1, unchanged).ID, time.Time{}, some...)
		var mu sync.Mutex
		var all sync.WaitGroup
		claimed := make(map[string]int)
		for n := range 8 {
			s := sqltest.Open(f.T, f.url)
			all.Go(func() {
				for {
					d, found, err := s.NextDelivery(f.ctx, owner(fmt.Sprint("process-", n)), acting, ownerAlive)
					if err != nil || !found {
						if err != nil {
							f.Error(err)
						}
						return
					}
					d.State, d.SentAt = reconcile.DeliverySent, acting
					if err := s.EndDelivery(f.ctx, d); err != nil {
						f.Error(err)
					}
					mu.Lock()
					claimed[d.Recipient.Address]++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for address, n := range claimed {
			if n != 1 {
				f.Errorf("%s was claimed %d times", address, n)
			}
		}
		equal(f, "claimed", len(claimed), many)
		equal(f, "sent", f.count("select count(*) from hhrecon_delivery where state = 'sent' and tries = 1"), many)
	})
}

// Of eight processes that find one dead, one takes its delivery over.
func TestDeadProcessIsFollowedByOne(t *testing.T) {
	conform(t, func(f *fixture) {
		f.announce(f.closed(project, 1, unchanged).ID, time.Time{}, "a@merchant.example")
		f.take("dead", acting)
		var all sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for n := range 8 {
			s := sqltest.Open(f.T, f.url)
			all.Go(func() {
				_, found, err := s.NextDelivery(f.ctx, owner(fmt.Sprint(n)), acting,
					func(o reconcile.Owner, _ time.Duration) bool { return o.Token == "dead" })
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					f.Error(err)
				}
				if found {
					taken++
				}
			})
		}
		all.Wait()
		equal(f, "taken", taken, 1)
	})
}

func TestSendAgain(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		run := f.closed(project, 1, unchanged)
		if _, err := f.s.Resend(f.ctx, run.ID, nil, "aida", acting); !errors.Is(err, reconcile.ErrNoReport) {
			f.Errorf("no report: %v", err)
		}
		report, _ := f.announce(run.ID, time.Time{}, "sent@m.example", "waits@m.example", "lost@m.example", "tried@m.example")
		f.do("update hhrecon_delivery set state = 'sent' where address like 'sent%'")
		f.do("update hhrecon_delivery set state = 'given_up', note = '550' where address like 'lost%'")
		f.do("update hhrecon_delivery set next_at = ? where address like 'waits%'",
			acting.AddDate(0, 0, 1).Format("2006-01-02T15:04:05.000000Z"))
		f.do("update hhrecon_delivery set state = 'sending' where address like 'tried%'")
		if _, err := f.s.Resend(f.ctx, run.ID, nil, "", acting); err == nil {
			f.Error("nobody had it sent again")
		}
		now := acting.Add(time.Hour)
		for range 2 { // asked twice, sent once
			n, err := f.s.Resend(f.ctx, run.ID, nil, "aida", now)
			f.must(err)
			equal(f, "under way", n, 4)
		}
		all, err := f.s.Deliveries(f.ctx, reconcile.DeliveryFilter{ReportID: report.ID})
		f.must(err)
		var got []string
		for _, d := range slices.Backward(all) {
			got = append(got, fmt.Sprintf("%s %s %q %t", d.Recipient.Address, d.State, d.By, d.NextAt.Equal(now)))
		}
		equal(f, "deliveries", strings.Join(got, "\n"), strings.Join([]string{
			`sent@m.example sent "" false`, `waits@m.example waiting "aida" true`, `lost@m.example waiting "aida" true`,
			`tried@m.example sending "" false`, `sent@m.example waiting "aida" true`,
		}, "\n"))
		n, err := f.s.Resend(f.ctx, run.ID, to("New@m.example/ru", "SENT@m.example"), "aida", now)
		f.must(err)
		equal(f, "under way", []any{n, f.count("select count(*) from hhrecon_delivery")}, []any{2, 6})

		// A run that was not announced has a report for those alone who were named; what is announced goes on without it.
		quiet := f.closed(project, 2, unchanged)
		n, err = f.s.Resend(f.ctx, quiet.ID, to("cfo@m.example"), "aida", now)
		f.must(err)
		equal(f, "by hand", n, 1)
		if n, err := f.s.Resend(f.ctx, quiet.ID, nil, "aida", now); err != nil || n != 1 {
			f.Errorf("by hand again: %d, %v", n, err)
		}
		next, made := f.announce(f.closed(project, 3, verdict).ID, midnight)
		equal(f, "the next correction", []any{made, next.BaseID, next.Version}, []any{true, report.ID, 1})
		own, made := f.announce(quiet.ID, time.Time{}, "a@m.example")
		equal(f, "announced after all", []any{made, own.Version, f.sentTo(own.ID)}, []any{true, 0, "a@m.example/"})
	})
}

func TestSendAgainTwiceAtOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		run := f.closed(project, 1, unchanged)
		f.announce(run.ID, time.Time{}, "a@m.example")
		f.do("update hhrecon_delivery set state = 'sent'")
		var all sync.WaitGroup
		for range 6 {
			s := sqltest.Open(f.T, f.url)
			all.Go(func() {
				if n, err := s.Resend(f.ctx, run.ID, nil, "aida", acting); err != nil || n != 1 {
					f.Errorf("%d, %v", n, err)
				}
			})
		}
		all.Wait()
		equal(f, "deliveries", f.count("select count(*) from hhrecon_delivery"), 2)
	})
}

// TestUnannounced: a run that was opened to be announced stands as such once it is closed, and until that is noted.
func TestUnannounced(t *testing.T) {
	conform(t, func(f *fixture) {
		waiting := func() (ids []int64) {
			f.Helper()
			runs, err := f.s.UnpublishedRuns(f.ctx)
			f.must(err)
			for _, run := range runs {
				if !run.Unpublished || run.NoEmail != run.DryRun {
					f.Errorf("run %d does not say so itself", run.ID)
				}
				ids = append(ids, run.ID)
			}
			return ids
		}
		begin := func(dry, announce bool) (reconcile.Run, reconcile.Lease) {
			n := nightly("a")
			n.DryRun, n.Publish = dry, announce
			return f.open(n)
		}
		_, l := begin(false, false)
		f.end(l, reconcile.CorrectionApplied)
		dry, l := begin(true, true)
		f.end(l, reconcile.CorrectionDryRun)
		run, l := begin(false, true)
		equal(f, "unannounced while it runs", len(waiting()), 1)
		f.end(l, reconcile.CorrectionApplied)
		equal(f, "unannounced", fmt.Sprint(waiting()), fmt.Sprint([]int64{dry.ID, run.ID}))
		for _, id := range []int64{dry.ID, run.ID, run.ID} {
			f.must(f.s.MarkPublished(f.ctx, id))
		}
		equal(f, "unannounced in the end", len(waiting()), 0)
	})
}
