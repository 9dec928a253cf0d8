package main

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hhrecon/sql/sqltest"
)

// scrape reads /metrics and returns the values by series, as text.
func scrape(t *testing.T, url string) map[string]string {
	t.Helper()
	answer, err := http.Get(url + "/metrics")
	must(t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("/metrics answers %d: %s", answer.StatusCode, text)
	}
	series := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if i := strings.LastIndexByte(line, ' '); i > 0 && !strings.HasPrefix(line, "#") {
			series[line[:i]] = line[i+1:]
		}
	}
	return series
}

func wantSeries(t *testing.T, got map[string]string, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
}

// TestMetrics checks that the service's /metrics shows the runs that cron started, and the service's own work. No
// series may contain a payment id.
func TestMetrics(t *testing.T) {
	t.Parallel()
	sqltest.URLs(t, func(t *testing.T, url string) {
		samples := openPayins(6)
		for i, s := range samples {
			if s.Gateway.Status, s.Gateway.SubStatus = "success", ""; i == 0 {
				s.Gateway.Amount, s.Gateway.OldAmount, s.Gateway.InitialAmount = 140000, 150000, 150000
			}
		}
		s := newFixture(t, withAlerts+", name: Som", samples[:5])
		s.load(url)
		p, address := s.serve(url)
		const ids = `project="Som",project_id="` + demoProject + `"`
		const of = "{" + ids + "}"
		with := func(name, label string) string {
			return "hhrecon_" + name + `{` + label + "," + ids + "}"
		}
		after := func(name, label string) string {
			return "hhrecon_" + name + "{" + ids + "," + label + `}`
		}
		wantSeries(t, scrape(t, address), map[string]string{
			"hhrecon_up": "1", "hhrecon_last_complete_timestamp_seconds" + of: "0",
			"hhrecon_last_complete_age_seconds" + of: "+Inf", "hhrecon_held_runs" + of: "0",
			"hhrecon_decisions_waiting" + of: "0", "hhrecon_alert_oldest_waiting_seconds" + of: "0",
			`hhrecon_deliveries{state="given_up"}`:           "0",
			`hhrecon_alerts_received_total{result="stored"}`: "0", `hhrecon_mails_total{result="failed"}`: "0",
		})
		s.start(url, "run").wantStatus(exitOK) // a run in a separate process, as cron starts it
		p.kill()
		p, address = s.serve(url) // a new service has no cached values
		got := scrape(t, address)
		wantSeries(t, got, map[string]string{
			with("last_run_headline", `headline="COMPLETE"`): "1", with("last_run_headline", `headline="HELD"`): "0",
			with("last_run_payins", `outcome="confirmed"`): "4", with("last_run_payins", `outcome="different_amount"`): "1",
			with("last_run_payins", `outcome="timeout"`):        "0",
			after("runs", `state="complete",trigger="command"`): "1", "hhrecon_decisions_waiting" + of: "1",
			"hhrecon_last_run_unresolved" + of: "0",
		})
		if got["hhrecon_last_complete_timestamp_seconds"+of] == "0" || got["hhrecon_last_complete_age_seconds"+of] == "+Inf" {
			t.Error("the run is missing")
		}

		db := sqltest.DB(t, url)
		l := s.setPayinState("KG-000001", "success", 150000)
		if code := l.post(t, address); code != 200 {
			t.Fatalf("got status %d", code)
		}
		l.post(t, address)
		l.forged = true
		l.post(t, address)
		waitForCount(t, p, db, 1, `select count(*) from hhrecon_alert where state = 'done'`)
		got = scrape(t, address)
		wantSeries(t, got, map[string]string{
			`hhrecon_alerts_received_total{result="stored"}`: "1", `hhrecon_alerts_received_total{result="duplicate"}`: "1",
			`hhrecon_alerts_received_total{result="refused"}`:                                   "1",
			`hhrecon_http_requests_total{code="200",route="POST /alerts/{project}"}`:            "2",
			`hhrecon_http_requests_total{code="401",route="POST /alerts/{project}"}`:            "1",
			`hhrecon_highhelp_requests_total{call="payin info",` + ids + `,result="answer"}`:    "1",
			`hhrecon_highhelp_requests_total{call="payin info",` + ids + `,result="no_answer"}`: "0",
			`hhrecon_highhelp_request_seconds_count{call="payin info",` + ids + `}`:             "1",
		})
		for _, name := range slices.Sorted(maps.Keys(got)) {
			if strings.Contains(name, "KG-") || strings.Contains(name, "150000") {
				t.Errorf("a series contains a payment id: %s", name)
			}
		}
	})
}
