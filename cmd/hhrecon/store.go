package main

import (
	"context"
	"errors"

	"hhrecon/reconcile"
	"hhrecon/sql"
)

// openStore opens the database and sees that hhrecon's own tables are there.
func (a *app) openStore(ctx context.Context, s *settings) (*sql.Store, error) {
	store, err := a.connect(ctx, s)
	if err != nil {
		return nil, err
	}
	return fit(store, store.CheckSchema(ctx))
}

// openChecked also sees that the merchant's queries give what they must: for the commands that select or
// write the merchant's rows.
func (a *app) openChecked(ctx context.Context, s *settings) (*sql.Store, error) {
	store, err := a.openStore(ctx, s)
	if err != nil {
		return nil, err
	}
	return fit(store, store.CheckQueries(ctx, s.rules()...))
}

// fit closes a store that is not.
func fit(store *sql.Store, err error) (*sql.Store, error) {
	if err == nil {
		return store, nil
	}
	store.Close()
	if errors.Is(err, sql.ErrUnavailable) || errors.Is(err, context.Canceled) {
		return nil, err // no setting is wrong: the next night may find it up again
	}
	return nil, &exitError{exitUsage, err}
}

// connect opens the database, whatever is in it.
func (a *app) connect(ctx context.Context, s *settings) (*sql.Store, error) {
	if s.databaseURL == "" {
		return nil, usageError("no database is set: set HHRECON_DATABASE_URL to postgres://… or sqlite:FILE")
	}
	store, err := sql.Open(ctx, s.databaseURL, sql.Options{SQLDir: s.sqlDir, Logger: a.log})
	if err != nil {
		return nil, usageError("HHRECON_DATABASE_URL: %w", err)
	}
	return store, nil
}

// findRun reads a run that the user named.
func findRun(ctx context.Context, store *sql.Store, id int64) (reconcile.Run, error) {
	run, err := store.Run(ctx, id)
	if errors.Is(err, reconcile.ErrNoRun) {
		err = usageError("there is no run %d: hhrecon runs lists those that there are", id)
	}
	return run, err
}

// withStore opens what commands need that only read hhrecon's own tables, and closes it behind them.
func (a *app) withStore(ctx context.Context, do func(*settings, *sql.Store) error) error {
	return a.with(ctx, a.openStore, do)
}

// withChecked is withStore for commands that write the merchant's rows.
func (a *app) withChecked(ctx context.Context, do func(*settings, *sql.Store) error) error {
	return a.with(ctx, a.openChecked, do)
}

func (a *app) with(ctx context.Context, open func(context.Context, *settings) (*sql.Store, error), do func(*settings, *sql.Store) error) error {
	s, err := a.settings()
	if err != nil {
		return err
	}
	store, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	return do(s, store)
}
