package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
)

// verifyCmd is `hhrecon verify`.
type verifyCmd struct {
	Project string `help:"Only this project." placeholder:"ID"`
}

func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
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
					v.Thinned, v.ThinnedRuns, v.ThinnedAt.In(s.Zone).Format(time.DateTime), v.Retention)
			}
		}
		if broken > 0 {
			return fmt.Errorf("the audit trail of %d projects is broken", broken)
		}
		return nil
	})
}
