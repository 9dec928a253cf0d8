package service

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"hhrecon/reports/i18n"
	"hhrecon/sql"
)

// DryRunInCopy executes a dry run if the database is read-only. DryRunInCopy copies the selected payins to a temporary
// SQLite database and reconciles them there. The history of earlier runs is not available.
func (q *Request) DryRunInCopy(ctx context.Context, n *RunContext) error {
	work, err := q.projectRuns(n)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "hhrecon-dry-run-*")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "dry.sqlite")
	defer func() {
		for _, name := range []string{file, file + "-wal", file + "-shm"} {
			_ = os.Remove(name)
		}
	}()
	options := sql.Options{Sentence: i18n.English().Sentence, Logger: slog.New(slog.DiscardHandler)}
	store, err := sql.Open(ctx, "sqlite:"+file, options)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Migrate(ctx, sql.MigrateOptions{SampleSchema: true}); err != nil {
		return err
	}
	n.Log.Warn("the database is read-only: the dry run works on a copy of the payins; its result is not stored, and "+
		"the limits for holds are checked without earlier runs", "workbook_in", dir)
	for _, w := range work {
		w.Client.Close()
		selection, err := q.selection(w, time.Now())
		if err == nil {
			err = n.Store.CopyPayins(ctx, store.Queries, &w.Project.Project, selection)
		}
		if err != nil {
			return err
		}
	}
	n.Settings.ReportDir, n.Store = dir, store
	return q.RunAll(ctx, n)
}
