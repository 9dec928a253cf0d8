// Command hhrecon reconciles a merchant's open payins with the HighHelp gateway.
//
// Each command stands in a file of its own; settings come from the environment and schedules.yaml
// (settings.go, schedules.go). What the commands do is decided elsewhere: the rules and the run in
// package reconcile, the gateway in highhelp, storage in sql, workbooks in reports.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones on machines that have none
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
