package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
)

// pruneCmd is `hhrecon prune`.
type pruneCmd struct {
	Project []string `help:"Only this project; may be repeated." placeholder:"ID" sep:"none"`
	DryRun  bool     `help:"Only tell what would be taken out."`
}

func (c *pruneCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *settings, store *sql.Store) error {
		projects, err := s.choose(c.Project)
		if err != nil {
			return err
		}
		projects = slices.DeleteFunc(slices.Clone(projects), func(p project) bool { return p.retention == 0 })
		if len(projects) == 0 {
			return usageError("no project has a retention: set retention: 400d, say, in %s", defaultSchedules)
		}
		for _, p := range projects {
			r := p.retentionAt(time.Now())
			r.DryRun = c.DryRun
			done, err := store.Prune(ctx, r)
			if err != nil {
				return fmt.Errorf("project %s: %w", p.ID, err)
			}
			c.tell(a, s, r, &done)
		}
		if c.DryRun {
			return nil
		}
		return pruneTimes(ctx, s, store)
	})
}

// mostHoldings is how many reasons are told of a project.
const mostHoldings = 20

// tell says what was taken out, what stays though it is old, and why.
func (c *pruneCmd) tell(a *app, s *settings, r reconcile.Retention, p *reconcile.Pruning) {
	were := map[bool]string{false: "were taken out", true: "would be taken out"}[c.DryRun]
	fmt.Fprintf(a.stdout, "project %s, retention %s: %d runs that closed before %s, with %d findings and actions, %s.\n",
		r.ProjectID, r.Setting, p.Runs, r.Before.In(s.zone).Format(time.DateTime), p.Entries, were)
	if p.Unresolved+p.Alerts+p.Reports+p.Marks+p.Answers > 0 {
		fmt.Fprintf(a.stdout, "  With them: %d unresolved payins, %d alerts, %d reports, %d support marks, %d answers.\n",
			p.Unresolved, p.Alerts, p.Reports, p.Marks, p.Answers)
	}
	if p.Kept == 0 {
		return
	}
	fmt.Fprintf(a.stdout, "  %d older runs are kept: the audit trail is taken out from its beginning, up to the first run that is needed.\n", p.Kept)
	for _, h := range p.Holdings[:min(mostHoldings, len(p.Holdings))] {
		fmt.Fprintf(a.stdout, "  run %d: %s\n", h.RunID, h.Reason)
	}
	if more := len(p.Holdings) - mostHoldings; more > 0 {
		fmt.Fprintf(a.stdout, "  … and %d more\n", more)
	}
}

// pruneTimes takes out the old due times: those of all projects' jobs, and so by the longest retention.
func pruneTimes(ctx context.Context, s *settings, store *sql.Store) error {
	var longest time.Duration
	for _, p := range s.projects {
		if p.retention == 0 {
			return nil // its jobs keep theirs
		}
		longest = max(longest, p.retention)
	}
	if longest == 0 {
		return nil
	}
	_, err := store.PruneTimes(ctx, time.Now().Add(-longest))
	return err
}

// retentionAt is what of the project is old at a moment.
func (p project) retentionAt(now time.Time) reconcile.Retention {
	return reconcile.Retention{ProjectID: p.ID, Before: now.Add(-p.retention), Setting: p.entry.Retention, Now: now}
}

// reportsReach is how far back reports and the page look: last month's, on its last day, and the support page's 90 days.
const reportsReach = 92 * 24 * time.Hour

// leastRetention keeps whatever a run, a report or the page may still ask for.
func (p project) leastRetention() time.Duration {
	return p.Window + p.Recheck + reportsReach
}

// parseAge reads a length of time as settings have it, or whole days: 400d. An empty text is 0.
func parseAge(text string) (time.Duration, bool) {
	if text == "" {
		return 0, true
	}
	const day, mostDays = 24 * time.Hour, 100_000
	if days, whole := strings.CutSuffix(text, "d"); whole {
		n, err := strconv.ParseUint(days, 10, 32)
		return time.Duration(n) * day, err == nil && n > 0 && n <= mostDays
	}
	length, err := time.ParseDuration(text)
	return length, err == nil && length > 0
}

func (v *validation) retention(i int, e projectEntry) {
	length, ok := parseAge(e.Retention)
	v.check(ok, "retention %q is no length of time: write 400d or 9600h", e.Retention).at("projects", i, "retention")
	least := newProject(e, "", "").leastRetention()
	v.check(!ok || length == 0 || length >= least,
		"retention %s is too short: window, recheck and %dd for reports and the page come to %dd; write that or more, or leave it out to keep everything",
		e.Retention, reportsReach/(24*time.Hour), (least+24*time.Hour-1)/(24*time.Hour)).at("projects", i, "retention")
}

// The pace of taking out what is old.
const (
	thinAfter = 10 * time.Minute // the start: first things first
	thinEvery = 24 * time.Hour
)

// keepThin takes out once a day what is older than the projects' retention. Several processes do no harm to each other.
func (v *service) keepThin(ctx context.Context) error {
	for wait := thinAfter; pause(ctx, wait); wait = thinEvery {
		v.thin(ctx)
	}
	return ctx.Err()
}

func (v *service) thin(ctx context.Context) {
	s := v.settings()
	for _, p := range s.projects {
		if p.retention == 0 {
			continue
		}
		done, err := v.store.Prune(ctx, p.retentionAt(time.Now()))
		switch {
		case err != nil && ctx.Err() == nil:
			v.log.Error("what is older than the retention is not taken out; tried again in a day", "project", p.ID, "error", err)
		case done.Runs > 0:
			v.log.Info("what is older than the retention was taken out", "project", p.ID, "retention", p.entry.Retention,
				"runs", done.Runs, "entries", done.Entries, "kept", done.Kept)
		}
	}
	if err := pruneTimes(ctx, s, v.store); err != nil && ctx.Err() == nil {
		v.log.Error("old due times are not taken out; tried again in a day", "error", err)
	}
}
