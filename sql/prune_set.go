package sql

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
)

// pruneSet contains the runs to delete next. They are the project's oldest runs, whose entries are at the start of its
// audit log.
type pruneSet struct {
	checkpoint audit.Checkpoint
	last       int64 // the newest run
	runs       int
	cutoff     int64 // the position of the last entry
	until      time.Time
	kept       int64 // number of old runs that are kept
	blockers   []reconcile.Blocker
}

// selectRuns hides the next runs to delete and saves the cutoff. A dry run only computes the runs and the cutoff.
func (s *pruneStore) selectRuns(ctx context.Context, r reconcile.Retention) (pruneSet, error) {
	var c pruneSet
	if r.DryRun {
		err := s.Read(ctx, func(tx *sqlx.Tx) error {
			var err error
			if c.checkpoint, err = s.Checkpoint(ctx, tx, r.ProjectID); err != nil {
				return err
			}
			return c.choose(ctx, s, tx, r, 0)
		})
		return c, err
	}
	err := s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		c = pruneSet{}
		project := db.Args{"project_id": r.ProjectID}
		var err error
		if c.checkpoint, err = s.LockCheckpoint(ctx, tx, r.ProjectID); err != nil {
			return err
		}
		if err := c.choose(ctx, s, tx, r, 0); err != nil || c.none() {
			return err
		}
		project["last"] = c.last
		var ids []int64
		if err := s.List(ctx, tx, &ids, query("retention/lock_old_runs").In(s.Dialect), project); err != nil {
			return err
		}
		// All actions on these runs have ended, so the list of blockers no longer changes.
		if err := c.choose(ctx, s, tx, r, c.last+1); err != nil || c.none() {
			return err
		}
		project["last"], project["now"], project["goal"], project["runs"] = c.last, db.FormatTime(r.Now), c.cutoff, c.runs
		project["until"], project["retention"] = db.FormatTime(c.until), r.Setting
		if _, err := s.Exec(ctx, tx, query("retention/mark_pruned").In(s.Dialect), project); err != nil {
			return err
		}
		if _, err = s.Exec(ctx, tx, query("retention/set_cutoff").In(s.Dialect), project); err != nil {
			return err
		}
		return s.RecordPruning(ctx, tx, c.checkpoint, r.ProjectID, c.cutoff, r.Setting, r.Now)
	})
	return c, err
}

// none reports whether there is nothing to delete.
func (c *pruneSet) none() bool { return c.runs == 0 && c.cutoff == c.checkpoint.Seq }

// choose selects runs whose IDs are lower than beyond. If beyond is 0, choose selects runs with any ID.
func (c *pruneSet) choose(ctx context.Context, s *pruneStore, tx *sqlx.Tx, r reconcile.Retention, beyond int64) error {
	held, err := s.blockers(ctx, tx, r)
	if err != nil {
		return err
	}
	c.runs, c.last, c.cutoff, c.kept, c.blockers = 0, 0, c.checkpoint.Seq, 0, nil
	c.until = c.checkpoint.Until.Time
	first, young := c.hold(held, beyond)
	var events []int64 // positions of old events that are not about a run
	a := db.Args{"project_id": r.ProjectID, "after": c.checkpoint.Seq, "before": db.FormatTime(r.Before)}
	if err := s.List(ctx, tx, &events, query("retention/old_events").In(s.Dialect), a); err != nil {
		return err
	}
	if r.ProjectID == "" { // the log without a project contains only events
		for _, place := range events {
			if place == c.cutoff+1 {
				c.cutoff, c.until = place, r.Before
			}
		}
		return nil
	}
	for limit := int(min(pruneRuns, s.pruneSize)); ; limit *= 4 {
		if r.DryRun {
			limit = anyNumber
		}
		var spans []struct {
			ID, Entries, LastFinding, LastAction int64
			StartedAt                            time.Time
		}
		a := db.Args{"project_id": r.ProjectID, "beyond": first, "limit": limit}
		if err := s.List(ctx, tx, &spans, query("retention/runs_to_prune").In(s.Dialect), a); err != nil {
			return err
		}
		// If the deleted entries, the entries of these runs and the events between these runs add up to the position
		// last, the start of the log contains no other entries.
		entries, last, until := c.checkpoint.Seq, c.checkpoint.Seq, c.until
		for i, span := range spans {
			entries, last = entries+span.Entries, max(last, span.LastFinding, span.LastAction)
			if span.StartedAt.After(until) {
				until = span.StartedAt
			}
			between, _ := slices.BinarySearch(events, last)
			if entries+int64(between) == last {
				c.runs, c.last, c.cutoff, c.until = i+1, span.ID, last, until
			}
		}
		if c.runs > 0 || len(spans) < limit {
			break
		}
	}
	if c.runs > 0 && !r.DryRun {
		return nil
	}
	kept := db.Args{"project_id": r.ProjectID, "after": c.last, "young": young}
	return s.Get(ctx, tx, &c.kept, query("retention/count_kept_runs").In(s.Dialect), kept)
}

// hold saves the blockers in the result. It returns the first run that must be kept, and the first run that is not old.
func (c *pruneSet) hold(held []reconcile.Blocker, beyond int64) (first, young int64) {
	first, young = cmp.Or(beyond, anyNumber), anyNumber
	for _, h := range held {
		first = min(first, h.RunID)
		if h.Kind == "" {
			young = min(young, h.RunID)
		}
	}
	c.blockers = slices.DeleteFunc(held, func(h reconcile.Blocker) bool { return h.Kind == "" || h.RunID >= young })
	return first, young
}

// blockers lists the runs that cannot be deleted, each with one reason. A run that is not older than the
// retention has no reason.
func (s *pruneStore) blockers(ctx context.Context, tx *sqlx.Tx, r reconcile.Retention) ([]reconcile.Blocker, error) {
	var rows []reconcile.Blocker
	a := db.Args{"project_id": r.ProjectID, "before": db.FormatTime(r.Before)}
	if err := s.List(ctx, tx, &rows, query("retention/prune_blockers").In(s.Dialect), a); err != nil {
		return nil, err
	}
	held := make(map[int64]reconcile.Blocker)
	add := func(h reconcile.Blocker) {
		if _, known := held[h.RunID]; !known {
			held[h.RunID] = h
		}
	}
	for _, row := range rows {
		add(row)
	}
	waiting, err := s.undecided(ctx, tx, &reconcile.FindingFilter{ProjectID: r.ProjectID})
	if err != nil {
		return nil, err
	}
	for _, k := range waiting {
		add(reconcile.Blocker{RunID: k.runID, Kind: reconcile.BlockerUndecided, Number: k.seq})
	}
	asked, err := s.awaitingSupport(ctx, tx, r.ProjectID)
	if err != nil {
		return nil, err
	}
	for _, h := range asked {
		add(h)
	}
	return slices.SortedFunc(maps.Values(held), func(a, b reconcile.Blocker) int { return cmp.Compare(a.RunID, b.RunID) }),
		nil
}

// awaitingSupport lists the runs with the latest finding about a payin whose support case is open.
func (s *pruneStore) awaitingSupport(ctx context.Context, tx *sqlx.Tx, projectID string) ([]reconcile.Blocker, error) {
	var marks []reconcile.SupportCase
	if err := s.List(ctx, tx, &marks, query("retention/open_support_cases").In(s.Dialect),
		db.Args{"project_id": projectID}); err != nil {
		return nil, err
	}
	var asked []reconcile.Blocker
	for _, m := range marks {
		f, err := s.lastFinding(ctx, tx, m.ProjectID, m.PaymentID)
		if errors.Is(err, reconcile.ErrNoFinding) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if m.StateOf(&f) != reconcile.SupportNew {
			asked = append(asked, reconcile.Blocker{RunID: f.RunID, Kind: reconcile.BlockerSupport, PaymentID: m.PaymentID})
		}
	}
	return asked, nil
}

// requireUnpruned returns an error if runs of a period are already pruned.
func (s *reportStore) requireUnpruned(ctx context.Context, tx sqlx.QueryerContext, scope reconcile.ReportScope) error {
	if scope.RunID != 0 {
		return nil
	}
	var row struct {
		ProjectID, Retention string
		Until                time.Time
	}
	err := s.GetOr(ctx, tx, &row, query("retention/pruned_within"), scopeArgs(scope), nil)
	if err != nil || row.ProjectID == "" {
		return err
	}
	return db.Errorf("the period starts before the oldest data: the runs of project %s that started up to %s were "+
		"pruned by its retention of %s; use a period that starts later",
		row.ProjectID, row.Until.UTC().Format(time.RFC3339), row.Retention)
}
