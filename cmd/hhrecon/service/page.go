package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"hhrecon/cmd/hhrecon/parallel"
	"hhrecon/reconcile"
	"hhrecon/reports/web"
	"hhrecon/reports/web/auth"
)

// newPage returns the HTTP handler of the page.
func (v *Service) newPage() (http.Handler, error) {
	s := v.settings()
	if err := s.CheckPage(); err != nil {
		return nil, err
	}
	var users web.Users = v.store
	if s.UsersFile != "" {
		users = auth.UserFile(s.UsersFile)
	}
	sessions, record := scs.Store(v.store.Sessions()), v.store.RecordEvent
	if v.Copy { // hhrecon never writes to a copy of a database
		sessions, record = memstore.New(), func(context.Context, reconcile.Event) error { return nil }
	}
	return web.New(web.Options{
		Store: web.Store{Archive: v.store, ActionStore: v.store, Finder: v.store, SupportStore: v.store,
			DeliveryStore: v.store, RunStopper: v.store},
		Users: users, Sessions: sessions, Proposals: v.store,
		Settings: func() web.Settings { return v.settings().WebSettings() },
		Record:   record, Launch: v.Launch, Background: v.Tasks.Start,
		AskAgain: func() reconcile.AskAgain { return v.runContext().AskAgain() },
		ETA: func(ctx context.Context, run *reconcile.Run, now time.Time) (reconcile.ETA, string, error) {
			return v.runContext().etaOf(ctx, run, now)
		},
		Logger: v.Log, Version: v.Version, Copy: v.Copy,
	})
}

// Launch starts a run in the same way as `hhrecon run`, and returns the run's ID when the run is open. The run
// continues after the HTTP request has ended.
func (v *Service) Launch(ctx context.Context, r web.RunRequest) (int64, error) {
	n := v.runContext()
	p, err := n.Settings.One(r.ProjectID)
	if err != nil {
		return 0, err
	}
	q := &Request{From: r.From, To: r.To, DryRun: r.DryRun,
		Origin: reconcile.Origin{Trigger: reconcile.TriggerPage, By: r.By, Via: reconcile.ViaPage}}
	w, err := n.OpenProjectRun(p)
	if err != nil {
		return 0, err
	}
	if _, err := q.selection(w, time.Now()); err != nil {
		w.Client.Close()
		return 0, errors.New(strings.ReplaceAll(err.Error(), "--", "")) // the form's fields have the same names as the flags
	}
	opened := make(chan int64, 1) // this channel is closed when the run has ended
	w.Runner.Opened = func(run reconcile.Run) {
		select {
		case opened <- run.ID:
		default: // this request has already opened another run
		}
	}
	var failed error
	err = v.Tasks.Start(ctx, func(ctx context.Context) {
		defer w.Client.Close()
		defer close(opened)
		if failed = parallel.Recover(func() error { return q.RunProject(ctx, w) }); failed != nil {
			v.Log.Warn("run started from the page failed", "project", p.ID, "by", r.By, "why", failed)
		}
	})
	if err != nil {
		w.Client.Close()
		return 0, err
	}
	select {
	case id, ok := <-opened:
		if ok {
			return id, nil
		}
		return 0, cmp.Or(failed, fmt.Errorf("no run was opened for project %s", p.ID))
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
