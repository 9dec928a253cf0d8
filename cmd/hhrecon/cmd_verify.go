package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
)

// verifyCmd is `hhrecon verify`.
type verifyCmd struct {
	Project string `help:"Only this project." placeholder:"ID"`
}

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *settings, store *sql.Store) error {
		ids, err := store.TrailProjects(ctx)
		if err != nil {
			return err
		}
		if c.Project != "" {
			if !slices.Contains(ids, c.Project) {
				return usageError("project %q has no audit trail", c.Project)
			}
			ids = []string{c.Project}
		}
		if len(ids) == 0 {
			fmt.Fprintln(a.stdout, "There is no audit trail yet: no project has a run.")
			return nil
		}
		broken := 0
		for _, id := range ids {
			v, err := store.Verify(ctx, id)
			if err != nil {
				return err
			}
			if v.Break != "" {
				broken++
				fmt.Fprintf(a.stdout, "BROKEN  project %s: after %d entries that hold: %s\n", id, v.Entries-v.Thinned, v.Break)
				continue
			}
			fmt.Fprintf(a.stdout, "ok      project %s: %d entries hold; the last is %.16s\n", id, v.Entries-v.Thinned, v.Head)
			if v.Thinned > 0 {
				fmt.Fprintf(a.stdout, "        The %d entries before them, of %d runs, were taken out; last on %s, by the retention of %s.\n",
					v.Thinned, v.ThinnedRuns, v.ThinnedAt.In(s.zone).Format(time.DateTime), v.Retention)
			}
		}
		if broken > 0 {
			return fmt.Errorf("the audit trail of %d projects is broken", broken)
		}
		return nil
	})
}

// replayCmd is `hhrecon replay N`.
type replayCmd struct {
	RunID   int64 `arg:"" name:"n" help:"The run."`
	Current bool  `help:"Judge by the settings of now, not by those of the run."`
}

// Run judges the stored answers again, without network, and shows every difference.
func (c *replayCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *settings, store *sql.Store) error {
		run, err := findRun(ctx, store, c.RunID)
		if err != nil {
			return err
		}
		rules := run.Rules
		if c.Current {
			p, err := s.one(run.ProjectID)
			if err != nil {
				return err
			}
			rules = p.Rules(run.StartedAt)
		}
		same, different := 0, 0
		for f, err := range store.Findings(ctx, reconcile.Scope{RunID: c.RunID}) {
			if err != nil {
				return err
			}
			again, err := reconcile.Rejudge(&f, &rules)
			if err != nil {
				return err
			}
			if again.Outcome == f.Outcome && again.Causes == f.Causes && again.After == f.After && again.PaidAmount == f.PaidAmount {
				same++
				continue
			}
			different++
			fmt.Fprintf(a.stdout, "%q: was %s, %s {%s}; now %s, %s {%s}\n", f.PaymentID,
				f.Outcome, stateText(f.After, f.Currency), f.Causes, again.Outcome, stateText(again.After, f.Currency), again.Causes)
		}
		fmt.Fprintf(a.stdout, "%d findings judged again: %d the same, %d different.\n", same+different, same, different)
		if different > 0 {
			return &exitError{code: exitFailed}
		}
		return nil
	})
}
