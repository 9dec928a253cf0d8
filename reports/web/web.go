// Package web is the page for finance staff. The page shows the findings of runs and the history of each payin, and
// accepts decisions and other actions.
//
// Call New for the page's handler. The server renders the page, so the page works without JavaScript. The response to a
// form redirects to a page that shows a message with the result. The embedded htmx only updates the progress of a run.
//
// Without a session, only the sign-in page responds. A user can execute only the actions that the user's role allows.
// Forms of other sites are refused. Each action is saved in the audit log with its user. The page shows the effect of
// an action before a person confirms it. One table in routes.go lists all routes. The tests use the same table.
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

// Store is the storage that the page uses. Usually one database implements all of its parts.
type Store struct {
	reconcile.Archive
	reconcile.ActionStore
	reconcile.Finder
	reconcile.SupportStore
	DeliveryStore
	RunStopper
}

// DeliveryStore lists the deliveries of reports by mail, and queues them again.
type DeliveryStore interface {
	Deliveries(ctx context.Context, f reconcile.DeliveryFilter) ([]reconcile.Delivery, error)
	CountDeliveries(ctx context.Context) ([]reconcile.DeliveryCount, error)
	Resend(ctx context.Context, runID int64, recipients []reconcile.Recipient, by string, now time.Time) (int, error)
}

// RunStopper asks the process of a run to stop.
type RunStopper interface {
	RequestStop(ctx context.Context, runID int64, by string) error
}

// Users finds the users who may sign in. The database and auth.UserFile implement Users.
type Users interface {
	// User returns a user, or reconcile.ErrNoUser.
	User(ctx context.Context, name string) (reconcile.User, error)
}

// Proposals finds the proposals that a second person must approve. The database implements Proposals.
type Proposals interface {
	// Proposals lists the undecided proposals of a project, the oldest first.
	Proposals(ctx context.Context, projectID string, now time.Time) ([]reconcile.Proposal, error)
	// Proposal returns a proposal, decided or not, or reconcile.ErrNotApproved if there is none.
	Proposal(ctx context.Context, projectID string, id int64, now time.Time) (reconcile.Proposal, error)
}

// Project is a project for which users can start runs.
type Project struct {
	ID, Name string
	Above    int64 // in minor units; a larger sum requires a second person; 0 means no limit
	Shadow   bool  // all runs are dry runs, and actions that write are refused
}

// Settings are the settings that may change while the page is served.
type Settings struct {
	Zone     *time.Location // the time zone of all times on the page
	Projects []Project
	Proxies  []netip.Prefix // reverse proxies whose X-Forwarded-For is trusted
	OIDC     *OIDC          // nil means that users sign in only with passwords
}

// RunRequest is a run that a person requests. From and To are texts as in `hhrecon run`. If both texts are empty, the
// run selects payins from the default period of the project.
type RunRequest struct {
	ProjectID string
	From, To  string
	DryRun    bool
	By        string
}

// Options are the dependencies of the page. Only Now, Version and Copy are optional.
type Options struct {
	Store     Store
	Users     Users
	Sessions  scs.Store
	Proposals Proposals
	Settings  func() Settings
	// Launch starts a run in the background and returns the run's ID when the run is open. If an earlier run was
	// interrupted, Launch continues the interrupted run and returns its ID. Errors, such as *reconcile.HeldError, are
	// shown to the user.
	Launch func(ctx context.Context, r RunRequest) (int64, error)
	// Record adds an event to the audit log.
	Record func(ctx context.Context, e reconcile.Event) error
	// Background runs the function do in the background. ctx is the context of a request. The function continues after the
	// request has ended. The context of the function ends when the process stops.
	Background func(ctx context.Context, do func(ctx context.Context)) error
	// AskAgain returns a function that queries HighHelp again. Releases and decisions call this function.
	AskAgain func() reconcile.AskAgain
	// ETA estimates when an active run will have queried all its payins. If this time is too late, late contains the
	// reason.
	ETA func(ctx context.Context, run *reconcile.Run, now time.Time) (eta reconcile.ETA, late string, err error)

	Logger  *slog.Logger
	Now     func() time.Time
	Version string
	Copy    bool // the settings declare the database a copy; every page shows this fact and refuses actions
}

// page contains the options and the state that all handlers share.
type page struct {
	Options
	sessions      *scs.SessionManager
	passwords     *auth.PasswordChecker
	logins        *auth.LoginLimiter
	actions       runActions
	oidc          oidcCache
	workbookSlots chan struct{}                          // a slot for each workbook that is being written
	records       map[reconcile.ActionKind]*rate.Limiter // limits entries about sign-ins in the audit log
	proxies       sync.Map                               // addresses of unlisted peers that may be proxies
}

// New returns the handler of the page.
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
