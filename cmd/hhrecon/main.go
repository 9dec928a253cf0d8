// Command hhrecon reconciles a merchant's open payins with the HighHelp gateway.
//
// The file cmd_NAME.go implements the command NAME. Package config reads the settings from the environment and
// schedules.yaml. Package reconcile implements the rules and the runs. Package highhelp is the client of the gateway.
// Package sql stores the data, and package reports writes the workbooks.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // time zones for machines without time zone files

	"github.com/alecthomas/kong"

	"hhrecon/cmd/hhrecon/auditlog"
	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/cmd/hhrecon/exit"
	"hhrecon/cmd/hhrecon/filemode"
	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/cmd/hhrecon/service"
	"hhrecon/cmd/hhrecon/usage"
	"hhrecon/reports/i18n"
	"hhrecon/sql"
	"hhrecon/sql/db"
)

func main() {
	filemode.Umask()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process immediately
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// cli defines the commands. The flags of a command are in its file cmd_NAME.go.
type cli struct {
	Schedules string `help:"File of projects and schedules; default schedules.yaml." placeholder:"FILE"`
	LogLevel  string `help:"Lowest level to log: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`

	Demo    demoCmd    `cmd:"" group:"Set up:" help:"Execute a complete run on sample payins, without any installation."`
	Init    initCmd    `cmd:"" group:"Set up:" help:"Write queries and settings for your own table of payins."`
	Migrate migrateCmd `cmd:"" group:"Set up:" help:"Create or upgrade hhrecon's own tables."`
	Check   checkCmd   `cmd:"" group:"Set up:" help:"Test all settings and report the errors."`
	Probe   probeCmd   `cmd:"" group:"Set up:" help:"Find the signature variant that a project uses."`
	User    userCmd    `cmd:"" group:"Set up:" help:"Manage the page's users and their tokens."`
	Adopt   adoptCmd   `cmd:"" group:"Set up:" help:"Declare a copied or restored database as production or as a copy."`

	Run     runCmd     `cmd:"" group:"Run:" help:"Reconcile the open payins now."`
	Serve   serveCmd   `cmd:"" group:"Run:" help:"Serve schedules, the page for finance staff, alerts and metrics."`
	Worker  workerCmd  `cmd:"" group:"Run:" help:"Execute batches of queued runs, on any number of machines."`
	Report  reportCmd  `cmd:"" group:"Run:" help:"Write a report from stored findings, without requests to HighHelp."`
	Deliver deliverCmd `cmd:"" group:"Run:" help:"Send a run's report again, or list the waiting reports."`

	Runs   runsCmd      `cmd:"" group:"Look:" help:"List the runs."`
	Show   showCmd      `cmd:"" group:"Look:" help:"Show a run, or the history of a payin."`
	Jobs   schedulesCmd `cmd:"" group:"Look:" name:"schedules" help:"Show the last result and the next times of each job."`
	Verify verifyCmd    `cmd:"" group:"Look:" help:"Verify the audit log."`
	Replay replayCmd    `cmd:"" group:"Look:" help:"Judge a run's stored answers again, without requests to HighHelp."`

	Decide  decideCmd  `cmd:"" group:"Act:" help:"Record decisions about waiting payins, by id or from a workbook."`
	Approve approveCmd `cmd:"" group:"Act:" help:"Approve and execute another person's proposal."`
	Release releaseCmd `cmd:"" group:"Act:" help:"Write the corrections of a held run."`
	Discard discardCmd `cmd:"" group:"Act:" help:"Drop the corrections of a held run."`
	Undo    undoCmd    `cmd:"" group:"Act:" help:"Restore the rows that a run changed, if they have not changed since."`
	Abandon abandonCmd `cmd:"" group:"Act:" help:"Close an interrupted run that cannot be finished."`
	Support supportCmd `cmd:"" group:"Act:" help:"List and mark the questions for HighHelp support."`

	Prune pruneCmd `cmd:"" group:"Maintain:" help:"Delete data older than each project's retention period."`
	Erase eraseCmd `cmd:"" group:"Maintain:" help:"Erase HighHelp's answers and alerts about a payin."`

	Sandbox sandboxCmd `cmd:"" group:"Develop:" help:"Start a simulator of HighHelp."`
	Payin   payinCmd   `cmd:"" group:"Develop:" help:"Send one request to HighHelp."`

	Help       helpCmd       `cmd:"" group:"Help:" help:"Print a page of the manual, or a command's usage."`
	Version    versionCmd    `cmd:"" group:"Help:" help:"Print the version."`
	Completion completionCmd `cmd:"" group:"Help:" help:"Print a script that completes commands in a shell."`

	VersionFlag kong.VersionFlag `name:"version" help:"Print the version and exit."`
}

// app contains the environment and the outputs of a command.
type app struct {
	service.Process
	getenv func(string) string
	stderr io.Writer
	owner  bool // connect as the database user that owns hhrecon's tables
	create bool // create the SQLite file if it does not exist
}

// newParser returns the parser of the command line.
func newParser(c *cli, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(c, append(options, kong.Name("hhrecon"),
		kong.Description("Reconciles open payins with the HighHelp gateway and reports the result."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.Help(usage.Print), kong.Vars{"version": build})...)
}

// run executes a command line and returns the exit status. main and tests call it.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	var c cli
	helpStatus := -1 // the exit status of --help and --version
	parser, err := newParser(&c, kong.Writers(stdout, stderr), kong.Exit(func(code int) { helpStatus = code }),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(stderr, "hhrecon:", err)
		return exit.Failed
	}
	if len(args) == 0 {
		args = []string{"help"}
	}
	if args[0] == usage.Complete {
		fmt.Fprint(stdout, usage.Words(parser, args[1:]))
		return exit.OK
	}
	command, err := parser.Parse(args)
	if helpStatus >= 0 {
		return helpStatus
	}
	if err != nil {
		message := strings.TrimSuffix(err.Error(), `, did you mean "-h"?`) // kong suggests -h for any unknown short flag
		fmt.Fprintf(stderr, "hhrecon: %s\nTry: %s --help\n", message, usage.CommandOf(err))
		return exit.Usage
	}
	a := newApp(getenv, stdout, stderr, c.Schedules, c.LogLevel)
	return a.exit(parallel.Recover(func() error { return command.Run(a) }))
}

func newApp(getenv func(string) string, stdout, stderr io.Writer, schedules, logLevel string) *app {
	standardError := console.New(stderr)
	return &app{getenv: getenv, stderr: stderr, Process: service.Process{
		Version: version, Stdout: stdout, Console: standardError, Log: standardError.Logger(logLevel),
		ReadSettings: func() (*config.Settings, error) { return config.Read(getenv, schedules) },
	}}
}

// exit prints a command's error and returns the exit status.
func (a *app) exit(err error) int {
	if exit.Cause(err) != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(a.stderr, "hhrecon:", line)
		}
	}
	return exit.Code(err)
}

// runContext returns the RunContext of a command.
func (a *app) runContext(s *config.Settings, store *sql.Store) *service.RunContext {
	return &service.RunContext{Process: &a.Process, Settings: s, Store: store, Out: a.Stdout}
}

// clock returns the time of this machine. Tests replace it.
var clock = time.Now

// connect opens the database without checks.
func (a *app) connect(ctx context.Context, s *config.Settings) (*sql.Store, error) {
	url, name := s.Database(a.owner)
	if url == "" {
		return nil, config.UsageErrorf("no database is set: set HHRECON_DATABASE_URL to postgres://… or sqlite:FILE")
	}
	if a.owner {
		if err := auditlog.SameDatabase(ctx, s); err != nil {
			return nil, err
		}
	}
	if err := db.RequireFile(url); err != nil && !a.create {
		return nil, config.UsageErrorf("%s: %w", name, err)
	}
	store, err := sql.Open(ctx, url, sql.Options{SQLDir: s.SQLDir, Logger: a.Log, Sentence: i18n.English().Sentence,
		Now: clock, AuditKeys: s.AuditKeys, Setting: name})
	if err != nil {
		return nil, config.UsageErrorf("%s: %w", name, err)
	}
	return store, nil
}

// withStore opens and closes the database for commands that use only hhrecon's tables. The tables must be of this
// version.
func (a *app) withStore(ctx context.Context, do func(*service.RunContext) error) error {
	return a.with(ctx, func(n *service.RunContext) error {
		err := a.RetryWhileUnavailable(ctx, func() error { return n.Store.CheckSchema(ctx) })
		if err := checkError(err); err != nil {
			return err
		}
		return do(n)
	})
}

// withChecked opens and closes the database for commands that read or write the merchant's rows. withChecked checks
// hhrecon's tables, the merchant's queries, and that the database is not a copy.
func (a *app) withChecked(ctx context.Context, do func(*service.RunContext) error) error {
	return a.withStore(ctx, func(n *service.RunContext) error {
		err := cmp.Or(n.Store.CheckIdentity(ctx), n.Store.CheckKeys(ctx))
		if err == nil {
			err = a.RetryWhileUnavailable(ctx, func() error { return n.Store.CheckQueries(ctx, n.Settings.Rules()...) })
		}
		if err == nil {
			err = n.Store.NoteRestore(ctx, service.ReportedRuns(n.Settings))
		}
		if err := checkError(err); err != nil {
			return err
		}
		return do(n)
	})
}

// with opens and closes the database for a command, without checks.
func (a *app) with(ctx context.Context, do func(*service.RunContext) error) error {
	s, err := a.ReadSettings()
	if err != nil {
		return err
	}
	store, err := a.connect(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	if err = do(a.runContext(s, store)); a.owner {
		err = auditlog.OwnerError(err, s)
	}
	return err
}

// checkError adds the status Usage to an error of a database check. checkError does not add the status if the database
// is unavailable or locked, because a later run may then succeed.
func checkError(err error) error {
	passing := func(target error) bool { return errors.Is(err, target) }
	if err == nil || slices.ContainsFunc([]error{sql.ErrUnavailable, sql.ErrLocked, context.Canceled}, passing) {
		return err
	}
	return exit.With(exit.Usage, err)
}

// databaseWait is the flag of commands that wait for an unavailable database.
type databaseWait struct {
	DatabaseWait time.Duration `help:"How long to wait for an unavailable database." default:"5m" placeholder:"5m"`
}
