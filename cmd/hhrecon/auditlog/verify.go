// Package auditlog verifies the projects' audit logs.
package auditlog

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/sql"
)

// Verify verifies the audit log of a project, "" for all, and prints what it finds. An error says how many are broken.
func Verify(ctx context.Context, store *sql.Store, s *config.Settings, project string, out io.Writer) error {
	ids, err := store.TrailProjects(ctx)
	if err != nil {
		return err
	}
	if project != "" {
		if !slices.Contains(ids, project) {
			return config.UsageErrorf("project %q has no audit trail", project)
		}
		ids = []string{project}
	}
	if len(ids) == 0 {
		fmt.Fprintln(out, "There is no audit trail yet: no project has a run.")
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
			fmt.Fprintf(out, "BROKEN  project %s: after %d entries that hold: %s\n", id, v.Entries-v.Thinned, v.Break)
			continue
		}
		fmt.Fprintf(out, "ok      project %s: %d entries hold; the last is %.16s\n", id, v.Entries-v.Thinned, v.Head)
		if v.Thinned > 0 {
			fmt.Fprintf(out, "        The %d entries before them, of %d runs, were taken out; "+
				"last on %s, by the retention of %s.\n", v.Thinned, v.ThinnedRuns,
				v.ThinnedAt.In(s.Zone).Format(time.DateTime), v.Retention)
		}
	}
	if broken > 0 {
		return fmt.Errorf("the audit trail of %d projects is broken", broken)
	}
	return nil
}
