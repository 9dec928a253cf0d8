package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hhrecon/sql/sqltest"
)

// shuffledAlerts returns four alerts about each payin in random order. Three alerts report the statuses awaiting
// confirmation, paid and final. The fourth alert is a copy of one of the other three alerts, and may have an invalid
// signature. All payins are final before the first alert is sent.
func (s *fixture) shuffledAlerts() []testAlert {
	finals := []string{"success", "success", "decline", "success"}
	var all []testAlert
	for i, sample := range s.samples {
		id := sample.Merchant.PaymentID
		paid := *sample.Gateway
		paid.SubStatus = "paid"
		amount := int64(150000)
		if i%4 == 3 {
			amount = 140000
		}
		three := []testAlert{s.newAlert(*sample.Gateway), s.newAlert(paid), s.setPayinState(id, finals[i%4], amount)}
		duplicate := three[rand.IntN(3)]
		duplicate.forged = i%2 == 0
		all = append(append(all, three...), duplicate)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// alertSender sends alerts to a service. Tests kill and restart this service.
type alertSender struct {
	s   *fixture
	t   *testing.T
	db  *sqltest.Database
	url string

	mu      sync.Mutex
	p       *process
	address string
	kills   int

	accepted, refused, unanswered atomic.Int64
}

func (m *alertSender) restart() {
	m.p, m.address = m.s.serve(m.url)
}

func (m *alertSender) service() *process {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.p
}

// kill kills the service and starts a new one.
func (m *alertSender) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.p.kill()
	m.kills++
	m.restart()
}

// killWhile kills the service as soon as a query in the database returns a number above 0.
func (m *alertSender) killWhile(query string) {
	p := m.service()
	if p.waitFor(func() bool {
		return queryCount(m.t, m.db, query) > 0 || queryCount(m.t, m.db,
			`select count(*) from hhrecon_alert where state = 'waiting'`) == 0
	}) {
		m.kill()
	}
}

// deliver repeats an alert until the service answers, as HighHelp does. If the answer is 200, the alert must be in the
// database.
func (m *alertSender) deliver(l testAlert) {
	for {
		m.mu.Lock()
		address := m.address
		m.mu.Unlock()
		code := l.post(m.t, address)
		switch {
		case code == 0 || code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests:
			m.unanswered.Add(1)
			time.Sleep(5 * time.Millisecond)
			continue
		case l.forged && code == http.StatusUnauthorized:
			m.refused.Add(1)
		case l.forged || code != http.StatusOK:
			m.t.Errorf("alert about %s, forged %v: got %d", l.id, l.forged, code)
		default:
			m.accepted.Add(1)
			var n int
			if err := m.db.Get(&n, `select count(*) from hhrecon_alert where text_digest = $1 and body = $2`, l.digest,
				l.body); err != nil || n != 1 {
				m.t.Errorf("alert about %s: got 200, but %d are stored: %v", l.id, n, err)
			}
		}
		return
	}
}

// check fails the test if the stored alerts are not exactly the accepted alerts, each stored once.
func (m *alertSender) check(sent []testAlert) {
	m.t.Helper()
	want := map[string]bool{}
	for _, l := range sent {
		if !l.forged {
			want[l.digest] = true
		}
	}
	var got []string
	must(m.t, m.db.Select(&got, `select text_digest from hhrecon_alert where state = 'done' and run_id is not null`))
	for _, one := range got {
		delete(want, one)
	}
	if distinct := len(slices.Compact(slices.Sorted(slices.Values(got)))); len(want) > 0 || distinct != len(got) {
		m.t.Errorf("%d of %d alerts are duplicates, %d are missing or not done: %v", len(got)-distinct, len(got),
			len(want), want)
	}
	if n := queryCount(m.t, m.db, `select count(*) from hhrecon_alert where state <> 'done'`); n != 0 {
		m.t.Errorf("%d alerts are not done", n)
	}
}

// checkFinalRows fails the test if a merchant's row differs from the payin's state at HighHelp.
func (s *fixture) checkFinalRows(db *sqltest.Database) {
	s.t.Helper()
	for _, sample := range s.samples {
		p, _ := s.box.Payin(demoProject, sample.Merchant.PaymentID)
		want := fmt.Sprintf("%s||%d", p.Status, p.Amount)
		switch {
		case p.Status == "success" && p.Amount != sample.Merchant.Amount:
			want = fmt.Sprintf("dispute|different_amount|%d", p.Amount) // the payin needs a manual decision
		case p.Status != "success":
			want = p.Status + "||"
		}
		var got string
		must(s.t, db.Get(&got, `select concat_ws('|', status, coalesce(sub_status, ''),
			coalesce(cast(settled_amount as text), '')) from payins where payment_id = $1`, p.PaymentID))
		if got != want {
			s.t.Errorf("payin %s is %s, but HighHelp has %s", p.PaymentID, got, want)
		}
	}
	// Each correction in the log of updates must belong to one finding.
	if n := queryCount(s.t, db,
		`select (select count(*) from payins_log where actor = 'hhrecon') - (select count(*) from hhrecon_finding
			where correction = 'applied')`); n != 0 {
		s.t.Errorf("%d more updates than corrections", n)
	}
}
