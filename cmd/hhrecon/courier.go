package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/mail"
)

// courier sends what the ledger has. It returns errNoServer where no mail server is set.
func (n *night) courier(owner reconcile.Owner) (*mail.Courier, error) {
	s := n.settings
	if s.smtpURL == "" {
		return nil, errNoServer
	}
	server, err := mail.ParseServer(s.smtpURL)
	if err != nil {
		return nil, usageError("%w", err)
	}
	return &mail.Courier{
		Ledger: n.store, Archive: n.store, Sender: server, Owner: owner, Log: n.log, Now: time.Now,
		Tried:   func(_ reconcile.Delivery, r mail.Result) { n.metrics.mailed(r.Err) },
		GivenUp: n.givenUp,
		Options: mail.Options{Reports: n.reportOptions(), From: s.mailFrom, PageURL: s.pageURL, MaxAttachment: s.maxAttachment},
	}, nil
}

// deliver sends what is due, and tries again for as long as it is given, until the reports that it was asked about
// have left. It returns an error that says what waits, or will never be sent.
func (n *night) deliver(ctx context.Context, reports []int64, within time.Duration) error {
	courier, err := n.courier(reconcile.ThisProcess())
	if errors.Is(err, errNoServer) && len(reports) == 0 {
		return nil
	}
	if err != nil {
		n.log.Error("reports cannot be sent, and wait", "error", err)
		return errors.Join(err, n.unsent(ctx, reports))
	}
	for deadline := time.Now().Add(within); ; {
		if _, err := courier.Deliver(ctx); err != nil {
			return errors.Join(err, n.unsent(context.WithoutCancel(ctx), reports))
		}
		next, err := n.nextTry(ctx, reports)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(deadline) || !pause(ctx, time.Until(next)) {
			return n.unsent(ctx, reports)
		}
	}
}

// lookAgain is how soon to look at what another process sends just now.
const lookAgain = time.Second

// nextTry is when the first of the reports' deliveries is to be tried again; zero where none is.
func (n *night) nextTry(ctx context.Context, reports []int64) (next time.Time, err error) {
	for _, id := range reports {
		deliveries, err := n.store.Deliveries(ctx, reconcile.DeliveryFilter{ReportID: id})
		if err != nil {
			return next, err
		}
		for _, d := range deliveries {
			at := d.NextAt
			switch d.State {
			case reconcile.DeliverySending:
				at = time.Now().Add(lookAgain)
			case reconcile.DeliveryWaiting:
			default:
				continue
			}
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return next, nil
}

// unsent says which deliveries of the reports have not left.
func (n *night) unsent(ctx context.Context, reports []int64) error {
	var all []error
	for _, id := range reports {
		deliveries, err := n.store.Deliveries(ctx, reconcile.DeliveryFilter{ReportID: id})
		if err != nil {
			return err
		}
		for _, d := range deliveries {
			if d.State != reconcile.DeliverySent {
				all = append(all, errors.New(fate(&d)))
			}
		}
	}
	return errors.Join(all...)
}

// fate says in a sentence what became of a delivery, and what a person can do.
func fate(d *reconcile.Delivery) string {
	what := fmt.Sprintf("the report of run %d to %s", d.Report.Scope.RunID, d.Recipient.Address)
	if d.Report.Scope.RunID == 0 {
		what = fmt.Sprintf("the report of %q to %s", d.Report.Job, d.Recipient.Address)
	}
	why := ""
	if d.Note != "" {
		why = ": " + d.Note
	}
	switch d.State {
	case reconcile.DeliverySent:
		return what + " was sent"
	case reconcile.DeliverySending:
		return what + " is being sent by another process"
	case reconcile.DeliveryGivenUp:
		return what + " will not be sent" + why + "\nhhrecon deliver sends it again, once that is mended"
	}
	return what + " waits" + why + "\nthe next hhrecon run, hhrecon serve or hhrecon deliver tries again"
}

// mailPause is how often the service looks for what is due.
const mailPause = 5 * time.Second

// sendMail sends what is due, again and again. Where no mail server is set it says so once for all that waits.
func (v *service) sendMail(ctx context.Context) error {
	told := false
	for {
		n := v.night()
		if err := n.announceMissed(ctx); err != nil {
			return err
		}
		courier, err := n.courier(v.owner)
		switch {
		case err == nil:
			told = false
			if _, err := courier.Deliver(ctx); err != nil {
				return err
			}
		case !told && len(n.settings.everyRecipient()) > 0:
			told = true
			v.log.Error("reports cannot be sent, and wait", "error", err)
		}
		if !pause(ctx, mailPause) {
			return ctx.Err()
		}
	}
}
