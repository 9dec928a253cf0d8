package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
	"hhrecon/reports/web/auth"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

const (
	projectID = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	password  = "correct horse battery"
)

// passwordHash is computed once, because hashing is slow.
var passwordHash = sync.OnceValue(func() string {
	hash, err := auth.HashPassword("", password)
	if err != nil {
		panic(err)
	}
	return hash
})

// testPage is a page with a database, a user of each role, and a gateway with answers that a test sets.
type testPage struct {
	*testing.T
	store  *sql.Store
	db     *sqltest.Database
	server *httptest.Server
	log    *strings.Builder

	mu       sync.Mutex
	settings Settings
	launched []RunRequest
	launch   func(RunRequest) (int64, error)
	late     string // reason why an active run is expected to end too late
	answers  map[string]*highhelp.PayinInfo
	policy   func(*reconcile.Project)
	work     sync.WaitGroup
}

func newTestPage(t *testing.T) *testPage {
	t.Helper()
	address := sqltest.SQLiteURL(t)
	tp := &testPage{
		T: t, store: sqltest.Open(t, address), db: sqltest.DB(t, address), log: &strings.Builder{},
		settings: Settings{Zone: time.FixedZone("Asia/Bishkek", 6*3600),
			Projects: []Project{{ID: projectID, Name: "Som widget"}}},
		answers: make(map[string]*highhelp.PayinInfo), policy: func(*reconcile.Project) {},
	}
	for _, role := range reconcile.Roles {
		tp.must(tp.store.SaveUser(t.Context(), reconcile.User{Name: string(role), Role: role, Hash: passwordHash(),
			AddedAt: time.Now()}))
	}
	tp.serve(tp.store)
	return tp
}

// serve starts a server with the page and the given users.
func (tp *testPage) serve(users Users) {
	tp.Helper()
	handler, err := New(Options{
		Store: Store{tp.store, tp.store, tp.store, tp.store, tp.store, tp.store}, Users: users, Sessions: tp.store.Sessions(),
		Proposals: tp.store, Settings: func() Settings {
			tp.mu.Lock()
			defer tp.mu.Unlock()
			return tp.settings
		},
		Record: tp.store.RecordEvent,
		Launch: func(_ context.Context, r RunRequest) (int64, error) {
			tp.launched = append(tp.launched, r)
			return tp.launch(r)
		},
		Background: func(_ context.Context, do func(context.Context)) error {
			tp.work.Go(func() { do(context.Background()) })
			return nil
		},
		AskAgain: func() reconcile.AskAgain { return tp.runner().AskAgain },
		ETA: func(_ context.Context, run *reconcile.Run, now time.Time) (reconcile.ETA, string, error) {
			return reconcile.EstimateETA(run, 0, 50, now), tp.late, nil
		},
		Logger: slog.New(slog.NewTextHandler(tp.log, nil)), Version: "test",
	})
	tp.must(err)
	tp.server = httptest.NewTLSServer(handler)
	tp.Cleanup(func() { tp.server.Close(); tp.work.Wait() })
}

func (tp *testPage) must(err error) {
	tp.Helper()
	if err != nil {
		tp.Fatal(err)
	}
}

// change changes the settings, as a reload does.
func (tp *testPage) change(do func(*Settings)) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	do(&tp.settings)
}

// row inserts a payin into the merchant's table and sets HighHelp's answer. amounts contains HighHelp's initial, old
// and paid amounts (I, O and A).
func (tp *testPage) row(id string, amount int64, status, subStatus string, amounts ...int64) {
	tp.Helper()
	created := time.Now().Add(-2 * time.Hour).UTC().Truncate(time.Second)
	p := reconcile.Payin{ProjectID: projectID, PaymentID: id, Amount: amount, Currency: "KGS", Status: "pending",
		CreatedAt: created, UpdatedAt: created}
	_, err := tp.store.SavePayins(tp.Context(), slices.Values([]reconcile.Payin{p}))
	tp.must(err)
	tp.says(id, status, subStatus, amounts...)
}

// says sets the answer of the test's HighHelp about a payin.
func (tp *testPage) says(id, status, subStatus string, amounts ...int64) {
	tp.Helper()
	info := "null"
	if len(amounts) == 3 {
		info = fmt.Sprintf(`{"initial_amount":%d,"old_amount":%d,"amount":%d,"currency":"KGS","type":"payin",`+
			`"expiration_date":%d}`,
			amounts[0], amounts[1], amounts[2], time.Now().Add(time.Hour).Unix())
	}
	answer, err := highhelp.ParsePayinInfo(fmt.Appendf(nil,
		`{"status":%q,"sub_status":%q,"project_id":%q,"payment_id":%q,"request_id":"req-%s","payment_info":%s}`,
		status, subStatus, projectID, id, id, info))
	tp.must(err)
	tp.answers[id] = answer
}

// PayinInfo implements run.Gateway.
func (tp *testPage) PayinInfo(_ context.Context, id string) (*highhelp.PayinInfo, error) {
	if a := tp.answers[id]; a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("%w: the payin is unknown", highhelp.ErrNotFound)
}

// runner returns an engine whose gateway is the testPage.
func (tp *testPage) runner() *run.Engine {
	p := reconcile.DefaultProject(projectID)
	p.Outage.Sample = 1 << 20
	tp.policy(&p)
	return &run.Engine{Project: p, Store: tp.store, Gateway: tp, Owner: reconcile.ThisProcess(),
		Logger: slog.New(slog.DiscardHandler), Now: time.Now}
}

// run executes a run over the payins of the last two days and returns the run.
func (tp *testPage) run(q reconcile.Request) reconcile.Run {
	tp.Helper()
	r := tp.runner()
	q.Selection.Window = reconcile.Window{From: time.Now().Add(-48 * time.Hour), To: time.Now()}
	q.Selection.Whole = true
	run, err := r.Run(tp.Context(), q)
	tp.must(err)
	return run
}

// rowState returns the status, sub_status and settled amount of a row in the merchant's table.
func (tp *testPage) rowState(id string) string {
	tp.Helper()
	var s string
	tp.must(tp.db.Get(&s, `select status || '/' || coalesce(sub_status, '') || '/' || coalesce(settled_amount, 0)
		from payins where payment_id = ?`, id))
	return s
}

// browser is the browser of a user. It does not follow redirects.
type browser struct {
	*testPage
	client *http.Client
}

// newBrowser returns a browser without a session.
func (tp *testPage) newBrowser() *browser {
	tp.Helper()
	jar, err := cookiejar.New(nil)
	tp.must(err)
	return &browser{tp, &http.Client{
		Transport: tp.server.Client().Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as returns a browser in which the user with the given role has signed in. The name of the user is the name of the
// role.
func (tp *testPage) as(role reconcile.Role) *browser {
	tp.Helper()
	p := tp.newBrowser()
	p.signIn(string(role), password).wants(http.StatusSeeOther)
	return p
}

func (b *browser) signIn(name, password string) *answer {
	b.Helper()
	return b.post("/signin", url.Values{"name": {name}, "password": {password}})
}

// answer is the page's response to a request.
type answer struct {
	*browser
	status int
	header http.Header
	body   string
}

func (b *browser) do(r *http.Request) *answer {
	b.Helper()
	response, err := b.client.Do(r)
	b.must(err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	b.must(err)
	return &answer{b, response.StatusCode, response.Header, string(body)}
}

func (b *browser) request(method, path string, form url.Values) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.server.URL+path, strings.NewReader(form.Encode()))
	b.must(err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func (b *browser) get(path string) *answer {
	b.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

func (b *browser) post(path string, form url.Values) *answer {
	b.Helper()
	return b.do(b.request(http.MethodPost, path, form))
}

// wants checks the status of a response.
func (a *answer) wants(status int) *answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d, want %d:\n%s", a.status, status, a.body)
	}
	return a
}

// says checks that the text of the page contains each part.
func (a *answer) says(parts ...string) *answer {
	a.Helper()
	text := a.text()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			a.Errorf("the page does not contain %q:\n%s", part, text)
		}
	}
	return a
}

// lacks checks that the text of the page contains none of the parts.
func (a *answer) lacks(parts ...string) *answer {
	a.Helper()
	for _, part := range parts {
		if strings.Contains(a.text(), part) {
			a.Errorf("the page contains %q:\n%s", part, a.text())
		}
	}
	return a
}

// text returns the text of the page. A space replaces each tag.
func (a *answer) text() string {
	var text strings.Builder
	rest := a.body
	for {
		before, after, found := strings.Cut(rest, "<")
		text.WriteString(before)
		if !found {
			break
		}
		text.WriteByte(' ')
		_, rest, _ = strings.Cut(after, ">")
	}
	plain := strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#43;",
		"+").Replace(text.String())
	return strings.NewReplacer(" .", ".", " ,", ",", " :", ":", " ;",
		";").Replace(strings.Join(strings.Fields(plain), " "))
}

// follow loads the page that a response redirects to.
func (a *answer) follow() *answer {
	a.Helper()
	a.wants(http.StatusSeeOther)
	return a.get(a.header.Get("Location"))
}

// later returns a time after the creation of all payins.
func (tp *testPage) later() time.Time { return time.Now().Add(time.Minute) }

var (
	nowFunc = time.Now
	discard = slog.New(slog.DiscardHandler)
)

// wrongTotals is a store whose totals differ from the sums of its findings.
type wrongTotals struct{ *sql.Store }

func (c wrongTotals) Totals(ctx context.Context, s reconcile.ReportScope) ([]reconcile.Total, error) {
	totals, err := c.Store.Totals(ctx, s)
	for i := range totals {
		totals[i].Amount.Add(1)
	}
	return totals, err
}

// record returns a request of a user and a recorder for the response. Tests use both to call a handler without the
// checks of guarded.
func record(
	path string, values map[string]string, v *sessionUser, p *page,
) (*httptest.ResponseRecorder, *http.Request) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	ctx, err := p.sessions.Load(r.Context(), "")
	if err != nil {
		panic(err)
	}
	r = r.WithContext(context.WithValue(ctx, userKey{}, v))
	for name, value := range values {
		r.SetPathValue(name, value)
	}
	return httptest.NewRecorder(), r
}
