package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/time/rate"

	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
)

// benchCmd is `hhrecon bench`: a whole run by the same code as `hhrecon run`, against the sandbox in a process of its
// own, in a database that is made for it; and how that compares with what these settings allow.
type benchCmd struct {
	Payins      int           `help:"How many sample payins." default:"50000"`
	Latency     time.Duration `help:"How long the sandbox waits before every answer." default:"50ms"`
	Concurrency int           `help:"Requests under way at once, at most." default:"64"`
	Rate        float64       `help:"Requests a second, at most; 0 is no limit." default:"0"`
	Signing     string        `help:"hmac (HMAC-SHA512) or rsa (RSA-SHA256, 2048 bits)." enum:"hmac,rsa" default:"hmac"`
	Database    string        `help:"The PostgreSQL server on which a database is made for the run, and dropped after it: postgres://…; or sqlite, a temporary file. Default the server of HHRECON_DATABASE_URL where that is PostgreSQL, else sqlite." placeholder:"URL"`
	Keep        bool          `help:"Leave the database and the workbook behind."`
	JSON        bool          `name:"json" help:"One JSON object on standard output, in place of the tables."`
	CPUProfile  string        `name:"cpuprofile" help:"Keep the CPU profile of the run here, for go tool pprof." placeholder:"FILE"`
}

func (c *benchCmd) Run(ctx context.Context, a *app) (err error) {
	if err := c.validate(); err != nil {
		return err
	}
	b := &bench{app: a, benchCmd: c}
	defer func() {
		if left := b.close(ctx); left != nil {
			err = errors.Join(err, fmt.Errorf("left behind: %w", left))
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
		return usageError("--payins must be at least %d, so that every outcome is there", least)
	case c.Latency < 0:
		return usageError("--latency is %s: give a time, or 0", c.Latency)
	case c.Concurrency < 1:
		return usageError("--concurrency is %d: give requests at once, 1 or more", c.Concurrency)
	case c.Rate < 0 || math.IsNaN(c.Rate):
		return usageError("--rate is %v: give requests a second, or 0", c.Rate)
	}
	return nil
}

// project is the cash register of the run.
func (c *benchCmd) project(keys string) project {
	e := projectEntry{ID: demoProject, Name: "Bench", PrivateKeyFile: "private_key.pem", Recheck: "720h", Concurrency: &c.Concurrency}
	if c.Signing == "hmac" {
		e.HMACSecretFile, e.Signature.Algorithm = "hmac_private_key.txt", highhelp.AlgorithmHMAC
	}
	p := newProject(e, "the benchmark", keys)
	p.rate = c.Rate
	if c.Rate == 0 {
		p.rate = float64(rate.Inf)
	}
	return p
}

// ideal is the most that the settings allow, in payins a second, and what it is that limits them.
func (c *benchCmd) ideal(signing float64) (float64, string) {
	ideal, by := signing, fmt.Sprintf("what signing alone reaches: %s", c.Signing)
	if c.Rate > 0 && c.Rate < ideal {
		ideal, by = c.Rate, "rate"
	}
	if inFlight := float64(c.Concurrency) / c.Latency.Seconds(); c.Latency > 0 && inFlight < ideal {
		ideal, by = inFlight, "concurrency / latency"
	}
	return ideal, by
}
