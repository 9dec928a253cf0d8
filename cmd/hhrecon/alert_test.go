package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// withAlerts contains the settings of a project that accepts alerts.
const withAlerts = longTimeouts + ", alert_public_key_file: keys/alert_key.pem"

// openPayins returns n payins that are open both at the merchant and at HighHelp.
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

// serve starts the service and returns the process and its address.
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

// testAlert is an alert to send.
type testAlert struct {
	id, digest string // payment ID, and digest of the signed text
	body       []byte
	header     http.Header
	forged     bool // the signature is invalid
}

// newAlert returns the alert for a payin's current state at HighHelp.
func (s *fixture) newAlert(p sandbox.Payin) testAlert {
	s.t.Helper()
	body, header, err := s.box.Alert(p)
	must(s.t, err)
	text, err := highhelp.Normalise(body, "")
	must(s.t, err)
	return testAlert{id: p.PaymentID, digest: highhelp.Digest([]byte(text)), body: body, header: header}
}

// post sends an alert and returns the HTTP status, or 0 if there is no answer.
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

// setPayinState sets a payin's state at HighHelp and returns its alert.
func (s *fixture) setPayinState(id, status string, amount int64) testAlert {
	s.t.Helper()
	p := *pendingPayin(id, time.Now().Add(-time.Hour))
	p.Status, p.SubStatus, p.Amount = status, "", amount
	p.OldAmount, p.InitialAmount = 150000, 150000
	must(s.t, s.box.Put(p))
	return s.newAlert(p)
}

// waitForCount waits until a query returns the wanted number.
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

// TestAlert checks the effects of single alerts.
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
				t.Fatalf("got status %d:\n%s", code, p.err.String())
			}
		}
		const waiting = `select count(*) from hhrecon_alert where state = 'waiting'`

		// The answer of payin/info settles a payin. The status in the alert is ignored.
		outdated := s.setPayinState("KG-000000", "decline", 150000)
		s.setPayinState("KG-000000", "success", 150000)
		send(outdated)
		waitForCount(t, p, db, 1, `select count(*) from payins where payment_id = 'KG-000000' and status = 'success'
			and settled_amount = 150000`)
		waitForCount(t, p, db, 0, waiting)
		if n := queryCount(t, db, `select count(*) from hhrecon_alert a join hhrecon_run r on r.id = a.run_id
			where a.state = 'done' and r.origin = 'alert' and r.state = 'complete' and not r.whole and r.selected = 1`); n != 1 {
			t.Errorf("the alert was not processed by a separate run:\n%s", p.err.String())
		}

		// If a final payin changes, its row stays unchanged and needs a manual decision.
		send(s.setPayinState("KG-000000", "error", 150000))
		waitForCount(t, p, db, 1, `select count(*) from hhrecon_finding where payment_id = 'KG-000000'
			and outcome = 'reversed'`)
		waitForCount(t, p, db, 1, `select count(*) from payins where payment_id = 'KG-000000' and status = 'success'`)

		// An alert may arrive before the merchant's row.
		send(s.setPayinState(late.Merchant.PaymentID, "success", 140000))
		waitForCount(t, p, db, 1, waiting)
		s.samples = []sandbox.Sample{late}
		s.load(url)
		waitForCount(t, p, db, 1, `select count(*) from payins where payment_id = $1 and status = 'dispute'
			and sub_status = 'different_amount' and settled_amount = 140000`, late.Merchant.PaymentID)
		waitForCount(t, p, db, 0, waiting)

		s.start(url, "runs").wantStatus(exitOK).wantOutput("Runs that alerts started are omitted")
		if all := s.start(url, "runs", "--alerts").wantStatus(exitOK); strings.Count(all.out.String(), "│ alert") < 3 ||
			!regexp.MustCompile(`COMPLETE +│ alert`).MatchString(all.out.String()) {
			t.Errorf("runs for alerts are missing:\n%s", all.out.String())
		}
		if books, _ := filepath.Glob(filepath.Join(s.dir, "reports-out", "*")); len(books) > 0 {
			t.Errorf("runs for alerts wrote %v", books)
		}
		must(t, p.cmd.Process.Signal(os.Interrupt))
		p.wantStatus(exitOK)
	})
}

// TestRunWaitsForAlertRun checks that a run waits for a run that an alert started.
func TestRunWaitsForAlertRun(t *testing.T) {
	t.Parallel()
	s := newFixture(t, withAlerts, openPayins(20))
	url, db := s.postgres()
	unblock := s.blockAnswers()
	p, address := s.serve(url)
	l := s.setPayinState("KG-000001", "success", 150000)
	if code := l.post(t, address); code != 200 {
		t.Fatalf("got status %d", code)
	}
	waitForCount(t, p, db, 1, `select count(*) from hhrecon_run where state = 'running' and origin = 'alert'`)
	nightly := s.start(url, "run", "--json")
	if !nightly.waitFor(func() bool {
		return strings.Contains(nightly.err.String(),
			"waiting for a run that alerts started")
	}) {
		t.Fatalf("the run does not wait:\n%s", nightly.err.String())
	}
	unblock()
	if r := nightly.wantStatus(exitOK).results(); len(r) != 1 || r[0].Selected != 19 {
		t.Errorf("%+v", r)
	}
}

// TestAlertsSurvive sends alerts during a nightly run and kills the service several times. Some alerts are duplicates,
// have wrong signatures or come out of order. An alert that was answered with 200 must be in the database. At the end
// every row must match payin/info. HHRECON_ALERTS is the number of alerts, HHRECON_ALERT_KILLS the number of kills.
func TestAlertsSurvive(t *testing.T) {
	t.Parallel()
	alerts, kills := sizeFromEnv(t, "HHRECON_ALERTS", 160), sizeFromEnv(t, "HHRECON_ALERT_KILLS", 2)
	payins := alerts / 4
	s := newFixture(t, withAlerts, openPayins(payins))
	url, db := s.postgres()
	payinsLog(t, db, false)
	unblock := s.blockAnswersAfter(payins / 2) // the run queries half of the payins before the first alert arrives
	nightly := s.start(url, "run", "--json")
	waitForCount(t, nightly, db, int64(payins/2),
		`select (select count(*) from hhrecon_selection where outcome is not null) + (select count(*) from hhrecon_finding)`)

	m := &alertSender{s: s, t: t, db: db, url: url}
	m.restart()
	sent := s.shuffledAlerts()[:alerts]
	killAt := map[int]bool{}
	for range kills / 2 {
		killAt[rand.IntN(len(sent))] = true
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
				if killAt[i] {
					m.kill()
				}
				m.deliver(sent[i])
			}
		})
	}
	senders.Wait()
	if n := queryCount(t, db, `select count(*) from hhrecon_run where origin = 'alert'`); n > 0 || !nightly.running() {
		t.Errorf("%d runs for alerts began during the nightly run (still running: %v)", n, nightly.running())
	}
	unblock()
	nightly.wantStatus(exitOK)
	for range kills - kills/2 { // kill the service while it processes alerts
		if queryCount(t, db, `select count(*) from hhrecon_alert where state = 'waiting'`) == 0 {
			break
		}
		m.killWhile(`select count(*) from hhrecon_run where origin = 'alert' and state = 'running'`)
	}
	waitForCount(t, m.service(), db, 0, `select count(*) from hhrecon_alert where state = 'waiting'`)
	waitForCount(t, m.service(), db, 0, `select count(*) from hhrecon_run where state in ('running', 'interrupted')`)
	m.check(sent)
	s.checkFinalRows(db)
	t.Logf("%d alerts about %d payins, %d accepted, %d refused; %d without an answer, %d kills; %d runs",
		len(sent), payins, m.accepted.Load(), m.refused.Load(), m.unanswered.Load(), m.kills,
		queryCount(t, db, `select count(*) from hhrecon_run`))
}

// blockAnswersAfter lets HighHelp answer n requests. blockAnswersAfter blocks all later answers until
// the test calls unblock.
func (s *fixture) blockAnswersAfter(n int) (unblock func()) {
	unblocked := make(chan struct{})
	unblock = sync.OnceFunc(func() { close(unblocked) })
	s.t.Cleanup(unblock)
	var requests atomic.Int64
	s.handleWith(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > int64(n) {
			<-unblocked
		}
		s.box.ServeHTTP(w, r)
	}))
	return unblock
}
