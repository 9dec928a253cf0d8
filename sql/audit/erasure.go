package audit

import (
	"context"
	"encoding/json"

	"github.com/jmoiron/sqlx"

	"hhrecon/sql/db"
)

// erasure is an action that emptied answers: those about one payin, or those of entries made before a time.
type erasure struct {
	place     int64
	PaymentID string `json:"payment_id"`
	Before    string `json:"before"` // as db.FormatTime writes it
}

// covers tells whether the entry's answer went by this action. One that came later did not.
func (e *erasure) covers(of *entry) bool {
	return of.place < e.place && (e.PaymentID != "" && e.PaymentID == of.payin || of.at < e.Before)
}

// erasures lists the project's erasures. Facts that cannot be read cover nothing.
func (s LogStore) erasures(ctx context.Context, tx *sqlx.Tx, projectID string) ([]erasure, error) {
	var rows []struct {
		Place int64  `db:"chain_seq"`
		Facts string `db:"facts"`
	}
	err := s.List(ctx, tx, &rows, erasuresQuery.In(s.Dialect), db.Args{"project_id": projectID})
	all := make([]erasure, len(rows))
	for i, r := range rows {
		if json.Unmarshal([]byte(r.Facts), &all[i]) != nil {
			all[i] = erasure{}
		}
		all[i].place = r.Place
	}
	return all, err
}

// ErasedPayins are the project's payins whose answers a person erased.
func (s LogStore) ErasedPayins(ctx context.Context, tx *sqlx.Tx, projectID string) (map[string]bool, error) {
	all, err := s.erasures(ctx, tx, projectID)
	payins := make(map[string]bool)
	for i := range all {
		if id := all[i].PaymentID; id != "" {
			payins[id] = true
		}
	}
	return payins, err
}
