package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/totals"
)

// runsPage is the number of runs on one page of the list.
const runsPage = 50

// runRow is a run in a list.
type runRow struct {
	reconcile.Run
	ResultStatus reconcile.ResultStatus
	StartedBy    string
	Missing      int64 // payins without an answer from HighHelp
}

func newRunRow(r reconcile.Run) runRow {
	l := runRow{Run: r, ResultStatus: r.ResultStatus(), StartedBy: triggerText(r.Origin)}
	if !r.ClosedAt.IsZero() {
		l.Missing = r.Selected - r.Impact.Answered
	}
	return l
}

func runAddress(id int64) string { return "/runs/" + strconv.FormatInt(id, 10) }

// runsView is the data of the page that lists runs.
type runsView struct {
	Project string
	Alerts  bool // include runs that alerts started
	Runs    []runRow
	Older   int64 // the next page lists runs before this run; 0 on the last page
}

func (p runPages) runs(w http.ResponseWriter, r *http.Request) {
	v := runsView{Project: r.FormValue("project"), Alerts: r.FormValue("alerts") != ""}
	before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64) // 0 means the first page
	runs, err := p.Store.FindRuns(r.Context(),
		reconcile.RunFilter{ProjectID: v.Project, NoAlerts: !v.Alerts, Before: before, Limit: runsPage + 1})
	if err != nil {
		p.fail(w, r, fmt.Errorf("list runs: %w", err))
		return
	}
	if len(runs) > runsPage {
		runs = runs[:runsPage]
		v.Older = runs[runsPage-1].ID
	}
	v.Runs = reconcile.Map(runs, newRunRow)
	p.render(w, r, http.StatusOK, "runs.html", "Runs", v)
}

// runView is the data of the page about one run.
type runView struct {
	runRow
	Progress   progressView
	Outcomes   []outcomeRow
	Bridges    []bridge
	Written    reconcile.Total // a total with only the counts of corrections
	Actions    []actionBatch
	Proposals  []proposalView
	Deliveries []reconcile.Delivery
	Expired    bool // the run's state is running, but its process sends no heartbeat
}

func (p runPages) run(w http.ResponseWriter, r *http.Request, run reconcile.Run) {
	v := runView{
		runRow:   newRunRow(run),
		Progress: p.progressOf(r.Context(), run),
		Expired:  run.State == reconcile.Running && reconcile.LeaseExpired(run),
	}
	sums, err := p.Store.Totals(r.Context(), reconcile.ReportScope{RunID: run.ID})
	if err != nil {
		p.fail(w, r, fmt.Errorf("totals of run %d: %w", run.ID, err))
		return
	}
	v.Outcomes, v.Written, v.Bridges = outcomeRows(sums), totals.Counts(sums), bridges(sums)
	if v.Actions, err = p.actionBatches(r.Context(), run.ID); err != nil {
		p.fail(w, r, err)
		return
	}
	v.Proposals, err = proposals(p.page, r, run.ProjectID, func(o *reconcile.Proposal) bool {
		return o.RunID == run.ID && o.Seq == 0
	})
	if err != nil {
		p.fail(w, r, err)
		return
	}
	deliveries := reconcile.DeliveryFilter{RunID: run.ID, Limit: 100}
	if v.Deliveries, err = p.Store.Deliveries(r.Context(), deliveries); err != nil {
		p.fail(w, r, fmt.Errorf("deliveries of run %d: %w", run.ID, err))
		return
	}
	p.render(w, r, http.StatusOK, "run.html", fmt.Sprintf("Run %d", run.ID), v)
}

// ofRun converts a handler that gets a run into a handler of URL paths that contain a run ID.
func ofRun[T ~struct{ *page }](
	handle func(T, http.ResponseWriter, *http.Request, reconcile.Run),
) func(*page, http.ResponseWriter, *http.Request) {
	return func(p *page, w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			p.fail(w, r, reconcile.ErrNoRun)
			return
		}
		run, err := p.Store.Run(r.Context(), id)
		if err != nil {
			p.fail(w, r, fmt.Errorf("run %d: %w", id, err))
			return
		}
		handle(T{p}, w, r, run)
	}
}

// actionBatch is one action of a person, with the number of affected rows.
type actionBatch struct {
	Kind          reconcile.ActionKind
	By, Note      string
	At            time.Time
	PaymentID     string // set if the action is about a single payin
	Approver      string // the second person; empty if no approval was needed
	What          string // the action that was proposed
	Changed, Left int64
}

// actionBatches groups the actions on a run, and counts the rows of each group.
func (p runPages) actionBatches(ctx context.Context, runID int64) ([]actionBatch, error) {
	sums := make(map[actionBatch]*actionBatch) // the key is the batch without its counts
	for a, err := range p.Store.Actions(ctx, runID) {
		if err != nil {
			return nil, fmt.Errorf("actions on run %d: %w", runID, err)
		}
		key := actionBatch{Kind: a.Kind, By: a.Author(), Note: a.Note, At: a.At}
		if a.Facts.ApprovedBy != nil {
			key.Approver = a.Facts.ApprovedBy.Name
		}
		switch a.Kind {
		case reconcile.ActionDecide:
			key.PaymentID = a.PaymentID
		case reconcile.ActionPropose:
			key.What = Proposed(&a)
		}
		if sums[key] == nil {
			one := key
			sums[key] = &one
		}
		d := sums[key]
		switch a.Result {
		case reconcile.CorrectionApplied:
			d.Changed++
		case reconcile.CorrectionSuperseded, reconcile.CorrectionRefused, reconcile.CorrectionLocked:
			d.Left++
		}
	}
	list := reconcile.Map(slices.Collect(maps.Values(sums)), func(d *actionBatch) actionBatch { return *d })
	slices.SortFunc(list, func(a, b actionBatch) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.PaymentID, b.PaymentID))
	})
	return list, nil
}

// stopRun asks the process of a run to stop the run. The process may be on another machine.
func (p runPages) stopRun(w http.ResponseWriter, r *http.Request, run reconcile.Run) {
	err := p.Store.RequestStop(r.Context(), run.ID, userOf(r).Name)
	switch {
	case errors.Is(err, reconcile.ErrNotRunning):
		p.flash(w, r, "Run %d is not running, so there is nothing to stop.", run.ID)
	case err != nil:
		p.fail(w, r, fmt.Errorf("stop run %d: %w", run.ID, err))
		return
	default:
		p.flash(w, r, "Run %d will stop within seconds. It keeps the findings about the payins that it has judged.",
			run.ID)
	}
	http.Redirect(w, r, runAddress(run.ID), http.StatusSeeOther)
}
