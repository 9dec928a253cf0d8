// Package support stores support cases. A case is the state of a question to HighHelp's support about a payin.
package support

import (
	"context"
	"embed"
	"encoding/json"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// Cases stores support cases in a database.
type Cases struct{ *db.DB }

// SaveSupportCases saves all cases in one transaction.
func (s Cases) SaveSupportCases(ctx context.Context, cases []reconcile.SupportCase) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		return s.Each(ctx, tx, query("save_case").In(s.Dialect), len(cases), func(i int) db.Args {
			c := cases[i]
			return db.Args{
				"project_id": db.CleanText(c.ProjectID), "payment_id": db.CleanText(c.PaymentID),
				"word": db.CleanText(c.Answer), "state": string(c.State),
				"actor": db.CleanText(c.By), "note": db.CleanText(c.Note), "marked_at": db.FormatTime(c.At),
			}
		})
	})
}

// SupportCases returns the latest case of each payin of a project. An empty projectID means all projects.
func (s Cases) SupportCases(ctx context.Context,
	projectID string) (map[reconcile.SupportKey]reconcile.SupportCase, error) {
	return s.cases(ctx, query("latest_cases"), db.Args{"project_id": projectID})
}

// SupportCasesOf returns the latest case of each of the given payins.
func (s Cases) SupportCasesOf(ctx context.Context,
	payins []reconcile.SupportKey) (map[reconcile.SupportKey]reconcile.SupportCase, error) {
	keys := make([][2]string, len(payins))
	for i, p := range payins {
		keys[i] = [2]string{db.CleanText(p.ProjectID), db.CleanText(p.PaymentID)}
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	return s.cases(ctx, query("cases_of_payins"), db.Args{"keys": string(text)})
}

func (s Cases) cases(ctx context.Context, q db.Query,
	a db.Args) (map[reconcile.SupportKey]reconcile.SupportCase, error) {
	rows, err := db.Select[reconcile.SupportCase](ctx, s.DB, q, a)
	if err != nil {
		return nil, err
	}
	cases := make(map[reconcile.SupportKey]reconcile.SupportCase, len(rows))
	for _, c := range rows {
		cases[c.Key()] = c
	}
	return cases, nil
}
