package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/sql"
)

// runsCmd is `hhrecon runs`.
type runsCmd struct {
	Project string `help:"Only this project." placeholder:"ID"`
	Last    int    `help:"How many, newest first." default:"20"`
	Alerts  bool   `help:"Also the runs that alerts began: many, and about few payins each."`
}

func (c *runsCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		runs, err := store.FindRuns(ctx, reconcile.RunFilter{ProjectID: c.Project, NoAlerts: !c.Alerts, Limit: c.Last})
		if err != nil {
			return err
		}
		if !c.Alerts && slices.ContainsFunc(s.Projects, config.Project.TakesAlerts) {
			defer fmt.Fprintln(a.Stdout, "Runs that alerts began are left out: --alerts shows them.")
		}
		if len(runs) == 0 {
			if c.Project != "" {
				fmt.Fprintf(a.Stdout, "No runs of project %q.\n", c.Project)
				return nil
			}
			fmt.Fprintln(a.Stdout, "No runs yet.")
			return nil
		}
		w := newTable(a.Stdout, "Run", "Project", "Started", "State", "Headline", "Selected", "Judged", "Settled", "Changes",
			"Note")
		for _, r := range runs {
			state := string(r.State)
			if r.DryRun {
				state += ", dry run"
			}
			if r.Origin.Trigger == reconcile.TriggerAlert {
				state += ", alert"
			}
			w.AppendRow(table.Row{
				r.ID, r.ProjectID, r.StartedAt.In(s.Zone).Format(time.DateTime), state, string(r.Headline()),
				r.Selected, r.Judged, r.Settled, r.Weight.Changes, i18n.English().Clauses(r.Note),
			})
		}
		w.Render()
		return nil
	})
}

// changedDefaults says which defaults are others than in the project's last run.
func (n *RunContext) changedDefaults(ctx context.Context, p config.Project) ([]string, error) {
	last, err := n.Store.FindRuns(ctx, reconcile.RunFilter{ProjectID: p.ID, NoAlerts: true, Limit: 1})
	if err != nil || len(last) == 0 {
		return nil, err
	}
	return p.ChangedDefaults(&last[0]), nil
}
