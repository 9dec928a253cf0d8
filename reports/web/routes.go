package web

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"hhrecon/reconcile"
)

// public is the role of routes that need no session.
const public reconcile.Role = ""

// route is a route of the page with its handler.
type route struct {
	method, pattern string
	least           reconcile.Role // the lowest role that may use the route
	handle          func(*page, http.ResponseWriter, *http.Request)
	quiet           bool // a static file or a poll, which does not extend the session
}

// These types group the handlers by topic. All handlers share one page.
type (
	signInPages  struct{ *page }
	runPages     struct{ *page }
	payinPages   struct{ *page }
	actionPages  struct{ *page } // release, discard and undo of a run
	supportPages struct{ *page }
)

// on converts a handler of one of these groups into a handler of the page.
func on[T ~struct{ *page }](
	handle func(T, http.ResponseWriter, *http.Request),
) func(*page, http.ResponseWriter, *http.Request) {
	return func(p *page, w http.ResponseWriter, r *http.Request) { handle(T{p}, w, r) }
}

// routes contains all routes, each with the lowest role that may use it.
var routes = []route{
	{"GET", "/static/{file}", public, (*page).static, true},
	{"GET", "/signin", public, on(signInPages.showSignIn), false},
	{"POST", "/signin", public, on(signInPages.signIn), false},
	{"GET", "/signin/oidc", public, on(signInPages.startOIDC), false},
	{"GET", "/signin/oidc/callback", public, on(signInPages.endOIDC), false},
	{"POST", "/signout", reconcile.RoleViewer, on(signInPages.signOut), false},

	{"GET", "/{$}", reconcile.RoleViewer, (*page).front, false},
	{"GET", "/runs", reconcile.RoleViewer, on(runPages.runs), false},
	{"GET", "/runs/{id}", reconcile.RoleViewer, ofRun(runPages.run), false},
	{"GET", "/runs/{id}/progress", reconcile.RoleViewer, ofRun(runPages.progress), true},
	{"GET", "/runs/{id}/findings", reconcile.RoleViewer, ofRun(runPages.findings), false},
	{"GET", "/runs/{id}/workbook", reconcile.RoleViewer, ofRun(runPages.workbook), false},
	{"GET", "/search", reconcile.RoleViewer, on(runPages.search), false},
	{"GET", "/waiting", reconcile.RoleViewer, on(runPages.waiting), false},
	{"GET", "/payin", reconcile.RoleViewer, on(payinPages.payin), false},
	{"GET", "/support", reconcile.RoleViewer, on(supportPages.support), false},
	{"GET", "/support/letter", reconcile.RoleViewer, on(supportPages.supportLetter), false},
	{"GET", "/support/csv", reconcile.RoleViewer, on(supportPages.supportCSV), false},
	{"GET", "/deliveries", reconcile.RoleViewer, on(runPages.deliveries), false},

	{"GET", "/launch", reconcile.RoleFinance, on(runPages.showLaunch), false},
	{"POST", "/launch", reconcile.RoleFinance, on(runPages.launch), false},
	{"POST", "/runs/{id}/stop", reconcile.RoleFinance, ofRun(runPages.stopRun), false},
	{"POST", "/payin/decide", reconcile.RoleFinance, on(payinPages.decide), false},
	{"POST", "/approve", reconcile.RoleFinance, approve, false},
	{"POST", "/support/mark", reconcile.RoleFinance, on(supportPages.markSupport), false},
	{"GET", "/runs/{id}/release", reconcile.RoleFinance, ofRun(confirm(reconcile.ActionRelease)), false},
	{"POST", "/runs/{id}/release", reconcile.RoleFinance, ofRun(submit(reconcile.ActionRelease)), false},
	{"GET", "/runs/{id}/discard", reconcile.RoleFinance, ofRun(confirm(reconcile.ActionDiscard)), false},
	{"POST", "/runs/{id}/discard", reconcile.RoleFinance, ofRun(submit(reconcile.ActionDiscard)), false},

	{"GET", "/runs/{id}/undo", reconcile.RoleAdmin, ofRun(confirm(reconcile.ActionUndo)), false},
	{"POST", "/runs/{id}/undo", reconcile.RoleAdmin, ofRun(submit(reconcile.ActionUndo)), false},
	{"POST", "/runs/{id}/send", reconcile.RoleAdmin, ofRun(runPages.sendAgain), false},
}

// handler returns the mux of all routes. Each route has the checks of guarded.
func (p *page) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.method+" "+r.pattern, p.guarded(r))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "This page does not exist.", http.StatusNotFound)
	})
	var cross http.CrossOriginProtection
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Logger.Warn("the form of another site was refused", "path", r.URL.Path, "origin", r.Header.Get("Origin"))
		http.Error(w, "This form did not come from this page, so nothing was done. A reverse proxy must pass "+
			"the Host header on.", http.StatusForbidden)
	}))
	return withHeaders(cross.Handler(mux))
}

// maxForm is the maximum size of a form in bytes.
const maxForm = 64 << 10

// readForm parses the form of a request. readForm refuses an incomplete form, which might lack the field that makes a
// run a dry run. readForm also refuses zero bytes, because PostgreSQL cannot store zero bytes.
func readForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil && r.Method == http.MethodPost {
		return err
	}
	for name, values := range r.Form {
		for _, v := range values {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return fmt.Errorf("the value of %q is not valid text", name)
			}
		}
	}
	return nil
}

// guarded calls the handler of a route only if the user may use the route.
func (p *page) guarded(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		q.Body = http.MaxBytesReader(w, q.Body, maxForm)
		if err := readForm(q); err != nil {
			p.Logger.Warn("a form was refused", "path", q.URL.Path, "error", err)
			http.Error(w, "The form is incomplete or is not text, so nothing was done. Go back and send the form again.",
				http.StatusBadRequest)
			return
		}
		if r.least == public && r.quiet {
			r.handle(p, w, q)
			return
		}
		q, err := p.loadSession(w, q, !r.quiet)
		switch {
		case err != nil:
			p.fail(w, q, err)
		case r.least == public:
			r.handle(p, w, q)
		case userOf(q) == nil:
			signInPages{p}.sendToSignIn(w, q)
		case !userOf(q).Role.May(r.least):
			p.refuse(w, q, http.StatusForbidden, "You may not do this", "This needs the role "+string(r.least)+"; yours is "+
				string(userOf(q).Role)+". Ask the administrator of hhrecon for it.")
		default:
			r.handle(p, w, q)
		}
	})
}
