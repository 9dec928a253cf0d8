package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/reconcile"
)

// pruneCmd is the command `hhrecon prune`.
type pruneCmd struct {
	Project []string `help:"Only this project; may be repeated." placeholder:"ID" sep:"none"`
	DryRun  bool     `help:"Print what would be deleted, and delete nothing."`
}

func (c *pruneCmd) Run(ctx context.Context, a *app) error {
	a.owner = true
	return a.withStore(ctx, func(n *service.RunContext) error {
		projects, err := n.Settings.Choose(c.Project)
		if err != nil {
			return err
		}
		keepsAll := func(p config.Project) bool { return p.Retention+p.PersonalData == 0 }
		projects = slices.DeleteFunc(slices.Clone(projects), keepsAll)
		if len(projects) == 0 {
			return config.UsageErrorf("no project has retention or personal_data: set for example retention: 400d in %s",
				config.DefaultSchedules)
		}
		for _, p := range projects {
			switch before := time.Now().Add(-p.PersonalData); {
			case p.PersonalData != 0 && c.DryRun:
				fmt.Fprintf(a.Stdout, "project %s: answers and alerts from before %s would be erased.\n", p.ID,
					before.In(n.Settings.Zone))
			case p.PersonalData != 0:
				done, err := n.Store.EraseOld(ctx, p.ID, before)
				if err != nil {
					return fmt.Errorf("project %s: %w", p.ID, err)
				}
				fmt.Fprintf(a.Stdout, "project %s, personal_data %s: erased %s and %s.\n", p.ID, p.Entry.PersonalData.Keep,
					console.Counted(done.Answers, "answer"), console.Counted(done.Alerts, "alert"))
			}
			if p.Retention == 0 {
				continue
			}
			r := p.RetentionAt(time.Now())
			r.DryRun = c.DryRun
			done, err := n.Store.Prune(ctx, r)
			if err != nil {
				return fmt.Errorf("project %s: %w", p.ID, err)
			}
			c.print(a, n.Settings, r, &done)
			files, err := service.PruneFiles(ctx, n, r)
			if err != nil {
				return err
			}
			if files > 0 {
				deleted := map[bool]string{false: "deleted", true: "would be deleted"}[c.DryRun]
				fmt.Fprintf(a.Stdout, "  Old reports in %s: %d %s.\n", n.Settings.ReportDir, files, deleted)
			}
		}
		if c.DryRun {
			return nil
		}
		return service.PruneShared(ctx, n)
	})
}

// print prints the counts of deleted rows, and the runs that block pruning.
func (c *pruneCmd) print(a *app, s *config.Settings, r reconcile.Retention, p *reconcile.Pruning) {
	fmt.Fprintf(a.Stdout, "project %s, retention %s: %s closed before %s, with %s, %s.\n",
		r.ProjectID, r.Setting, console.Counted(p.Runs, "run"), r.Before.In(s.Zone).Format(time.DateTime),
		console.Counted(p.Entries, "audit log entry"),
		map[bool]string{false: "deleted", true: "to be deleted"}[c.DryRun])
	if p.Unresolved+p.Alerts+p.Reports+p.Marks+p.Answers > 0 {
		fmt.Fprintf(a.Stdout, "  With: %s, %s, %s, %s, %s.\n", console.Counted(p.Unresolved, "unresolved payin"),
			console.Counted(p.Alerts, "alert"), console.Counted(p.Reports, "report"),
			console.Counted(p.Marks, "support mark"), console.Counted(p.Answers, "answer"))
	}
	if p.Kept == 0 {
		return
	}
	fmt.Fprintf(a.Stdout, "  Kept: %s, because the audit log is deleted from its beginning, up to the first run that is "+
		"needed.\n", console.Counted(p.Kept, "older run"))
	fmt.Fprintln(a.Stdout, "  "+strings.Join(service.PruneBlockers(p), "\n  "))
}
