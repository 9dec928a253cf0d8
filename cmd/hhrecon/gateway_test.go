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

// gatewayPayins is how many payins, about, a run is about in TestGateway.
const gatewayPayins = 600

// shortTimeouts are a project's settings for tests in which HighHelp goes away: few seconds of waitLimit in all.
const shortTimeouts = "rate: 5000, attempt_timeout: 400ms, payin_timeout: 400ms, outage: {of: 20, pause: 20ms, " +
	"give_up: 300ms}"

// answerable are samples about which HighHelp gives a trusted answer, so that a whole night exits 0.
func answeredSamples(n int) []sandbox.Sample {
	return slices.DeleteFunc(sandbox.Samples(n, 1, demoProject, time.Now()), func(s sandbox.Sample) bool {
		return s.Fault != nil || s.Outcome == "unverifiable" || s.Merchant.Final() || s.Outcome == ""
	})
}

// TestGateway lets HighHelp fail in the ways it may, in the middle of a run: what was answered is
// judged rightly, and its silence is never taken for a verdict. Afterwards HighHelp is well, and the
// next run makes up for what was missed.
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
		"dies at 1 percent and stays away": {shortTimeouts, away(percent), []int{exitUntrusted}, []string{"PARTIAL"},
			"HighHelp did not come back"},
		"dies at 50 percent and stays away": {shortTimeouts, away(50 * percent), []int{exitUntrusted}, []string{"PARTIAL"},
			"HighHelp did not come back"},
		"dies at 99 percent and stays away": {shortTimeouts,
			[]sandbox.Fault{{Name: "status", After: len(answeredSamples(gatewayPayins)) - percent}}, []int{exitUntrusted},
			[]string{"PARTIAL"}, ""},
		// The first who met the silence may have used up all their tries before the run saw an outage.
		"dies and comes back": {
			"rate: 5000, attempt_timeout: 25s, payin_timeout: 25s, outage: {of: 20, pause: 20ms, give_up: 5m}",
			[]sandbox.Fault{{Name: "status", RetryAfter: "86400", After: 50 * percent, Times: 60}}, []int{exitUntrusted},
			[]string{"PARTIAL"}, "HighHelp is back",
		},
		"429 with Retry-After, then well": {longTimeouts,
			[]sandbox.Fault{{Name: "status", StatusCode: 429, RetryAfter: "1", After: 50, Times: 40}}, []int{exitOK},
			[]string{"COMPLETE"}, ""},
		"429 with a Retry-After of a day": {shortTimeouts,
			[]sandbox.Fault{{Name: "status", StatusCode: 429, RetryAfter: "86400", After: 50 * percent}}, []int{exitUntrusted},
			[]string{"PARTIAL"}, "HighHelp did not come back"},
		"hangs": {shortTimeouts, []sandbox.Fault{{Name: "hang", After: 50 * percent}},
			[]int{exitUntrusted}, []string{"PARTIAL"}, "HighHelp did not come back"},
		"half bodies, then well": {longTimeouts, []sandbox.Fault{{Name: "cut", After: 50, Times: 40}}, []int{exitOK},
			[]string{"COMPLETE"}, ""},
		"half bodies and nothing else": {shortTimeouts, []sandbox.Fault{{Name: "cut", After: 50 * percent}},
			[]int{exitUntrusted}, []string{"PARTIAL"}, "HighHelp did not come back"},
		"a proxy's page in place of answers": {shortTimeouts, []sandbox.Fault{{Name: "no_json", After: 50 * percent}},
			[]int{exitUntrusted}, []string{"PARTIAL"}, "HighHelp did not come back"},
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
				t.Errorf("the headline is %s, not %s", r.Headline, test.headline)
			}
			f := s.checkUnanswered(db, r.Run)
			checkConsistency(t, db)
			if int64(f.Answered) != r.Answered || (r.Headline == "PARTIAL") != (f.Unreachable+f.NotAsked > 0) {
				t.Errorf("%s with %d answered is told of %+v", r.Headline, r.Answered, f)
			}
			t.Logf("exit %d, %s: %s, in %s", p.status, r.Headline, f, took.Round(10*time.Millisecond))

			s.box.ClearFaults()
			s.settings("longTimeouts.yaml", longTimeouts)
			next := s.start(url, "run", "--json", "--schedules", "longTimeouts.yaml").wantStatus(exitOK).results()
			if got := next[len(next)-1].Headline; got != "COMPLETE" {
				t.Errorf("the next night is %s", got)
			}
			checkConsistency(t, db)
			s.checkLatestOutcomes(db)
			if n := queryCount(t, db, `select count(*) from hhrecon_finding late join hhrecon_finding early
				on early.run_id = late.run_id and early.seq < late.seq
				where late.run_id = $1 and late.payment_id in (select payment_id from hhrecon_finding where run_id = $2
					and result = 'not_asked')
				and early.payment_id not in (select payment_id from hhrecon_finding
				where run_id = $2 and result = 'not_asked')`, next[len(next)-1].Run, r.Run); n != 0 {
				t.Errorf("payins that were not asked about come after others in %d cases", n)
			}
		})
	}
}

// figures are what became of a run's payins.
type figures struct{ Selected, Answered, Unreachable, NotAsked, Applied int }

func (f figures) String() string {
	return fmt.Sprintf("%d selected, %d answered, %d asked without an answer, %d not asked, %d corrected", f.Selected,
		f.Answered, f.Unreachable, f.NotAsked, f.Applied)
}

// checkUnanswered fails the test where a finding is not the one that is right for its sample, or, without an
// answer, anything but unreachable with its row left alone.
func (s *fixture) checkUnanswered(db *sqltest.Database, run int64) figures {
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
	f := figures{Selected: len(found)}
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
				s.t.Errorf("from silence about %q was concluded: %+v", finding.ID, finding)
			}
		default:
			f.Answered++
			if finding.Outcome != want[finding.ID] {
				s.t.Errorf("payin %q was judged %s, not %s", finding.ID, finding.Outcome, want[finding.ID])
			}
		}
	}
	return f
}

// checkLatestOutcomes fails the test where the last word on a payin is not the one that is right.
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
			s.t.Errorf("the last word on %q is %q, not %s", sample.Merchant.PaymentID, got, sample.Outcome)
		}
	}
}

// TestGatewayDeclinesAll lets HighHelp decline everything: the run is held, and no row is changed.
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
		t.Errorf("it is %s with %+v: %s", r.Headline, r.Corrections, r.Note)
	}
	if n := queryCount(t, db, `select count(*) from payins_log`); n != 0 {
		t.Errorf("%d rows were changed", n)
	}
	t.Logf("exit %d, %s: %s; %d corrections held: %s", p.status, r.Headline, s.checkUnanswered(db, r.Run),
		r.Corrections.Held,
		r.Note)
}

// TestGatewayClock lets the clocks disagree: HighHelp refuses every request, and the run stops asking at once
// and says why. Once the clocks agree the next run asks about all payins.
func TestGatewayClock(t *testing.T) {
	t.Parallel()
	clock := &testClock{by: time.Hour}
	samples := answeredSamples(gatewayPayins)
	s := newFixtureWith(t, sandbox.Options{Now: clock.now}, map[string]string{demoProject: longTimeouts}, samples)
	url, db := s.postgres()
	payinsLog(t, db, false)
	p := s.start(url, "run").wantStatus(exitFailed).wantOutput("HighHelp refuses the keys", "x-access-timestamp is 1h0m",
		"away from now",
		"nothing more was asked, so that the register is not locked", "the next hhrecon run asks again")
	asked := s.requestCount()
	if asked > 2*32 { // at most what is under way at once
		t.Errorf("HighHelp was asked %d times", asked)
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

// TestGatewaySickPayins has many payins that HighHelp never answers about: they go unanswered night after
// night, and keep no other from being asked about.
func TestGatewaySickPayins(t *testing.T) {
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
	for night := 1; night <= 3; night++ {
		r := s.start(url, "run", "--json").wantStatus(exitUntrusted).results()[0]
		f := s.checkUnanswered(db, r.Run)
		if f.NotAsked > 0 {
			t.Errorf("night %d: %d payins were not asked about", night, f.NotAsked)
		}
		t.Logf("night %d: %s", night, f)
		s.checkLatestOutcomes(db)
	}
	checkConsistency(t, db)
}
