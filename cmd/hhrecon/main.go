// Command hhrecon reconciles a merchant's open payins with the HighHelp gateway.
//
// The file cmd_NAME.go has the command NAME. Package config reads the settings from the environment and
// schedules.yaml. The work is done in other packages: reconcile has the rules and the run, highhelp the gateway's
// client, sql the storage, reports the workbooks.
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
	"hhrecon/cmd/hhrecon/usage"
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

// cli is the grammar of the command line; each command's fields stand in its own file.
type cli struct {
	Schedules string `help:"File of projects and schedules; default schedules.yaml." placeholder:"FILE"`
	LogLevel  string `help:"Lowest level to log: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`

	Demo    demoCmd    `cmd:"" group:"Set up:" help:"Do the whole job with nothing installed: SQLite, sandbox, sample payins."`
	Migrate migrateCmd `cmd:"" group:"Set up:" help:"Create or upgrade hhrecon's own tables."`
	Check   checkCmd   `cmd:"" group:"Set up:" help:"Test every setting and report what is wrong."`
	Probe   probeCmd   `cmd:"" group:"Set up:" help:"Find the signature variant that a register uses."`
	User    userCmd    `cmd:"" group:"Set up:" help:"Manage the page's users and their tokens."`
	Adopt   adoptCmd   `cmd:"" group:"Set up:" help:"Declare a copied or restored database production or a copy."`

	Run     runCmd     `cmd:"" group:"Run:" help:"Reconcile the open payins now."`
	Serve   serveCmd   `cmd:"" group:"Run:" help:"Serve schedules, the page for finance staff, alerts and metrics."`
	Worker  workerCmd  `cmd:"" group:"Run:" help:"Take batches of queued runs, on any number of machines."`
	Report  reportCmd  `cmd:"" group:"Run:" help:"Write a report from what is stored, without requests to HighHelp."`
	Deliver deliverCmd `cmd:"" group:"Run:" help:"Send a run's report again, or list the reports that wait."`

	Runs   runsCmd      `cmd:"" group:"Look:" help:"List the runs."`
	Show   showCmd      `cmd:"" group:"Look:" help:"Show a run, or the history of a payin."`
	Jobs   schedulesCmd `cmd:"" group:"Look:" name:"schedules" help:"Show the last result and the next times of each job."`
	Verify verifyCmd    `cmd:"" group:"Look:" help:"Verify the audit log."`
	Replay replayCmd    `cmd:"" group:"Look:" help:"Judge a run's stored answers again, without requests to HighHelp."`

	Decide  decideCmd  `cmd:"" group:"Act:" help:"Decide payins that wait for a person, by id or from a workbook."`
	Approve approveCmd `cmd:"" group:"Act:" help:"Approve and execute what another person proposed."`
	Release releaseCmd `cmd:"" group:"Act:" help:"Write the corrections of a held run."`
	Discard discardCmd `cmd:"" group:"Act:" help:"Drop the corrections of a held run."`
	Undo    undoCmd    `cmd:"" group:"Act:" help:"Restore the rows that a run changed, if they did not change since."`
	Abandon abandonCmd `cmd:"" group:"Act:" help:"Give up an interrupted run that cannot be finished."`
	Support supportCmd `cmd:"" group:"Act:" help:"List and mark the questions for HighHelp support."`

	Prune pruneCmd `cmd:"" group:"Maintain:" help:"Delete what is older than the projects' retention."`
	Erase eraseCmd `cmd:"" group:"Maintain:" help:"Erase HighHelp's answers and alerts about a payin."`

	Sandbox sandboxCmd `cmd:"" group:"Develop:" help:"Start a stand-in for HighHelp."`
	Payin   payinCmd   `cmd:"" group:"Develop:" help:"Send one request to HighHelp."`

	Help       helpCmd       `cmd:"" group:"Help:" help:"Print a page of the manual, or a command's usage."`
	Version    versionCmd    `cmd:"" group:"Help:" help:"Print the version."`
	Completion completionCmd `cmd:"" group:"Help:" help:"Print a script that completes commands in a shell."`

	VersionFlag kong.VersionFlag `name:"version" help:"Print the version and exit."`
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

// newParser is the parser of the command line.
func newParser(c *cli, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(c, append(options, kong.Name("hhrecon"),
		kong.Description("Reconciles open payins with the HighHelp gateway and reports the result."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.Help(usage.Print), kong.Vars{"version": version})...)
}

// run is the whole program, for main and for tests.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	var c cli
	left := -1 // the status with which --help or --version left
	parser, err := newParser(&c, kong.Writers(stdout, stderr), kong.Exit(func(code int) { left = code }),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(stderr, "hhrecon:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"help"}
	}
	if args[0] == usage.Complete {
		fmt.Fprintln(stdout, strings.Join(usage.Words(parser, args[1:]), "\n"))
		return exitOK
	}
	command, err := parser.Parse(args)
	if left >= 0 {
		return left
	}
	if err != nil {
		fmt.Fprintf(stderr, "hhrecon: %v\nTry: %s --help\n", err, usage.CommandOf(err))
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
