package sql

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
	"hhrecon/sql/alert"
	"hhrecon/sql/approval"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
	"hhrecon/sql/delivery"
	"hhrecon/sql/identity"
	"hhrecon/sql/lease"
	"hhrecon/sql/merchant"
	"hhrecon/sql/personal"
	"hhrecon/sql/queue"
	"hhrecon/sql/schedule"
	"hhrecon/sql/schema"
	"hhrecon/sql/support"
	"hhrecon/sql/user"
)

// Options are what Open needs beside the database.
type Options struct {
	SQLDir string       // the merchant's own queries (HHRECON_SQL_DIR); empty: the defaults
	Logger *slog.Logger // nil: slog.Default
	// Sentence renders a reason in English, to be kept beside its code and arguments; nil: reconcile.Reason.String.
	Sentence func(reconcile.Reason) string
	// AuditKeys are for the hashes of the audit log's entries; none: SHA-256 without a key.
	AuditKeys audit.Keys
	Now       func() time.Time // this machine's clock, to compare with the database's; nil: time.Now
}

// ErrUnavailable is the kind of all errors that say that the database is down or out of reach: nothing is
// wrong with what was asked of it, and a later try may go well.
var ErrUnavailable = db.ErrUnavailable

// ErrReadOnly is the kind of all errors that say that default_transaction_read_only is set for what would write.
var ErrReadOnly = db.ErrReadOnly

// ErrClock is the kind of the error that says that the database's clock is too far from this machine's.
var ErrClock = db.ErrClock

// ErrLocked is the kind of all errors that say that another transaction kept a row or table locked for too long.
var ErrLocked = db.ErrLocked

// ErrNewerSchema is the kind of the error that says that a newer hhrecon has migrated the database.
var ErrNewerSchema = schema.ErrNewer

// MigrateOptions say what Migrate makes beside hhrecon's own tables.
type MigrateOptions = schema.Options

var (
	//go:embed migrations
	migrations embed.FS
	//go:embed sample/payins.postgres.sql
	samplePostgres string
	//go:embed sample/payins.sqlite.sql
	sampleSQLite string

	samples = map[db.Dialect]string{db.Postgres: samplePostgres, db.SQLite: sampleSQLite}
)

// Store keeps runs, selections, findings and the merchant's payins in one database.
type Store struct {
	*db.DB
	*runStore
	*reportStore
	*findingStore
	*actionStore
	*pruneStore
	user.Accounts
	alert.Alerts
	schedule.Occurrences
	support.Cases
	delivery.Outbox
	approval.Approvals
}

// runStore opens, settles and closes runs.
type runStore struct {
	*db.DB
	audit.LogStore
	personal.Eraser
	identity.Guard
	schema.Migrator
	*merchant.Queries
	lease.Leases
	queue.BatchStore
	sentence func(reconcile.Reason) string
	settling atomic.Pointer[reconcile.Run] // the last one
}

// reportStore publishes reports, and saves their deliveries.
type reportStore struct {
	*db.DB
	*runStore
	delivery.Outbox
}

// findingStore reads findings and what they add up to.
type findingStore struct {
	*db.DB
	*reportStore
	alert.Alerts
	searchDepth int // how many findings a text is looked for in
}

// actionStore executes what people order and decide.
type actionStore struct {
	*db.DB
	*runStore
	approval.Approvals
}

// pruneStore deletes what is older than its retention.
type pruneStore struct {
	*db.DB
	*findingStore
	user.Accounts
	pruneSize int64 // how many rows are taken out in one transaction
}

var (
	_ run.Store               = (*Store)(nil)
	_ reconcile.Archive       = (*Store)(nil)
	_ reconcile.ActionStore   = (*Store)(nil)
	_ reconcile.AlertStore    = (*Store)(nil)
	_ reconcile.ScheduleStore = (*Store)(nil)
	_ reconcile.DeliveryStore = (*Store)(nil)
	_ reconcile.Finder        = (*Store)(nil)
	_ run.Queue               = (*Store)(nil)
)

// Open prepares the database that url names: postgres://… or postgresql://…, all that lib/pq takes,
// or sqlite:FILE. It connects to nothing yet, which Ping does, and reads the merchant's queries, whose
// faults CheckQueries reports. An error names the fault and never the password.
func Open(_ context.Context, url string, o Options) (*Store, error) {
	if o.Sentence == nil {
		o.Sentence = reconcile.Reason.String
	}
	conn, err := db.Open(url, o.Logger, known)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if o.Now != nil {
		conn.Now = o.Now
	}
	auditLog := audit.LogStore{DB: conn, Keys: o.AuditKeys}
	leases := lease.Leases{DB: conn}
	runs := &runStore{
		DB: conn, LogStore: auditLog, Eraser: personal.NewEraser(auditLog), Guard: identity.NewGuard(auditLog),
		Migrator: schema.Migrator{
			DB: conn, Migrations: migrations, Sample: samples[conn.Dialect], After: auditLog.RecordMigration,
		},
		Queries: merchant.New(conn, o.SQLDir), Leases: leases, BatchStore: queue.BatchStore{DB: conn, Leases: leases},
		sentence: o.Sentence,
	}
	outbox, alerts := delivery.Outbox{DB: conn}, alert.Alerts{DB: conn}
	approvals, users := approval.Approvals{DB: conn}, user.Accounts{DB: conn}
	reports := &reportStore{DB: conn, runStore: runs, Outbox: outbox}
	findings := &findingStore{DB: conn, reportStore: reports, Alerts: alerts, searchDepth: searchDepth}
	return &Store{
		DB:           conn,
		runStore:     runs,
		reportStore:  reports,
		findingStore: findings,
		actionStore:  &actionStore{DB: conn, runStore: runs, Approvals: approvals},
		pruneStore:   &pruneStore{DB: conn, findingStore: findings, Accounts: users, pruneSize: pruneSize},
		Accounts:     users,
		Alerts:       alerts,
		Occurrences:  schedule.Occurrences{DB: conn},
		Cases:        support.Cases{DB: conn},
		Outbox:       outbox,
		Approvals:    approvals,
	}, nil
}

// known tells whether an error is one that callers act on.
func known(err error) bool {
	var held *reconcile.HeldError
	var missing *reconcile.MissingError
	var done *reconcile.DoneError
	var stop *reconcile.StopError
	is := func(target error) bool { return errors.Is(err, target) }
	return slices.ContainsFunc(knownErrors, is) || errors.As(err, &held) ||
		errors.As(err, &done) || errors.As(err, &stop) || errors.As(err, &missing)
}

var knownErrors = []error{
	reconcile.ErrRunLost, reconcile.ErrRunClosed, reconcile.ErrNoRun, reconcile.ErrNotHeld, reconcile.ErrOpenRun,
	reconcile.ErrDryRun, reconcile.ErrDecided, reconcile.ErrNoFinding, reconcile.ErrNotRunning,
	reconcile.ErrNoUser, run.ErrNoBatch, run.ErrRunExpired,
	reconcile.ErrNoReport, reconcile.ErrDeliveryLost, reconcile.ErrNotApproved, reconcile.ErrNoToken, merchant.ErrRollback,
}
