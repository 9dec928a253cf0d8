package service

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/summary"
	"hhrecon/reconcile"
	"hhrecon/reports/mail"
)

// Mailer returns a mailer for the queued reports, or ErrNoMailServer if no mail server is set.
func (rc *RunContext) Mailer(owner reconcile.Owner) (*mail.Mailer, error) {
	s := rc.Settings
	if s.SMTPURL == "" {
		return nil, ErrNoMailServer
	}
	server, err := mail.ParseServer(s.SMTPURL)
	if err != nil {
		return nil, config.UsageErrorf("%w", err)
	}
	return &mail.Mailer{
		Deliveries: rc.Store, Archive: rc.Store, Server: server, Owner: owner, Log: rc.Log, Now: time.Now,
		Tried:   func(_ reconcile.Delivery, r mail.SendResult) { rc.Metrics.CountMail(r.Err) },
		GivenUp: rc.NotifyGivenUp,
		Options: mail.Options{Reports: rc.ReportOptions(), From: s.MailFrom, PageURL: s.PageURL,
			MaxAttachment: s.MaxAttachment},
	}, nil
}

// Deliver sends deliveries that are due, and retries for the given time until the wanted reports are sent. The error
// lists the reports that are still queued, and the reports that hhrecon no longer tries to send.
func (rc *RunContext) Deliver(ctx context.Context, wanted ReportFilter, within time.Duration) error {
	mailer, err := rc.Mailer(reconcile.ThisProcess())
	if errors.Is(err, ErrNoMailServer) && len(wanted.Reports) == 0 {
		return nil
	}
	if err != nil {
		rc.Log.Error("cannot send reports; the reports stay queued", "error", err)
		return errors.Join(err, rc.unsent(ctx, wanted))
	}
	for deadline := time.Now().Add(within); ; {
		if _, err := mailer.Deliver(ctx); err != nil {
			return errors.Join(err, rc.unsent(context.WithoutCancel(ctx), wanted))
		}
		next, err := rc.nextTry(ctx, wanted)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(deadline) || !parallel.Pause(ctx, time.Until(next)) {
			return rc.unsent(ctx, wanted)
		}
	}
}

// sendingPoll is the pause between checks of a delivery that another process is sending.
const sendingPoll = time.Second

// nextTry returns when the next attempt at one of the deliveries is due, or the zero time if there is none.
func (rc *RunContext) nextTry(ctx context.Context, wanted ReportFilter) (next time.Time, err error) {
	deliveries, err := rc.deliveriesOf(ctx, wanted)
	for _, d := range deliveries {
		at := d.NextAt
		switch d.State {
		case reconcile.DeliverySending:
			at = time.Now().Add(sendingPoll)
		case reconcile.DeliveryWaiting:
		default:
			continue
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, err
}

// unsent returns an error about the deliveries that are not sent. The error says what happens to each delivery.
func (rc *RunContext) unsent(ctx context.Context, wanted ReportFilter) error {
	deliveries, err := rc.deliveriesOf(ctx, wanted)
	all := []error{err}
	var waits, given bool
	for _, d := range deliveries {
		switch d.State {
		case reconcile.DeliverySent:
			continue
		case reconcile.DeliveryGivenUp:
			given = true
		default:
			waits = true
		}
		all = append(all, errors.New(summary.Unsent(&d)))
	}
	if waits {
		all = append(all, errors.New("the next \"hhrecon run\", \"hhrecon serve\" or \"hhrecon deliver\" tries again"))
	}
	if given {
		all = append(all, errors.New("correct the cause, and run \"hhrecon deliver N\" to send the report of run N again"))
	}
	return errors.Join(all...)
}

// ReportFilter selects deliveries of some reports. ReportFilter selects the deliveries to the recipients To, or to all
// recipients if To is empty.
type ReportFilter struct {
	Reports []int64
	To      []reconcile.Recipient
}

func (rc *RunContext) deliveriesOf(ctx context.Context, w ReportFilter) ([]reconcile.Delivery, error) {
	var all []reconcile.Delivery
	for _, id := range w.Reports {
		some, err := rc.Store.Deliveries(ctx, reconcile.DeliveryFilter{ReportID: id})
		if err != nil {
			return all, err
		}
		for _, d := range some {
			if len(w.To) == 0 || slices.ContainsFunc(w.To,
				func(r reconcile.Recipient) bool { return strings.EqualFold(r.Address, d.Recipient.Address) }) {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// mailPoll is the pause between two checks of `hhrecon serve` for deliveries that are due.
const mailPoll = 5 * time.Second

// sendMail sends deliveries that are due until the context ends. If no mail server is set, sendMail logs one message.
func (v *Service) sendMail(ctx context.Context) error {
	logged := false
	for {
		n := v.runContext()
		missed := n.PublishMissed(ctx)
		mailer, err := n.Mailer(v.owner)
		switch {
		case err == nil:
			logged = false
			if _, err := mailer.Deliver(ctx); err != nil {
				return errors.Join(missed, err)
			}
		case !logged && len(n.Settings.Recipients("", "")) > 0:
			logged = true
			v.Log.Error("cannot send reports; the reports stay queued", "error", err)
		}
		if missed != nil {
			return missed
		}
		if !parallel.Pause(ctx, mailPoll) {
			return ctx.Err()
		}
	}
}
