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

// passwordHash is made once: hashing is slow on purpose.
var passwordHash = sync.OnceValue(func() string {
	hash, err := auth.HashPassword("", password)
	if err != nil {
		panic(err)
	}
	return hash
})

// office is a page with a store under it, users of all roles, and a HighHelp that says what a test wants.
type office struct {
	*testing.T
	store  *sql.Store
	db     *sqltest.Database
	server *httptest.Server
	log    *strings.Builder

	mu       sync.Mutex
	settings Settings
	launched []RunRequest
	launch   func(RunRequest) (int64, error)
	late     string // why a run at work will be done too late
	answers  map[string]*highhelp.PayinInfo
	policy   func(*reconcile.Project)
	work     sync.WaitGroup
}

func newOffice(t *testing.T) *office {
	t.Helper()
	address := sqltest.SQLiteURL(t)
	o := &office{
		T: t, store: sqltest.Open(t, address), db: sqltest.DB(t, address), log: &strings.Builder{},
		settings: Settings{Zone: time.FixedZone("Asia/Bishkek", 6*3600),
			Projects: []Project{{ID: projectID, Name: "Som widget"}}},
		answers: make(map[string]*highhelp.PayinInfo), policy: func(*reconcile.Project) {},
	}
	for _, role := range reconcile.Roles {
		o.must(o.store.SaveUser(t.Context(), reconcile.User{Name: string(role), Role: role, Hash: passwordHash(),
			AddedAt: time.Now()}))
	}
	o.serve(o.store)
	return o
}

// serve puts the page up, with users from the given place.
func (o *office) serve(users Users) {
	o.Helper()
	handler, err := New(Options{
		Store: Store{o.store, o.store, o.store, o.store, o.store, o.store}, Users: users, Sessions: o.store.Sessions(),
		Proposals: o.store, Settings: func() Settings {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.settings
		},
		Record: o.store.RecordEvent,
		Launch: func(_ context.Context, r RunRequest) (int64, error) {
			o.launched = append(o.launched, r)
			return o.launch(r)
		},
		Background: func(_ context.Context, do func(context.Context)) error {
			o.work.Go(func() { do(context.Background()) })
			return nil
		},
		AskAgain: func() reconcile.AskAgain { return o.runner().AskAgain },
		ETA: func(_ context.Context, run *reconcile.Run, now time.Time) (reconcile.ETA, string, error) {
			return reconcile.EstimateETA(run, 0, 50, now), o.late, nil
		},
		Logger: slog.New(slog.NewTextHandler(o.log, nil)), Version: "test",
	})
	o.must(err)
	o.server = httptest.NewTLSServer(handler)
	o.Cleanup(func() { o.server.Close(); o.work.Wait() })
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// change changes the settings, as a reload does.
func (o *office) change(do func(*Settings)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	do(&o.settings)
}

// row puts a payin into the merchant's table, and what HighHelp says of it: amounts are I, O and A.
func (o *office) row(id string, amount int64, status, subStatus string, amounts ...int64) {
	o.Helper()
	created := time.Now().Add(-2 * time.Hour).UTC().Truncate(time.Second)
	p := reconcile.Payin{ProjectID: projectID, PaymentID: id, Amount: amount, Currency: "KGS", Status: "pending",
		CreatedAt: created, UpdatedAt: created}
	_, err := o.store.SavePayins(o.Context(), slices.Values([]reconcile.Payin{p}))
	o.must(err)
	o.says(id, status, subStatus, amounts...)
}

// says changes what HighHelp says of a payin.
func (o *office) says(id, status, subStatus string, amounts ...int64) {
	o.Helper()
	info := "null"
	if len(amounts) == 3 {
		info = fmt.Sprintf(`{"initial_amount":%d,"old_amount":%d,"amount":%d,"currency":"KGS","type":"payin",`+
			`"expiration_date":%d}`,
			amounts[0], amounts[1], amounts[2], time.Now().Add(time.Hour).Unix())
	}
	answer, err := highhelp.ParsePayinInfo(fmt.Appendf(nil,
		`{"status":%q,"sub_status":%q,"project_id":%q,"payment_id":%q,"request_id":"req-%s","payment_info":%s}`,
		status, subStatus, projectID, id, id, info))
	o.must(err)
	o.answers[id] = answer
}

// PayinInfo makes an office a gateway.
func (o *office) PayinInfo(_ context.Context, id string) (*highhelp.PayinInfo, error) {
	if a := o.answers[id]; a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("%w: nothing is known of it", highhelp.ErrNotFound)
}

// runner is hhrecon, which asks the office.
func (o *office) runner() *run.Engine {
	p := reconcile.DefaultProject(projectID)
	p.Outage.Sample = 1 << 20
	o.policy(&p)
	return &run.Engine{Project: p, Store: o.store, Gateway: o, Owner: reconcile.ThisProcess(),
		Logger: slog.New(slog.DiscardHandler), Now: time.Now}
}

// night does a run, and returns it.
func (o *office) night(q reconcile.Request) reconcile.Run {
	o.Helper()
	r := o.runner()
	q.Selection.Window = reconcile.Window{From: time.Now().Add(-48 * time.Hour), To: time.Now()}
	q.Selection.Whole = true
	run, err := r.Run(o.Context(), q)
	o.must(err)
	return run
}

// rowState is a payin's row as it stands in the merchant's table.
func (o *office) rowState(id string) string {
	o.Helper()
	var s string
	o.must(o.db.Get(&s, `select status || '/' || coalesce(sub_status, '') || '/' || coalesce(settled_amount, 0)
		from payins where payment_id = ?`, id))
	return s
}

// person is somebody's browser. It takes no redirect by itself.
type person struct {
	*office
	client *http.Client
}

// anybody is a browser without a session.
func (o *office) anybody() *person {
	o.Helper()
	jar, err := cookiejar.New(nil)
	o.must(err)
	return &person{o, &http.Client{
		Transport: o.server.Client().Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as is the browser of the user who has a role, and its name.
func (o *office) as(role reconcile.Role) *person {
	o.Helper()
	p := o.anybody()
	p.signIn(string(role), password).wants(http.StatusSeeOther)
	return p
}

func (p *person) signIn(name, password string) *answer {
	p.Helper()
	return p.post("/signin", url.Values{"name": {name}, "password": {password}})
}

// answer is what came back.
type answer struct {
	*person
	status int
	header http.Header
	body   string
}

func (p *person) do(r *http.Request) *answer {
	p.Helper()
	response, err := p.client.Do(r)
	p.must(err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	p.must(err)
	return &answer{p, response.StatusCode, response.Header, string(body)}
}

func (p *person) request(method, path string, form url.Values) *http.Request {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), method, p.server.URL+path, strings.NewReader(form.Encode()))
	p.must(err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func (p *person) get(path string) *answer {
	p.Helper()
	return p.do(p.request(http.MethodGet, path, nil))
}

func (p *person) post(path string, form url.Values) *answer {
	p.Helper()
	return p.do(p.request(http.MethodPost, path, form))
}

// wants checks an answer's status.
func (a *answer) wants(status int) *answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d, want %d:\n%s", a.status, status, a.body)
	}
	return a
}

// says checks that each piece of text stands in the page, as people read it.
func (a *answer) says(pieces ...string) *answer {
	a.Helper()
	text := a.text()
	for _, piece := range pieces {
		if !strings.Contains(text, piece) {
			a.Errorf("the page does not say %q:\n%s", piece, text)
		}
	}
	return a
}

// lacks checks that none of them does.
func (a *answer) lacks(pieces ...string) *answer {
	a.Helper()
	for _, piece := range pieces {
		if strings.Contains(a.text(), piece) {
			a.Errorf("the page says %q:\n%s", piece, a.text())
		}
	}
	return a
}

// text is the page without its tags, with a space where one was.
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

// follow loads the page that an answer leads to.
func (a *answer) follow() *answer {
	a.Helper()
	a.wants(http.StatusSeeOther)
	return a.get(a.header.Get("Location"))
}

// later is a moment after every payin's creation.
func (o *office) later() time.Time { return time.Now().Add(time.Minute) }

var (
	nowFunc = time.Now
	discard = slog.New(slog.DiscardHandler)
)

// crooked is a store whose totals are not what its findings add up to.
type crooked struct{ *sql.Store }

func (c crooked) Totals(ctx context.Context, s reconcile.ReportScope) ([]reconcile.Total, error) {
	totals, err := c.Store.Totals(ctx, s)
	for i := range totals {
		totals[i].Amount.Add(1)
	}
	return totals, err
}

// record is a request that goes past the guards, and what takes its answer.
func record(
	path string, values map[string]string, v *sessionUser, p *page,
) (*httptest.ResponseRecorder, *http.Request) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	ctx, err := p.sessions.Load(r.Context(), "")
	if err != nil {
		panic(err)
	}
	r = r.WithContext(context.WithValue(ctx, visitorKey{}, v))
	for name, value := range values {
		r.SetPathValue(name, value)
	}
	return httptest.NewRecorder(), r
}
