package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/web/auth"
)

// signInView is the data of the sign-in page.
type signInView struct {
	Next     string
	Name     string
	Problem  string
	Provider string // the name of the OIDC provider; "" if no provider is configured
}

func (p signInPages) showSignIn(w http.ResponseWriter, r *http.Request) {
	if userOf(r) != nil {
		http.Redirect(w, r, nextOf(r.FormValue("next")), http.StatusSeeOther)
		return
	}
	p.renderSignIn(w, r, http.StatusOK, signInView{Next: r.FormValue("next")})
}

func (p signInPages) renderSignIn(w http.ResponseWriter, r *http.Request, status int, v signInView) {
	v.Next = nextOf(v.Next)
	if o := p.Settings().OIDC; o != nil {
		v.Provider = o.name()
	}
	p.render(w, r, status, "signin.html", "Sign in", v)
}

// nextOf returns the URL path to show after the sign-in. nextOf allows only paths of this page.
func nextOf(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// sendToSignIn redirects a request without a session to the sign-in page, with the address to return to.
func (p signInPages) sendToSignIn(w http.ResponseWriter, r *http.Request) {
	address := "/signin"
	if r.Method == http.MethodGet && r.Header.Get("HX-Request") == "" && r.URL.Path != "/" {
		address += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	switch {
	case r.Header.Get("HX-Request") != "":
		w.Header().Set("HX-Redirect", address)
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodGet:
		http.Redirect(w, r, address, http.StatusSeeOther)
	default:
		p.renderSignIn(w, r, http.StatusUnauthorized,
			signInView{Problem: "You are not signed in, so nothing was done. Sign in and repeat the action."})
	}
}

// signIn checks a name and a password. The message and the duration do not show whether the name or the password was
// wrong.
func (p signInPages) signIn(w http.ResponseWriter, r *http.Request) {
	name, password := strings.TrimSpace(r.PostFormValue("name")), r.PostFormValue("password")
	view := signInView{Next: r.PostFormValue("next"), Name: name}
	from, peer := address(p.page, r)
	if wait := p.logins.Begin(name, from, peer); wait > 0 {
		p.Logger.Warn("sign-in refused: too many attempts", "address", from)
		recordSignIn(p.page, r, reconcile.ActionRefuse, "", "too many attempts")
		view.Problem = fmt.Sprintf("Too many attempts. Try again in %s.", plural(int64(wait/time.Minute)+1, "minute"))
		w.Header().Set("Retry-After", fmt.Sprint(int(wait/time.Second)+1))
		p.renderSignIn(w, r, http.StatusTooManyRequests, view)
		return
	}
	u, err := p.Users.User(r.Context(), name)
	if err != nil && !errors.Is(err, reconcile.ErrNoUser) {
		p.fail(w, r, fmt.Errorf("look up user: %w", err))
		return
	}
	matches, err := p.passwords.Verify(r.Context(), password, u.Hash)
	if err != nil {
		p.fail(w, r, fmt.Errorf("verify a password of user %q: %w", name, err))
		return
	}
	if !matches {
		// Unknown names are not logged, because people sometimes type their password as the name.
		p.Logger.Warn("sign-in failed", "user", u.Name, "address", from)
		recordSignIn(p.page, r, reconcile.ActionRefuse, u.Name, "wrong name or password")
		view.Problem = "The name or the password is wrong."
		p.renderSignIn(w, r, http.StatusUnauthorized, view)
		return
	}
	p.logins.Succeed(name, from, peer)
	p.startSession(w, r, u.Name, view.Next, map[string]any{keyUser: u.Name, keyDigest: u.PasswordDigest()},
		p.Now().Add(sessionTime))
}

// startSession starts a session with a new token. A token from before the sign-in becomes invalid.
func (p signInPages) startSession(w http.ResponseWriter, r *http.Request, name, next string, values map[string]any,
	ends time.Time) {
	ctx := r.Context()
	if err := p.sessions.Destroy(ctx); err != nil {
		p.fail(w, r, fmt.Errorf("end the previous session: %w", err))
		return
	}
	for key, value := range values {
		p.sessions.Put(ctx, key, value)
	}
	p.sessions.SetDeadline(ctx, ends)
	if err := p.keepSession(w, r); err != nil {
		p.fail(w, r, err)
		return
	}
	p.Logger.Info("signed in", "user", name)
	recordSignIn(p.page, r, reconcile.ActionSignIn, name, "")
	http.Redirect(w, r, nextOf(next), http.StatusSeeOther)
}

// recordsAMinute is the maximum number of audit log entries about sign-ins per minute and kind. The limit prevents an
// attack from filling the log.
const recordsAMinute = 10

// recordSignIn adds a sign-in or a refused sign-in to the audit log. An error of the audit log does not prevent the
// sign-in.
func recordSignIn(p *page, r *http.Request, kind reconcile.ActionKind, name, note string) {
	if !p.records[kind].AllowN(p.Now(), 1) {
		return
	}
	e := reconcile.Event{Kind: kind, Actor: name, Note: note}
	from, _ := address(p, r)
	e.Facts = map[string]string{"via": "page", "address": from}
	if err := p.Record(r.Context(), e); err != nil {
		p.Logger.Error("cannot add a sign-in to the audit log", "kind", kind, "user", name, "error", err)
	}
}

func (p signInPages) signOut(w http.ResponseWriter, r *http.Request) {
	name := userOf(r).Name
	if err := p.sessions.Destroy(r.Context()); err != nil {
		p.fail(w, r, fmt.Errorf("end the session: %w", err))
		return
	}
	dropCookie(w)
	p.sessions.WriteSessionCookie(r.Context(), w, "", time.Time{})
	w.Header().Set("Cache-Control", "no-store")
	p.Logger.Info("signed out", "user", name)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
}

// address returns the client address of a request. address also returns the peer if the peer may be an unlisted proxy,
// and logs such a peer once.
func address(p *page, r *http.Request) (visitor, proxy string) {
	visitor, proxy = auth.AddressOf(r, p.Settings().Proxies)
	if proxy != "" {
		if _, known := p.proxies.LoadOrStore(proxy, true); !known {
			p.Logger.Warn("page.proxies does not list an address that sends X-Forwarded-For: if this address is your "+
				"reverse proxy, add it to page.proxies, because wrong passwords are counted for each address", "address", proxy)
		}
	}
	return visitor, proxy
}
