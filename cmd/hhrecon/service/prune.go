package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/reconcile"
)

// PruneFiles deletes a project's reports in the report folder that are older than the retention. PruneFiles returns the
// number of deleted files.
func PruneFiles(ctx context.Context, n *RunContext, r reconcile.Retention) (int, error) {
	gone := func(id int64) (bool, error) {
		_, err := n.Store.Run(ctx, id)
		if errors.Is(err, reconcile.ErrNoRun) {
			return true, nil
		}
		return false, err
	}
	files, err := removeExpired(n.Settings.ReportDir, r, n.ReportOptions(), gone)
	if err != nil {
		err = fmt.Errorf("old reports in %s: %w", n.Settings.ReportDir, err)
	}
	return files, err
}

// PruneShared deletes old scheduled times, reports and events that belong to no single project. PruneShared uses the
// longest retention of the projects.
func PruneShared(ctx context.Context, n *RunContext) error {
	longest := n.Settings.LongestRetention()
	if longest == 0 {
		return nil
	}
	before := time.Now().Add(-longest)
	_, err := n.Store.PruneTimes(ctx, before)
	if err == nil {
		_, err = PruneFiles(ctx, n, reconcile.Retention{Before: before})
	}
	return cmp.Or(err, auditlog.Prune(ctx, n.Store, before))
}

// Times at which `hhrecon serve` prunes.
const (
	firstPrune = 10 * time.Minute // delay after the start, when other work is more urgent
	pruneEvery = 24 * time.Hour
)

// pruneDaily prunes all projects once a day. Several processes may prune concurrently.
func (v *Service) pruneDaily(ctx context.Context) error {
	for wait := firstPrune; parallel.Pause(ctx, wait); wait = pruneEvery {
		v.prune(ctx)
	}
	return ctx.Err()
}

func (v *Service) prune(ctx context.Context) {
	s := v.settings()
	prunes := auditlog.MayPrune(ctx, v.store, v.Log)
	for _, p := range s.Projects {
		if p.PersonalData != 0 {
			done, err := v.store.EraseOld(ctx, p.ID, time.Now().Add(-p.PersonalData))
			if err != nil && ctx.Err() == nil {
				v.Log.Error("cannot erase old answers and alerts; next attempt in a day", "project", p.ID, "error", err)
			} else if done.Answers+done.Alerts > 0 {
				v.Log.Info("erased old answers and alerts", "project", p.ID, "answers", done.Answers, "alerts", done.Alerts)
			}
		}
		if p.Retention == 0 || !prunes {
			continue
		}
		done, err := v.store.Prune(ctx, p.RetentionAt(time.Now()))
		if err == nil {
			_, err = PruneFiles(ctx, v.runContext(), p.RetentionAt(time.Now()))
		}
		switch {
		case err != nil && ctx.Err() == nil:
			v.Log.Error("cannot prune; next attempt in a day", "project", p.ID, "error", err)
		case done.Runs > 0:
			v.Log.Info("pruned data older than the retention", "project", p.ID, "retention", p.Entry.Retention,
				"runs", done.Runs, "entries", done.Entries, "kept", done.Kept)
		}
	}
	if err := PruneShared(ctx, v.runContext()); err != nil && ctx.Err() == nil {
		v.Log.Error("cannot prune old scheduled times; next attempt in a day", "error", err)
	}
}

// maxBlockers is the maximum number of runs that PruneBlockers names.
const maxBlockers = 20

// PruneBlockers describes the runs that prevent older runs from being pruned.
func PruneBlockers(p *reconcile.Pruning) []string {
	lines := reconcile.Map(p.Blockers[:min(maxBlockers, len(p.Blockers))], func(h reconcile.Blocker) string {
		return fmt.Sprintf("run %d: %s", h.RunID, h.Reason())
	})
	if more := len(p.Blockers) - maxBlockers; more > 0 {
		lines = append(lines, fmt.Sprintf("… and %d more", more))
	}
	return lines
}
