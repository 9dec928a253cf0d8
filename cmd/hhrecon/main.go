// Command hhrecon reconciles a merchant's open payins with the HighHelp gateway.
//
// Each command stands in a file of its own; settings come from the environment and schedules.yaml
// (package config). What the commands do is decided elsewhere: the rules and the run in
// package reconcile, the gateway in highhelp, storage in sql, workbooks in reports.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones on machines that have none

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/expired"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/private"
	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/sql"
	"hhrecon/sql/identity"
)

func main() {
	private.Umask()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = "dev"

// cli is the grammar of the command line; each command's fields stand in its own file.
type cli struct {
	Schedules string `help:"Projects and schedules." default:"" placeholder:"FILE"`
	LogLevel  string `help:"Least level that is logged: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`

	Demo    demoCmd      `cmd:"" help:"The whole job with nothing installed: SQLite, the sandbox, sample payins."`
	Migrate migrateCmd   `cmd:"" help:"Create or upgrade hhrecon's own tables."`
	Run     runCmd       `cmd:"" help:"One reconciliation run now."`
	Worker  workerCmd    `cmd:"" help:"Take batches of queued runs, on any number of machines."`
	Report  reportCmd    `cmd:"" help:"A report from what is stored; asks HighHelp nothing."`
	Deliver deliverCmd   `cmd:"" help:"Send a run's report again, or list what waits to be sent."`
	Runs    runsCmd      `cmd:"" help:"The history of runs."`
	Show    showCmd      `cmd:"" help:"One run, or one payin's story."`
	Serve   serveCmd     `cmd:"" help:"Schedules, the page for finance staff, HighHelp's alerts, metrics."`
	Jobs    schedulesCmd `cmd:"" name:"schedules" help:"What became of the last due time of each job, and the next ones."`
	User    userCmd      `cmd:"" help:"Who may sign in to the page: add, list, remove; tokens for the command line."`
	Release releaseCmd   `cmd:"" help:"Write the corrections of a held run."`
	Discard discardCmd   `cmd:"" help:"Drop the corrections of a held run."`
	Erase   eraseCmd     `cmd:"" help:"Erase HighHelp's answers and alerts about one payin; they may hold personal data."`
	Adopt   adoptCmd     `cmd:"" help:"Say what a copied or restored database is: production, or a copy."`
	Abandon abandonCmd   `cmd:"" help:"Give up an interrupted run that cannot be finished."`
	Undo    undoCmd      `cmd:"" help:"Put back what a run wrote, where nobody changed it since."`
	Decide  decideCmd    `cmd:"" help:"Settle payins that wait for a person: one by name, or many from a workbook."`
	Approve approveCmd   `cmd:"" help:"Approve what another person proposed, and do it."`
	Support supportCmd   `cmd:"" help:"The payins that HighHelp's support must hear of, and how far each is."`
	Verify  verifyCmd    `cmd:"" help:"Check that the audit trail holds."`
	Prune   pruneCmd     `cmd:"" help:"Take out what is older than the projects' retention."`
	Replay  replayCmd    `cmd:"" help:"Judge a run's stored answers again, without network."`
	Payin   payinCmd     `cmd:"" help:"One request to HighHelp by hand."`
	Probe   probeCmd     `cmd:"" help:"Find the signature variant that a register uses."`
	Check   checkCmd     `cmd:"" help:"Test every setting and say what is wrong and where."`
	Sandbox sandboxCmd   `cmd:"" help:"A HighHelp stand-in to develop against."`
	Help    helpCmd      `cmd:"" help:"The manual: all topics, one of them, or a command's usage."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

// app is what every command works with.
type app struct {
	getenv    func(string) string
	Stdout    io.Writer
	stderr    io.Writer
	Console   *console.Console
	Log       *slog.Logger
	Metrics   *metrics // nil where nobody scrapes them
	schedules string   // --schedules
	Outage    reconcile.Outage
	owner     bool // connects as the user that owns hhrecon's tables

	DatabaseWait time.Duration // --database-wait; 0 for commands without it
	copy         bool          // the database was declared a copy: only what reads is done
}

// The exit statuses that users script against.
const (
	exitOK        = 0
	exitFailed    = 1 // what was done is stored, and --resume goes on
	exitUsage     = 2 // wrong use or settings; nothing was done
	exitUntrusted = 3 // finished, but some payins are unreachable or unverifiable, or a head is not proved
	exitBusy      = 4 // another run holds the project
	exitHeld      = 5 // finished, and held: a person must look
)

// exitError ends a command with a status other than 1. A nil cause has been told already.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

// usageError is a fault in what the user gave: arguments or settings. Nothing was done.
func usageError(format string, args ...any) error {
	return config.UsageErrorf(format, args...)
}

// run is the whole program, for main and for tests.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	var c cli
	left := -1 // the status with which --help or --version left
	parser, err := kong.New(&c,
		kong.Name("hhrecon"),
		kong.Description("Reconciles open payins with the HighHelp gateway and reports the result."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { left = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Vars{"version": version},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		fmt.Fprintln(stderr, "hhrecon:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"help"}
	}
	command, err := parser.Parse(args)
	if left >= 0 {
		return left
	}
	if err != nil {
		fmt.Fprintf(stderr, "hhrecon: %v\nTry: hhrecon --help\n", err)
		return exitUsage
	}
	a := &app{getenv: getenv, Stdout: stdout, stderr: stderr, Console: console.New(stderr), schedules: c.Schedules}
	a.Log = a.Console.Logger(c.LogLevel)
	return a.exit(parallel.Recover(func() error { return command.Run(a) }))
}

// exit prints a command's error and turns it into the exit status.
func (a *app) exit(err error) int {
	if unprinted(err) != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(a.stderr, "hhrecon:", line)
		}
	}
	return codeOf(err)
}

// unprinted is what of an error has still to be told.
func unprinted(err error) error {
	var status *exitError
	if errors.As(err, &status) {
		return status.cause
	}
	return err
}

func codeOf(err error) int {
	var status *exitError
	var usage *config.UsageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return status.code
	case errors.Is(err, auditlog.ErrNotProved):
		return exitUntrusted
	case errors.As(err, &usage), errors.Is(err, sql.ErrNewerSchema), errors.Is(err, sql.ErrReadOnly),
		errors.Is(err, sql.ErrClock), errors.Is(err, identity.ErrCopy):
		return exitUsage
	}
	return exitFailed
}

// settings reads the environment and schedules.yaml.
func (a *app) settings() (*config.Settings, error) { return config.Read(a.getenv, a.schedules) }

// clock is this machine's. A variable, for tests of clocks that are apart.
var clock = time.Now

// connect opens the database, whatever is in it.
func (a *app) connect(ctx context.Context, s *config.Settings) (*sql.Store, error) {
	url, name := s.Database(a.owner)
	if url == "" {
		return nil, usageError("no database is set: set HHRECON_DATABASE_URL to postgres://… or sqlite:FILE")
	}
	if a.owner {
		if err := auditlog.SameDatabase(ctx, s); err != nil {
			return nil, err
		}
	}
	store, err := sql.Open(ctx, url, sql.Options{
		SQLDir: s.SQLDir, Logger: a.Log, Sentence: i18n.English().Sentence, Now: clock, AuditKeys: s.AuditKeys,
	})
	if err != nil {
		return nil, usageError("%s: %w", name, err)
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
func (a *app) withStore(ctx context.Context, do func(*config.Settings, *sql.Store) error) error {
	return a.with(ctx, func(s *config.Settings, store *sql.Store) error {
		err := a.retryWhileUnavailable(ctx, func() error { return store.CheckSchema(ctx) })
		if err := checkError(err); err != nil {
			return err
		}
		return do(s, store)
	})
}

// withChecked is withStore for commands that select or write the merchant's rows: the database must not be a copy, and
// the merchant's queries must give what they must.
func (a *app) withChecked(ctx context.Context, do func(*config.Settings, *sql.Store) error) error {
	return a.withStore(ctx, func(s *config.Settings, store *sql.Store) error {
		err := cmp.Or(store.CheckIdentity(ctx), store.CheckKeys(ctx))
		if err == nil {
			err = a.retryWhileUnavailable(ctx, func() error { return store.CheckQueries(ctx, s.Rules()...) })
		}
		if err == nil {
			err = store.NoteRestore(ctx, expired.Runs(s))
		}
		if err := checkError(err); err != nil {
			return err
		}
		return do(s, store)
	})
}

// with opens the database for a command, whatever is in it.
func (a *app) with(ctx context.Context, do func(*config.Settings, *sql.Store) error) error {
	s, err := a.settings()
	if err != nil {
		return err
	}
	store, err := a.connect(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	if err = do(s, store); a.owner {
		err = auditlog.AsOwner(err, s)
	}
	return err
}

// checkError is the error of a check of the database. If the database only cannot be reached, or keeps a table locked,
// no setting is wrong: a later run may go well.
func checkError(err error) error {
	passing := func(target error) bool { return errors.Is(err, target) }
	if err == nil || slices.ContainsFunc([]error{sql.ErrUnavailable, sql.ErrLocked, context.Canceled}, passing) {
		return err
	}
	return &exitError{exitUsage, err}
}
