package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// decisionView contains the possible decisions about a payin, with the effect of each choice.
type decisionView struct {
	Waits    bool // the payin awaits a decision
	Choices  []choiceView
	Decision *reconcile.Action // the decision that is currently valid
	Held     int64             // the run that must be released or discarded first
	Problem  string
	Note     string
	Choice   reconcile.Choice
}

// choiceView is a choice, with a sentence that describes its effect.
type choiceView struct {
	Choice reconcile.Choice
	Effect string
}

// decisionOn returns the possible decisions about a payin, based on its latest finding.
func (p payinPages) decisionOn(r *http.Request, last *reconcile.Finding,
	actions []reconcile.Action) (decisionView, error) {
	v := decisionView{Note: r.PostFormValue("note"), Choice: reconcile.Choice(r.PostFormValue("choice"))}
	run, err := p.Store.Run(r.Context(), last.RunID)
	if err != nil {
		return v, fmt.Errorf("run %d: %w", last.RunID, err)
	}
	if last.Decided(&run.Rules, p.Now()) {
		v.Decision = latestDecision(actions)
		return v, nil
	}
	if last.Correction == reconcile.CorrectionHeld {
		v.Held = run.HeldBy() // 0 if the run was discarded, or was released without a change of this row
		return v, nil
	}
	if !last.AwaitsDecision(&run.Rules) {
		return v, nil
	}
	v.Waits = true
	for _, c := range []reconcile.Choice{reconcile.ChoiceAccept, reconcile.ChoiceDecline, reconcile.ChoiceKeep} {
		after, err := reconcile.Decide(last, c, &run.Rules)
		if err != nil {
			return v, fmt.Errorf("effect of %s: %w", c, err)
		}
		v.Choices = append(v.Choices, choiceView{c, effectOf(c, after, last.Currency)})
	}
	return v, nil
}

// latestDecision returns the decision that is currently valid, or nil.
func latestDecision(actions []reconcile.Action) *reconcile.Action {
	for i, a := range slices.Backward(actions) {
		inForce := a.Result == reconcile.CorrectionApplied || a.Result == reconcile.CorrectionNone
		if a.Kind == reconcile.ActionDecide && inForce {
			return &actions[i]
		}
	}
	return nil
}

// effectOf describes what a choice does to the merchant's row.
func effectOf(c reconcile.Choice, after reconcile.State, currency string) string {
	becomes := "the merchant's row becomes " + stateText(after, currency)
	switch c {
	case reconcile.ChoiceAccept:
		return "HighHelp is right: " + becomes + "."
	case reconcile.ChoiceDecline:
		return "Nothing is credited: " + becomes + "."
	default:
		return "The merchant's row does not change. hhrecon asks for a decision again after 7 days, or if HighHelp's " +
			"answer changes."
	}
}

// decide handles the form with a decision. If the payin has changed since the page was shown, the decision is refused.
func (p payinPages) decide(w http.ResponseWriter, r *http.Request) {
	projectID, paymentID := r.PostFormValue("project"), r.PostFormValue("id")
	refuse := func(problem string) {
		p.showPayin(w, r, http.StatusUnprocessableEntity, projectID, paymentID, "Nothing was done: "+problem)
	}
	input := reconcile.DecisionInput{Choice: reconcile.Choice(r.PostFormValue("choice")), By: userOf(r).Name,
		Note: strings.TrimSpace(r.PostFormValue("note")), At: p.Now(), Consent: consent(p.page, r, projectID)}
	switch err := reconcile.CheckNote(input.Note); {
	case input.Choice == "":
		refuse("choose accept, decline or keep.")
	case input.Note == "":
		refuse("give a reason; it is saved in the audit log.")
	case err != nil:
		refuse(err.Error() + ".")
	default:
		p.applyDecision(w, r, projectID, paymentID, r.PostFormValue("run")+" "+r.PostFormValue("seq"), input)
	}
}

// applyDecision executes a decision that is based on a finding, identified by "RUN SEQ".
func (p payinPages) applyDecision(w http.ResponseWriter, r *http.Request, projectID, paymentID, finding string,
	input reconcile.DecisionInput) {
	refuse := func(status int, format string, args ...any) {
		p.showPayin(w, r, status, projectID, paymentID, "Nothing was done: "+fmt.Sprintf(format, args...))
	}
	decision, err := reconcile.NewDecision(r.Context(), p.Store, projectID, paymentID, input)
	if err == nil && number(decision.RunID)+" "+number(decision.Seq) != finding {
		refuse(http.StatusConflict, "this payin was reconciled again in run %d. Check the new result below, and "+
			"decide again.", decision.RunID)
		return
	}
	var action reconcile.Action
	if err == nil {
		decisions := []reconcile.Decision{decision}
		if _, err = reconcile.QueryDecisions(r.Context(), p.AskAgain(), decisions); err != nil {
			refuse(http.StatusBadGateway, "%v.", err)
			return
		}
		action, err = p.Store.ApplyDecision(r.Context(), decisions[0])
	}
	var busy *reconcile.HeldError
	switch {
	case errors.As(err, &busy):
		refuse(http.StatusConflict, "%v.", busy)
	case errors.Is(err, reconcile.ErrDecided):
		refuse(http.StatusConflict, "%s", p.alreadyDecided(r, projectID, paymentID))
	case errors.Is(err, reconcile.ErrNotUndecided), errors.Is(err, reconcile.ErrNoFinding),
		errors.Is(err, reconcile.ErrOpenRun),
		errors.Is(err, reconcile.ErrDryRun), errors.Is(err, reconcile.ErrNoRun), errors.Is(err, reconcile.ErrNotApproved),
		errors.Is(err, reconcile.ErrShadow):
		refuse(http.StatusConflict, "%v.", err)
	case err != nil:
		p.fail(w, r, fmt.Errorf("decide payin %q: %w", paymentID, err))
	case action.Result != reconcile.CorrectionApplied && action.Result != reconcile.CorrectionNone:
		refuse(http.StatusConflict, "the merchant's row was not changed: %s", i18n.English().Sentence(action.Reason))
	case action.Kind == reconcile.ActionPropose:
		p.Logger.Info("decision proposed", "payment_id", paymentID, "choice", input.Choice, "user", input.By)
		p.flash(w, r, "Proposed: %s. Nothing is written until another person approves the proposal within 24 "+
			"hours.", input.Choice)
		http.Redirect(w, r, payinAddress(projectID, paymentID), http.StatusSeeOther)
	default:
		p.Logger.Info("payin decided", "payment_id", paymentID, "choice", input.Choice, "user", input.By, "run",
			decision.RunID)
		done := "the merchant's row is now " + stateText(action.After, action.Currency)
		if decision.Keep {
			done = "the merchant's row stays as it is"
		}
		p.flash(w, r, "Decided: %s; %s.", input.Choice, done)
		http.Redirect(w, r, payinAddress(projectID, paymentID), http.StatusSeeOther)
	}
}

// alreadyDecided returns a message that names the person who has already decided about a payin, and the time.
func (p payinPages) alreadyDecided(r *http.Request, projectID, paymentID string) string {
	timeline, err := p.Store.PayinTimeline(r.Context(), projectID, paymentID)
	if err == nil {
		for _, a := range slices.Backward(timeline.Actions) {
			if a.Kind == reconcile.ActionDecide && a.Result != reconcile.CorrectionSuperseded {
				return fmt.Sprintf("%s already decided this payin, on %s.", a.Author(), p.view(r, "", nil).Time(a.At))
			}
		}
	}
	return "another person already decided this payin."
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
