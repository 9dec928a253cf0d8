package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// The limits of one alert.
const (
	maxAlert      = 64 << 10         // bytes; the documented ones stay below 2 KiB
	alertReadTime = 10 * time.Second // for a sender to bring its body
	alertSaveTime = 10 * time.Second // then HighHelp is asked to send it again
)

// alertInbox takes HighHelp's alerts: it proves each, stores it, and only then answers. What an alert says changes
// no row; it has its payin asked about, see alertDesks.
type alertInbox struct {
	*service
	inbox  reconcile.Inbox
	wake   func(projectID string) // called after each alert that was stored
	rarely console.Throttle
}

// ServeHTTP answers 200 once the alert is stored, or was before; 401 where it does not prove to be HighHelp's, or no
// key is set to prove it with; 413 for one that is too large, and 503 where it cannot be stored now.
func (i *alertInbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("project")
	key, err := i.key(id)
	if err != nil {
		i.noKey(w, id, err)
		return
	}
	body, err := readAlert(w, r)
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		i.refuse(w, http.StatusRequestEntityTooLarge, "project "+id, err)
		return
	} else if err != nil {
		i.refuse(w, http.StatusRequestTimeout, "project "+id, err)
		return
	}
	if err := highhelp.VerifyAlert(body, r.Header, key); err != nil {
		i.refuse(w, http.StatusUnauthorized, "project "+id, err)
		return
	}
	a := reconcile.AlertOf(id, body, time.Now())
	a.Timestamp, a.Signature = r.Header.Get(highhelp.HeaderTimestamp), r.Header.Get(highhelp.HeaderSignature)
	// A sender that hangs up early does not take back what it sent.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), alertSaveTime)
	defer cancel()
	fresh, err := i.inbox.SaveAlert(ctx, a)
	if err != nil {
		w.Header().Set("Retry-After", "10")
		i.refuse(w, http.StatusServiceUnavailable, "project "+id, fmt.Errorf("it could not be stored: %w", err))
		return
	}
	i.tell(&a, fresh, r.Header)
	if fresh && a.State == reconcile.AlertWaiting {
		i.wake(id)
	}
	fmt.Fprintln(w, "ok")
}

// readAlert reads a body of bounded length in bounded time.
func readAlert(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(alertReadTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAlert))
	if err == nil {
		_ = control.SetReadDeadline(time.Time{}) // the connection may bring further alerts
	}
	return body, err
}

// errNoAlertKey says that no alert of a project can be proved.
var errNoAlertKey = errors.New("no alerts are taken for this project")

// key is what a project's alerts are verified with. It is read once for the settings in force.
func (i *alertInbox) key(projectID string) (highhelp.AlertKey, error) {
	s := i.settings()
	p, ok := s.Project(projectID)
	if !ok || !p.TakesAlerts() {
		return highhelp.AlertKey{}, errNoAlertKey
	}
	if key, ok := s.AlertKeys.Load(projectID); ok {
		return key.(highhelp.AlertKey), nil
	}
	key, err := p.AlertKey()
	if err == nil {
		err = key.Validate()
	}
	if err == nil {
		s.AlertKeys.Store(projectID, key)
	}
	return key, err
}

// noKey answers where there is nothing to prove an alert with. A key that cannot be read is our fault: HighHelp is asked to
// send the alert again.
func (i *alertInbox) noKey(w http.ResponseWriter, id string, err error) {
	if !errors.Is(err, errNoAlertKey) {
		i.refuse(w, http.StatusServiceUnavailable, "project "+id, err)
		return
	}
	if _, ok := i.settings().Project(id); ok {
		err = fmt.Errorf("%w: set alert_public_key_file or alert_secret_file of project %s (Callback settings in HighHelp's cabinet)", err, id)
		i.refuse(w, http.StatusUnauthorized, "project "+id, err)
		return
	}
	i.refuse(w, http.StatusUnauthorized, "unknown project", fmt.Errorf("%w: %.60q is not in the settings", err, id))
}

// refuse answers in few words, and says why in the log: once a minute for each reason, since anybody can send.
func (i *alertInbox) refuse(w http.ResponseWriter, code int, about string, why error) {
	if code >= 500 {
		i.metrics.alerted(alertFailed)
	} else {
		i.metrics.alerted(alertRefused)
	}
	if kept, ok := i.rarely.Let(fmt.Sprint(about, code), time.Now()); ok {
		i.log.Warn("alert refused", "about", about, "status", code, "why", why, "others_since_last_told", kept)
	}
	http.Error(w, http.StatusText(code), code)
}

// tell logs a stored alert. Its age is told, not judged: what is sent again may keep its old timestamp.
func (i *alertInbox) tell(a *reconcile.Alert, fresh bool, h http.Header) {
	attrs := []any{"project", a.ProjectID, "payment_id", a.PaymentID, "status", a.Status, "sub_status", a.SubStatus, "duplicate", !fresh}
	if signed, err := highhelp.AlertTime(h); err == nil {
		attrs = append(attrs, "age", a.ReceivedAt.Sub(signed).Round(time.Second))
	}
	switch {
	case !fresh:
		i.metrics.alerted(alertAgain)
	case a.State == reconcile.AlertUnreadable:
		i.metrics.alerted(alertUnclear)
	default:
		i.metrics.alerted(alertTaken)
	}
	if a.State == reconcile.AlertUnreadable {
		i.log.Error("alert stored, but it cannot be read: look at its body in hhrecon_alert", append(attrs, "why", a.Note)...)
		return
	}
	i.log.Info("alert stored", attrs...)
}

// The pace of working off alerts.
const (
	alertGap     = 2 * time.Second  // between two runs of a project: they gather alerts, and let other runs in
	alertPoll    = 5 * time.Second  // for alerts that other processes stored, and those put off
	alertHeld    = time.Second      // while another run holds the project
	alertBackoff = time.Minute      // the longest pause after failures
	alertTell    = 4                // failures in a row, about seven seconds of them, before others are told
	keysBackoff  = 30 * time.Minute // the longest where HighHelp refuses the keys: asking on may lock the register
)

// alertDesks works off the alerts of all projects, each by itself: one that is held or sick keeps no other waiting.
type alertDesks struct {
	*service
	wakes sync.Map // by project: channels that hold one
}

// wake has a project's alerts looked at now.
func (d *alertDesks) wake(projectID string) {
	select {
	case d.woken(projectID) <- struct{}{}:
	default: // it is to be looked at already
	}
}

func (d *alertDesks) woken(projectID string) chan struct{} {
	woken, _ := d.wakes.LoadOrStore(projectID, make(chan struct{}, 1))
	return woken.(chan struct{})
}

// work has a desk at work for every project of the settings in force.
func (d *alertDesks) work(ctx context.Context) error {
	var desks sync.WaitGroup
	defer desks.Wait()
	begun := make(map[string]bool)
	for {
		for _, p := range d.settings().Projects {
			if !begun[p.ID] {
				begun[p.ID] = true
				work := func(ctx context.Context) error { return d.workOff(ctx, p.ID) }
				desks.Go(func() { d.keepWorking(ctx, "alerts of project "+p.ID, work) })
			}
		}
		if !pause(ctx, alertPoll) {
			return ctx.Err()
		}
	}
}

// workOff works off one project's alerts until the context ends. New settings make a new desk.
func (d *alertDesks) workOff(ctx context.Context, projectID string) error {
	for {
		s := d.settings()
		p, ok := s.Project(projectID)
		if !ok { // it left the settings, and may come back
			if !pause(ctx, alertPoll) {
				return ctx.Err()
			}
			continue
		}
		w, err := d.night().project(p)
		if err != nil {
			d.log.Error("alerts are not worked off; they are kept", "project", projectID, "error", err)
			d.pauseUnder(ctx, s, alertBackoff)
		} else {
			d.sit(ctx, w, s)
			w.client.Close()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// sit works until the context ends or other settings are in force.
func (d *alertDesks) sit(ctx context.Context, w *projectNight, s *config.Settings) {
	desk := reconcile.NewAlertDesk(*w.runner, d.store, d.store)
	woken, failures := d.woken(w.project.ID), 0
	for ctx.Err() == nil && d.settings() == s {
		more, err := d.once(ctx, w, desk)
		var held *reconcile.HeldError
		switch {
		case errors.As(err, &held):
			pause(ctx, alertHeld)
		case err != nil && ctx.Err() == nil:
			wait := backoff(err, failures)
			if failures++; failures == alertTell || errors.Is(err, highhelp.ErrUnauthorized) && failures == 1 {
				w.notice(ctx, event{Event: eventFailed, Project: w.project.ID, Trigger: string(reconcile.TriggerAlert), Note: err.Error()})
			}
			d.log.Error("alerts are not worked off; they are kept, and tried again", "project", w.project.ID, "error", err, "in", wait)
			d.pauseUnder(ctx, s, wait)
		case more:
			failures = 0
			pause(ctx, alertGap)
		default:
			failures = 0
			select {
			case <-ctx.Done():
			case <-woken:
			case <-time.After(time.Until(desk.Next(time.Now().Add(alertPoll)))): // another process may have stored some
			}
		}
	}
}

// once does the next runs for alerts, and tells whether to look again soon: where there was something to do, more may have come.
func (d *alertDesks) once(ctx context.Context, w *projectNight, desk *reconcile.AlertDesk) (bool, error) {
	runs, more, err := desk.Work(ctx)
	for _, run := range runs {
		if run.ClosedAt.IsZero() || run.KeysError() != nil {
			err = w.explain(run, errors.Join(err, run.KeysError()))
		} else {
			err = errors.Join(err, w.conclude(ctx, run, nil))
		}
	}
	return more || len(runs) > 0, err
}

// backoff is the pause after a number of failures in a row.
func backoff(err error, failures int) time.Duration {
	first, longest := time.Second, alertBackoff
	if errors.Is(err, highhelp.ErrUnauthorized) {
		first, longest = alertBackoff, keysBackoff
	}
	return min(first<<min(failures, 10), longest)
}

// pauseUnder pauses for as long as the settings stay in force: new ones may be the cure.
func (d *alertDesks) pauseUnder(ctx context.Context, s *config.Settings, wait time.Duration) {
	for until := time.Now().Add(wait); d.settings() == s && time.Now().Before(until); {
		if !pause(ctx, min(time.Until(until), time.Second)) {
			return
		}
	}
}
