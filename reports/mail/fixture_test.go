package mail

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reconcile/run"
	"hhrecon/reports"
	"hhrecon/reports/mail/mailtest"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

const som = "57aff4db-b45d-42bf-bc5f-b7a499a01782"

// firstRunTime is the start of the first run, at 02:30 in Bishkek.
var firstRunTime = time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC)

// fixture is a merchant's database, a gateway with answers that a test sets, and a mail server.
type fixture struct {
	*testing.T
	url        string
	store      *sql.Store
	mailServer *mailtest.Server
	now        time.Time
	answers    map[string]*highhelp.PayinInfo // answers by payment_id; nil means that HighHelp is unreachable
	logged     *bytes.Buffer
	givenUp    []reconcile.Delivery // the deliveries that were given up
	tried      []SendStatus
	mailer     *Mailer

	language string // the language of the recipients
}

// onBoth runs a test with SQLite and with PostgreSQL.
func onBoth(t *testing.T, test func(s *fixture)) {
	t.Helper()
	sqltest.URLs(t, func(t *testing.T, url string) {
		t.Parallel()
		test(newFixture(t, url))
	})
}

func newFixture(t *testing.T, url string) *fixture {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Bishkek")
	must(t, err)
	s := &fixture{
		T: t, url: url, store: sqltest.Open(t, url), mailServer: mailtest.Open(t, true), now: firstRunTime,
		answers: make(map[string]*highhelp.PayinInfo), logged: &bytes.Buffer{},
	}
	s.mailer = &Mailer{
		Deliveries: s.store, Archive: s.store, Owner: owner("mailer"), Now: func() time.Time { return s.now },
		Log: slog.New(slog.NewJSONHandler(s.logged, nil)),
		Options: Options{
			From:    "hhrecon <hhrecon@merchant.example>",
			Reports: reports.Options{Zone: zone, Projects: map[string]string{som: "Som widget"}, Version: "1.0.0"},
		},
		Tried:   func(_ reconcile.Delivery, r SendResult) { s.tried = append(s.tried, r.Status) },
		GivenUp: func(_ context.Context, d reconcile.Delivery) { s.givenUp = append(s.givenUp, d) },
	}
	s.mailer.Server = s.sender()
	return s
}

// sender returns a client that trusts only the mail server's certificate.
func (s *fixture) sender() *Server {
	s.Helper()
	server, err := ParseServer(s.mailServer.URL(mailtest.Password))
	must(s.T, err)
	server.roots = s.mailServer.Roots
	return server
}

// owner returns the owner of a running process.
func owner(token string) reconcile.Owner {
	o := reconcile.ThisProcess()
	o.Token = token
	return o
}

// PayinInfo implements run.Gateway.
func (s *fixture) PayinInfo(_ context.Context, paymentID string) (*highhelp.PayinInfo, error) {
	if info := s.answers[paymentID]; info != nil {
		return info, nil
	}
	return nil, fmt.Errorf("HighHelp does not answer: %w", context.DeadlineExceeded)
}

// payin inserts an open payin into the merchant's table and sets HighHelp's answer.
func (s *fixture) payin(id string, amount int64, status, subStatus string, paid int64) {
	s.Helper()
	created := s.now.Add(-3 * time.Hour)
	_, err := s.store.SavePayins(s.Context(), slices.Values([]reconcile.Payin{{
		ProjectID: som, PaymentID: id, Amount: amount, Currency: "KGS", Status: "pending", CreatedAt: created,
		UpdatedAt: created,
	}}))
	must(s.T, err)
	s.says(id, amount, status, subStatus, paid)
}

func (s *fixture) says(id string, amount int64, status, subStatus string, paid int64) {
	s.answers[id] = &highhelp.PayinInfo{
		Status: status, SubStatus: subStatus, ProjectID: som, PaymentID: id, RequestID: "request-of-" + id,
		PaymentInfo: &highhelp.PaymentInfo{InitialAmount: amount, OldAmount: amount, Amount: paid, Currency: "KGS",
			Type: "payin"},
	}
}

// run executes a run over all open payins at the current time. The function change can modify the rules.
func (s *fixture) run(change ...func(*reconcile.Project)) reconcile.Run {
	s.Helper()
	project := reconcile.DefaultProject(som)
	for _, c := range change {
		c(&project)
	}
	runner := &run.Engine{
		Project: project, Store: s.store, Gateway: s, Owner: owner("runner"), Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return s.now },
	}
	run, err := runner.Run(s.Context(), reconcile.Request{
		Selection: reconcile.Selection{Window: reconcile.Window{From: s.now.Add(-project.Window),
			To: s.now.Add(-project.MinAge)}, Whole: true},
		Origin: reconcile.Origin{Trigger: reconcile.TriggerCommand, By: "Aida"},
	})
	must(s.T, err)
	return run
}

// publish publishes the report of a run to the given addresses.
func (s *fixture) publish(run reconcile.Run, since time.Time, addresses ...string) reconcile.Report {
	s.Helper()
	a := reconcile.Publication{Scope: reconcile.ReportScope{RunID: run.ID}, CorrectSince: since, Now: s.now}
	for _, address := range addresses {
		a.Recipients = append(a.Recipients, reconcile.Recipient{Address: address, Language: s.language})
	}
	report, _, err := s.store.PublishReport(s.Context(), a)
	must(s.T, err)
	return report
}

// runAndPublish executes a run of a few payins, some with different amounts, and publishes its report to one address.
func (s *fixture) runAndPublish() reconcile.Report {
	s.Helper()
	for n := range 12 {
		s.payin(fmt.Sprintf("KG-%03d", n), 150_000, "success", "", 150_000)
	}
	s.payin("KG-100", 300_000, "success", "", 7_000_000)
	s.payin("KG-101", 300_000, "success", "", 290_000)
	s.payin("KG-102", 80_000, "dispute", "no_payment", 80_000)
	return s.publish(s.run(), time.Time{}, "cfo@merchant.example")
}

// deliver sends all due deliveries.
func (s *fixture) deliver() DeliveryCounts {
	s.Helper()
	counts, err := s.mailer.Deliver(s.Context())
	must(s.T, err)
	return counts
}

// one returns the only delivery in the database, and fails the test if there are several.
func (s *fixture) one() reconcile.Delivery {
	s.Helper()
	all, err := s.store.Deliveries(s.Context(), reconcile.DeliveryFilter{})
	must(s.T, err)
	if len(all) != 1 {
		s.Fatalf("%d deliveries, want 1", len(all))
	}
	return all[0]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
