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
	Before    time.Time // runs that closed before are old
	Setting   string    // as people wrote it: 400d
	Now       time.Time
	DryRun    bool // only tell what would be taken out
}

// Blocker says why a run is not taken out, though it is old.
type Blocker struct {
	RunID     int64
	Kind      string // one of BlockerKinds
	Number    int64  // of the finding that is undecided, or of the newer report
	PaymentID string // that HighHelp's support was asked about
}

// The kinds of reasons, with the reasons that need no more than the kind.
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
	"unsent_letter": "a letter about it is not sent yet",
	"last_run":      "it is the last whole run",
	"recent_action": "somebody acted on it less long ago",
}

// BlockerKinds are all kinds of reasons.
func BlockerKinds() []string { return slices.Sorted(maps.Keys(blockerReasons)) }

// Reason is a sentence without its full stop.
func (h *Blocker) Reason() string {
	switch h.Kind {
	case BlockerUndecided:
		return fmt.Sprintf("its payin number %d waits for a person's decision", h.Number)
	case BlockerSupport:
		return fmt.Sprintf("HighHelp's support was asked about its payin %q, and the mark is not settled", h.PaymentID)
	case BlockerReport:
		return fmt.Sprintf("report %d, made less long ago, rests on it", h.Number)
	}
	return blockerReasons[h.Kind]
}

// Pruning is what was taken out, or would be.
type Pruning struct {
	Runs, Entries int64     // runs, and entries of the audit trail: findings and actions
	Until         time.Time // when the latest run that was ever taken out started; zero for none

	// What went with them, or was as old; a dry run does not count it.
	Unresolved, Alerts, Reports, Marks, Answers int64

	// Only the beginning of an audit trail is taken out: Kept runs are old, and stay with those that hold them.
	Kept     int64
	Blockers []Blocker // by run
}

// Erasure is what was removed of HighHelp's answers and alerts as they were received.
type Erasure struct {
	Answers, Alerts int64
	Inline          int64     // answers that are a part of entries of the audit log's version 1, and stay
	InlineLatest    time.Time // when the last of those came; zero for none
}
