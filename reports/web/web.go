// Package web is the page for finance staff: what runs found, one payin's story, and what a person may do about them.
//
// New makes the handler for every address that no other handler takes. The page is made on the server and works
// without JavaScript: forms post, answers redirect, and a message says what came of it. The embedded htmx only keeps
// the progress of a run up to date.
//
// What the package promises: nothing but signing in answers without a session; no role does more than it may; what
// another site's page sends is refused; every action is saved in the audit log with its user; what an action does to
// the rows is said before it is done. The routes stand in one table, see routes.go, which the tests walk too.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"golang.org/x/time/rate"

	"hhrecon/reconcile"
	"hhrecon/reports/web/auth"
)

// Store is what the page reads and writes. Usually one database implements all of its parts.
type Store struct {
	reconcile.Archive
	reconcile.ActionStore
	reconcile.Finder
	reconcile.SupportStore
	DeliveryStore
	RunStopper
}

// DeliveryStore lists reports sent by mail, and sends them again.
type DeliveryStore interface {
	Deliveries(ctx context.Context, f reconcile.DeliveryFilter) ([]reconcile.Delivery, error)
	CountDeliveries(ctx context.Context) ([]reconcile.DeliveryCount, error)
	Resend(ctx context.Context, runID int64, recipients []reconcile.Recipient, by string, now time.Time) (int, error)
}

// RunStopper asks the process of a run to stop.
type RunStopper interface {
	RequestStop(ctx context.Context, runID int64, by string) error
}

// Users finds who may sign in; the database does, and UserFile.
type Users interface {
	// User returns a user, or reconcile.ErrNoUser.
	User(ctx context.Context, name string) (reconcile.User, error)
}

// Proposals finds what waits for a second person; the database does.
type Proposals interface {
	// Proposals lists a project's proposals that wait, oldest first.
	Proposals(ctx context.Context, projectID string, now time.Time) ([]reconcile.Proposal, error)
	// Proposal returns one, whether it waits or not; reconcile.ErrNotApproved if there is none.
	Proposal(ctx context.Context, projectID string, id int64, now time.Time) (reconcile.Proposal, error)
}

// Project is one that runs can be started for.
type Project struct {
	ID, Name string
	Above    int64 // minor units: what comes to more needs a second person; 0: nothing does
}

// Settings are what may change while the page is up.
type Settings struct {
	Zone     *time.Location // of every time that people read or write
	Projects []Project
	Proxies  []netip.Prefix // whose word on a visitor's address is taken
	OIDC     *OIDC          // nil: none
}

// RunRequest is a run that a person asks for. From and To are as they were written, see `hhrecon run`; both empty is
// the project's own window.
type RunRequest struct {
	ProjectID string
	From, To  string
	DryRun    bool
	By        string
}

// Options are what the page is made with. All but Now, Version and Copy are needed.
type Options struct {
	Store    Store
	Users    Users
	Sessions scs.Store
	// Proposals finds what waits for a second person.
	Proposals Proposals
	Settings  func() Settings
	// Launch starts a run in the background and returns its number once it is open. Where something broke off before, that
	// is finished first, and it is that run's number. An error is for the person to read: *reconcile.HeldError, for one.
	Launch func(ctx context.Context, r RunRequest) (int64, error)
	// Record adds an event to the audit log.
	Record func(ctx context.Context, e reconcile.Event) error
	// Background does something that outlives the request, whose context is ctx, and ends do's when the process has to
	// stop.
	Background func(ctx context.Context, do func(ctx context.Context)) error
	// AskAgain makes what a release or a decision asks HighHelp by.
	AskAgain func() reconcile.AskAgain
	// ETA estimates when all payins of a run at work will have been asked about; late says why that is too late, if it is.
	ETA func(ctx context.Context, run *reconcile.Run, now time.Time) (eta reconcile.ETA, late string, err error)

	Logger  *slog.Logger
	Now     func() time.Time
	Version string
	Copy    bool // the database was declared a copy: every page says so, and nothing is done
}

// page is the handler's state.
type page struct {
	Options
	sessions      *scs.SessionManager
	passwords     *auth.PasswordChecker
	logins        *auth.LoginLimiter
	actions       runActions
	oidc          oidcCache
	workbookSlots chan struct{}                          // a place for each workbook that is being made
	records       map[reconcile.ActionKind]*rate.Limiter // of sign-ins, and of refused ones, in the audit log
	proxies       sync.Map                               // addresses that may be proxies and are not listed
}

// New makes the page.
func New(o Options) (http.Handler, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	passwords, err := auth.NewPasswordChecker()
	if err != nil {
		return nil, err
	}
	p := &page{Options: o, sessions: newSessions(o.Sessions), passwords: passwords, logins: auth.NewLoginLimiter(o.Now)}
	p.workbookSlots = make(chan struct{}, maxWorkbooks)
	p.records = make(map[reconcile.ActionKind]*rate.Limiter)
	for _, kind := range []reconcile.ActionKind{reconcile.ActionSignIn, reconcile.ActionRefuse} {
		p.records[kind] = rate.NewLimiter(rate.Every(time.Minute/recordsAMinute), recordsAMinute)
	}
	return p.handler(), nil
}
