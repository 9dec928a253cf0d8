// Package alerts receives HighHelp's alerts over HTTP. New returns the HTTP handler. Limits prevent unverified senders
// from blocking HighHelp's alerts.
package alerts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/cmd/hhrecon/console"
	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reports/web/auth"
)

// Limits for receiving one alert.
const (
	maxBody  = 64 << 10         // maximum size in bytes; documented alerts are smaller than 2 KiB
	readTime = 10 * time.Second // maximum time to receive the body
	saveTime = 10 * time.Second // maximum time to store the alert
)

// Results of receiving an alert.
const (
	resultStored     = "stored"
	resultDuplicate  = "duplicate"
	resultUnreadable = "unreadable"
	resultRefused    = "refused" // answered with a status 4xx
	resultFailed     = "failed"  // answered with 503; HighHelp then sends the alert again
)

// Results are the possible results of receiving an alert.
var Results = []string{resultStored, resultDuplicate, resultUnreadable, resultRefused, resultFailed}

// Options are the settings of a Handler.
type Options struct {
	Settings func() *config.Settings // returns the current settings
	Store    reconcile.AlertStore
	Wake     func(projectID string) // called after each stored alert
	Count    func(result string)    // called with one of Results for each received alert
	Log      *slog.Logger
}

// Handler receives HighHelp's alerts at a pattern with the wildcard {project}. Handler verifies and stores an alert
// before it answers. An alert does not change a row of the merchant. An alert only causes a query about its payin.
type Handler struct {
	Options
	limits   *limits
	bodies   bodyLimit
	throttle console.LogThrottle
}

// New returns a handler.
func New(o Options) *Handler {
	return &Handler{Options: o, limits: newLimits(), bodies: bodyLimit{days: make(map[string]*bodyDay)}}
}

// ServeHTTP responds with 200 if the alert is stored or was stored before, 401 if it cannot be verified, 413 if it is
// too large, 429 if there are too many alerts, and 503 if it cannot be stored now.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, about := r.PathValue("project"), "unknown project"
	if p, ok := h.Settings().Project(id); ok {
		id, about = p.ID, "project "+p.ID // the ID from the settings, since the ID in the URL path may differ in case
	}
	if code, err := h.receive(w, r, id); err != nil {
		h.refuse(w, code, about, err)
		return
	}
	fmt.Fprintln(w, "ok")
}

// receive verifies and stores an alert. receive returns an error together with the HTTP status of the answer.
// receive executes cheap checks first. The body is read only if the headers can be valid, and the number of
// concurrent verifications is limited.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, id string) (code int, err error) {
	key, broken := h.key(id)
	unproved := http.StatusUnauthorized
	switch {
	case errors.Is(broken, errNoKey):
		return unproved, broken
	case errors.Is(broken, config.ErrNextKey): // 503 for other keys: HighHelp repeats the alert
		unproved = http.StatusServiceUnavailable
	case broken != nil: // the settings of the merchant have an error
		return http.StatusServiceUnavailable, broken
	}
	if err := key.CheckHeaders(r.Header); err != nil {
		return unproved, errors.Join(err, broken)
	}
	address, _ := auth.AddressOf(r, h.Settings().WebSettings().Proxies)
	s := h.limits.admit(id, address)
	if s == nil {
		return http.StatusTooManyRequests, errors.New("too many alerts from this address, or for this project")
	}
	body, err := readBody(w, r)
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return http.StatusRequestEntityTooLarge, err
	} else if err != nil {
		return http.StatusRequestTimeout, err
	}
	// A complete alert is stored even if the sender has already disconnected.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), saveTime)
	defer cancel()
	var digest string
	err = h.limits.verify(ctx, s, func() (err error) {
		digest, err = highhelp.VerifyAlert(body, r.Header, key)
		return err
	})
	if errors.Is(err, errBusy) {
		return http.StatusServiceUnavailable, err
	} else if err != nil {
		return unproved, errors.Join(err, broken)
	}
	a := reconcile.AlertOf(id, digest, body, time.Now())
	a.Timestamp, a.Signature = r.Header.Get(highhelp.HeaderTimestamp), r.Header.Get(highhelp.HeaderSignature)
	fresh, err := h.save(ctx, &a)
	if err != nil {
		return http.StatusServiceUnavailable, fmt.Errorf("cannot store the alert: %w", err)
	}
	h.logStored(&a, fresh, r.Header)
	if fresh && a.State == reconcile.AlertWaiting {
		h.Wake(id)
	}
	return http.StatusOK, nil
}

// save stores an alert. save returns false if the alert was stored before.
func (h *Handler) save(ctx context.Context, a *reconcile.Alert) (fresh bool, err error) {
	if has, err := h.Store.HasAlert(ctx, a.ProjectID, a.TextDigest); has || err != nil {
		return false, err
	}
	if err := h.bodies.apply(ctx, h.Store, a, h.Settings().Zone); err != nil {
		return false, err
	}
	return h.Store.SaveAlert(ctx, *a)
}

// readBody reads a body of limited size within readTime.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	err := control.SetReadDeadline(time.Now().Add(readTime))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		_ = control.SetReadDeadline(time.Time{}) // the sender may use the connection for more alerts
	}
	return body, err
}

// errNoKey means that the project has no valid alert key.
var errNoKey = errors.New("this project accepts no alerts")

// key returns the key that verifies a project's alerts. The key is read once, and cached until the settings change.
func (h *Handler) key(projectID string) (highhelp.AlertKey, error) {
	s := h.Settings()
	p, ok := s.Project(projectID)
	if !ok {
		return highhelp.AlertKey{}, fmt.Errorf("%w: %.60q is not in the settings", errNoKey, projectID)
	}
	if key, ok := s.AlertKeys.Load(projectID); ok {
		return key.(highhelp.AlertKey), nil
	}
	key, err := p.AlertKey()
	if !p.TakesAlerts() {
		err = fmt.Errorf("%w: %w", errNoKey, err)
	}
	if err == nil {
		err = key.Validate()
	}
	if err == nil {
		s.AlertKeys.Store(projectID, key)
	}
	return key, err
}

// refuse answers with a status. refuse logs the reason at most once a minute for each status, because
// anyone can send requests.
func (h *Handler) refuse(w http.ResponseWriter, code int, about string, why error) {
	if code >= 500 {
		h.Count(resultFailed)
	} else {
		h.Count(resultRefused)
	}
	if code >= 500 || code == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "10")
	}
	if kept, ok := h.throttle.Allow(fmt.Sprint(about, code), time.Now()); ok {
		h.Log.Warn("alert refused", "about", about, "status", code, "why", why, "others_since_last_logged", kept)
	}
	http.Error(w, http.StatusText(code), code)
}

// logStored logs a stored alert with its age. hhrecon accepts alerts of any age, because an alert that HighHelp repeats
// may keep its timestamp.
func (h *Handler) logStored(a *reconcile.Alert, fresh bool, header http.Header) {
	attrs := []any{"project", a.ProjectID, "payment_id", a.PaymentID, "status", a.Status,
		"sub_status", a.SubStatus, "duplicate", !fresh}
	if signed, err := highhelp.AlertTime(header); err == nil {
		attrs = append(attrs, "age", a.ReceivedAt.Sub(signed).Round(time.Second))
	}
	switch {
	case !fresh:
		h.Count(resultDuplicate)
	case a.State == reconcile.AlertUnreadable:
		h.Count(resultUnreadable)
	default:
		h.Count(resultStored)
	}
	if a.State == reconcile.AlertUnreadable {
		h.Log.Error("alert stored, but it cannot be parsed: see its row in hhrecon_alert", append(attrs, "why", a.Note)...)
		return
	}
	h.Log.Info("alert stored", attrs...)
}
