package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hhrecon/highhelp/sandbox"
	"hhrecon/sql/sqltest"
)

// gatewayPayins is the number of samples in TestGateway.
const gatewayPayins = 600

// shortTimeouts contains a project's settings for tests with an outage of HighHelp. With these timeouts, a run gives up
// within seconds.
const shortTimeouts = "rate: 5000, attempt_timeout: 400ms, payin_timeout: 400ms, outage: {of: 20, pause: 20ms, " +
	"give_up: 300ms}"

// answeredSamples returns samples for which HighHelp gives a trusted answer, so a run exits with status 0.
func answeredSamples(n int) []sandbox.Sample {
	return slices.DeleteFunc(sandbox.Samples(n, 1, demoProject, time.Now()), func(s sandbox.Sample) bool {
		return s.Fault != nil || s.Outcome == "unverifiable" || s.Merchant.Final() || s.Outcome == ""
	})
}

// TestGateway makes HighHelp fail in different ways during a run. Answers must be judged correctly, and a missing
// answer must never change a row. After the failure, the next run must process the remaining payins.
func TestGateway(t *testing.T) {
	t.Parallel()
	const percent = gatewayPayins / 100
	away := func(after int) []sandbox.Fault { return []sandbox.Fault{{Name: "drop", After: after}} }
	for name, test := range map[string]struct {
		project  string
		faults   []sandbox.Fault
		status   []int
		headline []string
		says     string
	}{
		"down from 1 percent": {shortTimeouts, away(percent), []int{exitUntrusted}, []string{"PARTIAL"},
			"HighHelp is still down"},
		"down from 50 percent": {shortTimeouts, away(50 * percent), []int{exitUntrusted}, []string{"PARTIAL"},
			"HighHelp is still down"},
		"down from 99 percent": {shortTimeouts,
			[]sandbox.Fault{{Name: "status", After: len(answeredSamples(gatewayPayins)) - percent}}, []int{exitUntrusted},
			[]string{"PARTIAL"}, ""},
		// The first calls may use all their attempts before the run detects an outage.
		"down and up again": {
			"rate: 5000, attempt_timeout: 25s, payin_timeout: 25s, outage: {of: 20, pause: 20ms, give_up: 5m}",
			[]sandbox.Fault{{Name: "status", RetryAfter: "86400", After: 50 * percent, Times: 60}}, []int{exitUntrusted},
			[]string{"PARTIAL"}, "HighHelp answers again",
		},
		"429 with Retry-After, then correct answers": {longTimeouts,
			[]sandbox.Fault{{Name: "status", StatusCode: 429, RetryAfter: "1", After: 50, Times: 40}}, []int{exitOK},
			[]string{"COMPLETE"}, ""},
		"429 with a Retry-After of a day": {shortTimeouts,
			[]sandbox.Fault{{Name: "status", StatusCode: 429, RetryAfter: "86400", After: 50 * percent}}, []int{exitUntrusted},
			[]string{"PARTIAL"}, "HighHelp is still down"},
		"hangs": {shortTimeouts, []sandbox.Fault{{Name: "hang", After: 50 * percent}},
			[]int{exitUntrusted}, []string{"PARTIAL"}, "HighHelp is still down"},
		"half bodies, then well": {longTimeouts, []sandbox.Fault{{Name: "cut", After: 50, Times: 40}}, []int{exitOK},
			[]string{"COMPLETE"}, ""},
		"incomplete bodies only": {shortTimeouts, []sandbox.Fault{{Name: "cut", After: 50 * percent}},
			[]int{exitUntrusted}, []string{"PARTIAL"}, "HighHelp is still down"},
		"a proxy's page instead of answers": {shortTimeouts, []sandbox.Fault{{Name: "no_json", After: 50 * percent}},
			[]int{exitUntrusted}, []string{"PARTIAL"}, "HighHelp is still down"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t, test.project, answeredSamples(gatewayPayins))
			url, db := s.postgres()
			payinsLog(t, db, false)
			for _, fault := range test.faults {
				must(t, s.box.Inject(fault))
			}
			began := time.Now()
			p := s.start(url, "run", "--json").wantStatus(test.status...).wantOutput(test.says)
			took := time.Since(began)
			r := p.results()[0]
			if !slices.Contains(test.headline, r.Headline) {
				t.Errorf("the headline is %s, want %s", r.Headline, test.headline)
			}
			f := s.checkUnanswered(db, r.Run)
			checkConsistency(t, db)
			if int64(f.Answered) != r.Answered || (r.Headline == "PARTIAL") != (f.Unreachable+f.NotAsked > 0) {
				t.Errorf("%s with %d answers, but the findings are %+v", r.Headline, r.Answered, f)
			}
			t.Logf("exit %d, %s: %s, in %s", p.status, r.Headline, f, took.Round(10*time.Millisecond))

			s.box.ClearFaults()
			s.settings("long_timeouts.yaml", longTimeouts)
			next := s.start(url, "run", "--json", "--schedules", "long_timeouts.yaml").wantStatus(exitOK).results()
			if got := next[len(next)-1].Headline; got != "COMPLETE" {
				t.Errorf("the next run is %s", got)
			}
			checkConsistency(t, db)
			s.checkLatestOutcomes(db)
			if n := queryCount(t, db, `select count(*) from hhrecon_finding late join hhrecon_finding early
				on early.run_id = late.run_id and early.seq < late.seq
				where late.run_id = $1 and late.payment_id in (select payment_id from hhrecon_finding where run_id = $2
					and result = 'not_asked')
				and early.payment_id not in (select payment_id from hhrecon_finding
				where run_id = $2 and result = 'not_asked')`, next[len(next)-1].Run, r.Run); n != 0 {
				t.Errorf("payins that the first run skipped come after others in %d cases", n)
			}
		})
	}
}

// payinCounts are the counts of a run's payins.
type payinCounts struct{ Selected, Answered, Unreachable, NotAsked, Applied int }

func (f payinCounts) String() string {
	return fmt.Sprintf("%d selected, %d answered, %d asked without an answer, %d not asked, %d corrected", f.Selected,
		f.Answered, f.Unreachable, f.NotAsked, f.Applied)
}

// checkUnanswered fails the test if a finding does not match its sample. Without an answer, a payin must be unreachable
// and its row unchanged.
func (s *fixture) checkUnanswered(db *sqltest.Database, run int64) payinCounts {
	s.t.Helper()
	var found []struct {
		ID         string `db:"payment_id"`
		Outcome    string
		Correction string
		Result     string
		Before     string `db:"status_before"`
		Now        string
		Untouched  bool
	}
	must(s.t, db.Select(&found, `select f.payment_id, f.outcome, f.correction, f.result, f.status_before, p.status as now,
		p.updated_at = f.updated_at and p.status = f.status_before as untouched
		from hhrecon_finding f join payins p using (project_id, payment_id) where run_id = $1`, run))
	want := map[string]string{}
	for _, sample := range s.samples {
		want[sample.Merchant.PaymentID] = sample.Outcome
	}
	f := payinCounts{Selected: len(found)}
	for _, finding := range found {
		if finding.Correction == "applied" {
			f.Applied++
		}
		switch finding.Result {
		case "unreachable", "not_asked":
			if finding.Result == "unreachable" {
				f.Unreachable++
			} else {
				f.NotAsked++
			}
			if finding.Outcome != "unreachable" || finding.Correction != "none" || !finding.Untouched {
				s.t.Errorf("payin %q has no answer, but its finding is %+v", finding.ID, finding)
			}
		default:
			f.Answered++
			if finding.Outcome != want[finding.ID] {
				s.t.Errorf("payin %q is %s, want %s", finding.ID, finding.Outcome, want[finding.ID])
			}
		}
	}
	return f
}

// checkLatestOutcomes fails the test if the latest finding of a payin has the wrong outcome.
func (s *fixture) checkLatestOutcomes(db *sqltest.Database) {
	s.t.Helper()
	var found []struct {
		ID      string `db:"payment_id"`
		Outcome string
	}
	must(s.t, db.Select(&found,
		`select distinct on (payment_id) payment_id, outcome from hhrecon_finding order by payment_id, run_id desc`))
	last := map[string]string{}
	for _, f := range found {
		last[f.ID] = f.Outcome
	}
	for _, sample := range s.samples {
		if got := last[sample.Merchant.PaymentID]; got != sample.Outcome {
			s.t.Errorf("the latest outcome of %q is %q, want %s", sample.Merchant.PaymentID, got, sample.Outcome)
		}
	}
}

// TestGatewayDeclinesAll makes HighHelp decline all payins. The run must be held, and no row may change.
func TestGatewayDeclinesAll(t *testing.T) {
	t.Parallel()
	s := newFixture(t, longTimeouts, answeredSamples(gatewayPayins))
	url, db := s.postgres()
	payinsLog(t, db, false)
	for i, sample := range s.samples {
		s.samples[i].Outcome = "not_found"
		if sample.Gateway != nil {
			declined := *sample.Gateway
			declined.Status, declined.SubStatus, declined.Steps = "decline", "", nil
			must(t, s.box.Put(declined))
			s.samples[i].Outcome = "declined"
		}
	}
	p := s.start(url, "run", "--json").wantStatus(exitHeld)
	r := p.results()[0]
	if r.Headline != "HELD" || r.Corrections.Held == 0 || !strings.Contains(r.Note, "declines: ") {
		t.Errorf("the run is %s with %+v: %s", r.Headline, r.Corrections, r.Note)
	}
	if n := queryCount(t, db, `select count(*) from payins_log`); n != 0 {
		t.Errorf("%d rows were changed", n)
	}
	t.Logf("exit %d, %s: %s; %d corrections held: %s", p.status, r.Headline, s.checkUnanswered(db, r.Run),
		r.Corrections.Held,
		r.Note)
}

// TestGatewayClock sets the clocks of hhrecon and HighHelp to different times, so HighHelp refuses every request.
// The run must stop sending requests immediately and report the reason. After the clocks agree again, the next run
// must request all payins.
func TestGatewayClock(t *testing.T) {
	t.Parallel()
	clock := &testClock{by: time.Hour}
	samples := answeredSamples(gatewayPayins)
	s := newFixtureWith(t, sandbox.Options{Now: clock.now}, map[string]string{demoProject: longTimeouts}, samples)
	url, db := s.postgres()
	payinsLog(t, db, false)
	p := s.start(url, "run").wantStatus(exitFailed).wantOutput("HighHelp refuses the keys", "x-access-timestamp is 1h0m",
		"away from now",
		"no more requests were sent, because HighHelp may lock the project", "before the next run queries HighHelp again")
	asked := s.requestCount()
	if asked > 2*32 { // only requests that were in progress may follow the first failure
		t.Errorf("HighHelp received %d requests", asked)
	}
	if n := queryCount(t, db, `select count(*) from hhrecon_finding where outcome <> 'unreachable'`); n != 0 {
		t.Errorf("%d payins are not unreachable", n)
	}
	if n := queryCount(t, db, `select count(*) from payins_log`); n != 0 {
		t.Errorf("%d rows were changed", n)
	}
	t.Logf("exit %d after %d of %d payins were asked about", p.status, asked, len(samples))
	clock.set(0)
	for _, r := range s.start(url, "run", "--json").wantStatus(exitOK).results() {
		if r.Headline != "COMPLETE" {
			t.Errorf("run %d is %s", r.Run, r.Headline)
		}
	}
	checkConsistency(t, db)
	s.checkLatestOutcomes(db)
}

// TestGatewayUnansweredPayins checks that many payins that never get an answer do not prevent a run from requesting the
// other payins.
func TestGatewayUnansweredPayins(t *testing.T) {
	t.Parallel()
	samples := answeredSamples(gatewayPayins)
	for i := range samples {
		if samples[i].Outcome = "pending"; i%5 == 0 {
			samples[i].Outcome = "unreachable"
			samples[i].Fault = &sandbox.Fault{Name: "status", PaymentID: samples[i].Merchant.PaymentID, RetryAfter: "86400"}
		}
		if g := samples[i].Gateway; g != nil {
			g.Status, g.SubStatus, g.Steps, g.Quirk, g.ExpirationDate = "processing", "awaiting_confirm", nil, "",
				time.Now().Add(time.Hour)
			g.InitialAmount, g.OldAmount, g.Amount = samples[i].Merchant.Amount, samples[i].Merchant.Amount,
				samples[i].Merchant.Amount
		} else if i%5 != 0 {
			samples[i].Outcome = "not_found"
		}
	}
	s := newFixture(t, longTimeouts+", outage: {of: 50, pause: 20ms, give_up: 200ms}", samples)
	url, db := s.postgres()
	payinsLog(t, db, false)
	for n := 1; n <= 3; n++ {
		r := s.start(url, "run", "--json").wantStatus(exitUntrusted).results()[0]
		f := s.checkUnanswered(db, r.Run)
		if f.NotAsked > 0 {
			t.Errorf("run %d: %d payins were not requested", n, f.NotAsked)
		}
		t.Logf("run %d: %s", n, f)
		s.checkLatestOutcomes(db)
	}
	checkConsistency(t, db)
}
