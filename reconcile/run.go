package reconcile

import (
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
	Held        RunState = "held"        // every selected payin has its finding; no row was changed
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

	Origin    Origin
	Announce  bool      // its report is to be made and sent, and that was not noted yet
	NoEmail   bool      // it is not sent
	Rules     Rules     // as they were when the run was opened
	StartedAt time.Time // the run's moment, for all its payins
	ClosedAt  time.Time // zero while the run is not closed
	Owner     Owner
	BeatAt    time.Time     // the owner's last sign of life, by the database's clock
	Silence   time.Duration // since then, by the same clock: hosts' clocks may differ

	Selected   int64      // payins selected, open and rechecked
	Unresolved int64      // open payins that left the window
	Judged     int64      // selected payins that have a verdict or a finding
	Settled    int64      // selected payins that have their finding
	Decision   Correction // what becomes of the corrections: applied, dry_run or held; empty until weighed
	Weight     Weight     // set with Decision
	Note       Reason     // why it was held or broke off
}

// Window is a half-open span of created_at: From is inside, To is not.
type Window struct{ From, To time.Time }

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

// Headline is a run's result in one word.
type Headline string

// The headlines.
const (
	HeadlineComplete Headline = "COMPLETE" // every payin was answered
	HeadlinePartial  Headline = "PARTIAL"  // some were not
	HeadlineHeld     Headline = "HELD"     // a person must release the corrections
	HeadlineOpen     Headline = "OPEN"     // not closed yet
)

// KeysError is highhelp.ErrUnauthorized for a closed run that stopped asking because HighHelp refused its keys before
// it answered anything: the payins that were left are unreachable.
func (r *Run) KeysError() error {
	if r.ClosedAt.IsZero() || r.Weight.Answered == r.Selected || r.Note.Code != keysRefused {
		return nil
	}
	return highhelp.ErrUnauthorized
}

// Headline says how the run ended.
func (r *Run) Headline() Headline {
	switch {
	case r.State == Held:
		return HeadlineHeld
	case r.ClosedAt.IsZero():
		return HeadlineOpen
	case r.Weight.Answered < r.Selected:
		return HeadlinePartial
	}
	return HeadlineComplete
}

// QueryCheck is what the proof of the merchant's queries found out. The zero QueryCheck is a proof without a fault.
type QueryCheck struct {
	Faults   []QueryFault `json:"faults,omitempty"`
	Unproved Reason       `json:"unproved,omitzero"`  // why not everything could be tried
	Unstored []string     `json:"unstored,omitempty"` // sub_status, settled_amount: the table has no place for it
}

// QueryFault is a correction that is not read back as it was written, or is written where it must not be.
type QueryFault struct {
	Reason Reason `json:"reason"`
	Status string `json:"status,omitempty"` // the only status that it is about, in the merchant's word; empty: all
}

// Refuses is why a correction into a status, in the merchant's word, must not be written. The zero Reason is none.
func (q *QueryCheck) Refuses(status string) Reason {
	for _, fault := range q.Faults {
		if fault.Status == "" || fault.Status == status {
			return fault.Reason
		}
	}
	return Reason{}
}
