package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Retention says which findings of a project are too old to keep.
type Retention struct {
	ProjectID string
	Before    time.Time // runs that closed before this time are old
	Setting   string    // the setting as the user wrote it, such as 400d
	Now       time.Time
	DryRun    bool // only report what would be pruned
}

// Blocker is the reason why an old run is not pruned.
type Blocker struct {
	RunID     int64
	Kind      string // one of BlockerKinds
	Number    int64  // ID of the undecided finding, or of the newer report
	PaymentID string // the payin that HighHelp's support was asked about
}

// The kinds of blockers with a Number or a PaymentID. The other kinds have neither.
const (
	BlockerUndecided = "undecided_payin"
	BlockerSupport   = "support_question"
	BlockerReport    = "newer_report"
)

var blockerReasons = map[string]string{
	BlockerUndecided: "", BlockerSupport: "", BlockerReport: "",
	"unfinished":    "the run is running or interrupted",
	"held":          "the run is held: release or discard the run",
	"unsent_report": "the run's report is not sent yet",
	"unsent_letter": "a mail about the run is not sent yet",
	"last_run":      "the run is the latest run over all open payins",
	"recent_action": "a person acted on the run within the retention period",
}

// BlockerKinds lists all kinds of blockers.
func BlockerKinds() []string { return slices.Sorted(maps.Keys(blockerReasons)) }

// Reason returns the reason as a sentence without a full stop.
func (h *Blocker) Reason() string {
	switch h.Kind {
	case BlockerUndecided:
		return fmt.Sprintf("payin number %d of the run waits for a person's decision", h.Number)
	case BlockerSupport:
		return fmt.Sprintf("the question to HighHelp's support about payin %q of the run is still open", h.PaymentID)
	case BlockerReport:
		return fmt.Sprintf("the newer report %d includes the run", h.Number)
	}
	return blockerReasons[h.Kind]
}

// Pruning counts the rows that were pruned, or that a dry run would prune.
type Pruning struct {
	Runs, Entries int64     // number of runs, and of their entries in the audit log (findings and actions)
	Until         time.Time // when the latest of all pruned runs started; zero if none was pruned

	// The fields below count other rows, which were pruned with the runs or by age. A dry run does not count these rows.
	Unresolved, Alerts, Reports, Marks, Answers int64

	// Only the oldest entries of an audit log are pruned. Kept is the number of old runs that stay because of a
	// blocker.
	Kept     int64
	Blockers []Blocker // ordered by run
}

// Erasure counts the erased answers and alerts of HighHelp.
type Erasure struct {
	Answers, Alerts int64
	Inline          int64     // answers in audit log entries of version 1, which cannot be erased
	InlineLatest    time.Time // when the latest of these answers was received; zero if there are none
}
