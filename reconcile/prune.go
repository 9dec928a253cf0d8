package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Retention is how long a project's findings are kept.
type Retention struct {
	ProjectID string
	Before    time.Time // older runs are those that closed before
	Setting   string    // as in the settings: 400d
	Now       time.Time
	DryRun    bool // only report what would be pruned
}

// Blocker is the reason why an old run is not pruned.
type Blocker struct {
	RunID     int64
	Kind      string // one of BlockerKinds
	Number    int64  // of the undecided finding, or of the newer report
	PaymentID string // the payin that HighHelp's support was asked about
}

// The kinds of blockers that have a detail. The others are described by the kind alone.
const (
	BlockerUndecided = "undecided_payin"
	BlockerSupport   = "support_question"
	BlockerReport    = "newer_report"
)

var blockerReasons = map[string]string{
	BlockerUndecided: "", BlockerSupport: "", BlockerReport: "",
	"unfinished":    "it is running or interrupted",
	"held":          "it is held: release or discard it",
	"unsent_report": "its report is not sent yet",
	"unsent_letter": "a mail about it is not sent yet",
	"last_run":      "it is the last whole run",
	"recent_action": "a person acted on it too recently",
}

// BlockerKinds lists all kinds of blockers.
func BlockerKinds() []string { return slices.Sorted(maps.Keys(blockerReasons)) }

// Reason returns a sentence without its full stop.
func (h *Blocker) Reason() string {
	switch h.Kind {
	case BlockerUndecided:
		return fmt.Sprintf("its payin number %d waits for a person's decision", h.Number)
	case BlockerSupport:
		return fmt.Sprintf("HighHelp's support was asked about its payin %q, and the question is not settled", h.PaymentID)
	case BlockerReport:
		return fmt.Sprintf("report %d, which is more recent, uses it", h.Number)
	}
	return blockerReasons[h.Kind]
}

// Pruning is what was pruned, or would be.
type Pruning struct {
	Runs, Entries int64     // runs, and entries of the audit log: findings and actions
	Until         time.Time // when the latest of all pruned runs started; zero if none was pruned

	// What was pruned with them or by its own age. A dry run does not count it.
	Unresolved, Alerts, Reports, Marks, Answers int64

	// Only the beginning of an audit log is pruned. Kept is the number of old runs that stay because of a blocker.
	Kept     int64
	Blockers []Blocker // ordered by run
}

// Erasure counts what was erased of HighHelp's stored answers and alerts.
type Erasure struct {
	Answers, Alerts int64
	Inline          int64     // answers that are part of audit log entries of version 1, and stay
	InlineLatest    time.Time // when the latest of those was received; zero if there is none
}
