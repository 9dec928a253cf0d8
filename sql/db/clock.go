package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// How far the database's clock may be from this machine's.
const (
	warnSkew    = time.Minute
	maxSkew     = time.Hour
	warnAgainIn = 10 * time.Minute
)

// ErrClock is the kind of the error that says that the clocks are too far apart.
var ErrClock = errors.New("the clocks are too far apart")

// CompareClocks compares the database's clock with this machine's. It returns a warning if they are more than a minute
// apart, and ErrClock if it is more than an hour. SQLite has this machine's clock.
func (d *DB) CompareClocks(ctx context.Context, q sqlx.QueryerContext) (warning string, err error) {
	if d.Dialect == SQLite {
		return "", nil
	}
	var there time.Time
	before := d.Now()
	err = q.QueryRowxContext(ctx, "select clock_timestamp()").Scan(&there)
	if err != nil {
		return "", err
	}
	skew, side := there.Sub(d.Now()), "ahead of"
	if there.Before(before) { // in between, the answer was on its way
		skew, side = before.Sub(there), "behind"
	}
	if skew <= warnSkew {
		return "", nil
	}
	text := fmt.Sprintf("the database's clock is %s %s this machine's: set both by NTP", skew.Round(time.Second), side)
	if skew > maxSkew {
		return "", &UserError{text + "; nothing is done with clocks more than an hour apart", ErrClock}
	}
	return text, nil
}

// CheckClock is CompareClocks for runs: it logs the warning, but not at every run that an alert begins.
func (d *DB) CheckClock(ctx context.Context, q sqlx.QueryerContext) error {
	warning, err := d.CompareClocks(ctx, q)
	if last := d.warned.Load(); warning != "" && (last == nil || time.Since(*last) > warnAgainIn) {
		now := time.Now()
		d.warned.Store(&now)
		d.Log.WarnContext(ctx, warning)
	}
	return err
}
