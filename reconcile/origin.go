package reconcile

import (
	"errors"
	"fmt"
	"time"
)

// Trigger is what began a run.
type Trigger string

// The triggers.
const (
	TriggerCommand  Trigger = "command"  // a person, or the system's cron
	TriggerSchedule Trigger = "schedule" // a job of schedules.yaml
	TriggerPage     Trigger = "page"     // a person on the page
	TriggerAlert    Trigger = "alert"    // alerts of HighHelp's
)

// Origin says what began a run, and on whose word.
type Origin struct {
	Trigger Trigger
	By      string // the person; "" for a schedule or an alert
	Via     Via    // how that person came; recorded with the run's beginning, and not read again
	// Occurrence names the due time that the run is for, see OccurrenceName; "" for none. A project has one run for
	// one due time at most.
	Occurrence string
}

// Request is what a run is asked for.
type Request struct {
	Selection Selection
	DryRun    bool
	Origin    Origin
	Publish   bool // once it is closed, its report is to be made
	NoEmail   bool // … and not sent, like that of a dry run
}

// DoneError says that a project has a run for a due time already.
type DoneError struct{ Run Run }

func (e *DoneError) Error() string {
	return fmt.Sprintf("run %d of project %s was opened for %s already", e.Run.ID, e.Run.ProjectID,
		e.Run.Origin.Occurrence)
}

// StopError says that a person asked for a run's stop. What was judged is kept.
type StopError struct{ By string }

func (e *StopError) Error() string { return "stopped by " + e.By }

// ErrNotRunning says that there is nothing to stop.
var ErrNotRunning = errors.New("this run is not running")

// OccurrenceName names a due time of a job.
func OccurrenceName(job string, at time.Time) string {
	return job + " " + at.UTC().Format(time.RFC3339)
}
