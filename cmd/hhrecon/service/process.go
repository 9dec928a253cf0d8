package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/metrics"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
	"hhrecon/sql"
)

// Process contains the output, the logger, the metrics and the state of an outage. All parts of the
// program share one Process.
type Process struct {
	Version string
	Stdout  io.Writer
	Console *console.Console
	Log     *slog.Logger
	Metrics *metrics.Metrics // nil means that the process has no metrics
	Outage  run.Outage

	DatabaseWait time.Duration // how long to wait for an unavailable database; 0 means not at all

	ReadSettings func() (*config.Settings, error) // reads the environment and schedules.yaml again
}

// NewClient reads a project's keys and returns its gateway client. If limiter is nil, only the project's rate limits
// the client.
func (p *Process) NewClient(s *config.Settings, c config.Project, limiter highhelp.Limiter) (*highhelp.Client, error) {
	signing, err := c.Signing()
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	client, err := highhelp.New(highhelp.Config{
		BaseURL: s.APIURL, ProjectID: c.ID, Signing: signing, Rate: c.Rate, Limiter: limiter, Concurrency: c.Concurrency,
		AttemptTimeout: c.AttemptTimeout, CallTimeout: c.PayinTimeout, FirstPause: c.FirstPause, HTTP: c.HTTP,
		Logger:  p.Log,
		Observe: p.Metrics.RequestObserver(c.ID),
	})
	if err != nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("project %s: %w", c.ID, err))
	}
	return client, nil
}

// FindRun reads the run with an ID that the user entered.
func FindRun(ctx context.Context, store *sql.Store, id int64) (reconcile.Run, error) {
	run, err := store.Run(ctx, id)
	if errors.Is(err, reconcile.ErrNoRun) {
		err = config.UsageErrorf("there is no run %d: run \"hhrecon runs\" to list the runs", id)
	}
	return run, err
}
