package sql

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Deliveries lists deliveries, newest first.
func (s *reportStore) Deliveries(ctx context.Context, f reconcile.DeliveryFilter) ([]reconcile.Delivery, error) {
	if f.Limit == 0 {
		f.Limit = anyNumber
	}
	found, err := s.deliveries(ctx, s.Conn, 0, f)
	return found, s.WrapError(ctx, err)
}

func (s *reportStore) deliveries(ctx context.Context, tx sqlx.QueryerContext, id int64,
	f reconcile.DeliveryFilter) ([]reconcile.Delivery, error) {
	var found []reconcile.Delivery
	err := s.List(ctx, tx, &found, query("delivery/deliveries").In(s.Dialect),
		db.Args{"id": id, "run_id": f.RunID, "report_id": f.ReportID, "state": string(f.State), "limit": f.Limit})
	for i := range found {
		openWindow(&found[i].Report)
	}
	return found, err
}

// deliverTo adds a delivery of a new report for each given recipient. A corrected report is also sent to the recipients
// of its earlier versions.
func (s *reportStore) deliverTo(ctx context.Context, tx *sqlx.Tx, report reconcile.Report, given []reconcile.Recipient,
	now time.Time) error {
	var before []reconcile.Recipient
	if err := s.List(ctx, tx, &before, query("report/recipients_of_base").In(s.Dialect),
		db.Args{"base_id": report.BaseID}); err != nil {
		return err
	}
	everyone, err := uniqueRecipients(append(before, given...))
	if err != nil {
		return err
	}
	return s.saveDeliveries(ctx, tx, report.ID, everyone, "", now)
}

func (s *reportStore) saveDeliveries(ctx context.Context, tx *sqlx.Tx, reportID int64, recipients []reconcile.Recipient,
	by string, now time.Time) error {
	err := s.Each(ctx, tx, query("delivery/save_delivery").In(s.Dialect), len(recipients), func(i int) db.Args {
		r := recipients[i]
		return db.Args{
			"report_id": reportID, "address": r.Address, "folded": foldAddress(r.Address), "language": r.Language,
			"message_id": fmt.Sprintf("<%s.%d@hhrecon.invalid>", strings.ToLower(rand.Text()), reportID),
			"again_by":   by, "now": db.FormatTime(now),
		}
	})
	return err
}

// uniqueRecipients lists each recipient once and ignores the case of addresses. If an address occurs several times, its
// last occurrence is used.
func uniqueRecipients(some []reconcile.Recipient) ([]reconcile.Recipient, error) {
	all := make([]reconcile.Recipient, 0, len(some))
	for _, r := range some {
		r.Address, r.Language = db.CleanText(strings.TrimSpace(r.Address)), db.CleanText(r.Language)
		if r.Address == "" {
			return nil, db.Errorf("a recipient has no address")
		}
		same := func(other reconcile.Recipient) bool { return foldAddress(other.Address) == foldAddress(r.Address) }
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i] = r
			continue
		}
		all = append(all, r)
	}
	return all, nil
}

// foldAddress returns an address in lower case, for comparing addresses.
func foldAddress(address string) string { return strings.ToLower(address) }

// Resend sends a run's report again at a person's request. The recipients are the given recipients, or all recipients
// of the report if no recipients are given. If the newest delivery to a recipient waits or has failed, that delivery
// becomes due immediately. If the delivery is being sent, nothing changes. Otherwise Resend adds a delivery. Therefore
// two simultaneous requests send the report once. Resend returns the number of deliveries that are not finished.
//
// If a run's report was never published and recipients are given, Resend creates a report. That report goes only to the
// given recipients and is never corrected.
func (s *reportStore) Resend(ctx context.Context, runID int64, recipients []reconcile.Recipient, by string,
	now time.Time) (int, error) {
	if by = db.CleanText(by); by == "" {
		return 0, db.Errorf("the name of the person who resends run %d is missing", runID)
	}
	given, err := uniqueRecipients(recipients)
	if err != nil {
		return 0, err
	}
	var sent int
	err = s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		e := reportVersion{store: s, scope: reconcile.ReportScope{RunID: runID}, madeBy: by, now: now}
		report, err := e.ofRun(ctx, tx)
		if errors.Is(err, reconcile.ErrNoReport) && len(given) > 0 {
			report, err = e.makeByHand(ctx, tx)
		}
		if err != nil {
			return err
		}
		sent, err = s.sendAgain(ctx, tx, report.ID, given, by, now)
		return err
	})
	return sent, err
}

// makeByHand creates a report at a person's request, for a run without a published report.
func (e *reportVersion) makeByHand(ctx context.Context, tx *sqlx.Tx) (reconcile.Report, error) {
	run, err := e.run(ctx, tx)
	if err != nil {
		return reconcile.Report{}, err
	}
	e.scope.ProjectID = run.ProjectID
	report, made, err := e.make(ctx, tx, 0)
	if err == nil && !made { // another process has created the report
		report, err = e.ofRun(ctx, tx)
	}
	return report, err
}

// sendAgain locks the report first, so two simultaneous requests send the report only once.
func (s *reportStore) sendAgain(ctx context.Context, tx *sqlx.Tx, reportID int64, recipients []reconcile.Recipient,
	by string, now time.Time) (int, error) {
	var id int64
	if err := s.Get(ctx, tx, &id, query("report/lock_report").In(s.Dialect), db.Args{"id": reportID}); err != nil {
		return 0, err
	}
	before, err := s.deliveries(ctx, tx, 0, reconcile.DeliveryFilter{ReportID: reportID, Limit: anyNumber})
	if err != nil {
		return 0, err
	}
	newest := make(map[string]reconcile.Delivery, len(before))
	var known []reconcile.Recipient
	for _, d := range slices.Backward(before) { // the newest delivery is first
		newest[foldAddress(d.Recipient.Address)] = d
		known = append(known, d.Recipient)
	}
	if len(recipients) == 0 {
		if recipients, err = uniqueRecipients(known); err != nil {
			return 0, err
		}
	}
	var fresh []reconcile.Recipient
	for _, r := range recipients {
		d, ok := newest[foldAddress(r.Address)]
		if !ok || d.State == reconcile.DeliverySent {
			fresh = append(fresh, r)
			continue
		}
		if _, err := s.Exec(ctx, tx, query("delivery/retry_delivery").In(s.Dialect),
			db.Args{"id": d.ID, "again_by": by, "now": db.FormatTime(now)}); err != nil {
			return 0, err
		}
	}
	return len(recipients), s.saveDeliveries(ctx, tx, reportID, fresh, by, now)
}

// NextDelivery claims a delivery, and returns false if there is no delivery to send. NextDelivery prefers a delivery
// whose process is dead. Such a delivery becomes doubtful, because its mail may have arrived. Otherwise NextDelivery
// claims the delivery that has been due longest.
func (s *reportStore) NextDelivery(ctx context.Context, owner reconcile.Owner, now time.Time,
	expired func(reconcile.Owner, time.Duration) bool) (reconcile.Delivery, bool, error) {
	var d reconcile.Delivery
	var found bool
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		d, found = reconcile.Delivery{}, false
		id, err := s.Claim(ctx, tx, owner, now, expired)
		if err != nil || id == 0 {
			return err
		}
		claimed, err := s.deliveries(ctx, tx, id, reconcile.DeliveryFilter{Limit: 1})
		if err == nil && len(claimed) == 1 {
			d, found = claimed[0], true
		}
		return err
	})
	return d, found, err
}
