package audit

import (
	"context"
	"encoding/json"

	"github.com/jmoiron/sqlx"

	"hhrecon/sql/db"
)

// erasure is an action that erased answers. The action erased the answers about one payin, or of all entries that were
// made before a time.
type erasure struct {
	position  int64
	PaymentID string `json:"payment_id"`
	Before    string `json:"before"` // in the format of db.FormatTime
}

// covers reports whether the erasure also erased the answer of the given entry. An erasure does
// not erase later answers.
func (e *erasure) covers(of *entry) bool {
	return of.position < e.position && (e.PaymentID != "" && e.PaymentID == of.payin || of.at < e.Before)
}

// erasures lists the project's erasures. An erasure with invalid details erased no answer.
func (s LogStore) erasures(ctx context.Context, tx *sqlx.Tx, projectID string) ([]erasure, error) {
	var rows []struct {
		Position int64  `db:"chain_seq"`
		Facts    string `db:"facts"`
	}
	err := s.List(ctx, tx, &rows, query("erasures").In(s.Dialect), db.Args{"project_id": projectID})
	all := make([]erasure, len(rows))
	for i, r := range rows {
		if json.Unmarshal([]byte(r.Facts), &all[i]) != nil {
			all[i] = erasure{}
		}
		all[i].position = r.Position
	}
	return all, err
}

// ErasedPayins returns the project's payins whose answers a person erased.
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
