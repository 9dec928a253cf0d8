// Package support keeps how far people are with asking HighHelp's support about payins.
package support

import (
	"context"
	"embed"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	saveCaseQuery    = Files.Load("save_case")
	latestCasesQuery = Files.Load("latest_cases")
)

// Desk keeps marks in a database.
type Desk struct{ *db.DB }

// SaveSupportCases keeps marks, all or none.
func (s Desk) SaveSupportCases(ctx context.Context, marks []reconcile.SupportCase) error {
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		err := s.Each(ctx, tx, saveCaseQuery.In(s.Dialect), len(marks), func(i int) db.Args {
			m := marks[i]
			return db.Args{
				"project_id": db.CleanText(m.ProjectID), "payment_id": db.CleanText(m.PaymentID),
				"word": db.CleanText(m.Answer), "state": string(m.State),
				"who": db.CleanText(m.By), "note": db.CleanText(m.Note), "marked_at": db.FormatTime(m.At),
			}
		})
		return err
	})
}

// SupportCases returns the latest mark on each payin of a project; projectID "" is all projects.
func (s Desk) SupportCases(
	ctx context.Context, projectID string,
) (map[reconcile.SupportKey]reconcile.SupportCase, error) {
	var rows []reconcile.SupportCase
	err := s.List(ctx, s.Conn, &rows, latestCasesQuery.In(s.Dialect), db.Args{"project_id": projectID})
	if err != nil {
		return nil, s.WrapError(ctx, err)
	}
	marks := make(map[reconcile.SupportKey]reconcile.SupportCase, len(rows))
	for _, m := range rows {
		marks[m.Key()] = m
	}
	return marks, nil
}
