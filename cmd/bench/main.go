// Command bench measures the speed of a run of hhrecon on this machine, from selecting the payins to writing the
// workbook. The command uses the same packages as `hhrecon run`, a temporary database, and the sandbox in another
// process. The command compares the speed with the limits of the settings, and fails if the result of the run is wrong.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"hhrecon/highhelp/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process immediately
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// Exit statuses of the program.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is an error in the arguments. The benchmark has not started.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// benchCmd has the flags of the command.
type benchCmd struct {
	Payins      int           `help:"Number of sample payins." default:"50000"`
	Latency     time.Duration `help:"Delay of every answer of the sandbox." default:"50ms"`
	Concurrency int           `help:"Maximum number of concurrent requests." default:"64"`
	Rate        float64       `help:"Maximum number of requests a second; 0 means no limit." default:"0"`
	Signing     string        `help:"hmac (HMAC-SHA512) or rsa (RSA-SHA256, 2048 bits)." enum:"hmac,rsa" default:"hmac"`
	Database    string        `help:"${database}" placeholder:"URL"`
	View        bool          `help:"Select and correct the payins through a view (PostgreSQL)."`
	Keep        bool          `help:"Keep the database and the workbook."`
	JSON        bool          `name:"json" help:"Print one JSON object instead of tables."`
	CPUProfile  string        `name:"cpuprofile" help:"Write the run's CPU profile for go tool pprof." placeholder:"FILE"`
}

const databaseHelp = "The PostgreSQL server for the run's temporary database, postgres://…; or sqlite, a temporary " +
	"file. " +
	"The default is the server of HHRECON_DATABASE_URL if that is PostgreSQL, else sqlite."

// run executes the program and returns the exit status. main and the tests call run.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	a := &app{getenv: getenv, stdout: stdout, log: slog.New(slog.NewJSONHandler(stderr, nil))}
	if len(args) == 1 && args[0] == sandboxArg {
		return a.exit(stderr, a.serveSandbox(ctx))
	}
	var c benchCmd
	left := -1 // exit status that --help sets; -1 if no status is set
	parser, err := kong.New(&c, kong.Name("bench"), kong.Vars{"database": databaseHelp},
		kong.Description("Measures the speed of a run of hhrecon on this machine."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { left = code }),
	)
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return exitFailed
	}
	_, err = parser.Parse(args)
	if left >= 0 {
		return left
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return exitUsage
	}
	return a.exit(stderr, c.run(ctx, a))
}

// exit prints an error and returns the exit status.
func (a *app) exit(stderr io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "bench:", err)
	if errors.As(err, &usageError{}) {
		return exitUsage
	}
	return exitFailed
}

// app contains the environment and the outputs of the program.
type app struct {
	getenv func(string) string
	stdout io.Writer
	log    *slog.Logger
}

// run measures a run and removes everything that the benchmark created, even after an error.
func (c *benchCmd) run(ctx context.Context, a *app) (err error) {
	if err := c.validate(); err != nil {
		return err
	}
	b := &bench{app: a, benchCmd: c}
	defer func() {
		if left := b.close(ctx); left != nil {
			err = errors.Join(err, fmt.Errorf("clean up: %w", left))
		}
		if ctx.Err() != nil && err != nil {
			err = fmt.Errorf("the benchmark was interrupted: %w", err)
		}
	}()
	if err := b.prepare(ctx); err != nil {
		return err
	}
	result, err := b.measure(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(result)
	}
	return result.write(a.stdout)
}

func (c *benchCmd) validate() error {
	switch least := len(sandbox.Scenarios()); {
	case c.Payins < least:
		return usage("--payins must be at least %d, because the samples have every outcome", least)
	case c.Latency < 0:
		return usage("--latency is %s: set it to 0 or more", c.Latency)
	case c.Concurrency < 1:
		return usage("--concurrency is %d: set it to 1 or more", c.Concurrency)
	case c.Rate < 0 || math.IsNaN(c.Rate):
		return usage("--rate is %v: set it to 0 or more", c.Rate)
	}
	return nil
}

// ideal returns the highest speed that the settings allow, in payins per second, and the name of the limiting setting.
func (c *benchCmd) ideal(signing float64) (float64, string) {
	ideal, by := signing, fmt.Sprintf("speed of signing alone: %s", c.Signing)
	if c.Rate > 0 && c.Rate < ideal {
		ideal, by = c.Rate, "rate"
	}
	if inFlight := float64(c.Concurrency) / c.Latency.Seconds(); c.Latency > 0 && inFlight < ideal {
		ideal, by = inFlight, "concurrency / latency"
	}
	return ideal, by
}
