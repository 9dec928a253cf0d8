package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// These limits apply to the difference between the database's clock and the clock of this machine.
const (
	warnSkew    = time.Minute
	maxSkew     = time.Hour
	warnAgainIn = 10 * time.Minute
)

// ErrClock means that the clocks of the database and of this machine differ by more than an hour.
var ErrClock = errors.New("the clocks are too far apart")

// CompareClocks compares the database's clock with the clock of this machine. CompareClocks returns a warning
// if the clocks differ by more than a minute, and ErrClock if they differ by more than an hour. SQLite always
// uses this machine's clock.
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
	if there.Before(before) {
		skew, side = before.Sub(there), "behind"
	}
	if skew <= warnSkew {
		return "", nil
	}
	text := fmt.Sprintf("the database server's clock is %s %s this machine's clock: set both clocks with "+
		"NTP", skew.Round(time.Second), side)
	if skew > maxSkew {
		return "", &UserError{text + "; hhrecon does not run while the clocks are more than an hour apart", ErrClock}
	}
	return text, nil
}

// CheckClock calls CompareClocks before a run, and logs the warning at most every ten minutes.
func (d *DB) CheckClock(ctx context.Context, q sqlx.QueryerContext) error {
	warning, err := d.CompareClocks(ctx, q)
	if last := d.warned.Load(); warning != "" && (last == nil || time.Since(*last) > warnAgainIn) {
		now := time.Now()
		d.warned.Store(&now)
		d.Log.WarnContext(ctx, warning)
	}
	return err
}
