package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"hhrecon/reconcile"
)

// markSupport saves the support state of the selected cases. If a selected case has changed since the page was
// shown, markSupport saves nothing.
func (p supportPages) markSupport(w http.ResponseWriter, r *http.Request) {
	state := reconcile.SupportState(r.PostFormValue("mark"))
	picks := r.PostForm["pick"]
	switch {
	case !slices.Contains(reconcile.SupportStates, state):
		p.showSupport(w, r, http.StatusUnprocessableEntity, "Nothing was marked: choose a new state.")
		return
	case len(picks) == 0:
		p.showSupport(w, r, http.StatusUnprocessableEntity, "Nothing was marked: tick the payins to mark.")
		return
	}
	cases, err := p.supportCases(r.Context(), "")
	if err != nil {
		p.fail(w, r, err)
		return
	}
	by, note := userOf(r).Name, strings.TrimSpace(r.PostFormValue("note"))
	if err := reconcile.CheckNote(note); err != nil {
		p.showSupport(w, r, http.StatusUnprocessableEntity, fmt.Sprintf("Nothing was marked: %v.", err))
		return
	}
	left := make(map[string]bool) // selected values for which no case was found yet
	for _, pick := range picks {
		left[pick] = true
	}
	var marks []reconcile.SupportCase
	for i := range cases {
		if pick := pickOf(&cases[i]); left[pick] {
			delete(left, pick)
			marks = append(marks, cases[i].MarkAs(state, by, note, p.Now()))
		}
	}
	if len(left) > 0 {
		p.showSupport(w, r, http.StatusConflict, fmt.Sprintf("Nothing was marked: %s changed since this page was shown: "+
			"another person marked it, or HighHelp's answer changed. Look at the list again.",
			plural(int64(len(left)), "payin")))
		return
	}
	if err := p.Store.SaveSupportCases(r.Context(), marks); err != nil {
		p.fail(w, r, fmt.Errorf("mark payins as %s: %w", state, err))
		return
	}
	p.Logger.Info("payins marked for HighHelp's support", "payins", len(marks), "state", state, "user", by)
	are := "are"
	if len(marks) == 1 {
		are = "is"
	}
	p.flash(w, r, "%s %s marked as %s.", plural(int64(len(marks)), "payin"), are, state)
	f := supportFilterOf(r)
	f.Skip = 0
	http.Redirect(w, r, f.Address("/support"), http.StatusSeeOther)
}

// supportEntries returns the timeline entry for the saved support state of a payin. The argument last is
// the payin's latest finding.
func (p payinPages) supportEntries(ctx context.Context, projectID, paymentID string,
	last *reconcile.Finding) ([]timelineEntry, error) {
	key := reconcile.SupportKey{ProjectID: projectID, PaymentID: paymentID}
	marks, err := p.Store.SupportCasesOf(ctx, []reconcile.SupportKey{key})
	if err != nil {
		return nil, fmt.Errorf("support cases of payin %q: %w", paymentID, err)
	}
	mark, marked := marks[key]
	if !marked {
		return nil, nil
	}
	c := timelineEntry{At: mark.At, Kind: "person",
		Heading: fmt.Sprintf("%s marked the question for HighHelp's support as %s", mark.By, mark.State)}
	if mark.Note != "" {
		c.Lines = append(c.Lines, "Note: "+mark.Note)
	}
	if mark.Answer != last.SupportAnswer() {
		c.Lines = append(c.Lines, "HighHelp's answer has changed since, so the mark no longer applies.")
	}
	return []timelineEntry{c}, nil
}
