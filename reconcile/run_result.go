package reconcile

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"hhrecon/highhelp"
)

// MinThroughputTime is the shortest time over which throughput is measured.
const MinThroughputTime = 10 * time.Second

// ETA estimates when all payins of a run will have been queried.
type ETA struct {
	Payins     int64     // number of payins that are still to be queried
	Throughput float64   // payins per second
	Done       time.Time // rounded to a second; zero if unknown
}

// maxETA is the largest estimate. Done is unknown if the estimate is larger.
const maxETA = 365 * 24 * time.Hour

// EstimateETA estimates the end of the queries from the recent throughput in payins per second. If the
// throughput is 0, EstimateETA uses the project's rate.
func EstimateETA(run *Run, recent, rate float64, now time.Time) ETA {
	e := ETA{Payins: max(0, run.Selected-run.Judged), Throughput: recent}
	if recent == 0 && !math.IsInf(rate, 1) {
		e.Throughput = rate
	}
	if e.Payins == 0 {
		e.Done = now
	} else if seconds := math.Ceil(float64(e.Payins) / e.Throughput); seconds <= maxETA.Seconds() {
		e.Done = now.Add(time.Duration(seconds) * time.Second)
	}
	return e
}

// In formats the estimate as "9 400 payins at 50/s, expected to end at 02:33". If the end is not today, the
// text includes the date.
func (e ETA) In(zone *time.Location, now time.Time) string {
	text := grouped(e.Payins) + " payins"
	if e.Done.IsZero() {
		return text
	}
	done, layout := e.Done.In(zone), "15:04"
	if done.Format(time.DateOnly) != now.In(zone).Format(time.DateOnly) {
		layout = "2006-01-02 15:04"
	}
	pace := fmt.Sprintf("%.2g", e.Throughput)
	if e.Throughput >= 10 {
		pace = grouped(int64(e.Throughput + 0.5))
	}
	return fmt.Sprintf("%s at %s/s, expected to end at %s", text, pace, done.Format(layout))
}

// grouped formats a count with a space between thousands.
func grouped(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s %03d", grouped(n/1000), n%1000)
}

// RunCounts are the counts that determine a run's ResultStatus. The counts are stored as JSON.
type RunCounts struct {
	// NoRows and Unchecked are set when the run is opened.
	NoRows bool `json:"no_rows,omitempty"` // no payin was selected, and the project has no row in the table

	Unchecked int64 `json:"unchecked,omitempty"` // final payins that were not checked because of Project.RecheckLimit

	// The counts below are set when the run is closed. These counts include only the run's selected payins.
	Counted   bool  `json:"counted,omitempty"`
	Asked     int64 `json:"asked,omitempty"`
	NotFound  int64 `json:"not_found,omitempty"`
	Trusted   int64 `json:"trusted,omitempty"`   // payins with a trusted outcome: see Outcome.Trusted
	Untrusted int64 `json:"untrusted,omitempty"` // payins with the outcome unreachable or unverifiable
	Unwritten int64 `json:"unwritten,omitempty"` // corrections that failed because of the table or a locked row
}

// Scan reads the JSON of a database column.
func (t *RunCounts) Scan(column any) error {
	*t = RunCounts{}
	return scanJSON(column, t)
}

// leastNotFound is the smallest number of payins unknown to HighHelp at which a run reports that the project's
// settings may be wrong.
const leastNotFound = 10

// ResultStatus is a run's result in one word.
type ResultStatus string

// The result statuses. A closed run has the first result status that applies.
const (
	ResultOpen   ResultStatus = "OPEN"   // the run is not closed yet
	ResultFailed ResultStatus = "FAILED" // payins were selected, and none has a trusted answer
	// corrections of this run or of an older one are held
	ResultHeld    ResultStatus = "HELD"
	ResultPartial ResultStatus = "PARTIAL" // the run is not complete; see Shortfall
	// each payin has a trusted answer, and each correction was written or superseded
	ResultComplete ResultStatus = "COMPLETE"
)

// ResultStatuses lists the result statuses of closed runs.
var ResultStatuses = []ResultStatus{ResultFailed, ResultHeld, ResultPartial, ResultComplete}

// KeysError returns highhelp.ErrUnauthorized for a closed run without answers, if HighHelp refused its keys. The payins
// of such a run are unreachable.
func (r *Run) KeysError() error {
	if r.ClosedAt.IsZero() || r.Impact.Answered == r.Selected || r.Note.Code != keysRefused {
		return nil
	}
	return highhelp.ErrUnauthorized
}

// ResultStatus returns the result of the run.
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

// Abandoned reports whether a person abandoned the run.
func (r *Run) Abandoned() bool { return r.Note.Code == runAbandoned }

// QueryCheck is the result of checking the merchant's queries. The zero value means that the check found no error.
type QueryCheck struct {
	Faults   []QueryFault `json:"faults,omitempty"`
	Unproved Reason       `json:"unproved,omitzero"`  // why the check is not complete
	Unstored []string     `json:"unstored,omitempty"` // sub_status or settled_amount, if the table has no column for it
	// Unknown counts the payins of the run's period with a status that is neither open nor final, by status. nil means
	// that the payins were not counted.
	Unknown   map[string]int64 `json:"unknown,omitzero"`    // an empty map is stored too
	Statuses  map[string]int64 `json:"-"`                   // counts the payins of the period by status
	Uncounted string           `json:"uncounted,omitempty"` // why Unknown could not be counted
	Restored  []Reason         `json:"restored,omitempty"`  // set in the first run after an older backup was restored
}

// Scan reads the JSON of a database column.
func (q *QueryCheck) Scan(column any) error {
	*q = QueryCheck{}
	return scanJSON(column, q)
}

// Text returns the JSON that the database stores.
func (q *QueryCheck) Text() string {
	text, err := json.Marshal(q)
	if err != nil {
		// strings can always be marshalled
		panic(fmt.Sprintf("reconcile: a check of queries that is not JSON: %v", err))
	}
	return string(text)
}

// QueryFault is an error that the check of the merchant's queries found. The table does not store a correction as
// written, or the query writes the correction into a wrong row.
type QueryFault struct {
	Reason Reason `json:"reason"`
	Status string `json:"status,omitempty"` // the merchant's status with the error; empty means every status
}

// Refuses returns why a correction to a status of the merchant must not be written, or the zero Reason. If the table
// rejected the correction in the check, a run still tries the correction, since the table may accept it for other rows.
func (q *QueryCheck) Refuses(status string) Reason {
	for _, fault := range q.Faults {
		if (fault.Status == "" || fault.Status == status) && fault.Reason.Code != "proof.refused" {
			return fault.Reason
		}
	}
	return Reason{}
}

// Untrusted returns the number of payins without a trusted answer.
func (r *Run) Untrusted() int64 {
	if !r.Counts.Counted { // an earlier version without these counts closed the run
		return r.Selected - r.Impact.Answered
	}
	return r.Counts.Untrusted
}

// Shortfall returns why the run is not complete, apart from its own hold, or the zero Reason.
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
	for _, status := range slices.Sorted(maps.Keys(unknown)) {
		lacks = append(lacks, Because("shortfall.words", unknown[status], quote(status)))
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
