package web

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"hhrecon/reconcile"
)

// provider is an OIDC provider in this process. It checks requests, and lets a test change its ID tokens.
type provider struct {
	*httptest.Server
	t         *testing.T
	key       crypto.PrivateKey
	challenge string
	nonce     string
	claims    map[string]any              // claims of the user who signs in
	spoil     func(claims map[string]any) // changes the claims before they are signed
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, claims: map[string]any{"email": "aida@merchant.example", "email_verified": true,
		"groups": []string{"staff", "finance"}}}
	about := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k",
		Algorithm: oidc.RS256}}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			p.token(w, r)
			return
		}
		about.ServeHTTP(w, r)
	}))
	about.SetIssuer(p.URL)
	t.Cleanup(p.Close)
	return p
}

// authorize handles the browser's request for a sign-in. It returns the address to which the provider redirects.
func (p *provider) authorize(address string) string {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, p.URL) {
		p.t.Fatalf("the browser is redirected to %q", address)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("client_id") != "hhrecon" ||
		len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 {
		p.t.Errorf("the request is %v", q)
	}
	p.challenge, p.nonce = q.Get("code_challenge"), q.Get("nonce")
	return q.Get("redirect_uri") + "?" + url.Values{"code": {"the-code"}, "state": {q.Get("state")}}.Encode()
}

// token exchanges a code for an ID token, if the client has the verifier and the secret.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	_, secret, _ := r.BasicAuth()
	if base64.RawURLEncoding.EncodeToString(sum[:]) != p.challenge || r.FormValue("code") != "the-code" ||
		secret+r.FormValue("client_secret") != "s3cret" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{"iss": p.URL, "aud": "hhrecon", "sub": "u-1", "exp": time.Now().Add(time.Hour).Unix(),
		"iat": time.Now().Unix(), "nonce": p.nonce}
	for name, value := range p.claims {
		claims[name] = value
	}
	if p.spoil != nil {
		p.spoil(claims)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": "a", "token_type": "Bearer", "id_token": oidctest.SignIDToken(p.key, "k", oidc.RS256, string(text)),
	})
}

// newOIDCPage returns a page with sign-in at a provider.
func newOIDCPage(t *testing.T) (*testPage, *provider) {
	t.Helper()
	tp, p := newTestPage(t), newProvider(t)
	tp.change(func(s *Settings) {
		s.OIDC = &OIDC{
			Name: "the company's sign-in", Issuer: p.URL, ClientID: "hhrecon", Secret: "s3cret", PageURL: tp.server.URL,
			RoleClaim: "groups",
			Roles:     map[string]reconcile.Role{"finance": reconcile.RoleFinance, "staff": reconcile.RoleViewer},
		}
	})
	return tp, p
}

// visit signs in at the provider and follows the redirect to the page.
func (b *browser) visit(at *provider) *answer {
	b.Helper()
	back := at.authorize(b.get("/signin/oidc?next=/runs").wants(http.StatusSeeOther).header.Get("Location"))
	return b.get(strings.TrimPrefix(back, b.server.URL))
}

// TestOIDC checks sign-in at a provider, and that changed settings apply to existing sessions.
func TestOIDC(t *testing.T) {
	tp, at := newOIDCPage(t)
	p := tp.newBrowser()
	p.get("/signin").says("Sign in with the company's sign-in")
	p.get("/signin/oidc").wants(http.StatusSeeOther)
	if n := tp.sessions(); n != 0 {
		t.Errorf("%d sessions before a sign-in", n)
	}
	a := p.visit(at).wants(http.StatusSeeOther)
	if a.header.Get("Location") != "/runs" {
		t.Errorf("it redirects to %q", a.header.Get("Location"))
	}
	p.get("/launch").wants(http.StatusOK).says("aida@merchant.example")
	tp.change(func(s *Settings) { s.OIDC.Roles = map[string]reconcile.Role{"staff": reconcile.RoleViewer} })
	p.get("/launch").wants(http.StatusForbidden)
	p.get("/").wants(http.StatusOK)
	tp.change(func(s *Settings) { s.OIDC.EmailVerifiedText = true })
	at.claims["email_verified"] = "true"
	tp.newBrowser().visit(at).wants(http.StatusSeeOther)
	tp.change(func(s *Settings) { s.OIDC = nil })
	p.get("/").wants(http.StatusSeeOther)
}

// sessions counts the sessions in the database.
func (tp *testPage) sessions() (n int) {
	tp.Helper()
	tp.must(tp.db.Get(&n, "select count(*) from hhrecon_session"))
	return n
}

// TestOIDCRefusals checks that users without a verified identity or without a role cannot sign in.
func TestOIDCRefusals(t *testing.T) {
	tp, at := newOIDCPage(t)
	for name, spoil := range map[string]func(map[string]any){
		"another nonce":           func(c map[string]any) { c["nonce"] = "x" },
		"no nonce":                func(c map[string]any) { delete(c, "nonce") },
		"another audience":        func(c map[string]any) { c["aud"] = "somebody" },
		"another issuer":          func(c map[string]any) { c["iss"] = "https://evil.example" },
		"expired":                 func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
		"no name":                 func(c map[string]any) { delete(c, "email") },
		"unverified":              func(c map[string]any) { c["email_verified"] = false },
		"not said to be verified": func(c map[string]any) { delete(c, "email_verified") },
		"verified by a text":      func(c map[string]any) { c["email_verified"] = "true" },
		"unverified by a text":    func(c map[string]any) { c["email_verified"] = "false" },
		"a user's name":           func(c map[string]any) { c["email"] = "admin" },
		"no group":                func(c map[string]any) { delete(c, "groups") },
		"another group":           func(c map[string]any) { c["groups"] = []string{"admin"} },
		"a group of one text":     func(c map[string]any) { c["groups"] = "boss" },
	} {
		t.Run(name, func(t *testing.T) {
			at.spoil = spoil
			p := tp.newBrowser()
			p.visit(at).wants(http.StatusUnauthorized)
			p.get("/").wants(http.StatusSeeOther)
		})
	}
	at.spoil = nil
	if n := tp.sessions(); n != 0 {
		t.Errorf("%d sessions of refused users", n)
	}

	p := tp.newBrowser() // a response for another browser, and a repeated response
	back := strings.TrimPrefix(at.authorize(p.get("/signin/oidc").header.Get("Location")), p.server.URL)
	tp.newBrowser().get(back).wants(http.StatusUnauthorized)
	p.get("/signin/oidc/callback?code=the-code&state=guessed").wants(http.StatusUnauthorized)
	p.get(back).wants(http.StatusUnauthorized) // the failed attempt has ended the sign-in

	back = strings.TrimPrefix(at.authorize(p.get("/signin/oidc").header.Get("Location")), p.server.URL)
	at.challenge = "another"
	p.get(back).wants(http.StatusUnauthorized)
	p.get("/signin/oidc/callback?error=access_denied&state=x").wants(http.StatusUnauthorized)
	if text := tp.log.String(); strings.Contains(text, "the-code") || strings.Contains(text, "s3cret") {
		t.Errorf("a secret is logged:\n%s", text)
	}
}
