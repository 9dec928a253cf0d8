// Package watch counts what metrics and estimates are made of.
package watch

import (
	"context"
	"embed"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

// Files are the package's statements.
var Files = db.NewQueries(queryFiles)

var (
	countDeliveriesQuery = Files.Load("count_deliveries")
	countRunsQuery       = Files.Load("count_runs")
	recentVerdictsQuery  = Files.Load("recent_verdicts")
	staleRunsQuery       = Files.Load("stale_runs")
)

// Counter counts in a database.
type Counter struct{ *db.DB }

// CountRuns counts runs by project, state and trigger; dry runs are left out.
func (s Counter) CountRuns(ctx context.Context) ([]reconcile.RunCount, error) {
	var counts []reconcile.RunCount
	err := s.List(ctx, s.Conn, &counts, countRunsQuery.In(s.Dialect), nil)
	return counts, s.WrapError(ctx, err)
}

// CountDeliveries counts deliveries by state.
func (s Counter) CountDeliveries(ctx context.Context) ([]reconcile.DeliveryCount, error) {
	var counts []reconcile.DeliveryCount
	err := s.List(ctx, s.Conn, &counts, countDeliveriesQuery.In(s.Dialect), nil)
	return counts, s.WrapError(ctx, err)
}

// paceLook is how far back a run's pace is looked for.
const paceLook = time.Minute

// RecentPace is how many payins a second a run has judged in the minute before now, in all processes; 0 where that
// is too short a time, or nothing was judged.
func (s Counter) RecentPace(ctx context.Context, runID int64, now time.Time) (float64, error) {
	var row struct {
		Judged          int64
		FirstAt, LastAt time.Time
	}
	a := db.Args{"run_id": runID, "since": db.FormatTime(now.Add(-paceLook))}
	if err := s.Get(ctx, s.Conn, &row, recentVerdictsQuery.In(s.Dialect), a); err != nil {
		return 0, s.WrapError(ctx, err)
	}
	took := row.LastAt.Sub(row.FirstAt)
	if took < reconcile.MinThroughputTime {
		return 0, nil
	}
	return float64(row.Judged-1) / took.Seconds(), nil
}

// ExpiredRuns lists the project's queued runs for which nothing gives a heartbeat. PostgreSQL only.
func (s Counter) ExpiredRuns(ctx context.Context, projectID string) ([]int64, error) {
	var ids []int64
	a := db.Args{"project_id": projectID, "silence": reconcile.LeaseTime.Seconds()}
	err := s.List(ctx, s.Conn, &ids, staleRunsQuery.Postgres, a)
	return ids, s.WrapError(ctx, err)
}
