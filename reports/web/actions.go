package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"hhrecon/reconcile"
)

// actionState is the progress of an action on a run that was started on this page.
type actionState struct {
	Kind          reconcile.ActionKind
	By            string
	Changed, Left int64
	Unanswered    int64 // payins that stay held
	Done          bool
	Proposed      bool   // a second person must approve the action
	Problem       string // the reason why the action ended before it was complete
}

// runActions stores the latest action on each run, for actions that this process started.
type runActions struct {
	mu    sync.Mutex
	byRun map[int64]*actionState
}

// of returns a copy of the latest action on a run, or nil if this process has started no action on the run.
func (a *runActions) of(runID int64) *actionState {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.byRun[runID]; s != nil {
		state := *s
		return &state
	}
	return nil
}

// begin adds an action, unless another action on the run is still in progress.
func (a *runActions) begin(action reconcile.RunAction) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.byRun[action.RunID]; s != nil && !s.Done {
		return false
	}
	if a.byRun == nil {
		a.byRun = make(map[int64]*actionState)
	}
	a.byRun[action.RunID] = &actionState{Kind: action.Kind, By: action.By}
	return true
}

func (a *runActions) change(runID int64, do func(*actionState)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	do(a.byRun[runID])
}

// actionView is a page that shows the effect of an action on a run and asks the user to confirm the action.
type actionView struct {
	Run      runRow
	Kind     reconcile.ActionKind
	Effects  []effect
	Changes  int64 // number of rows that the action changes
	Released int64 // number of rows that an earlier, incomplete release has already corrected
	Left     int64 // number of rows that an undo would not change
	Problem  string
}

// confirm returns the handler of the page that asks the user to confirm an action on a run.
func confirm(kind reconcile.ActionKind) func(actionPages, http.ResponseWriter, *http.Request, reconcile.Run) {
	return func(p actionPages, w http.ResponseWriter, r *http.Request, run reconcile.Run) {
		if why := refusalOf(&run, kind); why != "" {
			p.refuse(w, r, http.StatusConflict, "Nothing to "+string(kind), why)
			return
		}
		p.confirm(w, r, http.StatusOK, &run, kind, "")
	}
}

// submit returns the handler that starts an action on a run.
func submit(kind reconcile.ActionKind) func(actionPages, http.ResponseWriter, *http.Request, reconcile.Run) {
	return func(p actionPages, w http.ResponseWriter, r *http.Request, run reconcile.Run) {
		action := p.actionOf(r, kind, run.ID)
		action.Consent = consent(p.page, r, run.ProjectID)
		why := refusalOf(&run, kind)
		switch {
		case why != "":
			p.refuse(w, r, http.StatusConflict, "Nothing was done", why)
		case action.Note == "":
			p.confirm(w, r, http.StatusUnprocessableEntity, &run, kind, "Nothing was done yet. Give a reason for the audit log.")
		case reconcile.CheckNote(action.Note) != nil:
			problem := fmt.Sprintf("Nothing was done yet: %v.", reconcile.CheckNote(action.Note))
			p.confirm(w, r, http.StatusUnprocessableEntity, &run, kind, problem)
		default:
			p.startAction(w, r, action)
		}
	}
}

// confirm shows the effect of an action on a run. If the form was refused, problem contains the reason.
func (p actionPages) confirm(w http.ResponseWriter, r *http.Request, status int, run *reconcile.Run,
	kind reconcile.ActionKind, problem string) {
	v := actionView{Run: newRunRow(*run), Kind: kind, Problem: problem}
	findEffects := p.heldEffects
	if kind == reconcile.ActionUndo {
		findEffects = p.undoEffects
	}
	if err := findEffects(r, run, &v); err != nil {
		p.fail(w, r, fmt.Errorf("compute the effect of %s on run %d: %w", kind, run.ID, err))
		return
	}
	p.render(w, r, status, "action.html", fmt.Sprintf("%s run %d", title(string(kind)), run.ID), v)
}

// undoEffects counts the rows that an undo would change. It executes a dry run of the undo.
func (p actionPages) undoEffects(r *http.Request, run *reconcile.Run, v *actionView) error {
	action := p.actionOf(r, v.Kind, run.ID)
	action.DryRun = true
	return p.Store.Execute(r.Context(), action, func(a reconcile.Action) error {
		switch a.Result {
		case reconcile.CorrectionDryRun:
			v.Changes++
		case reconcile.CorrectionSuperseded, reconcile.CorrectionRefused, reconcile.CorrectionLocked:
			v.Left++
		}
		return nil
	})
}

// startAction executes an action in the background, and shows the run. The action continues if the browser disconnects.
func (p actionPages) startAction(w http.ResponseWriter, r *http.Request, action reconcile.RunAction) {
	if !p.actions.begin(action) {
		p.flash(w, r, "No action was started, because another action on run %d is still in progress.", action.RunID)
		http.Redirect(w, r, runAddress(action.RunID), http.StatusSeeOther)
		return
	}
	p.Logger.Info("action started", "kind", action.Kind, "run", action.RunID, "user", action.By)
	err := p.Background(r.Context(), func(ctx context.Context) { p.execute(ctx, action) })
	if err != nil {
		p.actions.change(action.RunID, func(s *actionState) {
			s.Done, s.Problem = true, "hhrecon is shutting down; nothing was done"
		})
	}
	http.Redirect(w, r, runAddress(action.RunID), http.StatusSeeOther)
}

func (p actionPages) execute(ctx context.Context, action reconcile.RunAction) {
	problem := "the action failed; see hhrecon's log for the cause"
	defer func() {
		if panicked := recover(); panicked != nil { // a panic of the action does not end the process
			p.Logger.Error("action panicked", "kind", action.Kind, "run", action.RunID, "user", action.By,
				"panic", panicked, "stack", string(debug.Stack()))
		}
		p.actions.change(action.RunID, func(s *actionState) {
			s.Done, s.Problem = true, problem
			p.Logger.Info("action ended", "kind", action.Kind, "run", action.RunID, "user", action.By,
				"changed", s.Changed, "left_alone", s.Left, "problem", problem)
		})
	}()
	err := p.Store.Execute(ctx, action, func(a reconcile.Action) error {
		p.actions.change(action.RunID, func(s *actionState) {
			s.Proposed = s.Proposed || a.Kind == reconcile.ActionPropose
			switch a.Result {
			case reconcile.CorrectionApplied:
				s.Changed++
			case reconcile.CorrectionSuperseded, reconcile.CorrectionRefused, reconcile.CorrectionLocked:
				s.Left++
			case reconcile.CorrectionHeld:
				s.Unanswered++
			}
		})
		return nil
	})
	var busy *reconcile.HeldError
	switch {
	case err == nil:
		problem = ""
	case errors.Is(err, reconcile.ErrNotHeld):
		problem = "this run is already released or discarded; see “Actions of users”"
	case errors.Is(err, reconcile.ErrOpenRun), errors.Is(err, reconcile.ErrDryRun), errors.Is(err, reconcile.ErrNoRun),
		errors.Is(err, reconcile.ErrNotApproved), errors.Is(err, reconcile.ErrShadow):
		problem = err.Error()
	case errors.As(err, &busy):
		problem = busy.Error() + "; repeat the action to complete it"
	case ctx.Err() != nil:
		problem = "hhrecon was stopped; written rows are kept; repeat the action to complete it"
	default:
		p.Logger.Error("action failed", "kind", action.Kind, "run", action.RunID, "user", action.By, "error", err)
		problem = "the action failed; see hhrecon's log; written rows are kept; repeat the action to complete it"
	}
}

// actionOf builds an action from the fields of a form.
func (p actionPages) actionOf(r *http.Request, kind reconcile.ActionKind, runID int64) reconcile.RunAction {
	return reconcile.RunAction{
		Kind:  kind,
		RunID: runID,
		Ask:   p.AskAgain(),
		By:    userOf(r).Name,
		Note:  strings.TrimSpace(r.PostFormValue("note")),
		At:    p.Now(),
	}
}

// refusalOf returns the reason why an action on a run is impossible now, or "" if the action is possible.
func refusalOf(run *reconcile.Run, kind reconcile.ActionKind) string {
	switch {
	case kind != reconcile.ActionUndo && run.State != reconcile.Held:
		return fmt.Sprintf("Run %d is not held. Its state is %s. The page of the run shows the actions on the "+
			"run.", run.ID, run.State)
	case kind == reconcile.ActionUndo && run.ClosedAt.IsZero():
		return fmt.Sprintf("Run %d is not closed yet. You can undo it when it is closed.", run.ID)
	case kind == reconcile.ActionUndo && run.DryRun:
		return fmt.Sprintf("Run %d was a dry run and changed no rows, so there is nothing to undo.", run.ID)
	}
	return ""
}

// proposalView is a proposal that waits for a second person.
type proposalView struct {
	reconcile.Proposal
	What string
	May  bool // the user may approve the proposal
}

// proposals lists the undecided proposals of a project for which want returns true.
func proposals(p *page, r *http.Request, projectID string,
	want func(*reconcile.Proposal) bool) ([]proposalView, error) {
	all, err := p.Proposals.Proposals(r.Context(), projectID, p.Now())
	if err != nil {
		return nil, fmt.Errorf("proposals of project %s: %w", projectID, err)
	}
	var list []proposalView
	for _, o := range all {
		if !want(&o) {
			continue
		}
		who := userOf(r)
		v := proposalView{Proposal: o, What: Proposed(&o.Action)}
		v.May = who.Role.May(o.Facts.Proposes.Kind.Role()) && o.Check(who.person()) == nil
		list = append(list, v)
	}
	return list, nil
}

// Proposed describes a proposal with its sums. The text follows the words "proposes to". A sum adds up the larger of
// the two amounts of each payin, so the sum is an upper limit of the written amounts.
func Proposed(a *reconcile.Action) string {
	w := a.Facts.Proposes
	text := fmt.Sprintf("%s run %d", w.Kind, a.RunID)
	switch w.Kind {
	case reconcile.ActionDecide:
		text = fmt.Sprintf("decide payin %s: %s", a.PaymentID, w.Choice)
	case reconcile.ActionUndoDecision:
		text = fmt.Sprintf("undo the decisions of run %d", a.RunID)
	}
	if w.Class != 0 {
		text += ", only " + reconcile.Class(w.Class).String()
	}
	if len(w.PaymentIDs) > 0 {
		text += ", only " + strings.Join(w.PaymentIDs, ", ")
	}
	for _, currency := range slices.Sorted(maps.Keys(w.Sums)) {
		text += fmt.Sprintf(", up to %s %s", reconcile.FormatSum(w.Sums[currency], currency), currency)
	}
	return text
}

// approve approves another person's proposal, and executes it.
func approve(p *page, w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PostFormValue("action"), 10, 64) // 0 if it is not a number, which no proposal has
	who, projectID, now := userOf(r), r.PostFormValue("project"), p.Now()
	o, err := p.Proposals.Proposal(r.Context(), projectID, id, now)
	if err == nil {
		err = o.Check(who.person())
	}
	if err == nil && consent(p, r, projectID).Shadow {
		err = fmt.Errorf("%w: %w", reconcile.ErrNotApproved, reconcile.ErrShadow)
	}
	switch {
	case errors.Is(err, reconcile.ErrNotApproved):
		p.refuse(w, r, http.StatusConflict, "Nothing was done", title(err.Error())+".")
	case err != nil:
		p.fail(w, r, fmt.Errorf("proposal %d: %w", id, err))
	case !who.Role.May(o.Facts.Proposes.Kind.Role()):
		p.refuse(w, r, http.StatusForbidden, "Nothing was done", "An administrator must approve this.")
	case o.Facts.Proposes.Kind == reconcile.ActionDecide:
		payinPages{p}.applyDecision(w, r, projectID, o.PaymentID, number(o.RunID)+" "+number(o.Seq),
			o.DecisionInput(who.person(), now))
	default:
		action := o.RunAction(who.person(), now)
		action.Ask = p.AskAgain()
		actionPages{p}.startAction(w, r, action)
	}
}
