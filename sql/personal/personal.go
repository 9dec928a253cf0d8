// Package personal erases HighHelp's original answers and alerts, which may contain personal data. The audit log keeps
// their digests, and an action of kind "erase" records each erasure.
package personal

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// pageSize is the maximum number of answers or alerts that one transaction erases.
const pageSize = 2000

// margin is longer than the duration of any action. EraseOld subtracts margin from the cutoff for answers, because an
// action may save an answer some time after HighHelp sent it.
const margin = time.Hour

// Eraser erases personal data in a database.
type Eraser struct{ log audit.LogStore }

// NewEraser returns an Eraser that records erasures in an audit log.
func NewEraser(log audit.LogStore) Eraser { return Eraser{log} }

// ErasePayin erases the answers and alerts about one payin, and records the erasure. Later answers about the payin are
// not stored. An answer inside a version 1 entry of the audit log is not erased. The result contains the number of such
// answers. If a run has an answer about the payin but no finding yet, ErasePayin returns reconcile.ErrOpenRun.
func (e Eraser) ErasePayin(ctx context.Context, projectID, paymentID string, by reconcile.Person,
	note string) (done reconcile.Erasure, err error) {
	unreadable, err := e.unreadable(ctx, projectID, paymentID)
	if err != nil {
		return done, err
	}
	err = e.log.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		done = reconcile.Erasure{}
		a := db.Args{"project_id": projectID, "payment_id": paymentID, "unreadable": db.Int64s(unreadable), "empty": []byte{}}
		if e.log.Dialect == db.Postgres { // SQLite has only one writer
			if _, err := e.log.Exec(ctx, tx, query("lock_running").Postgres, a); err != nil {
				return err
			}
		}
		if _, err := e.log.LockLog(ctx, tx, projectID); err != nil {
			return err
		}
		erased, err := e.log.ErasedPayins(ctx, tx, projectID)
		if err != nil {
			return err
		}
		if done.Answers, err = e.log.Exec(ctx, tx, query("erase_answers_of_payin").In(e.log.Dialect), a); err != nil {
			return err
		}
		if done.Alerts, err = e.log.Exec(ctx, tx, query("erase_alerts_of_payin").In(e.log.Dialect), a); err != nil {
			return err
		}
		var runID int64
		if err := e.log.GetOr(ctx, tx, &runID, query("unsettled_run"), a, nil); err != nil {
			return err
		}
		if runID != 0 {
			return fmt.Errorf("run %d has an answer about this payin: %w", runID, reconcile.ErrOpenRun)
		}
		err = e.countInline(ctx, tx, a, &done)
		if err != nil || done.Answers+done.Alerts == 0 && erased[db.CleanText(paymentID)] {
			return err
		}
		return e.log.RecordEventIn(ctx, tx, reconcile.Event{
			ProjectID: projectID, Kind: reconcile.ActionErase, Actor: by.Name, Note: note,
			Facts: map[string]string{"payment_id": db.CleanText(paymentID), "via": string(by.Via)},
		})
	})
	return done, err
}

// countInline counts the payin's answers that are part of audit log entries.
func (e Eraser) countInline(ctx context.Context, tx *sqlx.Tx, a db.Args, done *reconcile.Erasure) error {
	var row struct {
		Findings int64        `db:"findings"`
		Latest   db.Timestamp `db:"latest"`
	}
	err := e.log.Get(ctx, tx, &row, query("inline_answers").In(e.log.Dialect), a)
	done.Inline, done.InlineLatest = row.Findings, row.Latest.Time
	return err
}

// EraseOld erases the project's answers and alerts that were last received before a time, in small transactions. Each
// transaction that erases answers also records the erasure.
func (e Eraser) EraseOld(ctx context.Context, projectID string, before time.Time) (done reconcile.Erasure, err error) {
	a := db.Args{"project_id": projectID, "after": "", "limit": pageSize, "empty": []byte{},
		"before": db.FormatTime(before.Add(-margin))}
	for {
		var last string
		if err := e.log.Get(ctx, e.log.Conn, &last, query("answers_page").In(e.log.Dialect), a); err != nil {
			return done, e.log.WrapError(ctx, err)
		}
		if last == "" {
			break
		}
		a["last"] = last
		var n int64
		err := e.log.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) (err error) {
			n, err = e.log.Exec(ctx, tx, query("erase_old_answers").In(e.log.Dialect), a)
			if err != nil || n == 0 {
				return err
			}
			return e.log.RecordEventIn(ctx, tx, reconcile.Event{
				ProjectID: projectID, Kind: reconcile.ActionErase, Actor: "personal_data",
				Facts: map[string]string{"before": db.FormatTime(before)},
			})
		})
		if err != nil {
			return done, err
		}
		done.Answers += n
		a["after"] = last
	}
	for n := int64(pageSize); n == pageSize; {
		err := e.log.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) (err error) {
			n, err = e.log.Exec(ctx, tx, query("erase_old_alerts").In(e.log.Dialect), a)
			return err
		})
		if err != nil {
			return done, err
		}
		done.Alerts += n
	}
	return done, nil
}
