package queue

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"hhrecon/reconcile/run"
	"hhrecon/sql/db"
	"hhrecon/sql/schema"
)

// These constants set the times for River in this process.
const (
	fetchEvery = 200 * time.Millisecond // time between two polls for jobs, because lib/pq receives no notifications
	stopLimit  = 40 * time.Second       // time limit for running jobs to release their batches
)

var errQueueSQLite = db.Errorf("queued runs need PostgreSQL: set HHRECON_DATABASE_URL to postgres://…")

// batchJob is the argument of River's job. The argument identifies a batch that may be waiting. Only hhrecon_batch has
// the batch's state.
type batchJob struct{ run.Batch }

// Kind is the job's name in River's table.
func (batchJob) Kind() string { return "hhrecon_batch" }

// queueOf returns the project's queue. A worker only takes jobs of the projects in its settings.
func queueOf(projectID string) string { return "hhrecon_" + strings.ToLower(projectID) }

// addJobs adds River's jobs in the transaction that queues the batches. Each job has one attempt, and a failed batch
// gets a new job.
func (s BatchStore) addJobs(ctx context.Context, tx *sqlx.Tx, projectID string, batches []batchRow) error {
	if len(batches) == 0 {
		return nil
	}
	client, err := river.NewClient(riverdatabasesql.New(s.Conn.DB), &river.Config{Logger: warningsOnly(s.Log)})
	if err != nil {
		return err
	}
	jobs := make([]river.InsertManyParams, len(batches))
	for i, b := range batches {
		jobs[i] = river.InsertManyParams{
			Args:       batchJob{run.Batch{RunID: b.RunID, Number: b.Number}},
			InsertOpts: &river.InsertOpts{Queue: queueOf(projectID), MaxAttempts: 1},
		}
	}
	added, err := client.InsertManyTx(ctx, tx.Tx, jobs)
	if db.IsMissingTable(err) {
		return errNoQueue
	}
	if err != nil {
		return err
	}
	_, err = s.SaveEach(ctx, tx, query("save_job_ids"), db.Args{}, len(batches), db.Columns{
		"run_id": db.Column(batches, func(b *batchRow) int64 { return b.RunID }),
		"number": db.Column(batches, func(b *batchRow) int64 { return b.Number }),
		"job_id": db.Column(added, func(job **rivertype.JobInsertResult) int64 { return (*job).Job.ID }),
	})
	return err
}

var errNoQueue = db.Errorf("River's tables, which distribute batches to workers, are missing or out of date; " +
	`run "hhrecon migrate --queue"`)

// warningsOnly drops River's log records below the level warning.
func warningsOnly(log *slog.Logger) *slog.Logger { return slog.New(warnings{log.Handler()}) }

type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// MigrateQueue creates or updates River's tables.
func (s BatchStore) MigrateQueue(ctx context.Context) error {
	if s.Dialect != db.Postgres {
		return errQueueSQLite
	}
	return s.WrapError(ctx, schema.Migrator{DB: s.DB}.WhileLocked(ctx, func(*sqlx.Tx) error {
		migrator, err := s.migrator()
		if err != nil {
			return err
		}
		result, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		if err != nil {
			return err
		}
		for _, v := range result.Versions {
			s.Log.InfoContext(ctx, "migrated", "migration", fmt.Sprintf("River %d", v.Version), "duration", v.Duration)
		}
		return nil
	}))
}

func (s BatchStore) migrator() (*rivermigrate.Migrator[*stdsql.Tx], error) {
	return rivermigrate.New(riverdatabasesql.New(s.Conn.DB), &rivermigrate.Config{Logger: warningsOnly(s.Log)})
}

// CheckQueue returns an error if runs cannot be queued, because the database is SQLite, or because River's tables are
// missing or out of date.
func (s BatchStore) CheckQueue(ctx context.Context) error {
	if s.Dialect != db.Postgres {
		return errQueueSQLite
	}
	migrator, err := s.migrator()
	if err != nil {
		return s.WrapError(ctx, err)
	}
	result, err := migrator.Validate(ctx, nil)
	if err != nil {
		return s.WrapError(ctx, err)
	}
	if !result.OK {
		return errNoQueue
	}
	return nil
}

// WorkOptions contains the options of Work.
type WorkOptions struct {
	Projects []string // IDs of the projects whose batches this process takes
	Workers  int      // number of parallel batches of each project
	Do       func(ctx context.Context, projectID string, b run.Batch) error
	// Fetched is called after each poll with the project, the number of jobs that the poll returned, and its duration.
	// Several goroutines call it.
	Fetched func(projectID string, jobs int, took time.Duration)
}

// Work takes batches until the context ends. It then waits until running jobs have ended or released their batches.
func (s BatchStore) Work(ctx context.Context, o WorkOptions) error {
	queues, projects := make(map[string]river.QueueConfig), make(map[string]string)
	for _, id := range o.Projects {
		queues[queueOf(id)], projects[queueOf(id)] = river.QueueConfig{MaxWorkers: o.Workers}, id
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &batchWorker{do: o.Do, projects: projects})
	client, err := river.NewClient(riverdatabasesql.New(s.Conn.DB), &river.Config{
		Logger: warningsOnly(s.Log), Queues: queues, Workers: workers, PollOnly: true, FetchPollInterval: fetchEvery,
		JobTimeout: -1, // a batch may take long; heartbeats show whether its worker is alive
		Plugins:    []rivertype.Plugin{fetchHook(o, projects)},
	})
	if err != nil {
		return err
	}
	// The client ignores the end of the context, because StopAndCancel below stops the client and waits.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return s.WrapError(ctx, err)
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	if err := client.StopAndCancel(stop); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("stop workers: %w", s.WrapError(ctx, err))
	}
	return nil
}

func fetchHook(o WorkOptions, projects map[string]string) rivertype.Plugin {
	return river.HookMetricEmitFunc(func(_ context.Context, p *rivertype.HookMetricEmitParams) {
		if o.Fetched == nil {
			return
		}
		switch m := p.Metric.(type) {
		case *rivertype.JobGetAvailableCountMetric:
			o.Fetched(projects[m.Queue], m.Count, 0)
		case *rivertype.JobGetAvailableDurationMetric:
			o.Fetched(projects[m.Queue], 0, m.Duration)
		}
	})
}

// batchWorker passes River's jobs to Do.
type batchWorker struct {
	river.WorkerDefaults[batchJob]
	do       func(context.Context, string, run.Batch) error
	projects map[string]string // project IDs by queue
}

// Work runs a job. If the job fails, the batch is already released, and River saves the job's error.
func (w *batchWorker) Work(ctx context.Context, job *river.Job[batchJob]) error {
	return w.do(ctx, w.projects[job.Queue], job.Args.Batch)
}

// JobCount is the number of River's jobs in one queue and state.
type JobCount struct {
	Queue, State string
	Count        int64
}

// CountJobs counts River's jobs. CountJobs returns no counts if River's tables are missing.
func (s BatchStore) CountJobs(ctx context.Context) ([]JobCount, error) {
	if s.Dialect != db.Postgres {
		return nil, nil
	}
	var counts []JobCount
	err := s.List(ctx, s.Conn, &counts, query("jobs_by_state").Postgres, nil)
	if db.IsMissingTable(err) {
		return nil, nil
	}
	return counts, s.WrapError(ctx, err)
}
