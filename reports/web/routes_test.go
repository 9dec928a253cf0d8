package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hhrecon/reconcile"
)

// addressOfRoute returns an address that matches the pattern of a route.
func addressOfRoute(r route) string {
	return strings.NewReplacer("{file}", "page.css", "{id}", "1", "{$}", "").Replace(r.pattern)
}

// TestRoutes checks all routes. Without a session, only the sign-in page responds. A user can execute only the actions
// that the role allows. Forms of other sites are refused.
func TestRoutes(t *testing.T) {
	tp := newTestPage(t)
	tp.policy = func(p *reconcile.Project) { p.Hold.Count, p.Hold.Share = 1, 0.01 }
	tp.row("held-1", 300000, "decline", "")
	tp.row("asked-1", 300000, "error", "")
	if run := tp.run(reconcile.Request{}); run.State != reconcile.Held {
		t.Fatalf("run 1 is %s, not held", run.State)
	}
	tp.launch = func(RunRequest) (int64, error) { return 0, errors.New("launched") }
	before := tp.footprint()
	people := make(map[reconcile.Role]*browser)
	for _, role := range reconcile.Roles {
		people[role] = tp.as(role)
	}

	form := url.Values{"project": {projectID}, "id": {"held-1"}, "choice": {"accept"}, "note": {"why"}, "run": {"1"},
		"seq":  {"1"},
		"mark": {"sent"}, "pick": tp.picks("asked-1")}
	for _, r := range routes {
		address := addressOfRoute(r)
		t.Run(r.method+" "+address, func(t *testing.T) {
			stranger := tp.newBrowser().do(tp.newBrowser().request(r.method, address, form))
			switch {
			case r.least == public:
				if stranger.status == http.StatusForbidden || stranger.status >= 500 {
					t.Errorf("without a session: status %d", stranger.status)
				}
			case r.method == http.MethodGet:
				if stranger.status != http.StatusSeeOther || !strings.HasPrefix(stranger.header.Get("Location"), "/signin") {
					t.Errorf("without a session: status %d, to %q", stranger.status, stranger.header.Get("Location"))
				}
			case stranger.status != http.StatusUnauthorized:
				t.Errorf("without a session: status %d", stranger.status)
			}
			for _, role := range reconcile.Roles {
				if role.May(r.least) {
					continue
				}
				low := people[role]
				if a := low.do(low.request(r.method, address, form)); a.status != http.StatusForbidden {
					t.Errorf("as %s: status %d, want 403", role, a.status)
				}
			}
			if r.method == http.MethodPost {
				refusesOthers(t, people[reconcile.RoleAdmin], address, form)
			}
			if a := tp.newBrowser().get(address); a.header.Get("Content-Security-Policy") != policy ||
				a.header.Get("X-Content-Type-Options") != "nosniff" ||
				a.header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
				t.Errorf("headers are missing: %v", a.header)
			}
		})
	}
	if after := tp.footprint(); after != before {
		t.Errorf("something has changed:\n%s\nbefore:\n%s", after, before)
	}
	if len(tp.launched) > 0 {
		t.Errorf("runs were launched: %+v", tp.launched)
	}
}

// refusesOthers checks that forms of other sites are refused, even with an administrator's session.
func refusesOthers(t *testing.T, admin *browser, address string, form url.Values) {
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		r := admin.request(http.MethodPost, address, form)
		r.Header.Set(name, value)
		if a := admin.do(r); a.status != http.StatusForbidden {
			t.Errorf("with %s %s: status %d, want 403", name, value, a.status)
		}
	}
	same := admin.request(http.MethodGet, "/", nil)
	if a := admin.do(same); a.status != http.StatusOK {
		t.Errorf("the session is gone: status %d", a.status)
	}
}

// footprint counts the rows and events that an action could change, to detect any change.
func (tp *testPage) footprint() string {
	tp.Helper()
	var s string
	tp.must(tp.db.Get(&s, `select (select count(*) from hhrecon_action where project_id <> '') || ' actions, '
		|| (select count(*) from hhrecon_run where state <> 'held')
		|| ' runs changed, ' || (select count(*) from payins where status <> 'pending') || ' rows changed, '
		|| (select count(*) from hhrecon_delivery) || ' deliveries, ' || (select count(*) from hhrecon_support) || ' marks'`))
	return s
}

// TestRouteTable checks that only sign-in and static files need no session, and that actions need at least the role
// finance.
func TestRouteTable(t *testing.T) {
	public := 0
	for _, r := range routes {
		if r.least == "" {
			public++
			if !strings.HasPrefix(r.pattern, "/signin") && !strings.HasPrefix(r.pattern, "/static/") {
				t.Errorf("%s %s answers without a session", r.method, r.pattern)
			}
		}
		if r.method == http.MethodPost && !strings.HasPrefix(r.pattern, "/sign") && !r.least.May(reconcile.RoleFinance) {
			t.Errorf("%s %s is an action that needs only the role %q", r.method, r.pattern, r.least)
		}
	}
	if public != 5 {
		t.Errorf("%d routes answer without a session, want 5", public)
	}
}
