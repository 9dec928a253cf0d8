// Package delivery stores the outbox of reports. The outbox records which process sends which delivery, so only
// one process sends a delivery at a time. Claim a delivery first, save heartbeats while it is being sent, and end
// the attempt with EndDelivery.
package delivery

import (
	"context"
	"embed"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/lease"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Outbox claims and ends deliveries in a database.
type Outbox struct{ *db.DB }

// Claim makes the owner the sender of a delivery, and returns the delivery's ID, or 0 if no delivery is due. Claim
// first takes over a delivery whose owner's lease has expired. If there is none, Claim claims the waiting delivery that
// has been due longest.
func (s Outbox) Claim(ctx context.Context, tx *sqlx.Tx, owner reconcile.Owner, now time.Time,
	expired func(reconcile.Owner, time.Duration) bool) (int64, error) {
	id, err := s.reclaim(ctx, tx, owner, expired)
	if err == nil && id == 0 {
		id, err = s.claim(ctx, tx, owner, now)
	}
	return id, err
}

// reclaim takes over a delivery whose owner's lease has expired. reclaim returns the delivery's ID, or 0 if there
// is no such delivery.
func (s Outbox) reclaim(ctx context.Context, tx *sqlx.Tx, owner reconcile.Owner,
	expired func(reconcile.Owner, time.Duration) bool) (int64, error) {
	var sending []struct {
		ID             int64
		Tries          int
		Owner          reconcile.Owner
		BeatAt, ReadAt time.Time
	}
	if err := s.List(ctx, tx, &sending, query("sending_deliveries").In(s.Dialect),
		db.Args{"clock": s.Clock()}); err != nil {
		return 0, err
	}
	for _, d := range sending {
		if !expired(d.Owner, d.ReadAt.Sub(d.BeatAt)) {
			continue
		}
		a := lease.OwnerArgs(owner)
		a["id"], a["tries"], a["expired_token"], a["clock"] = d.ID, d.Tries, d.Owner.Token, s.Clock()
		n, err := s.Exec(ctx, tx, query("reclaim_delivery").In(s.Dialect), a)
		if err != nil {
			return 0, err
		}
		if n == 1 {
			return d.ID, nil
		}
	}
	return 0, nil
}

// claim claims the delivery that has been due longest, and returns the delivery's ID. The ID is 0 if
// no delivery is due.
func (s Outbox) claim(ctx context.Context, tx *sqlx.Tx, owner reconcile.Owner, now time.Time) (int64, error) {
	a := lease.OwnerArgs(owner)
	a["now"], a["clock"] = db.FormatTime(now), s.Clock()
	var id int64
	err := s.GetOr(ctx, tx, &id, query("claim_delivery"), a, nil)
	return id, err
}

// HeartbeatDelivery saves a heartbeat with the time of the database's clock. HeartbeatDelivery returns
// reconcile.ErrDeliveryLost if another process has taken over the attempt.
func (s Outbox) HeartbeatDelivery(ctx context.Context, d reconcile.Delivery) error {
	return s.updateDelivery(ctx, query("heartbeat_delivery"), d, db.Args{"clock": s.Clock()})
}

// EndDelivery saves the result of an attempt. EndDelivery returns reconcile.ErrDeliveryLost if another process has
// taken over the attempt.
func (s Outbox) EndDelivery(ctx context.Context, d reconcile.Delivery) error {
	switch d.State {
	case reconcile.DeliveryWaiting, reconcile.DeliverySent, reconcile.DeliveryGivenUp:
	default:
		return db.Errorf("%q is not a final state of an attempt", d.State)
	}
	a := db.Args{"state": string(d.State), "next_at": db.FormatTime(d.NextAt), "doubtful": d.Doubtful,
		"note": db.CleanText(d.Note), "sent_at": nil}
	if !d.SentAt.IsZero() {
		a["sent_at"] = db.FormatTime(d.SentAt)
	}
	return s.updateDelivery(ctx, query("end_delivery"), d, a)
}

// updateDelivery changes a delivery while the caller owns the attempt. If the connection is lost, updateDelivery may
// write the same values twice.
func (s Outbox) updateDelivery(ctx context.Context, q db.Query, d reconcile.Delivery, a db.Args) error {
	a["id"], a["token"], a["tries"] = d.ID, db.CleanText(d.Token), d.Tries
	return s.WriteOne(ctx, db.RetryLost, q, a, reconcile.ErrDeliveryLost)
}

// CountDeliveries counts deliveries by state.
func (s Outbox) CountDeliveries(ctx context.Context) ([]reconcile.DeliveryCount, error) {
	return db.Select[reconcile.DeliveryCount](ctx, s.DB, query("count_deliveries"), nil)
}
