package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"hhrecon/reconcile"
	"hhrecon/reconcile/username"
)

// OIDC contains the settings of the sign-in at an OpenID Connect provider. The sign-in uses an
// authorization code with PKCE.
type OIDC struct {
	Name     string `yaml:"name"` // text of the sign-in button; "" means the issuer
	Issuer   string `yaml:"issuer"`
	ClientID string `yaml:"client_id"`
	Secret   string `yaml:"-"`
	PageURL  string `yaml:"-"` // the address of this page in browsers, such as https://recon.merchant.example
	// UserClaim is the claim with the user's name, for the audit log. The default is email.
	UserClaim string `yaml:"user_claim"`
	// RoleClaim is the name of a claim with one or more values. Roles maps these values to roles. The highest role
	// applies.
	RoleClaim string                    `yaml:"role_claim"`
	Roles     map[string]reconcile.Role `yaml:"roles"`
	// EmailVerifiedText also accepts the text "true" for email_verified, because some providers send it.
	EmailVerifiedText bool `yaml:"email_verified_text"`
}

// oidcSessionTime is the duration of a session by OIDC. After this time, the user must sign in at the provider again.
const oidcSessionTime = time.Hour

func (o *OIDC) name() string { return cmp.Or(o.Name, o.Issuer) }

func (o *OIDC) userClaim() string { return cmp.Or(o.UserClaim, "email") }

// role returns the highest role to which the values of the role claim map.
func (o *OIDC) role(values []string) (role reconcile.Role, ok bool) {
	for _, w := range values {
		if r := o.Roles[w]; r.May(reconcile.RoleViewer) && (!ok || r.May(role)) {
			role, ok = r, true
		}
	}
	return role, ok
}

// oidcCache keeps the provider's discovery document.
type oidcCache struct {
	mu       sync.Mutex
	issuer   string
	provider *oidc.Provider
}

// providerClient is the HTTP client for requests to the provider. Each request has a time limit.
var providerClient = &http.Client{Timeout: 15 * time.Second}

func (c *oidcCache) of(ctx context.Context, o *OIDC) (*oidc.Provider, *oauth2.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.provider == nil || c.issuer != o.Issuer {
		// The library also uses this context later, to fetch the provider's keys.
		provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), providerClient), o.Issuer)
		if err != nil {
			return nil, nil, fmt.Errorf("get the OIDC provider's configuration: %w", err)
		}
		c.issuer, c.provider = o.Issuer, provider
	}
	return c.provider, &oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.Secret, Endpoint: c.provider.Endpoint(),
		RedirectURL: strings.TrimRight(o.PageURL, "/") + "/signin/oidc/callback",
		Scopes:      []string{oidc.ScopeOpenID, "profile", "email"},
	}, nil
}

// login is the state of an unfinished sign-in at the provider. The provider's response must match this state.
type login struct{ State, Nonce, Verifier, Next string }

func (p signInPages) startOIDC(w http.ResponseWriter, r *http.Request) {
	o := p.Settings().OIDC
	if o == nil {
		p.renderSignIn(w, r, http.StatusNotFound, signInView{Problem: "Sign-in by OIDC is not configured."})
		return
	}
	_, config, err := p.oidc.of(r.Context(), o)
	if err != nil {
		p.refuseOIDC(w, r, err, o.name()+" cannot be reached now. Try again later.")
		return
	}
	l := login{rand.Text(), rand.Text(), oauth2.GenerateVerifier(), nextOf(r.FormValue("next"))}
	text, err := json.Marshal(l)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	setLogin(w, base64.RawURLEncoding.EncodeToString(text), int(loginTime/time.Second))
	address := config.AuthCodeURL(l.State, oidc.Nonce(l.Nonce), oauth2.S256ChallengeOption(l.Verifier))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// loginCookie keeps a login in the browser, because no session exists before the sign-in.
const (
	loginCookie = cookieName + "-login"
	loginTime   = 10 * time.Minute
)

func setLogin(w http.ResponseWriter, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: loginCookie, Value: value, MaxAge: seconds, Path: "/", HttpOnly: true, Secure: true,
		SameSite: http.SameSiteLaxMode,
	})
}

// takeLogin reads and deletes the login cookie, so the cookie can be used only once. Without a cookie, the State of the
// result is empty.
func takeLogin(w http.ResponseWriter, r *http.Request) (l login) {
	if cookie, err := r.Cookie(loginCookie); err == nil {
		setLogin(w, "", -1)
		text, _ := base64.RawURLEncoding.DecodeString(cookie.Value)
		if json.Unmarshal(text, &l) != nil {
			return login{}
		}
	}
	return l
}

// endOIDC handles the redirect from the provider to the page. The address contains the authorization code.
func (p signInPages) endOIDC(w http.ResponseWriter, r *http.Request) {
	o := p.Settings().OIDC
	l := takeLogin(w, r)
	if o == nil || l.State == "" || subtle.ConstantTimeCompare([]byte(l.State), []byte(r.FormValue("state"))) != 1 {
		p.refuseOIDC(w, r, errors.New("the state parameter does not match a started sign-in"),
			"This sign-in did not begin here, or it is too old. Start again.")
		return
	}
	if refused := r.FormValue("error"); refused != "" {
		p.refuseOIDC(w, r, fmt.Errorf("the provider refused the sign-in with %q: %q", refused,
			r.FormValue("error_description")),
			o.name()+" refused to sign you in.")
		return
	}
	name, subject, values, err := p.identify(r.Context(), o, &l, r.FormValue("code"))
	if err != nil {
		p.refuseOIDC(w, r, err, "Sign-in at "+o.name()+" failed. See hhrecon's log for the cause.")
		return
	}
	if _, ok := o.role(values); !ok {
		p.refuseOIDC(w, r, fmt.Errorf("no claim value of user %q is mapped to a role", name),
			"You have no role in hhrecon. Ask its administrator for one.")
		return
	}
	switch _, err := p.Users.User(r.Context(), name); {
	case err == nil:
		p.refuseOIDC(w, r, fmt.Errorf("user %q also exists with a password", name),
			"A user with a password has the same name.")
		return
	case !errors.Is(err, reconcile.ErrNoUser):
		p.fail(w, r, fmt.Errorf("look up user: %w", err))
		return
	}
	p.startSession(w, r, name, l.Next, map[string]any{keyOIDC: name, keyRoleValues: values,
		keyIdentity: o.Issuer + " " + subject},
		p.Now().Add(oidcSessionTime))
}

// identify exchanges the code for the user's identity: the name, the provider's subject, and the values of the role
// claim that the settings map.
func (p signInPages) identify(ctx context.Context, o *OIDC, l *login,
	code string) (name, subject string, values []string, err error) {
	provider, config, err := p.oidc.of(ctx, o)
	if err != nil {
		return "", "", nil, err
	}
	token, err := config.Exchange(oidc.ClientContext(ctx, providerClient), code, oauth2.VerifierOption(l.Verifier))
	if err != nil {
		return "", "", nil, fmt.Errorf("exchange the code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: o.ClientID, Now: p.Now}).Verify(ctx, raw)
	if err != nil {
		return "", "", nil, fmt.Errorf("verify the ID token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(l.Nonce)) != 1 {
		return "", "", nil, errors.New("the ID token has another nonce")
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return "", "", nil, fmt.Errorf("read the claims: %w", err)
	}
	name, _ = claims[o.userClaim()].(string)
	if name, err = username.Check(name); err != nil {
		return "", "", nil, fmt.Errorf("the claim %q: %w", o.userClaim(), err)
	}
	verified := claims["email_verified"]
	if o.userClaim() == "email" && verified != true && (verified != "true" || !o.EmailVerifiedText) {
		return "", "", nil, fmt.Errorf("the provider has not verified the address %q: email_verified is %#v, not true; "+
			"user_claim can name another claim", name, verified)
	}
	values = slices.DeleteFunc(textsOf(claims[o.RoleClaim]), func(w string) bool { return o.Roles[w] == "" })
	return name, id.Subject, values, nil
}

// textsOf returns the values of a claim that is a single text or a list of texts.
func textsOf(claim any) []string {
	switch c := claim.(type) {
	case string:
		return []string{c}
	case []any:
		var texts []string
		for _, v := range c {
			if text, ok := v.(string); ok {
				texts = append(texts, text)
			}
		}
		return texts
	}
	return nil
}

func (p signInPages) refuseOIDC(w http.ResponseWriter, r *http.Request, why error, text string) {
	from, _ := address(p.page, r)
	p.Logger.Warn("sign-in at the OIDC provider failed", "address", from, "error", why)
	recordSignIn(p.page, r, reconcile.ActionRefuse, "", "at the provider")
	p.renderSignIn(w, r, http.StatusUnauthorized, signInView{Problem: text})
}
