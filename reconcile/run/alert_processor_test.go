package run

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// alertBooks implements a store, an archive and an alert store in memory. Each run selects the requested payins.
type alertBooks struct {
	Store
	reconcile.Archive
	alerts  []reconcile.Alert
	noPayin []string // payins that are missing in the merchant's table
	broken  []reconcile.Run
	asked   [][]string // queried payins, by run
	opened  error      // the error that OpenRun returns
	found   map[string]reconcile.Finding
	sick    string   // every run with this payin fails
	stuck   bool     // no run can be resumed
	ended   []string // ended alerts, for example "3 done run 1"
	run     reconcile.Run
	dry     bool // the last opened run is a dry run
}

func (b *alertBooks) WaitingAlerts(_ context.Context, _ string, limit int) ([]reconcile.Alert, error) {
	return b.alerts[:min(limit, len(b.alerts))], nil
}

func (b *alertBooks) EndAlerts(_ context.Context, ids []int64, state reconcile.AlertState, runID int64,
	_ string) error {
	for _, id := range ids {
		b.ended = append(b.ended, fmt.Sprintf("%d %s run %d", id, state, runID))
	}
	b.alerts = slices.DeleteFunc(b.alerts, func(a reconcile.Alert) bool { return slices.Contains(ids, a.ID) })
	return nil
}

func (b *alertBooks) HasAlert(context.Context, string, string) (bool, error) {
	return false, nil
}
func (b *alertBooks) AlertBytes(context.Context, string, time.Time) (int64, error) {
	return 0, nil
}
func (b *alertBooks) SaveAlert(context.Context, reconcile.Alert) (bool, error)    { return true, nil }
func (b *alertBooks) CountAlerts(context.Context) ([]reconcile.AlertCount, error) { return nil, nil }
func (b *alertBooks) Heartbeat(context.Context, reconcile.Lease) error            { return nil }
func (b *alertBooks) Summarise(context.Context, int64, time.Time, bool) (reconcile.ImpactSummary, error) {
	return reconcile.ImpactSummary{}, nil
}
func (b *alertBooks) Usual(context.Context, string, string, int) (u reconcile.ProjectUsual, err error) {
	return u, nil
}

func (b *alertBooks) SaveCorrectionMode(_ context.Context, _ reconcile.Lease, _ reconcile.Correction,
	_ reconcile.ImpactSummary, note reconcile.Reason) error {
	b.run.Note = note
	return nil
}

func (b *alertBooks) Settle(
	context.Context, reconcile.Lease, reconcile.Correction, time.Time, int64, int,
) (int, int64, error) {
	return 0, 0, nil
}

func (b *alertBooks) InterruptRun(context.Context, reconcile.Lease, reconcile.Reason) (reconcile.Run, error) {
	b.run.State = reconcile.Interrupted
	return b.run, nil
}

func (b *alertBooks) ResumableRuns(context.Context, string, func(reconcile.Run) bool) ([]reconcile.Run, error) {
	return b.broken, nil
}

func (b *alertBooks) AcquireRun(_ context.Context, id int64, _ reconcile.Owner, _ time.Time,
	_ func(reconcile.Run) bool) (reconcile.Run, error) {
	if b.stuck {
		return reconcile.Run{}, errors.New("no such column")
	}
	b.broken = slices.DeleteFunc(b.broken, func(r reconcile.Run) bool { return r.ID == id })
	b.run = reconcile.Run{ID: id, State: reconcile.Running}
	b.asked = append(b.asked, nil)
	return b.run, nil
}

func (b *alertBooks) OpenRun(_ context.Context, n reconcile.NewRun) (reconcile.Run, error) {
	if b.opened != nil {
		return reconcile.Run{}, b.opened
	}
	var missing []string
	for _, id := range n.Selection.PaymentIDs {
		if slices.Contains(b.noPayin, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		return reconcile.Run{}, &reconcile.MissingError{PaymentIDs: missing}
	}
	b.asked, b.dry = append(b.asked, n.Selection.PaymentIDs), n.DryRun
	b.run = reconcile.Run{ID: int64(len(b.asked)), State: reconcile.Running, Origin: n.Origin,
		Selected: int64(len(n.Selection.PaymentIDs))}
	return b.run, nil
}

func (b *alertBooks) UnjudgedPayins(
	_ context.Context, _ int64, span reconcile.Span, _ int,
) ([]reconcile.Finding, error) {
	if span.After > 0 {
		return nil, nil
	}
	var page []reconcile.Finding
	for i, id := range b.asked[len(b.asked)-1] {
		payin := samplePayin()
		payin.PaymentID = id
		page = append(page, reconcile.Finding{Seq: int64(i + 1), Payin: payin})
	}
	return page, nil
}

func (b *alertBooks) SaveVerdicts(_ context.Context, _ reconcile.Lease, findings []reconcile.Finding) error {
	b.found = map[string]reconcile.Finding{}
	for _, f := range findings {
		b.found[f.PaymentID] = f
		if f.PaymentID == b.sick {
			return errors.New("no such word")
		}
		if f.Outcome != reconcile.Unreachable {
			b.run.Impact.Answered++
		}
	}
	return nil
}

func (b *alertBooks) CloseRun(_ context.Context, _ reconcile.Lease, state reconcile.RunState,
	at time.Time) (reconcile.Run, error) {
	b.run.State, b.run.ClosedAt = state, at
	return b.run, nil
}

func (b *alertBooks) Findings(context.Context, reconcile.ReportScope) iter.Seq2[reconcile.Finding, error] {
	return func(yield func(reconcile.Finding, error) bool) {
		for _, f := range b.found {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// silentAbout is a gateway that answers queries about all payins except one.
type silentAbout string

func (s silentAbout) PayinInfo(_ context.Context, id string) (*highhelp.PayinInfo, error) {
	if id == string(s) {
		return nil, &highhelp.Error{Kind: highhelp.ErrUnreachable}
	}
	return sampleInfo("success", ""), nil
}

func waitingAlerts(paymentIDs ...string) []reconcile.Alert {
	var alerts []reconcile.Alert
	for i, id := range paymentIDs {
		alerts = append(alerts, reconcile.Alert{ID: int64(i + 1), PaymentID: id, Status: "success", ReceivedAt: time.Now()})
	}
	return alerts
}

func (b *alertBooks) processor(g Gateway) *AlertProcessor {
	r := runner(b, g)
	r.Now = time.Now
	return NewAlertProcessor(*r, b, b)
}

func (b *alertBooks) want(t *testing.T, asked, ended string) {
	t.Helper()
	if got := fmt.Sprint(b.asked); got != asked {
		t.Errorf("asked about %s, want %s", got, asked)
	}
	if got := fmt.Sprint(b.ended); got != ended {
		t.Errorf("ended %s, want %s", got, ended)
	}
	b.asked, b.ended = nil, nil
}

// TestAlertsOfOnePayin checks that several alerts about one payin cause one query. The alerts end with the run of that
// query.
func TestAlertsOfOnePayin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &alertBooks{alerts: waitingAlerts("b", "a", "b")}
		runs, more, err := b.processor(silentAbout("")).Work(t.Context())
		if err != nil || more || len(runs) != 1 || runs[0].Origin.Trigger != reconcile.TriggerAlert {
			t.Errorf("%v, %v, %v", runs, more, err)
		}
		b.want(t, "[[a b]]", "[1 done run 1 2 done run 1 3 done run 1]")
	})
}

// TestAlertBeforeItsRow checks that the merchant may commit the row up to a minute after the alert arrives. Meanwhile
// other alerts are processed.
func TestAlertBeforeItsRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &alertBooks{alerts: waitingAlerts("late", "there", "never"), noPayin: []string{"late", "never"}}
		d := b.processor(silentAbout(""))
		work := func() {
			t.Helper()
			if _, _, err := d.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		work()
		b.want(t, "[[there]]", "[2 done run 1]")
		work()
		b.want(t, "[]", "[]") // not tried again immediately
		b.noPayin = []string{"never"}
		time.Sleep(missingPause)
		work()
		b.want(t, "[[late]]", "[1 done run 1]")
		time.Sleep(missingFor)
		work()
		b.want(t, "[]", "[3 no_payin run 0]")
	})
}

// TestAlertsWithoutAnAnswer checks that an alert without an answer is tried again for a limited time.
func TestAlertsWithoutAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &alertBooks{alerts: waitingAlerts("silent", "answered")}
		d := b.processor(silentAbout("silent"))
		work := func() {
			t.Helper()
			if _, _, err := d.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		work()
		b.want(t, "[[answered silent]]", "[2 done run 1]")
		work()
		b.want(t, "[]", "[]")
		time.Sleep(unansweredPause)
		work()
		b.want(t, "[[silent]]", "[]")
		time.Sleep(unansweredFor)
		work()
		b.want(t, "[[silent]]", "[1 done run 1]")
	})
}

// TestAlertsWaitForFailures checks that alerts stay waiting if their run is not closed.
func TestAlertsWaitForFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &alertBooks{alerts: waitingAlerts("a"), opened: &reconcile.HeldError{}}
		d := b.processor(silentAbout(""))
		var held *reconcile.HeldError
		if _, _, err := d.Work(t.Context()); !errors.As(err, &held) {
			t.Errorf("a held project: %v", err)
		}
		b.want(t, "[]", "[]")
		b.opened = nil
		d.Engine.Gateway = refusing{}
		runs, _, err := d.Work(t.Context())
		if err != nil || len(runs) != 1 || !errors.Is(runs[0].KeysError(), highhelp.ErrUnauthorized) {
			t.Errorf("refused keys: %v, %v", runs, err)
		}
		b.want(t, "[[a]]", "[]")
		d.Engine.Gateway = silentAbout("")
		time.Sleep(unansweredPause)
		if _, _, err := d.Work(t.Context()); err != nil {
			t.Error(err)
		}
		b.want(t, "[[a]]", "[1 done run 1]")
	})
}

type refusing struct{}

func (refusing) PayinInfo(context.Context, string) (*highhelp.PayinInfo, error) {
	return nil, &highhelp.Error{Kind: highhelp.ErrUnauthorized}
}

// TestAlertProcessorResumesItsOwn checks that interrupted alert runs are resumed first, and that nightly runs are not
// resumed.
func TestAlertProcessorResumesItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &alertBooks{alerts: waitingAlerts("a"),
			broken: []reconcile.Run{{ID: 7}, {ID: 8, Origin: reconcile.Origin{Trigger: reconcile.TriggerAlert}}}}
		runs, _, err := b.processor(silentAbout("")).Work(t.Context())
		if err != nil || len(runs) != 2 || runs[0].ID != 8 || len(b.broken) != 1 || b.broken[0].ID != 7 {
			t.Errorf("%v, %v, left broken %v", runs, err, b.broken)
		}
	})
}

// TestAlertBatches checks that the number of alerts in a run is limited, and that deferred alerts are not included.
func TestAlertBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids []string
		for i := range 2*alertBatch + 1 {
			ids = append(ids, fmt.Sprintf("%04d", i))
		}
		b := &alertBooks{alerts: waitingAlerts(ids...), noPayin: ids[:alertBatch]}
		d := b.processor(silentAbout(""))
		var sizes []int
		for more := true; more; {
			var err error
			if _, more, err = d.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(b.ended))
		}
		if fmt.Sprint(sizes) != fmt.Sprint([]int{0, alertBatch, alertBatch + 1}) || len(b.alerts) != alertBatch {
			t.Errorf("ended %v, %d wait", sizes, len(b.alerts))
		}
	})
}

// TestAlertAhead checks an alert with a later status than HighHelp's answer. The alert's payin is queried again after
// 5, 15 and 60 seconds. Other alerts do not wait.
func TestAlertAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &alertBooks{alerts: waitingAlerts("slow", "quick", "never")}
		status := map[string]string{"slow": "processing", "quick": "success", "never": "processing"}
		d := b.processor(states(status))
		work := func(asked, ended string) {
			t.Helper()
			if _, _, err := d.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.want(t, asked, ended)
		}
		next := func(want time.Duration) {
			t.Helper()
			if got := time.Until(d.Next(time.Now().Add(time.Hour))); got != want {
				t.Errorf("the next try is in %s, want %s", got, want)
			}
			time.Sleep(want - time.Second)
			work("[]", "[]")
			time.Sleep(time.Second)
		}
		work("[[never quick slow]]", "[2 done run 1]")
		next(5 * time.Second)
		work("[[never slow]]", "[]")
		next(15 * time.Second)
		status["slow"] = "success"
		work("[[never slow]]", "[1 done run 1]")
		next(time.Minute)
		work("[[never]]", "[3 done run 1]")
	})
}

// TestBadAlert checks that an alert is tried alone after its runs have failed, and then left to the nightly run. All
// other alerts are processed meanwhile.
func TestBadAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids []string
		for i := range 40 {
			ids = append(ids, fmt.Sprintf("%02d", i))
		}
		b := &alertBooks{alerts: waitingAlerts(ids...), sick: "17"}
		d := b.processor(silentAbout(""))
		failed, ended := 0, func() int { return 40 - len(b.alerts) }
		for range 60 {
			if _, _, err := d.Work(t.Context()); err != nil {
				failed++
			}
			time.Sleep(time.Second)
		}
		if ended() != 39 || b.alerts[0].PaymentID != "17" || failed > 10 {
			t.Errorf("%d of 40 ended within a minute, %d runs failed", ended(), failed)
		}
		time.Sleep(2 * failedPause)
		for range 2 {
			_, _, _ = d.Work(t.Context())
			time.Sleep(failedPause)
		}
		if len(b.alerts) != 0 || b.ended[len(b.ended)-1] != "18 done run 0" {
			t.Errorf("%d wait, ended %v", len(b.alerts), b.ended[len(b.ended)-1])
		}
	})
}

// TestBrokenAlertRun checks that an alert run that cannot be resumed does not delay other runs.
func TestBrokenAlertRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &alertBooks{alerts: waitingAlerts("a"), stuck: true,
			broken: []reconcile.Run{{ID: 8, Origin: reconcile.Origin{Trigger: reconcile.TriggerAlert}}}}
		runs, _, err := b.processor(silentAbout("")).Work(t.Context())
		if err != nil || len(runs) != 1 || len(b.alerts) != 0 {
			t.Errorf("%v, %v, %d wait", runs, err, len(b.alerts))
		}
	})
}
