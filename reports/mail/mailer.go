package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// Options are the settings of messages, in addition to the settings of reports.
type Options struct {
	Reports       reports.Options // Now and ReportVersion are set for each report
	From          string          // the sender's address (HHRECON_MAIL_FROM)
	PageURL       string          // address of hhrecon's page without a trailing slash; "" if there is no page
	MaxAttachment int64           // maximum size of an attachment in base64, in bytes; 0 means DefaultMaxAttachment
}

// DefaultMaxAttachment is a maximum size in bytes that most mail servers accept.
const DefaultMaxAttachment = 15_000_000

// Mailer sends due reports to their recipients.
type Mailer struct {
	Deliveries reconcile.DeliveryStore
	Archive    reconcile.Archive
	Server     *Server
	Options    Options
	Owner      reconcile.Owner
	Log        *slog.Logger
	Now        func() time.Time
	// Deliver calls Tried after it saves the result of an attempt, and GivenUp for each delivery that it stops retrying.
	// Both functions may be nil.
	Tried   func(reconcile.Delivery, SendResult)
	GivenUp func(context.Context, reconcile.Delivery)
}

// DeliveryCounts contains the numbers of deliveries of one call of Deliver, by new state.
type DeliveryCounts struct{ Sent, Waiting, GivenUp int }

// Deliver sends all due reports. A failed delivery waits for its next attempt and does not delay other deliveries.
// Deliver returns errors of the store and of the context.
func (m *Mailer) Deliver(ctx context.Context) (DeliveryCounts, error) {
	var counts DeliveryCounts
	var cache workbookCache
	for ctx.Err() == nil {
		d, found, err := m.Deliveries.NextDelivery(ctx, m.Owner, m.Now(), reconcile.OwnerExpired)
		if err != nil {
			return counts, fmt.Errorf("find the next delivery: %w", err)
		}
		if !found {
			return counts, nil
		}
		r := m.attempt(ctx, &cache, &d)
		if err := m.saveResult(ctx, &d, r); err != nil {
			return counts, err
		}
		counts.add(d.State)
	}
	return counts, ctx.Err()
}

func (c *DeliveryCounts) add(s reconcile.DeliveryState) {
	switch s {
	case reconcile.DeliverySent:
		c.Sent++
	case reconcile.DeliveryGivenUp:
		c.GivenUp++
	default:
		c.Waiting++
	}
}

// attempt writes a message and sends it. A panic becomes an error of this delivery and does
// not affect other deliveries.
func (m *Mailer) attempt(ctx context.Context, cache *workbookCache, d *reconcile.Delivery) (r SendResult) {
	defer func() {
		if p := recover(); p != nil {
			r = SendResult{Status: Unknown, Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go m.heartbeat(ctx, cancel, *d)
	o, err := m.newTemplateData(ctx, cache, d)
	if err != nil {
		return SendResult{Status: Later, Err: err, Unmade: true}
	}
	r = m.send(ctx, o)
	if r.TooLarge && o.workbook.content != nil {
		m.Log.Warn("message too large for the mail server; sending a link instead of the workbook", "delivery",
			d.ID,
			"error", r.Err)
		o.workbook = o.workbook.withoutContent()
		r = m.send(ctx, o)
	}
	return r
}

// heartbeatInterval is the time between heartbeats. The interval is much shorter than the minute after which the lease
// of an attempt expires.
const heartbeatInterval = 10 * time.Second

// heartbeat renews the lease of an attempt. If another process has claimed the delivery, heartbeat cancels the attempt,
// so only one process sends the message.
func (m *Mailer) heartbeat(ctx context.Context, cancel func(), d reconcile.Delivery) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(heartbeatInterval):
		}
		if err := m.Deliveries.HeartbeatDelivery(ctx, d); errors.Is(err, reconcile.ErrDeliveryLost) {
			cancel()
		}
	}
}

// send builds the message of a delivery and sends it.
func (m *Mailer) send(ctx context.Context, o *templateData) SendResult {
	if err := CheckFrom(m.Options.From); err != nil {
		return SendResult{Status: Later, Err: err, Settings: true}
	}
	subject, text, html, err := o.render()
	if err != nil {
		return SendResult{Status: Later, Err: err, Unmade: true}
	}
	message, err := m.buildMessage(o, subject, text, html)
	if err != nil {
		return SendResult{Status: Refused, Err: err}
	}
	return m.Server.send(ctx, message)
}

// render writes the texts of the message. render returns a panic as an error, to distinguish the panic from a failure
// of the mail server.
func (d *templateData) render() (subject, text, html string, err error) {
	defer func() {
		if p := recover(); p != nil {
			id := d.delivery.Report.ID
			err = fmt.Errorf("the message of report %d cannot be written because of a bug in hhrecon: %v", id, p)
		}
	}()
	l := d.write()
	text, html, err = l.render()
	return l.Subject, text, html, err
}

// messageID returns the Message-ID of a delivery without angle brackets.
func messageID(d *reconcile.Delivery) string { return strings.Trim(d.MessageID, "<>") }

// newTemplateData reads the data of a message from the store.
func (m *Mailer) newTemplateData(
	ctx context.Context, cache *workbookCache, d *reconcile.Delivery,
) (*templateData, error) {
	w, err := cache.workbook(ctx, m, d)
	if err != nil {
		return nil, err
	}
	texts, err := i18n.For(d.Recipient.Language)
	if err != nil {
		return nil, err
	}
	o := &templateData{Printer: texts, delivery: *d, summary: w.summary, base: w.base, workbook: w, options: &m.Options}
	if d.Report.Version == 0 {
		return o, nil
	}
	o.inReplyTo, err = m.previousMessageID(ctx, d)
	return o, err
}

// previousMessageID returns the Message-ID of the report that a corrected report replaces, as this recipient
// received it. Mail programs use this ID to show both messages together. The result is "" if the recipient did not
// receive the earlier report.
func (m *Mailer) previousMessageID(ctx context.Context, d *reconcile.Delivery) (string, error) {
	before, err := m.Deliveries.Deliveries(ctx, reconcile.DeliveryFilter{ReportID: d.Report.BaseID})
	if err != nil {
		return "", fmt.Errorf("deliveries of the corrected report: %w", err)
	}
	for _, b := range before {
		if strings.EqualFold(b.Recipient.Address, d.Recipient.Address) && b.State == reconcile.DeliverySent {
			return messageID(&b), nil
		}
	}
	return "", nil
}
