package sql

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// NextDelivery claims a delivery for a try: one whose process is dead, which is doubtful then, or the one that waits
// and is due for longest. It returns false where there is none.
func (s *Store) NextDelivery(ctx context.Context, owner reconcile.Owner, now time.Time, dead func(reconcile.Owner, time.Duration) bool) (reconcile.Delivery, bool, error) {
	var d reconcile.Delivery
	var found bool
	err := s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		d, found = reconcile.Delivery{}, false
		id, err := s.takeDelivery(ctx, tx, owner, dead)
		if err == nil && id == 0 {
			id, err = s.claimDelivery(ctx, tx, owner, now)
		}
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

// takeDelivery takes over a delivery whose process is dead, and returns its number; 0 for none.
func (s *Store) takeDelivery(ctx context.Context, tx *sqlx.Tx, owner reconcile.Owner, dead func(reconcile.Owner, time.Duration) bool) (int64, error) {
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
		n, err := s.Exec(ctx, tx, takeDeliveryQuery.In(s.Dialect), a)
		if err != nil {
			return 0, err
		}
		if n == 1 {
			return d.ID, nil
		}
	}
	return 0, nil
}

// claimDelivery claims the delivery that is due for longest, and returns its number; 0 for none.
func (s *Store) claimDelivery(ctx context.Context, tx *sqlx.Tx, owner reconcile.Owner, now time.Time) (int64, error) {
	a := ownerArgs(owner)
	a["now"], a["clock"] = db.FormatTime(now), s.Clock()
	var id int64
	err := s.GetOr(ctx, tx, &id, claimDeliveryQuery, a, nil)
	return id, err
}

// BeatDelivery notes a sign of life for a delivery that is still the caller's, by the database's clock;
// reconcile.ErrDeliveryLost.
func (s *Store) BeatDelivery(ctx context.Context, d reconcile.Delivery) error {
	return s.updateDelivery(ctx, beatDeliveryQuery, d, db.Args{"clock": s.Clock()})
}

// EndDelivery notes how a try ended, where the delivery is still the caller's; reconcile.ErrDeliveryLost.
func (s *Store) EndDelivery(ctx context.Context, d reconcile.Delivery) error {
	switch d.State {
	case reconcile.DeliveryWaiting, reconcile.DeliverySent, reconcile.DeliveryGivenUp:
	default:
		return db.Errorf("%q is no end of a try", d.State)
	}
	a := db.Args{"state": string(d.State), "next_at": db.FormatTime(d.NextAt), "doubtful": d.Doubtful, "note": db.CleanText(d.Note), "sent_at": nil}
	if !d.SentAt.IsZero() {
		a["sent_at"] = db.FormatTime(d.SentAt)
	}
	return s.updateDelivery(ctx, endDeliveryQuery, d, a)
}

// updateDelivery writes to a delivery in the very try that is the caller's. It may do so twice, after a lost answer.
func (s *Store) updateDelivery(ctx context.Context, q db.Query, d reconcile.Delivery, a db.Args) error {
	a["id"], a["token"], a["tries"] = d.ID, db.CleanText(d.Token), d.Tries
	return s.WriteOne(ctx, db.RetryLost, q, a, reconcile.ErrDeliveryLost)
}
