package web

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"hhrecon/reconcile"
)

// public is the least role of routes that answer without a session.
const public reconcile.Role = ""

// route is one thing that the page answers.
type route struct {
	method, pattern string
	least           reconcile.Role // that a user must have
	handle          func(*page, http.ResponseWriter, *http.Request)
	quiet           bool // a poll: no sign of the user's being there
}

// routes are all of them. Whoever adds one says here who may use it.
var routes = []route{
	{"GET", "/static/{file}", public, (*page).static, true},
	{"GET", "/signin", public, (*page).showSignIn, false},
	{"POST", "/signin", public, (*page).signIn, false},
	{"GET", "/signin/oidc", public, (*page).startOIDC, false},
	{"GET", "/signin/oidc/callback", public, (*page).endOIDC, false},
	{"POST", "/signout", reconcile.RoleViewer, (*page).signOut, false},

	{"GET", "/{$}", reconcile.RoleViewer, (*page).front, false},
	{"GET", "/runs", reconcile.RoleViewer, (*page).runs, false},
	{"GET", "/runs/{id}", reconcile.RoleViewer, ofRun((*page).run), false},
	{"GET", "/runs/{id}/progress", reconcile.RoleViewer, ofRun((*page).progress), true},
	{"GET", "/runs/{id}/findings", reconcile.RoleViewer, ofRun((*page).findings), false},
	{"GET", "/runs/{id}/workbook", reconcile.RoleViewer, ofRun((*page).workbook), false},
	{"GET", "/search", reconcile.RoleViewer, (*page).search, false},
	{"GET", "/waiting", reconcile.RoleViewer, (*page).waiting, false},
	{"GET", "/payin", reconcile.RoleViewer, (*page).payin, false},
	{"GET", "/support", reconcile.RoleViewer, (*page).support, false},
	{"GET", "/support/letter", reconcile.RoleViewer, (*page).supportLetter, false},
	{"GET", "/support/csv", reconcile.RoleViewer, (*page).supportCSV, false},
	{"GET", "/deliveries", reconcile.RoleViewer, (*page).deliveries, false},

	{"GET", "/launch", reconcile.RoleFinance, (*page).showLaunch, false},
	{"POST", "/launch", reconcile.RoleFinance, (*page).launch, false},
	{"POST", "/runs/{id}/stop", reconcile.RoleFinance, ofRun((*page).stopRun), false},
	{"POST", "/payin/decide", reconcile.RoleFinance, (*page).decide, false},
	{"POST", "/approve", reconcile.RoleFinance, approve, false},
	{"POST", "/support/mark", reconcile.RoleFinance, (*page).markSupport, false},
	{"GET", "/runs/{id}/release", reconcile.RoleFinance, ofRun(confirm(reconcile.ActionRelease)), false},
	{"POST", "/runs/{id}/release", reconcile.RoleFinance, ofRun(give(reconcile.ActionRelease)), false},
	{"GET", "/runs/{id}/discard", reconcile.RoleFinance, ofRun(confirm(reconcile.ActionDiscard)), false},
	{"POST", "/runs/{id}/discard", reconcile.RoleFinance, ofRun(give(reconcile.ActionDiscard)), false},

	{"GET", "/runs/{id}/undo", reconcile.RoleAdmin, ofRun(confirm(reconcile.ActionUndo)), false},
	{"POST", "/runs/{id}/undo", reconcile.RoleAdmin, ofRun(give(reconcile.ActionUndo)), false},
	{"POST", "/runs/{id}/send", reconcile.RoleAdmin, ofRun((*page).sendAgain), false},
}

// handler leads every address through the guards to its route.
func (p *page) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.method+" "+r.pattern, p.guarded(r))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "There is nothing at this address.", http.StatusNotFound)
	})
	var cross http.CrossOriginProtection
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Logger.Warn("a form of another site's was refused", "path", r.URL.Path, "origin", r.Header.Get("Origin"))
		http.Error(w, "This did not come from this page, so nothing was done. Behind a proxy, the proxy must pass the "+
			"Host header on.", http.StatusForbidden)
	}))
	return withHeaders(cross.Handler(mux))
}

// maxForm bounds what is read of a form.
const maxForm = 64 << 10

// readForm reads the form of a request, whole or not at all: of half a form to start a run, the wish for a dry run
// might be missing. No text that people write has a zero byte in it, and PostgreSQL takes none.
func readForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil && r.Method == http.MethodPost {
		return err
	}
	for name, values := range r.Form {
		for _, v := range values {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return fmt.Errorf("the value of %q is no text", name)
			}
		}
	}
	return nil
}

// guarded lets a request through to its route only where the visitor may use it.
func (p *page) guarded(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		q.Body = http.MaxBytesReader(w, q.Body, maxForm)
		if err := readForm(q); err != nil {
			p.Logger.Warn("a form was refused", "path", q.URL.Path, "why", err)
			http.Error(w, "This did not arrive whole, or is no text, so nothing was done. Go back and send it again.",
				http.StatusBadRequest)
			return
		}
		if r.least == public && r.quiet {
			r.handle(p, w, q)
			return
		}
		q, err := p.enter(w, q, !r.quiet)
		switch {
		case err != nil:
			p.fail(w, q, err)
		case r.least == public:
			r.handle(p, w, q)
		case visitorOf(q) == nil:
			p.sendToSignIn(w, q)
		case !visitorOf(q).Role.May(r.least):
			p.refuse(w, q, http.StatusForbidden, "You may not do this", "This needs the role "+string(r.least)+"; yours is "+
				string(visitorOf(q).Role)+". Ask whoever runs hhrecon for it.")
		default:
			r.handle(p, w, q)
		}
	})
}
