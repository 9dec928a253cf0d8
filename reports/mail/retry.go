package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// These constants limit the attempts of a delivery. Retries continue for three days, because a weekend is shorter. The
// minimum number of attempts protects deliveries of a machine that was off for a long time.
const (
	firstPause   = time.Minute
	longestPause = time.Hour
	retryWindow  = 72 * time.Hour
	minTries     = 10
)

// pause returns the delay before the next attempt, after a number of attempts. The delay doubles with each attempt, up
// to an hour. Jitter prevents processes from retrying at the same moment.
func pause(tries int) time.Duration {
	p := longestPause
	if tries < 8 {
		p = min(p, firstPause<<max(0, tries-1))
	}
	return p*4/5 + rand.N(p*2/5)
}

// saveResult saves the result of an attempt.
func (m *Mailer) saveResult(ctx context.Context, d *reconcile.Delivery, r SendResult) error {
	now := m.Now()
	d.Note, d.State, d.NextAt = "", reconcile.DeliveryWaiting, now
	if r.Err != nil {
		d.Note = reports.OneLine(r.Err.Error())
	}
	switch {
	case r.Status == Taken:
		d.State, d.SentAt = reconcile.DeliverySent, now
	case r.Status == Refused:
		d.State = reconcile.DeliveryGivenUp
	case ctx.Err() != nil: // this process stops, and another process can retry immediately
	case now.Sub(d.MadeAt) > retryWindow && d.Tries >= minTries:
		d.State = reconcile.DeliveryGivenUp
	default:
		d.NextAt = now.Add(pause(d.Tries))
	}
	d.Doubtful = d.Doubtful || r.Status == Unknown
	if err := m.saveDelivery(ctx, *d); err != nil {
		return fmt.Errorf("save the state of delivery %d as %s (%s): %w", d.ID, d.State, r.Status, err)
	}
	m.reportResult(ctx, d, r)
	return nil
}

// saveDelivery saves the result of an attempt, even during shutdown. An attempt whose result is not saved is repeated.
func (m *Mailer) saveDelivery(ctx context.Context, d reconcile.Delivery) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var err error
	for wait := 100 * time.Millisecond; ctx.Err() == nil; wait *= 2 {
		if err = m.Deliveries.EndDelivery(ctx, d); err == nil {
			return nil
		}
		if errors.Is(err, reconcile.ErrDeliveryLost) {
			m.Log.Warn("another process has claimed this delivery; the report may arrive twice", "delivery", d.ID, "to",
				d.Recipient.Address)
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return err
}

// reportResult logs the result of an attempt. If the delivery is given up, the log level is error.
func (m *Mailer) reportResult(ctx context.Context, d *reconcile.Delivery, r SendResult) {
	level, text := slog.LevelInfo, "report sent"
	switch {
	case d.State == reconcile.DeliveryGivenUp && r.Status == Refused:
		level, text = slog.LevelError, "the mail server refused a report permanently; hhrecon does not retry"
	case d.State == reconcile.DeliveryGivenUp:
		level, text = slog.LevelError, "hhrecon could not send a report for days, and does not retry"
	case r.Unmade:
		level, text = slog.LevelError, "hhrecon could not write or send a report; it will retry"
	case r.Settings:
		level, text = slog.LevelError, "no report can be sent until HHRECON_SMTP_URL or HHRECON_MAIL_FROM is "+
			"corrected; \"hhrecon check\" tests both settings"
	case r.Status == Unknown:
		level, text = slog.LevelWarn, "the mail server did not confirm a message: the report may have arrived; "+
			"hhrecon sends it again with a note"
	case r.Status == Later:
		level, text = slog.LevelWarn, "hhrecon could not send a report yet; it will retry"
	}
	facts := []any{"delivery", d.ID, "report", d.Report.ID, "run", d.Report.Scope.RunID, "report_version",
		d.Report.Version, "to", d.Recipient.Address, "tries", d.Tries, "message_id", messageID(d)}
	if r.Status != Taken {
		facts = append(facts, "next", d.NextAt, "error", d.Note)
	}
	m.Log.Log(ctx, level, text, facts...)
	if m.Tried != nil {
		m.Tried(*d, r)
	}
	if m.GivenUp != nil && d.State == reconcile.DeliveryGivenUp {
		m.GivenUp(ctx, *d)
	}
}
