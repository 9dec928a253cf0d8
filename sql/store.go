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

// Options contains the settings of Open except the URL.
type Options struct {
	SQLDir string       // folder of the merchant's own queries (HHRECON_SQL_DIR); "" for the defaults
	Logger *slog.Logger // nil means slog.Default
	// Sentence renders a reason in English. The sentence is saved with the reason's code and arguments. If Sentence is
	// nil, reconcile.Reason.String is used.
	Sentence func(reconcile.Reason) string
	// AuditKeys are the keys of the hashes of audit log entries. Without keys, the hashes are plain SHA-256.
	AuditKeys audit.Keys
	Now       func() time.Time // the clock that hhrecon compares with the database's clock; nil means time.Now
	Setting   string           // the setting that contains the URL, for messages; default HHRECON_DATABASE_URL
}

// ErrUnavailable means that the database is down or cannot be reached. The same request may succeed later.
var ErrUnavailable = db.ErrUnavailable

// ErrReadOnly means that a request must write, but default_transaction_read_only is on.
var ErrReadOnly = db.ErrReadOnly

// ErrClock means that the database's clock differs too much from this machine's.
var ErrClock = db.ErrClock

// ErrLocked means that another transaction locked a row or table for too long.
var ErrLocked = db.ErrLocked

// ErrNewerSchema means that a newer hhrecon has migrated the database.
var ErrNewerSchema = schema.ErrNewer

// MigrateOptions contains the options of Migrate.
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

// Store stores runs, selections and findings in one database, and reads and corrects the merchant's payins there.
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
	settling atomic.Pointer[reconcile.Run] // the run that this process settled last
	counted  atomic.Pointer[countedRuns]
}

// reportStore publishes reports and saves their deliveries.
type reportStore struct {
	*db.DB
	*runStore
	delivery.Outbox
}

// findingStore reads findings and their totals.
type findingStore struct {
	*db.DB
	*reportStore
	alert.Alerts
	searchDepth int // maximum number of findings that a text search reads
}

// actionStore executes people's actions and decisions.
type actionStore struct {
	*db.DB
	*runStore
	approval.Approvals
}

// pruneStore deletes rows that are older than their retention.
type pruneStore struct {
	*db.DB
	*findingStore
	user.Accounts
	pruneSize int64 // maximum number of rows that one transaction deletes
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

// Open prepares the database at url: postgres://… or postgresql://… with all options of lib/pq, or sqlite:FILE. Open
// reads the merchant's queries. CheckQueries reports errors in the queries. Open does not connect. Ping connects. An
// error never contains the password.
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
	conn.Setting = o.Setting
	auditLog := audit.LogStore{DB: conn, Keys: o.AuditKeys}
	leases := lease.Leases{DB: conn}
	runs := &runStore{
		DB: conn, LogStore: auditLog, Eraser: personal.NewEraser(auditLog), Guard: identity.NewGuard(auditLog),
		Migrator: schema.Migrator{DB: conn, Migrations: migrations, Sample: samples[conn.Dialect],
			After: auditLog.RecordMigration},
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

// known reports whether WrapError must return an error unchanged because callers act on that error.
func known(err error) bool {
	is := func(target error) bool { return errors.Is(err, target) }
	return slices.ContainsFunc(knownErrors, is) ||
		reconcile.IsType[*reconcile.HeldError](err) || reconcile.IsType[*reconcile.DoneError](err) ||
		reconcile.IsType[*reconcile.StopError](err) || reconcile.IsType[*reconcile.MissingError](err)
}

var knownErrors = []error{
	reconcile.ErrRunLost, reconcile.ErrRunClosed, reconcile.ErrNoRun, reconcile.ErrNotHeld, reconcile.ErrOpenRun,
	reconcile.ErrDryRun, reconcile.ErrShadow, reconcile.ErrDecided, reconcile.ErrNoFinding, reconcile.ErrNotRunning,
	reconcile.ErrNoUser, run.ErrNoBatch, run.ErrRunExpired,
	reconcile.ErrNoReport, reconcile.ErrDeliveryLost, reconcile.ErrNotApproved, reconcile.ErrNoToken, merchant.ErrRollback,
}
