package reconcile

import (
	"context"
	"errors"
	"time"
)

// Recipient is who gets reports.
type Recipient struct {
	Address  string
	Language string // en, ru or ky; "" is en
}

// DeliveryState is where the sending of a report to one recipient stands.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting DeliveryState = "waiting"  // to be tried at NextAt
	DeliverySending DeliveryState = "sending"  // a process tries just now; where that one is dead, it may have arrived
	DeliverySent    DeliveryState = "sent"     // the mail server took it
	DeliveryGivenUp DeliveryState = "given_up" // the mail server refused it for good, or did not take it for days
)

// Delivery is one report's way to one recipient.
type Delivery struct {
	ID        int64
	Report    Report
	Recipient Recipient
	MessageID string // the same for every try, so that readers can tell a repetition
	State     DeliveryState
	Tries     int
	NextAt    time.Time
	Doubtful  bool   // an earlier try may have arrived: the next one says so
	By        string // who had it sent again by hand; "" otherwise
	Note      string // why the last try failed
	MadeAt    time.Time
	SentAt    time.Time // zero until then
	Token     string    // of the process that tries; set by NextDelivery
}

// DeliveryFilter chooses deliveries; zero values choose all.
type DeliveryFilter struct {
	RunID    int64
	ReportID int64
	State    DeliveryState
	Limit    int
}

// DeliveryCount is how many deliveries stand in a state.
type DeliveryCount struct {
	State DeliveryState
	Count int64
}

// The refusals of a DeliveryStore.
var (
	ErrNoReport     = errors.New("no report of this run was to be sent")
	ErrDeliveryLost = errors.New("another process has taken this delivery over")
)

// DeliveryStore keeps what was sent to whom, so that each report goes to each recipient once.
type DeliveryStore interface {
	// PublishReport decides in one transaction what is to be sent, and notes a delivery for each recipient; a
	// correction also goes to all who were sent an earlier edition, or are to be. It returns false where there is nothing
	// new: what is announced says the same as the editions before, and then there is no report of a run, and of a period
	// the last edition. An answer that is missing (unreachable, unverifiable) is no difference where there was one before,
	// nor is an older run's word where a newer one's was reported. Without recipients the report is made all the same.
	// Announced again, after a crash say, a run comes back as it was, and false. It returns ErrOpenRun, ErrDryRun or
	// ErrNoRun.
	PublishReport(ctx context.Context, a Publication) (Report, bool, error)
	// UnpublishedRuns lists the closed runs that were opened to be announced and have not been, oldest first: their
	// process died right then.
	UnpublishedRuns(ctx context.Context) ([]Run, error)
	// MarkPublished notes that a run has been.
	MarkPublished(ctx context.Context, runID int64) error
	// BaseReports lists the base reports of a job's periods that ended after a moment, the latest first.
	BaseReports(ctx context.Context, job, projectID string, since time.Time) ([]Report, error)
	// Report returns one report; ErrNoReport.
	Report(ctx context.Context, id int64) (Report, error)
	// NextDelivery claims a delivery for a try: the oldest that waits and is due, or one whose process is dead, which is
	// doubtful then. It returns false where there is none.
	NextDelivery(ctx context.Context, owner Owner, now time.Time, expired func(Owner, time.Duration) bool) (Delivery, bool,
		error)
	// HeartbeatDelivery notes a sign of life for a try that takes long, by the database's clock; ErrDeliveryLost.
	HeartbeatDelivery(ctx context.Context, d Delivery) error
	// EndDelivery notes how a try ended: State, NextAt, Doubtful, Note and SentAt of d, which is still the caller's
	// (Token); ErrDeliveryLost otherwise.
	EndDelivery(ctx context.Context, d Delivery) error
	// Resend notes new deliveries of a run's report by hand: to the given recipients, or to all who were to get it;
	// what was given up or waits is tried at once. It returns how many there are; ErrNoReport where the run has none and
	// no recipients are given.
	Resend(ctx context.Context, runID int64, recipients []Recipient, by string, now time.Time) (int, error)
	// Deliveries lists deliveries, newest first.
	Deliveries(ctx context.Context, f DeliveryFilter) ([]Delivery, error)
	// CountDeliveries counts deliveries by state.
	CountDeliveries(ctx context.Context) ([]DeliveryCount, error)
}
