package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/expired"
	"hhrecon/reconcile"
	"hhrecon/sql"
)

// pruneCmd is `hhrecon prune`.
type pruneCmd struct {
	Project []string `help:"Only this project; may be repeated." placeholder:"ID" sep:"none"`
	DryRun  bool     `help:"Only tell what would be taken out."`
}

func (c *pruneCmd) Run(ctx context.Context, a *app) error {
	a.owner = true
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		projects, err := s.Choose(c.Project)
		if err != nil {
			return err
		}
		keepsAll := func(p config.Project) bool { return p.Retention+p.PersonalData == 0 }
		projects = slices.DeleteFunc(slices.Clone(projects), keepsAll)
		if len(projects) == 0 {
			return usageError("no project has retention or personal_data: set retention: 400d for example in %s",
				config.DefaultSchedules)
		}
		for _, p := range projects {
			switch before := time.Now().Add(-p.PersonalData); {
			case p.PersonalData != 0 && c.DryRun:
				fmt.Fprintf(a.Stdout, "project %s: answers and alerts from before %s would be erased.\n", p.ID, before.In(s.Zone))
			case p.PersonalData != 0:
				done, err := store.EraseOld(ctx, p.ID, before)
				if err != nil {
					return fmt.Errorf("project %s: %w", p.ID, err)
				}
				fmt.Fprintf(a.Stdout, "project %s, personal_data %s: %d answers and %d alerts were erased.\n",
					p.ID, p.Entry.PersonalData.Keep, done.Answers, done.Alerts)
			}
			if p.Retention == 0 {
				continue
			}
			r := p.RetentionAt(time.Now())
			r.DryRun = c.DryRun
			done, err := store.Prune(ctx, r)
			if err != nil {
				return fmt.Errorf("project %s: %w", p.ID, err)
			}
			c.tell(a, s, r, &done)
			files, err := pruneFiles(ctx, &RunContext{app: a, Settings: s, Store: store}, r)
			if err != nil {
				return err
			}
			if files > 0 {
				deleted := map[bool]string{false: "deleted", true: "would be deleted"}[c.DryRun]
				fmt.Fprintf(a.Stdout, "  Old reports in %s: %d %s.\n", s.ReportDir, files, deleted)
			}
		}
		if c.DryRun {
			return nil
		}
		return pruneShared(ctx, &RunContext{app: a, Settings: s, Store: store})
	})
}

// pruneFiles deletes the reports in the report folder that are older than a project's retention, and returns how many.
func pruneFiles(ctx context.Context, n *RunContext, r reconcile.Retention) (int, error) {
	gone := func(id int64) (bool, error) {
		_, err := n.Store.Run(ctx, id)
		if errors.Is(err, reconcile.ErrNoRun) {
			return true, nil
		}
		return false, err
	}
	files, err := expired.Remove(n.Settings.ReportDir, r, n.reportOptions(), gone)
	if err != nil {
		err = fmt.Errorf("old reports in %s: %w", n.Settings.ReportDir, err)
	}
	return files, err
}

// tell says what was taken out, what stays though it is old, and why.
func (c *pruneCmd) tell(a *app, s *config.Settings, r reconcile.Retention, p *reconcile.Pruning) {
	fmt.Fprintf(a.Stdout, "project %s, retention %s: %d runs that closed before %s, with %d findings and actions, %s.\n",
		r.ProjectID, r.Setting, p.Runs, r.Before.In(s.Zone).Format(time.DateTime), p.Entries,
		map[bool]string{false: "were taken out", true: "would be taken out"}[c.DryRun])
	if p.Unresolved+p.Alerts+p.Reports+p.Marks+p.Answers > 0 {
		fmt.Fprintf(a.Stdout, "  With them: %d unresolved payins, %d alerts, %d reports, %d support marks, %d answers.\n",
			p.Unresolved, p.Alerts, p.Reports, p.Marks, p.Answers)
	}
	if p.Kept == 0 {
		return
	}
	fmt.Fprintf(a.Stdout, "  %d older runs are kept: the audit trail is taken out from its beginning, up to the first "+
		"run that is needed.\n", p.Kept)
	fmt.Fprintln(a.Stdout, "  "+strings.Join(expired.Blockers(p), "\n  "))
}

// pruneShared takes out the old due times and reports of all projects together, and so by the longest retention.
func pruneShared(ctx context.Context, n *RunContext) error {
	longest := n.Settings.LongestRetention()
	if longest == 0 {
		return nil
	}
	before := time.Now().Add(-longest)
	_, err := n.Store.PruneTimes(ctx, before)
	if err == nil {
		_, err = pruneFiles(ctx, n, reconcile.Retention{Before: before})
	}
	return cmp.Or(err, auditlog.Prune(ctx, n.Store, before))
}

// The pace of taking out what is old.
const (
	firstPrune = 10 * time.Minute // the start: first things first
	pruneEvery = 24 * time.Hour
)

// pruneDaily takes out once a day what is older than the projects' retention. Several processes do no harm to each
// other.
func (v *service) pruneDaily(ctx context.Context) error {
	for wait := firstPrune; pause(ctx, wait); wait = pruneEvery {
		v.prune(ctx)
	}
	return ctx.Err()
}

func (v *service) prune(ctx context.Context) {
	s := v.settings()
	prunes := auditlog.MayPrune(ctx, v.store, v.Log)
	for _, p := range s.Projects {
		if p.PersonalData != 0 {
			done, err := v.store.EraseOld(ctx, p.ID, time.Now().Add(-p.PersonalData))
			if err != nil && ctx.Err() == nil {
				v.Log.Error("old answers and alerts are not erased; tried again in a day", "project", p.ID, "error", err)
			} else if done.Answers+done.Alerts > 0 {
				v.Log.Info("answers and alerts were erased", "project", p.ID, "answers", done.Answers, "alerts", done.Alerts)
			}
		}
		if p.Retention == 0 || !prunes {
			continue
		}
		done, err := v.store.Prune(ctx, p.RetentionAt(time.Now()))
		if err == nil {
			_, err = pruneFiles(ctx, v.runContext(), p.RetentionAt(time.Now()))
		}
		switch {
		case err != nil && ctx.Err() == nil:
			v.Log.Error("what is older than the retention is not taken out; tried again in a day", "project", p.ID, "error", err)
		case done.Runs > 0:
			v.Log.Info("what is older than the retention was taken out", "project", p.ID, "retention", p.Entry.Retention,
				"runs", done.Runs, "entries", done.Entries, "kept", done.Kept)
		}
	}
	if err := pruneShared(ctx, v.runContext()); err != nil && ctx.Err() == nil {
		v.Log.Error("old due times are not taken out; tried again in a day", "error", err)
	}
}
