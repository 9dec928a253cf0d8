package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"hhrecon/reconcile"
)

// A session ends after idleTime without a request, and at the latest after sessionTime.
const (
	idleTime    = 30 * time.Minute
	sessionTime = 12 * time.Hour
)

// cookieName has a prefix that makes browsers bind the cookie to this host and to https. Browsers also accept the
// cookie over http from the same machine.
const cookieName = "__Host-hhrecon"

// These constants are the names of the values in a session. The role is not stored, because each request
// looks up the role.
const (
	keyUser       = "user"     // the name of a user with a password
	keyDigest     = "seal"     // a digest of the password's hash, because a new password ends the session
	keyOIDC       = "oidc"     // the name of a user who signed in by OIDC, instead of keyUser and keyDigest
	keyIdentity   = "identity" // the OIDC issuer and subject of that user
	keyRoleValues = "words"    // values of the role claim; the settings map them to a role
	keyFlash      = "flash"    // a message for the next page
)

func newSessions(store scs.Store) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.IdleTimeout, m.Lifetime = idleTime, sessionTime
	m.Cookie = scs.SessionCookie{Name: cookieName, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
	return m
}

// sessionUser is the user of a request.
type sessionUser struct {
	Name     string
	Role     reconcile.Role
	Identity string // the OIDC issuer and subject; "" for a user with a password
}

func (u *sessionUser) person() reconcile.Person {
	return reconcile.Person{Name: u.Name, Identity: u.Identity, Via: reconcile.ViaPage}
}

// shadow reports whether a project is in shadow.
func (s Settings) shadow(projectID string) bool {
	return slices.ContainsFunc(s.Projects, func(p Project) bool { return p.Shadow && strings.EqualFold(p.ID, projectID) })
}

// consent returns the user's identity and the sum above which the project needs a second person.
func consent(p *page, r *http.Request, projectID string) reconcile.Consent {
	c := reconcile.Consent{Via: reconcile.ViaPage, Identity: userOf(r).Identity}
	for _, project := range p.Settings().Projects {
		if strings.EqualFold(project.ID, projectID) {
			c.Above, c.Shadow = project.Above, project.Shadow
		}
	}
	return c
}

type userKey struct{}

// userOf returns the user who has signed in, or nil.
func userOf(r *http.Request) *sessionUser {
	v, _ := r.Context().Value(userKey{}).(*sessionUser)
	return v
}

// loadSession loads the session of a request and its user. An active request extends the session.
func (p *page) loadSession(w http.ResponseWriter, r *http.Request, active bool) (*http.Request, error) {
	w.Header().Add("Vary", "Cookie")
	token := ""
	if cookie, err := r.Cookie(cookieName); err == nil {
		token = cookie.Value
	}
	ctx, err := p.sessions.Load(r.Context(), token)
	if err != nil {
		return r, fmt.Errorf("load the session: %w", err)
	}
	v, err := p.findUser(ctx)
	if err != nil {
		return r, err
	}
	if v != nil {
		ctx = context.WithValue(ctx, userKey{}, v)
	}
	r = r.WithContext(ctx)
	if v == nil && (p.sessions.Exists(ctx, keyUser) || p.sessions.Exists(ctx, keyOIDC)) {
		if err := p.sessions.Destroy(ctx); err != nil {
			return r, fmt.Errorf("end the session of a removed user: %w", err)
		}
	}
	if active && p.sessions.Status(ctx) == scs.Modified { // the session exists in the store
		return r, p.keepSession(w, r)
	}
	return r, nil
}

// keepSession saves the session and sets its cookie. Call keepSession before the response is written.
func (p *page) keepSession(w http.ResponseWriter, r *http.Request) error {
	token, expiry, err := p.sessions.Commit(r.Context())
	if err != nil {
		return fmt.Errorf("save the session: %w", err)
	}
	dropCookie(w) // remove a cookie that was set earlier in this response
	p.sessions.WriteSessionCookie(r.Context(), w, token, expiry)
	w.Header().Set("Cache-Control", "no-store")
	return nil
}

// dropCookie removes the session's cookie from a response, and keeps other cookies.
func dropCookie(w http.ResponseWriter) {
	set := w.Header()["Set-Cookie"]
	w.Header()["Set-Cookie"] = slices.DeleteFunc(set, func(c string) bool { return strings.HasPrefix(c, cookieName+"=") })
}

// findUser looks up the user of the session, or returns nil if there is no session or the user was removed.
func (p *page) findUser(ctx context.Context) (*sessionUser, error) {
	if name := p.sessions.GetString(ctx, keyOIDC); name != "" {
		provider := p.Settings().OIDC
		if provider == nil {
			return nil, nil
		}
		values, _ := p.sessions.Get(ctx, keyRoleValues).([]string)
		if role, ok := provider.role(values); ok {
			return &sessionUser{name, role, p.sessions.GetString(ctx, keyIdentity)}, nil
		}
		return nil, nil
	}
	name := p.sessions.GetString(ctx, keyUser)
	if name == "" {
		return nil, nil
	}
	u, err := p.Users.User(ctx, name)
	switch {
	case errors.Is(err, reconcile.ErrNoUser):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look up user %q: %w", name, err)
	case u.PasswordDigest() != p.sessions.GetString(ctx, keyDigest):
		return nil, nil
	}
	return &sessionUser{Name: u.Name, Role: u.Role}, nil
}

// flash saves a message that the page after the redirect shows.
func (p *page) flash(w http.ResponseWriter, r *http.Request, format string, args ...any) {
	p.sessions.Put(r.Context(), keyFlash, fmt.Sprintf(format, args...))
	if err := p.keepSession(w, r); err != nil {
		p.Logger.Warn("cannot save a message for the next page", "error", err) // the failure does not affect the action
	}
}

// takeFlash returns the saved message and removes it from the session.
func (p *page) takeFlash(w http.ResponseWriter, r *http.Request) string {
	if userOf(r) == nil {
		return ""
	}
	text := p.sessions.PopString(r.Context(), keyFlash)
	if text != "" {
		if err := p.keepSession(w, r); err != nil {
			p.Logger.Warn("cannot remove a message that was shown", "error", err)
		}
	}
	return text
}
