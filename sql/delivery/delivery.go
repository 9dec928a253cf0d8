// Package delivery lets one process at a time try a delivery.
package delivery

import (
	"context"
	"embed"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	heartbeatDeliveryQuery = Files.Load("heartbeat_delivery")
	claimDeliveryQuery     = Files.Load("claim_delivery")
	countDeliveriesQuery   = Files.Load("count_deliveries")
	endDeliveryQuery       = Files.Load("end_delivery")
	sendingDeliveriesQuery = Files.Load("sending_deliveries")
	reclaimDeliveryQuery   = Files.Load("reclaim_delivery")
)

// Outbox keeps in a database who tries a delivery.
type Outbox struct{ *db.DB }

func ownerArgs(o reconcile.Owner) db.Args {
	return db.Args{
		"token": db.CleanText(o.Token), "host": db.CleanText(o.Host), "pid": o.PID, "process": db.CleanText(o.Process),
	}
}

// Take makes a delivery this owner's, and returns its number: one whose process is dead, or the one that waits and is
// due for longest; 0 for none.
func (s Outbox) Take(
	ctx context.Context, tx *sqlx.Tx, owner reconcile.Owner, now time.Time, dead func(reconcile.Owner, time.Duration) bool,
) (int64, error) {
	id, err := s.take(ctx, tx, owner, dead)
	if err == nil && id == 0 {
		id, err = s.claim(ctx, tx, owner, now)
	}
	return id, err
}

// take takes over a delivery whose process is dead, and returns its number; 0 for none.
func (s Outbox) take(
	ctx context.Context, tx *sqlx.Tx, owner reconcile.Owner, dead func(reconcile.Owner, time.Duration) bool,
) (int64, error) {
	var sending []struct {
		ID             int64
		Tries          int
		Owner          reconcile.Owner
		BeatAt, ReadAt time.Time
	}
	if err := s.List(ctx, tx, &sending, sendingDeliveriesQuery.In(s.Dialect), db.Args{"clock": s.Clock()}); err != nil {
		return 0, err
	}
	for _, d := range sending {
		if !dead(d.Owner, d.ReadAt.Sub(d.BeatAt)) {
			continue
		}
		a := ownerArgs(owner)
		a["id"], a["tries"], a["dead_token"], a["clock"] = d.ID, d.Tries, d.Owner.Token, s.Clock()
		n, err := s.Exec(ctx, tx, reclaimDeliveryQuery.In(s.Dialect), a)
		if err != nil {
			return 0, err
		}
		if n == 1 {
			return d.ID, nil
		}
	}
	return 0, nil
}

// claim claims the delivery that is due for longest, and returns its number; 0 for none.
func (s Outbox) claim(ctx context.Context, tx *sqlx.Tx, owner reconcile.Owner, now time.Time) (int64, error) {
	a := ownerArgs(owner)
	a["now"], a["clock"] = db.FormatTime(now), s.Clock()
	var id int64
	err := s.GetOr(ctx, tx, &id, claimDeliveryQuery, a, nil)
	return id, err
}

// HeartbeatDelivery notes a heartbeat for a delivery that is still the caller's, by the database's clock;
// reconcile.ErrDeliveryLost.
func (s Outbox) HeartbeatDelivery(ctx context.Context, d reconcile.Delivery) error {
	return s.updateDelivery(ctx, heartbeatDeliveryQuery, d, db.Args{"clock": s.Clock()})
}

// EndDelivery notes how a try ended, where the delivery is still the caller's; reconcile.ErrDeliveryLost.
func (s Outbox) EndDelivery(ctx context.Context, d reconcile.Delivery) error {
	switch d.State {
	case reconcile.DeliveryWaiting, reconcile.DeliverySent, reconcile.DeliveryGivenUp:
	default:
		return db.Errorf("%q is no end of a try", d.State)
	}
	a := db.Args{
		"state": string(d.State), "next_at": db.FormatTime(d.NextAt), "doubtful": d.Doubtful, "note": db.CleanText(d.Note),
		"sent_at": nil,
	}
	if !d.SentAt.IsZero() {
		a["sent_at"] = db.FormatTime(d.SentAt)
	}
	return s.updateDelivery(ctx, endDeliveryQuery, d, a)
}

// updateDelivery writes to a delivery in the very try that is the caller's. It may do so twice, after a lost answer.
func (s Outbox) updateDelivery(ctx context.Context, q db.Query, d reconcile.Delivery, a db.Args) error {
	a["id"], a["token"], a["tries"] = d.ID, db.CleanText(d.Token), d.Tries
	return s.WriteOne(ctx, db.RetryLost, q, a, reconcile.ErrDeliveryLost)
}

// CountDeliveries counts deliveries by state.
func (s Outbox) CountDeliveries(ctx context.Context) ([]reconcile.DeliveryCount, error) {
	var counts []reconcile.DeliveryCount
	err := s.List(ctx, s.Conn, &counts, countDeliveriesQuery.In(s.Dialect), nil)
	return counts, s.WrapError(ctx, err)
}
