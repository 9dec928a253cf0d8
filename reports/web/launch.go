package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"hhrecon/reconcile"
)

// launchView is the page with the form that starts a run.
type launchView struct {
	RunRequest
	Problem string
}

func (p runPages) showLaunch(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, "launch.html", "Run now",
		launchView{RunRequest: RunRequest{ProjectID: r.FormValue("project")}})
}

// launch starts a run and redirects to its page.
func (p runPages) launch(w http.ResponseWriter, r *http.Request) {
	request := RunRequest{ProjectID: r.PostFormValue("project"), DryRun: r.PostFormValue("dry_run") != "",
		By: userOf(r).Name, From: strings.TrimSpace(r.PostFormValue("from")), To: strings.TrimSpace(r.PostFormValue("to"))}
	if request.ProjectID == "" { // an incomplete form may lack the field that makes the run a dry run
		p.render(w, r, http.StatusUnprocessableEntity, "launch.html", "Run now", launchView{request, "choose a project."})
		return
	}
	id, err := p.Launch(r.Context(), request)
	var busy *reconcile.HeldError
	switch {
	case errors.As(err, &busy):
		p.flash(w, r, "No run was started: run %d is already active for this project.", busy.Run.ID)
		http.Redirect(w, r, runAddress(busy.Run.ID), http.StatusSeeOther)
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		p.fail(w, r, err)
	case err != nil:
		p.Logger.Warn("cannot start a run", "user", request.By, "project", request.ProjectID, "error", err)
		p.render(w, r, http.StatusUnprocessableEntity, "launch.html", "Run now", launchView{request, err.Error()})
	default:
		p.Logger.Info("run started from the page", "run", id, "user", request.By)
		http.Redirect(w, r, runAddress(id), http.StatusSeeOther)
	}
}
