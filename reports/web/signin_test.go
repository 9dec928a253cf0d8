package web

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/reports/web/auth"
)

// TestSignIn checks sign-in, sign-out and the attributes of the cookie.
func TestSignIn(t *testing.T) {
	tp := newTestPage(t)
	p := tp.newBrowser()
	p.get("/runs").wants(http.StatusSeeOther)
	a := p.post("/signin", url.Values{"name": {"finance"}, "password": {password},
		"next": {"/runs"}}).wants(http.StatusSeeOther)
	if to := a.header.Get("Location"); to != "/runs" {
		t.Errorf("it redirects to %q", to)
	}
	cookies := a.header.Values("Set-Cookie")
	if len(cookies) != 1 {
		t.Fatalf("%d cookies: %q", len(cookies), cookies)
	}
	for _, part := range []string{"__Host-hhrecon=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookies[0], part) {
			t.Errorf("the cookie has no %s: %s", part, cookies[0])
		}
	}
	for _, part := range []string{"Domain", "Max-Age", "Expires"} {
		if strings.Contains(cookies[0], part) {
			t.Errorf("the cookie has %s: %s", part, cookies[0])
		}
	}
	p.get("/").wants(http.StatusOK).says("finance", "What to do")
	first := p.token()
	p.signIn("finance", password).wants(http.StatusSeeOther)
	if p.token() == first {
		t.Error("signing in again kept the token")
	}
	stolen := p.token()
	p.post("/signout", nil).wants(http.StatusSeeOther)
	p.get("/").wants(http.StatusSeeOther)
	p.with(stolen).get("/").wants(http.StatusSeeOther)
	p.with(first).get("/").wants(http.StatusSeeOther)
	tp.recorded(reconcile.ActionSignIn, "finance", 2)
}

// recorded checks the number of events in the audit log that belong to no project.
func (tp *testPage) recorded(kind reconcile.ActionKind, name string, want int) {
	tp.Helper()
	var n int
	tp.must(tp.db.Get(&n, "select count(*) from hhrecon_action where project_id = '' and kind = ? and who = ?", kind,
		name))
	if n != want {
		tp.Errorf("%d events %s of %q, want %d", n, kind, name, want)
	}
	if v, err := tp.store.Verify(tp.Context(), ""); err != nil || v.Break != "" {
		tp.Errorf("the audit log is broken: %s, %v", v.Break, err)
	}
}

// token returns the session's token from the browser's cookie.
func (b *browser) token() string {
	b.Helper()
	address, err := url.Parse(b.server.URL)
	b.must(err)
	for _, c := range b.client.Jar.Cookies(address) {
		if c.Name == cookieName {
			return c.Value
		}
	}
	return ""
}

// with returns a new browser that sends the given session token.
func (b *browser) with(token string) *browser {
	b.Helper()
	address, err := url.Parse(b.server.URL)
	b.must(err)
	other := b.newBrowser()
	other.client.Jar.SetCookies(address, []*http.Cookie{{Name: cookieName, Value: token, Path: "/", Secure: true}})
	return other
}

// TestWrongPassword checks that the message is the same for a wrong password and an unknown name, and that the attempts
// are limited.
func TestWrongPassword(t *testing.T) {
	tp := newTestPage(t)
	p := tp.newBrowser()
	wrong := p.signIn("finance",
		"wrong password").wants(http.StatusUnauthorized).says("The name or the password is wrong.")
	unknown := p.signIn("stranger", "wrong password").wants(http.StatusUnauthorized)
	if strings.ReplaceAll(wrong.body, "finance", "stranger") != unknown.body {
		t.Error("the pages for a wrong password and an unknown name differ")
	}
	if strings.Contains(tp.log.String(), "stranger") {
		t.Errorf("an unknown name is logged, which may be a password:\n%s", tp.log)
	}
	for range auth.MaxFailuresPerName {
		p.signIn("finance", "wrong password")
	}
	p.signIn("finance", password).wants(http.StatusTooManyRequests).says("Too many attempts. Try again in")
	p.signIn("viewer", password).wants(http.StatusSeeOther)
	tp.recorded(reconcile.ActionRefuse, "", 1) // the unknown name is not recorded
	tp.recorded(reconcile.ActionRefuse, "finance", recordsAMinute-1)
	tp.recorded(reconcile.ActionSignIn, "viewer", 1)
}

// TestUserChanges checks that a new role, a new password and the removal of a user apply immediately to existing
// sessions.
func TestUserChanges(t *testing.T) {
	tp := newTestPage(t)
	p := tp.as(reconcile.RoleFinance)
	p.get("/launch").wants(http.StatusOK)
	tp.must(tp.store.SaveUser(t.Context(), reconcile.User{Name: "finance", Role: reconcile.RoleViewer,
		Hash: passwordHash()}))
	p.get("/launch").wants(http.StatusForbidden).says("This needs the role finance; yours is viewer")
	p.get("/").wants(http.StatusOK)
	other, err := auth.HashPassword("finance", "another pass phrase")
	tp.must(err)
	tp.must(tp.store.SaveUser(t.Context(), reconcile.User{Name: "finance", Role: reconcile.RoleFinance, Hash: other}))
	p.get("/").wants(http.StatusSeeOther)
	p.signIn("finance", "another pass phrase").wants(http.StatusSeeOther)
	tp.must(tp.store.DropUser(t.Context(), "finance"))
	p.get("/").wants(http.StatusSeeOther)
}

// TestNext checks that the sign-in redirects only to paths of this page.
func TestNext(t *testing.T) {
	for next, want := range map[string]string{
		"/runs?project=x": "/runs?project=x", "": "/", "runs": "/", "//evil.example": "/", "https://evil.example": "/",
		`/\evil.example`: "/", "/runs\r\nSet-Cookie: x": "/", "/\t/evil.example": "/",
	} {
		if got := nextOf(next); got != want {
			t.Errorf("%q redirects to %q, want %q", next, got, want)
		}
	}
}

// TestUserFile checks that the file of users is read for each request, and that an error lists its invalid lines.
func TestUserFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tp := newTestPage(t)
	write("# staff\n\nAida B.:finance:" + passwordHash() + "\n")
	tp.serve(auth.UserFile(file))
	p := tp.newBrowser()
	p.signIn("viewer", password).wants(http.StatusUnauthorized) // the page ignores the users in the database
	p.signIn("Aida B.", password).wants(http.StatusSeeOther)
	p.get("/launch").wants(http.StatusOK)
	write("Aida B.:viewer:" + passwordHash() + "\n")
	p.get("/launch").wants(http.StatusForbidden)
	write("")
	p.get("/").wants(http.StatusSeeOther)

	write("Aida:finance:" + passwordHash() + "\nBakyt:boss:" + passwordHash() +
		"\n\nCholpon:admin\nDinara:viewer:$2a$10$bcrypt\nAida:viewer:" + passwordHash() + "\n")
	_, err := auth.UserFile(file).Read()
	if err == nil {
		t.Fatal("a file with faults is accepted")
	}
	for _, want := range []string{file + ":2: role \"boss\" of user \"Bakyt\"",
		":4: the line has 2 fields instead of three",
		":5: user \"Dinara\": the hash is not an argon2id hash", ":6: user \"Aida\" is already in line 1"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not contain %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), passwordHash()) {
		t.Error("the error contains a hash")
	}
	p.get("/").wants(http.StatusSeeOther)
	p.signIn("Aida", password).wants(http.StatusInternalServerError)
}

// TestUnlistedProxy checks that an attacker behind an unlisted proxy does not lock out other users. A log message and
// the page for administrators must name the unlisted proxy.
func TestUnlistedProxy(t *testing.T) {
	tp := newTestPage(t) // requests to the page come from 127.0.0.1
	signIn := func(address, name, password string) *answer {
		p := tp.newBrowser()
		r := p.request(http.MethodPost, "/signin", url.Values{"name": {name}, "password": {password}})
		r.Header.Set("X-Forwarded-For", address)
		return p.do(r)
	}
	for i := range auth.MaxFailuresPerAddress {
		signIn("203.0.113.7", "x"+number(int64(i)), "a wrong password").wants(http.StatusUnauthorized)
	}
	signIn("203.0.113.7", "viewer", password).wants(http.StatusTooManyRequests)
	signIn("198.51.100.2", "viewer", password).wants(http.StatusSeeOther).get("/").lacks("127.0.0.1")
	admin := signIn("198.51.100.3", "admin", password).wants(http.StatusSeeOther)
	admin.get("/").says("127.0.0.1 sends visitors' addresses (X-Forwarded-For), but page.proxies in schedules.yaml " +
		"does not list it")
	if n := strings.Count(tp.log.String(), "page.proxies does not list"); n != 1 {
		t.Errorf("the log contains it %d times", n)
	}
}
