package sql_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// closed returns a closed run on a day, over the named payins or over all open payins.
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

// unanswered returns the verdict on a payin without an answer.
func unanswered(p reconcile.Finding) reconcile.Finding {
	p = unchanged(p)
	return reconcile.Finding{
		Seq: p.Seq, Payin: p.Payin, Verdict: reconcile.Verdict{Outcome: reconcile.Unreachable, After: p.After},
		Result: reconcile.ResultUnreachable, Reason: reconcile.Words("No usable answer."), CheckedAt: closing,
	}
}

// to parses recipients. Each text has the format address or address/language.
func to(some ...string) []reconcile.Recipient {
	list := make([]reconcile.Recipient, len(some))
	for i, s := range some {
		list[i].Address, list[i].Language, _ = strings.Cut(s, "/")
	}
	return list
}

// sentTo lists the recipients of a report.
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

// take claims the next delivery, and fails the test if there is none.
func (f *fixture) take(token string, now time.Time) (reconcile.Delivery, bool) {
	f.Helper()
	d, found, err := f.s.NextDelivery(f.ctx, owner(token), now, ownerAlive)
	f.must(err)
	return d, found
}

func TestDeliveryFromClaimToEnd(t *testing.T) {
	conform(t, func(f *fixture) {
		report, _ := f.publish(f.closed(project, 1, unchanged).ID, time.Time{}, "a@merchant.example", "b@merchant.example",
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
		f.must(f.s.EndDelivery(f.ctx, c)) // a retry after a lost answer
		a.State, a.NextAt, a.Note, a.Doubtful = reconcile.DeliveryWaiting, acting.Add(time.Minute), "452 no space", true
		f.must(f.s.EndDelivery(f.ctx, a))
		b, _ := f.take("w", acting)
		equal(f, "what is due", b.Recipient.Address, "b@merchant.example")
		if _, found := f.take("w", acting); found {
			f.Error("claimed a delivery that is not due, sent or being sent")
		}
		b.State, b.Note = reconcile.DeliveryGivenUp, "550 no such user"
		f.must(f.s.EndDelivery(f.ctx, b))
		b.State = reconcile.DeliverySending
		if err := f.s.EndDelivery(f.ctx, b); err == nil || errors.Is(err, reconcile.ErrDeliveryLost) {
			f.Errorf("an invalid state: %v", err)
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
		f.publish(f.closed(project, 1, unchanged).ID, time.Time{}, "a@merchant.example")
		first, _ := f.take("dead", acting)
		if _, found := f.take("w", acting); found {
			f.Error("claimed a delivery of a living process")
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
		// The process sends the delivery in its second attempt, and then ends the first attempt.
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

// Eight processes claim two hundred deliveries. Each delivery is claimed by exactly one process.
func TestDeliveriesAreClaimedOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		const many = 200
		var some []string
		for n := range many {
			some = append(some, fmt.Sprintf("reader-%03d@merchant.example", n))
		}
		f.publish(f.closed(project, 1, unchanged).ID, time.Time{}, some...)
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

// If eight processes detect a dead process, only one of them reclaims its delivery.
func TestDeliveryIsReclaimedOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		f.publish(f.closed(project, 1, unchanged).ID, time.Time{}, "a@merchant.example")
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
		report, _ := f.publish(run.ID, time.Time{}, "sent@m.example", "waits@m.example", "lost@m.example", "tried@m.example")
		f.do("update hhrecon_delivery set state = 'sent' where address like 'sent%'")
		f.do("update hhrecon_delivery set state = 'given_up', note = '550' where address like 'lost%'")
		f.do("update hhrecon_delivery set next_at = ? where address like 'waits%'",
			acting.AddDate(0, 0, 1).Format("2006-01-02T15:04:05.000000Z"))
		f.do("update hhrecon_delivery set state = 'sending' where address like 'tried%'")
		if _, err := f.s.Resend(f.ctx, run.ID, nil, "", acting); err == nil {
			f.Error("a resend without a name")
		}
		now := acting.Add(time.Hour)
		for range 2 { // two requests send the report once
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

		// A run that was not published gets a report for the named recipients only. The run is still published later.
		quiet := f.closed(project, 2, unchanged)
		n, err = f.s.Resend(f.ctx, quiet.ID, to("cfo@m.example"), "aida", now)
		f.must(err)
		equal(f, "by hand", n, 1)
		if n, err := f.s.Resend(f.ctx, quiet.ID, nil, "aida", now); err != nil || n != 1 {
			f.Errorf("by hand again: %d, %v", n, err)
		}
		next, made := f.publish(f.closed(project, 3, verdict).ID, midnight)
		equal(f, "the next correction", []any{made, next.BaseID, next.Version}, []any{true, report.ID, 1})
		own, made := f.publish(quiet.ID, time.Time{}, "a@m.example")
		equal(f, "published later", []any{made, own.Version, f.sentTo(own.ID)}, []any{true, 0, "a@m.example/"})
	})
}

func TestSendAgainTwiceAtOnce(t *testing.T) {
	conform(t, func(f *fixture) {
		run := f.closed(project, 1, unchanged)
		f.publish(run.ID, time.Time{}, "a@m.example")
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
