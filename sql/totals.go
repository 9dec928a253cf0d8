package sql

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// Totals adds up the scope's findings by outcome and currency. The database computes the sums.
func (s *findingStore) Totals(ctx context.Context, scope reconcile.ReportScope) ([]reconcile.Total, error) {
	if err := s.requireUnpruned(ctx, s.Conn, scope); err != nil {
		return nil, s.WrapError(ctx, err)
	}
	st := query("finding/totals_of_run").In(s.Dialect)
	switch {
	case scope.Correction != 0:
		st = query("report/totals_of_correction").In(s.Dialect)
		if err := s.checkCorrection(ctx, s.Conn, scope); err != nil {
			return nil, s.WrapError(ctx, err)
		}
	case scope.RunID == 0:
		st = query("finding/totals_of_period").In(s.Dialect)
	}
	return db.Select[reconcile.Total](ctx, s.DB, query("finding/totals"), db.Args{"findings": st.With(scopeArgs(scope))})
}

// Verified counts the successes of a run's project whose updated_at is in a period.
func (s *findingStore) Verified(ctx context.Context, run reconcile.Run,
	w reconcile.Window) (v reconcile.Verified, err error) {
	final := s.FinalQuery(run.ProjectID, w.From, projectOf(run).SuccessStatuses())
	a := db.Args{"final_payins": final, "project_id": run.ProjectID, "from": db.FormatTime(w.From),
		"to": db.FormatTime(w.To)}
	err = s.Get(ctx, s.Conn, &v, query("report/verified").In(s.Dialect), a)
	return v, s.WrapError(ctx, err)
}

// maxDailyRuns is the maximum number of runs that DailyTotals reads. This number is enough for hourly runs over more
// than a year.
const maxDailyRuns = 10_000

// DailyTotals returns the totals of the last n local days that have closed runs over all open payins, oldest day first.
// The last day is the day of the scope's run, or the end of the scope's period.
func (s *findingStore) DailyTotals(ctx context.Context, scope reconcile.ReportScope, zone *time.Location,
	n int) ([]reconcile.DailyTotals, error) {
	var days []reconcile.DailyTotals
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		a := scopeArgs(scope)
		a["limit"] = maxDailyRuns
		var runs []reconcile.Run
		if err := s.List(ctx, tx, &runs, query("finding/daily_runs").In(s.Dialect), a); err != nil {
			return err
		}
		for first := 0; first < len(runs) && len(days) < n; {
			date, last := midnightOf(runs[first].StartedAt, zone), first+1
			for last < len(runs) && midnightOf(runs[last].StartedAt, zone).Equal(date) {
				last++
			}
			day, err := s.dailyTotals(ctx, tx, date, runs[first:last])
			if err != nil {
				return err
			}
			days, first = append(days, day), last
		}
		return nil
	})
	slices.Reverse(days)
	return days, s.WrapError(ctx, err)
}

// dailyTotals counts the payins of one day's runs. The runs are sorted, latest first.
func (s *findingStore) dailyTotals(ctx context.Context, tx *sqlx.Tx, day time.Time,
	runs []reconcile.Run) (reconcile.DailyTotals, error) {
	totals := reconcile.DailyTotals{Day: day, Runs: int64(len(runs)), Counts: make(map[reconcile.Outcome]int64)}
	first := make(map[string]bool)
	var all, later []int64
	for _, run := range slices.Backward(runs) {
		all = append(all, run.ID)
		if first[run.ProjectID] {
			later = append(later, run.ID)
		}
		first[run.ProjectID] = true
	}
	var rows []struct {
		Outcome reconcile.Outcome
		Count   int64
	}
	err := s.List(ctx, tx, &rows, query("finding/daily_totals").In(s.Dialect),
		db.Args{"runs": db.Int64s(all), "later": db.Int64s(later), "outcomes": db.Strings(reconcile.Outcomes)})
	for _, r := range rows {
		totals.Counts[r.Outcome] = r.Count
	}
	return totals, err
}

// midnightOf returns the start of a local day. If clocks skip midnight, the day starts with the first existing hour.
func midnightOf(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// RecentThroughput returns how many payins per second a run has judged within the minute before now, in all processes
// together. The result is 0 if no payin was judged, or if the time between the verdicts is too short.
func (s *findingStore) RecentThroughput(ctx context.Context, runID int64, now time.Time) (float64, error) {
	var row struct {
		Judged          int64
		FirstAt, LastAt time.Time
	}
	a := db.Args{"run_id": runID, "since": db.FormatTime(now.Add(-time.Minute))}
	if err := s.Get(ctx, s.Conn, &row, query("finding/recent_verdicts").In(s.Dialect), a); err != nil {
		return 0, s.WrapError(ctx, err)
	}
	took := row.LastAt.Sub(row.FirstAt)
	if took < reconcile.MinThroughputTime {
		return 0, nil
	}
	return float64(row.Judged-1) / took.Seconds(), nil
}
