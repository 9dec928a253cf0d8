package reconcile

import (
	"context"
	"errors"
	"time"
)

// Recipient receives reports.
type Recipient struct {
	Address  string
	Language string // en, ru or ky; empty means en
}

// DeliveryState is the state of a delivery.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting DeliveryState = "waiting" // the next attempt is at NextAt
	// a process sends the mail; if the process has ended, the mail may have arrived
	DeliverySending DeliveryState = "sending"
	DeliverySent    DeliveryState = "sent"     // the mail server accepted the mail
	DeliveryGivenUp DeliveryState = "given_up" // the mail server rejected the mail, or did not accept it for days
)

// Delivery describes one report that is sent to one recipient.
type Delivery struct {
	ID        int64
	Report    Report
	Recipient Recipient
	MessageID string // equal for all attempts, so mail programs recognise a duplicate
	State     DeliveryState
	Tries     int
	NextAt    time.Time
	Doubtful  bool   // the mail of an earlier attempt may have arrived; the next mail mentions this
	By        string // the person who requested to send the report again; empty otherwise
	Note      string // why the last attempt failed
	MadeAt    time.Time
	SentAt    time.Time // zero until sent
	Token     string    // token of the process that sends the delivery; set by NextDelivery
}

// DeliveryFilter selects deliveries. A field with the zero value selects all deliveries.
type DeliveryFilter struct {
	RunID    int64
	ReportID int64
	State    DeliveryState
	Limit    int
}

// DeliveryCount is the number of deliveries in one state.
type DeliveryCount struct {
	State DeliveryState
	Count int64
}

// Errors of a DeliveryStore.
var (
	ErrNoReport     = errors.New("this run has no report to send")
	ErrDeliveryLost = errors.New("another process has claimed this delivery")
)

// DeliveryStore stores the recipients to whom each report was sent, so each recipient receives each report once.
type DeliveryStore interface {
	// PublishReport decides in one transaction what to send, and stores a delivery for each recipient. A correction
	// also goes to everyone who received an earlier version. If the report has nothing new compared with the earlier
	// versions, PublishReport stores nothing and returns false. For a period, the result is then the latest stored
	// version. A missing answer (unreachable, unverifiable) is not a difference if an earlier version has an answer. A
	// finding of an older run is not a difference if a newer finding was reported. Without recipients the report is
	// stored, but not sent. A second call for the same run, for example after a crash, returns the first report and
	// false. The errors are ErrOpenRun, ErrDryRun and ErrNoRun.
	PublishReport(ctx context.Context, a Publication) (Report, bool, error)
	// UnpublishedRuns lists the closed runs without a published report, oldest first. The process of such a run ended
	// before it published the report.
	UnpublishedRuns(ctx context.Context) ([]Run, error)
	// MarkPublished stores that the run's report is published.
	MarkPublished(ctx context.Context, runID int64) error
	// BaseReports lists a job's base reports on periods that ended after the given time, latest first.
	BaseReports(ctx context.Context, job, projectID string, since time.Time) ([]Report, error)
	// Report returns one report, or ErrNoReport.
	Report(ctx context.Context, id int64) (Report, error)
	// NextDelivery claims the oldest delivery that is due for an attempt. A delivery is also due if the process that sent
	// it has ended. NextDelivery then sets Doubtful. NextDelivery returns false if no delivery is due.
	NextDelivery(ctx context.Context, owner Owner, now time.Time, expired func(Owner, time.Duration) bool) (Delivery, bool,
		error)
	// HeartbeatDelivery stores a heartbeat during a long attempt, by the database's clock. The error is ErrDeliveryLost
	// if another process has claimed the delivery.
	HeartbeatDelivery(ctx context.Context, d Delivery) error
	// EndDelivery stores the result of an attempt: State, NextAt, Doubtful, Note and SentAt of d. The error is
	// ErrDeliveryLost if another process has claimed the delivery.
	EndDelivery(ctx context.Context, d Delivery) error
	// Resend stores new deliveries of a run's report to the given recipients. Without recipients, the report goes to
	// all earlier recipients. Deliveries that wait or were given up are attempted immediately. Resend returns the
	// number of these deliveries, or ErrNoReport if the run has no report and no recipients are given.
	Resend(ctx context.Context, runID int64, recipients []Recipient, by string, now time.Time) (int, error)
	// Deliveries lists deliveries, newest first.
	Deliveries(ctx context.Context, f DeliveryFilter) ([]Delivery, error)
	// CountDeliveries counts deliveries by state.
	CountDeliveries(ctx context.Context) ([]DeliveryCount, error)
}
