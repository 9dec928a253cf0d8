package identity

import (
	"context"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// reportOfRun matches the file names of reports of runs, see reports.FileName and reports.Save.
var reportOfRun = regexp.MustCompile(
	`^hhrecon-.*-run-(\d{1,18})-\d{4}-\d\d-\d\d(-correction-\d+)?(-\d+)?\.(xlsx|csv|json)$`)

// maxLost bounds how many runs can be lost: a file that shows a later one is not a report of this database.
const maxLost = 1_000_000

// lastReported is the last run after a known one of which a folder has a report; 0 for none.
func lastReported(folder string, known int64) (last int64) {
	files, _ := os.ReadDir(folder) // one that cannot be read shows nothing; check and the next report say so
	for _, file := range files {
		if found := reportOfRun.FindStringSubmatch(file.Name()); found != nil {
			run, _ := strconv.ParseInt(found[1], 10, 64) // as many digits as fit
			if run > known && run-known <= maxLost {
				last = max(last, run)
			}
		}
	}
	return last
}

// NoteRestore compares the report folder with the database. If it has reports of later runs than the database knows,
// the database was restored from an older backup: the numbers of those runs are not used again, and each project's next
// whole run says so, see Restored.
func (g Guard) NoteRestore(ctx context.Context, folder string) error {
	var last struct{ Known, Shown int64 }
	if err := g.Get(ctx, g.Conn, &last, lastRunQuery.In(g.Dialect), nil); err != nil {
		return g.WrapError(ctx, err)
	}
	shown := lastReported(folder, max(last.Known, last.Shown))
	if shown == 0 {
		return nil
	}
	a := db.Args{"known": last.Known, "shown": shown, "last": shown, "now": db.FormatTime(g.Now())}
	g.Log.WarnContext(ctx, "the report folder has reports of runs that the database does not know: it was restored from "+
		"an older backup; the numbers of these runs are not used again", "last_run", last.Known, "last_report", shown)
	return g.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		_, err := g.Exec(ctx, tx, skipRunsQuery.In(g.Dialect), a)
		if err == nil {
			_, err = g.Exec(ctx, tx, noteRestoreQuery.In(g.Dialect), a)
		}
		return err
	})
}

// Restored is what a whole run that begins now must say of a restore that no whole run of the project has noted yet;
// nil: nothing. It has the recheck begin at the last whole run that the database knows, within the limits of
// Selection.RecheckSince, also if the project rechecks nothing.
func (g Guard) Restored(
	ctx context.Context, projectID string, sel *reconcile.Selection, now time.Time,
) ([]reconcile.Reason, error) {
	var row struct {
		Known, Shown int64
		Since        time.Time
	}
	err := g.GetOr(ctx, g.Conn, &row, restoredQuery, db.Args{"project_id": projectID}, nil)
	if err != nil || row.Shown == 0 {
		return nil, g.WrapError(ctx, err)
	}
	if sel.RecheckFrom.IsZero() {
		sel.RecheckFrom, sel.RecheckTo = now, sel.Window.To
	}
	last := row.Since
	if last.IsZero() {
		last = time.Unix(0, 0)
	}
	sel.RecheckFrom = sel.RecheckSince(last, now)
	from := sel.RecheckFrom.Format(time.RFC3339)
	why := []reconcile.Reason{reconcile.Because("shortfall.restored", row.Known, row.Shown, from)}
	if row.Since.Before(sel.RecheckFrom) {
		why = append(why, reconcile.Because("shortfall.restored_before", from))
	}
	return why, nil
}
