package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// withAlerts are project settings of a fixture that takes alerts.
const withAlerts = longTimeouts + ", alert_public_key_file: keys/alert_key.pem"

// openPayins are n payins that are under way at the merchant's and at HighHelp.
func openPayins(n int) []sandbox.Sample {
	created := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	samples := make([]sandbox.Sample, n)
	for i := range samples {
		id := fmt.Sprintf("KG-%06d", i)
		samples[i] = sandbox.Sample{
			Merchant: sandbox.MerchantRow{ProjectID: demoProject, PaymentID: id, Amount: 150000, Currency: "KGS",
				Status: "processing", CreatedAt: created, UpdatedAt: created},
			Gateway: pendingPayin(id, created),
		}
	}
	return samples
}

func pendingPayin(id string, created time.Time) *sandbox.Payin {
	return &sandbox.Payin{
		ProjectID: demoProject, PaymentID: id, Amount: 150000, Status: "processing", SubStatus: "awaiting_confirm",
		CreatedAt: created, ExpirationDate: created.Add(24 * time.Hour),
	}
}

// serve starts the service and returns it with its address.
func (s *fixture) serve(url string, args ...string) (*process, string) {
	s.t.Helper()
	p := s.start(url, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	const says = "hhrecon serves at "
	if !p.waitFor(func() bool {
		return strings.Contains(p.out.String(), says) &&
			strings.HasSuffix(p.out.String(), "\n")
	}) {
		s.t.Fatalf("the service does not start:\n%s", p.err.String())
	}
	_, address, _ := strings.Cut(p.out.String(), says)
	return p, strings.TrimSpace(strings.SplitN(address, "\n", 2)[0])
}

// testAlert is a captured alert on its way.
type testAlert struct {
	id, digest string // of its signed text
	body       []byte
	header     http.Header
	forged     bool // its signature is wrong
}

// newAlert is the alert of a payin's present state at HighHelp.
func (s *fixture) newAlert(p sandbox.Payin) testAlert {
	s.t.Helper()
	body, header, err := s.box.Alert(p)
	must(s.t, err)
	text, err := highhelp.Normalise(body, "")
	must(s.t, err)
	return testAlert{id: p.PaymentID, digest: highhelp.Digest([]byte(text)), body: body, header: header}
}

// post sends an alert and returns the answer's status; 0 where nobody answers.
func (l testAlert) post(t *testing.T, to string) int {
	r, err := http.NewRequest(http.MethodPost, to+"/alerts/"+demoProject, bytes.NewReader(l.body))
	must(t, err)
	r.Header = l.header.Clone()
	if l.forged {
		r.Header.Set(highhelp.HeaderTimestamp, "1700000000")
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// setPayinState sets a payin's state at HighHelp and returns the alert about it.
func (s *fixture) setPayinState(id, status string, amount int64) testAlert {
	s.t.Helper()
	p := *pendingPayin(id, time.Now().Add(-time.Hour))
	p.Status, p.SubStatus, p.Amount = status, "", amount
	p.OldAmount, p.InitialAmount = 150000, 150000
	must(s.t, s.box.Put(p))
	return s.newAlert(p)
}

// waitForCount waits until a query's number is the wanted one.
func waitForCount(t *testing.T, p *process, db *sqltest.Database, want int64, query string, args ...any) {
	t.Helper()
	deadline := time.Now().Add(waitLimit)
	for queryCount(t, db, query, args...) != want {
		if !p.running() || time.Now().After(deadline) {
			t.Fatalf("%s is %d, not %d:\n%s", query, queryCount(t, db, query, args...), want, p.err.String())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestAlert tells what single alerts come to.
func TestAlert(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		s := newFixture(t, withAlerts, openPayins(4))
		late := s.samples[3]
		s.samples = s.samples[:3]
		s.load(url)
		db := sqltest.DB(t, url)
		p, address := s.serve(url)
		send := func(l testAlert) {
			t.Helper()
			if code := l.post(t, address); code != 200 {
				t.Fatalf("answered %d:\n%s", code, p.err.String())
			}
		}
		const waiting = `select count(*) from hhrecon_alert where state = 'waiting'`

		// A payin is settled by the word of payin/info, whatever the alert says.
		said := s.setPayinState("KG-000000", "decline", 150000)
		s.setPayinState("KG-000000", "success", 150000)
		send(said)
		waitForCount(t, p, db, 1, `select count(*) from payins where payment_id = 'KG-000000' and status = 'success'
			and settled_amount = 150000`)
		waitForCount(t, p, db, 0, waiting)
		if n := queryCount(t, db, `select count(*) from hhrecon_alert a join hhrecon_run r on r.id = a.run_id
			where a.state = 'done' and r.origin = 'alert' and r.state = 'complete' and not r.whole and r.selected = 1`); n != 1 {
			t.Errorf("the alert is not done by a run of its own:\n%s", p.err.String())
		}

		// What was final and is no longer is for a person: the row stays.
		send(s.setPayinState("KG-000000", "error", 150000))
		waitForCount(t, p, db, 1, `select count(*) from hhrecon_finding where payment_id = 'KG-000000'
			and outcome = 'reversed'`)
		waitForCount(t, p, db, 1, `select count(*) from payins where payment_id = 'KG-000000' and status = 'success'`)

		// An alert may be faster than the merchant's own row.
		send(s.setPayinState(late.Merchant.PaymentID, "success", 140000))
		waitForCount(t, p, db, 1, waiting)
		s.samples = []sandbox.Sample{late}
		s.load(url)
		waitForCount(t, p, db, 1, `select count(*) from payins where payment_id = $1 and status = 'dispute'
			and sub_status = 'different_amount' and settled_amount = 140000`, late.Merchant.PaymentID)
		waitForCount(t, p, db, 0, waiting)

		s.start(url, "runs").wantStatus(exitOK).wantOutput("Runs that alerts began are left out")
		if all := s.start(url, "runs", "--alerts").wantStatus(exitOK); strings.Count(all.out.String(), demoProject) < 3 ||
			!strings.Contains(all.out.String(), "complete, alert") {
			t.Errorf("runs for alerts are not listed:\n%s", all.out.String())
		}
		if books, _ := filepath.Glob(filepath.Join(s.dir, "reports-out", "*")); len(books) > 0 {
			t.Errorf("runs for alerts wrote %v", books)
		}
		must(t, p.cmd.Process.Signal(os.Interrupt))
		p.wantStatus(exitOK)
	})
}

// TestNightOutlastsAlerts: a run that alerts began keeps no other run from its turn.
func TestNightOutlastsAlerts(t *testing.T) {
	t.Parallel()
	s := newFixture(t, withAlerts, openPayins(20))
	url, db := s.postgres()
	lift := s.blockAnswers()
	p, address := s.serve(url)
	l := s.setPayinState("KG-000001", "success", 150000)
	if code := l.post(t, address); code != 200 {
		t.Fatalf("answered %d", code)
	}
	waitForCount(t, p, db, 1, `select count(*) from hhrecon_run where state = 'running' and origin = 'alert'`)
	night := s.start(url, "run", "--json")
	if !night.waitFor(func() bool { return strings.Contains(night.err.String(), "waiting for a run that alerts began") }) {
		t.Fatalf("the night does not wait:\n%s", night.err.String())
	}
	lift()
	if r := night.wantStatus(exitOK).results(); len(r) != 1 || r[0].Selected != 19 {
		t.Errorf("%+v", r)
	}
}

// TestAlertsSurvive sends alerts, with duplicates, with wrong signatures and out of order, while a nightly run works,
// and kills the service in between: what was answered with 200 is in the database from that moment on, and in the
// end every row says what payin/info says. The number of alerts is HHRECON_ALERTS, that of kills HHRECON_ALERT_KILLS.
func TestAlertsSurvive(t *testing.T) {
	t.Parallel()
	alerts, kills := sizeFromEnv(t, "HHRECON_ALERTS", 160), sizeFromEnv(t, "HHRECON_ALERT_KILLS", 2)
	payins := alerts / 4
	s := newFixture(t, withAlerts, openPayins(payins))
	url, db := s.postgres()
	payinsLog(t, db, false)
	lift := s.blockAnswersAfter(payins / 2) // half of the payins are asked about before anything happens to them
	night := s.start(url, "run", "--json")
	waitForCount(t, night, db, int64(payins/2),
		`select (select count(*) from hhrecon_selection where outcome is not null) + (select count(*) from hhrecon_finding)`)

	m := &alertSender{s: s, t: t, db: db, url: url}
	m.restart()
	sent := s.shuffledAlerts()[:alerts]
	strike := map[int]bool{}
	for range kills / 2 {
		strike[rand.IntN(len(sent))] = true
	}
	var senders sync.WaitGroup
	var next atomic.Int64
	for range 8 {
		senders.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(sent) || t.Failed() {
					return
				}
				if strike[i] {
					m.kill()
				}
				m.deliver(sent[i])
			}
		})
	}
	senders.Wait()
	if n := queryCount(t, db, `select count(*) from hhrecon_run where origin = 'alert'`); n > 0 || !night.running() {
		t.Errorf("%d runs for alerts began while the nightly run worked (it does: %v)", n, night.running())
	}
	lift()
	night.wantStatus(exitOK)
	for range kills - kills/2 { // now while alerts are worked off
		if queryCount(t, db, `select count(*) from hhrecon_alert where state = 'waiting'`) == 0 {
			break
		}
		m.killWhile(`select count(*) from hhrecon_run where origin = 'alert' and state = 'running'`)
	}
	waitForCount(t, m.service(), db, 0, `select count(*) from hhrecon_alert where state = 'waiting'`)
	waitForCount(t, m.service(), db, 0, `select count(*) from hhrecon_run where state in ('running', 'interrupted')`)
	m.check(sent)
	s.checkFinalRows(db)
	t.Logf("%d alerts about %d payins, %d taken, %d refused; %d answers never came, killed %d times; %d runs",
		len(sent), payins, m.taken.Load(), m.refused.Load(), m.unheard.Load(), m.kills,
		queryCount(t, db, `select count(*) from hhrecon_run`))
}

// blockAnswersAfter lets the first n payins be asked about, and keeps HighHelp's answers back then until it is lifted.
func (s *fixture) blockAnswersAfter(n int) (lift func()) {
	lifted := make(chan struct{})
	lift = sync.OnceFunc(func() { close(lifted) })
	s.t.Cleanup(lift)
	var asked atomic.Int64
	s.handleWith(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > int64(n) {
			<-lifted
		}
		s.box.ServeHTTP(w, r)
	}))
	return lift
}
