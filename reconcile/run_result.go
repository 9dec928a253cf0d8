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

// MinThroughputTime is the least time that payins must have been judged for before their number says how fast that is.
const MinThroughputTime = 10 * time.Second

// ETA is the estimate of when all payins of a run will have been asked about.
type ETA struct {
	Payins     int64     // still to be asked about
	Throughput float64   // payins a second
	Done       time.Time // to the second; zero if it is unknown
}

// maxETA is as far ahead as an estimate goes.
const maxETA = 365 * 24 * time.Hour

// EstimateETA estimates by how many payins a second were judged of late, or by the project's rate if that is 0.
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

// In reads like: 9 400 payins at 50/s: done at 02:33. The day is named if it is not that of now.
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
	return fmt.Sprintf("%s at %s/s: done at %s", text, pace, done.Format(layout))
}

// grouped writes a count with a space between its thousands.
func grouped(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s %03d", grouped(n/1000), n%1000)
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
