package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"hhrecon/highhelp"
)

// RunState is where a run stands.
type RunState string

// The states; the package comment draws how they follow each other.
const (
	Running     RunState = "running"     // its owner works on it
	Interrupted RunState = "interrupted" // broke off; Resume, or the next run, goes on
	Complete    RunState = "complete"    // every selected payin has its finding
	Held        RunState = "held"        // complete, and began a hold of some class of corrections that waits for a person
	Released    RunState = "released"    // was held; a person had the corrections written
	Discarded   RunState = "discarded"   // was held; a person dropped the corrections
)

// Run is one pass over one project's open payins.
type Run struct {
	ID        int64
	ProjectID string
	State     RunState
	DryRun    bool
	Window    Window
	// Whole is false for a run over named payins or a window given by hand: such a run does not
	// move the project's window, so it lists nothing as left behind.
	Whole bool

	Origin       Origin
	Unpublished  bool      // its report is to be made and sent, and that was not noted yet
	NoEmail      bool      // it is not sent
	Rules        Rules     // as they were when the run was opened
	StartedAt    time.Time // the run's moment, for all its payins
	ClosedAt     time.Time // zero while the run is not closed
	Owner        Owner
	HeartbeatAt  time.Time     // the owner's last sign of life, by the database's clock
	HeartbeatAge time.Duration // since then, by the same clock: hosts' clocks may differ

	Selected       int64         // payins selected, open and rechecked
	Unresolved     int64         // open payins that left the window
	Judged         int64         // selected payins that have a verdict or a finding
	Settled        int64         // selected payins that have their finding
	CorrectionMode Correction    // what becomes of the corrections: applied, dry_run or held; empty until weighed
	Impact         ImpactSummary // set with Decision
	Note           Reason        // why it was held or broke off
	Counts         RunCounts     // of a closed run
	HoldWaits      bool          // an older run's hold waits for a person
	Held           int64         // its corrections that wait for a person to release or discard them
	HoldSize       int64         // corrections that wait in the hold that it began, those of later runs included
	Queries        QueryCheck    // of the merchant's queries, at the run's start
	Head           Head          // of the project's audit log, when the run was read
}

// Window is a half-open span of created_at: From is inside, To is not.
type Window struct{ From, To time.Time }

// Verified counts the successes that were written into the merchant's table in a period.
type Verified struct {
	Successes  int64 `json:"successes"`
	Confirmed  int64 `json:"confirmed"`   // by HighHelp, in any run
	NeverAsked int64 `json:"never_asked"` // HighHelp about: the merchant's own code wrote them
}

// Add adds what was counted of another project.
func (v *Verified) Add(more Verified) {
	v.Successes += more.Successes
	v.Confirmed += more.Confirmed
	v.NeverAsked += more.NeverAsked
}

// CountVerified counts the successes of a period, of all projects of some runs; nil if they cannot be read.
type CountVerified func(ctx context.Context, w Window, runs ...Run) *Verified

// LastDay is the day of the merchant's writing that ends with a run's window.
func (r *Run) LastDay() Window { return Window{r.Window.To.Add(-24 * time.Hour), r.Window.To} }

// Owner is the process that works on a run.
type Owner struct {
	Token   string // unlike that of any other process, ever: what it writes, it writes under this
	Host    string
	PID     int
	Process string // tells this process from a later one with the same host and PID; "" where that cannot be told

	// BatchSize is set of an owner that stands for all workers, who share the token: the run is queued in batches of so
	// many payins. 0: the process works alone. It is not stored with the run.
	BatchSize int
}

// Selection says which payins a run is about.
type Selection struct {
	Window      Window
	PaymentIDs  []string  // only these; empty: all in the window
	RecheckFrom time.Time // final payins changed since then are asked about again; zero: none
	Whole       bool

	RecheckTo    time.Time // … and before; zero: any
	RecheckLimit int64     // at most so many of them, behind the open payins; 0: any
}

// maxRecheck bounds how far back final payins are asked about again because no whole run has been closed since.
const maxRecheck = 168 * time.Hour

// RecheckSince is RecheckFrom, or the start of the last whole run that was closed if that is earlier, less the time
// that each run leaves to the next one.
func (s *Selection) RecheckSince(last, now time.Time) time.Time {
	since := s.RecheckFrom
	if !last.IsZero() && !s.RecheckTo.IsZero() {
		last = last.Add(s.RecheckTo.Sub(now))
	}
	if bound := now.Add(-maxRecheck); last.Before(since) && !last.IsZero() && bound.Before(since) {
		since = last
		if since.Before(bound) {
			since = bound
		}
	}
	return since
}

// Span is a part of a run's selection: the places (Finding.Seq, from 1) after After, up to and with To. A To of
// 0 is the selection's end, so the zero Span is the whole run.
type Span struct{ After, To int64 }

// Lease is the right to write to a run. Every writing call names it, and comes back with ErrRunLost
// where another process has taken the run over.
type Lease struct {
	RunID     int64
	ProjectID string
	Token     string
}

// RunCount is how many runs of a project stand in a state.
type RunCount struct {
	ProjectID string
	State     RunState
	Trigger   Trigger
	Count     int64
}

// RunCounts is what a run came to, for its headline. It is stored as JSON.
type RunCounts struct {
	// At the opening, about the project:
	NoRows bool `json:"no_rows,omitempty"` // none was selected, and the project has no row at all

	Unchecked int64 `json:"unchecked,omitempty"` // final payins beyond the limit of those that are asked about again

	// At the close, about the selected payins:
	Counted   bool  `json:"counted,omitempty"`
	Asked     int64 `json:"asked,omitempty"`
	NotFound  int64 `json:"not_found,omitempty"`
	Trusted   int64 `json:"trusted,omitempty"`   // that have an outcome of lines 4 to 11
	Untrusted int64 `json:"untrusted,omitempty"` // unreachable or unverifiable
	Unwritten int64 `json:"unwritten,omitempty"` // corrections that were refused, or whose row was locked
}

// Scan reads a tally from a column.
func (t *RunCounts) Scan(column any) error {
	*t = RunCounts{}
	return scanJSON(column, t)
}

// leastNotFound is how many payins must be unknown to HighHelp before that says something about the settings.
const leastNotFound = 10

// ResultStatus is a run's result in one word.
type ResultStatus string

// The headlines; of those of a closed run the first that applies counts.
const (
	ResultOpen   ResultStatus = "OPEN"   // not closed yet
	ResultFailed ResultStatus = "FAILED" // payins were selected, and about none is there a trusted answer
	// a person must release or discard corrections of this run, or of an older one
	ResultHeld    ResultStatus = "HELD"
	ResultPartial ResultStatus = "PARTIAL" // see Shortfall
	// a trusted answer about every payin, and every correction written or overtaken
	ResultComplete ResultStatus = "COMPLETE"
)

// ResultStatuses lists those of closed runs.
var ResultStatuses = []ResultStatus{ResultFailed, ResultHeld, ResultPartial, ResultComplete}

// KeysError is highhelp.ErrUnauthorized for a closed run that stopped asking because HighHelp refused its keys before
// it answered anything: the payins that were left are unreachable.
func (r *Run) KeysError() error {
	if r.ClosedAt.IsZero() || r.Impact.Answered == r.Selected || r.Note.Code != keysRefused {
		return nil
	}
	return highhelp.ErrUnauthorized
}

// ResultStatus says how the run ended.
func (r *Run) ResultStatus() ResultStatus {
	switch {
	case r.ClosedAt.IsZero():
		return ResultOpen
	case r.Counts.Counted && r.Selected > 0 && r.Counts.Trusted == 0:
		return ResultFailed
	case r.State == Held, r.HoldWaits:
		return ResultHeld
	case !r.Shortfall().IsZero():
		return ResultPartial
	}
	return ResultComplete
}

// QueryCheck is what the proof of the merchant's queries found out. The zero QueryCheck is a proof without a fault.
type QueryCheck struct {
	Faults   []QueryFault `json:"faults,omitempty"`
	Unproved Reason       `json:"unproved,omitzero"`  // why not everything could be tried
	Unstored []string     `json:"unstored,omitempty"` // sub_status, settled_amount: the table has no place for it
	// Unknown are the payins of the window, by their status, which is neither open nor final; nil: not counted.
	Unknown   map[string]int64 `json:"unknown,omitempty"`
	Uncounted string           `json:"uncounted,omitempty"` // why they could not be counted
	Restored  []Reason         `json:"restored,omitempty"`  // the run is the first one after an older backup was restored
}

// Scan reads a check from a column.
func (q *QueryCheck) Scan(column any) error {
	*q = QueryCheck{}
	return scanJSON(column, q)
}

// Text is the check as a column keeps it.
func (q *QueryCheck) Text() string {
	text, err := json.Marshal(q)
	if err != nil {
		panic(fmt.Sprintf("reconcile: a check of queries that is not JSON: %v", err)) // strings always are
	}
	return string(text)
}

// QueryFault is a correction that is not read back as it was written, or is written where it must not be.
type QueryFault struct {
	Reason Reason `json:"reason"`
	Status string `json:"status,omitempty"` // the only status that it is about, in the merchant's word; empty: all
}

// Refuses is why a correction into a status, in the merchant's word, must not be written. The zero Reason is none: what
// the table itself refuses may be tried, since other rows may be taken.
func (q *QueryCheck) Refuses(status string) Reason {
	for _, fault := range q.Faults {
		if (fault.Status == "" || fault.Status == status) && fault.Reason.Code != "proof.refused" {
			return fault.Reason
		}
	}
	return Reason{}
}

// Untrusted is how many payins have no trusted answer.
func (r *Run) Untrusted() int64 {
	if !r.Counts.Counted { // it was closed before there were tallies
		return r.Selected - r.Impact.Answered
	}
	return r.Counts.Untrusted
}

// Shortfall is what a run lacks to be complete, apart from what it holds itself; the zero Reason: nothing.
func (r *Run) Shortfall() Reason {
	var lacks []Reason
	for _, fault := range r.Queries.Faults {
		if !r.Queries.Refuses(fault.Status).IsZero() {
			lacks = append(lacks, Because("shortfall.proof", fault.Reason))
		}
	}
	t := &r.Counts
	if n := r.Untrusted(); n > 0 {
		lacks = append(lacks, Because("shortfall.untrusted", n))
	}
	if t.NotFound >= leastNotFound && 2*t.NotFound > t.Asked {
		lacks = append(lacks, Because("shortfall.not_found", t.NotFound, t.Asked))
	}
	if t.Unwritten > 0 {
		lacks = append(lacks, Because("shortfall.unwritten", t.Unwritten))
	}
	if t.Unchecked > 0 {
		lacks = append(lacks, Because("shortfall.unchecked", t.Unchecked))
	}
	if t.NoRows {
		lacks = append(lacks, Because("shortfall.no_rows"))
	}
	unknown := r.Queries.Unknown
	for _, word := range slices.Sorted(maps.Keys(unknown)) {
		lacks = append(lacks, Because("shortfall.words", unknown[word], quote(word)))
	}
	if r.Queries.Uncounted != "" {
		lacks = append(lacks, Because("shortfall.uncounted", r.Queries.Uncounted))
	}
	lacks = append(lacks, r.Queries.Restored...)
	if r.HoldWaits && r.State != Held {
		lacks = append(lacks, Because("shortfall.older_hold"))
	}
	if len(lacks) == 0 {
		return Reason{}
	}
	return lacks[0].With(lacks[1:]...)
}
