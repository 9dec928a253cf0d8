// Package alerts receives HighHelp's alerts over HTTP.
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

// The limits of one alert.
const (
	maxBody  = 64 << 10         // bytes; the documented ones stay below 2 KiB
	readTime = 10 * time.Second // for a sender to bring its body
	saveTime = 10 * time.Second // then HighHelp is asked to send it again
)

// What became of an alert on its arrival.
const (
	resultStored     = "stored"
	resultDuplicate  = "duplicate"
	resultUnreadable = "unreadable"
	resultRefused    = "refused" // 4xx
	resultFailed     = "failed"  // 503: HighHelp is to send it again
)

// Results are what may become of an alert on its arrival.
var Results = []string{resultStored, resultDuplicate, resultUnreadable, resultRefused, resultFailed}

// Options are what a Handler works with.
type Options struct {
	Settings func() *config.Settings // those in force
	Store    reconcile.AlertStore
	Wake     func(projectID string) // called after each alert that was stored
	Count    func(result string)    // called with one of Results for each alert that came
	Log      *slog.Logger
}

// Handler takes HighHelp's alerts at a pattern with the part {project}. It proves each, stores it, and only then
// answers. What an alert says changes no row; it has its payin asked about.
type Handler struct {
	Options
	limits   *limits
	bodies   bodyLimit
	throttle console.LogThrottle
}

// New makes a handler.
func New(o Options) *Handler {
	return &Handler{Options: o, limits: newLimits(), bodies: bodyLimit{days: make(map[string]*bodyDay)}}
}

// ServeHTTP answers 200 once the alert is stored, or was before; 401 where it does not prove to be HighHelp's, or no
// key is set to prove it with; 413 for one that is too large, 429 for one too many, and 503 where it cannot be stored
// now.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, about := r.PathValue("project"), "unknown project"
	if p, ok := h.Settings().Project(id); ok {
		id, about = p.ID, "project "+p.ID // as the settings write it: the address may have other letters
	}
	if code, err := h.receive(w, r, id); err != nil {
		h.refuse(w, code, about, err)
		return
	}
	fmt.Fprintln(w, "ok")
}

// receive does all of it, and returns the answer's status with an error for what is not stored. What costs least comes
// first: a body is read once its headers may prove it, and normalised as one of a few.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, id string) (code int, err error) {
	key, broken := h.key(id)
	unproved := http.StatusUnauthorized
	switch {
	case errors.Is(broken, errNoKey):
		return unproved, broken
	case errors.Is(broken, config.ErrNextKey): // what the current key does not prove, HighHelp is asked to send again
		unproved = http.StatusServiceUnavailable
	case broken != nil: // our fault
		return http.StatusServiceUnavailable, broken
	}
	if err := key.CheckHeaders(r.Header); err != nil {
		return unproved, errors.Join(err, broken)
	}
	address, _ := auth.AddressOf(r, h.Settings().WebSettings().Proxies)
	s := h.limits.admit(id, address)
	if s == nil {
		return http.StatusTooManyRequests, errors.New("too many alerts from its address, or for its project")
	}
	body, err := readBody(w, r)
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return http.StatusRequestEntityTooLarge, err
	} else if err != nil {
		return http.StatusRequestTimeout, err
	}
	// A sender that hangs up early does not take back what it sent.
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
		return http.StatusServiceUnavailable, fmt.Errorf("it could not be stored: %w", err)
	}
	h.logStored(&a, fresh, r.Header)
	if fresh && a.State == reconcile.AlertWaiting {
		h.Wake(id)
	}
	return http.StatusOK, nil
}

// save keeps an alert, and returns false if it was kept before: then nothing is written.
func (h *Handler) save(ctx context.Context, a *reconcile.Alert) (fresh bool, err error) {
	if has, err := h.Store.HasAlert(ctx, a.ProjectID, a.TextDigest); has || err != nil {
		return false, err
	}
	if err := h.bodies.apply(ctx, h.Store, a, h.Settings().Zone); err != nil {
		return false, err
	}
	return h.Store.SaveAlert(ctx, *a)
}

// readBody reads a body of bounded length in bounded time.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	err := control.SetReadDeadline(time.Now().Add(readTime))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		_ = control.SetReadDeadline(time.Time{}) // the connection may bring further alerts
	}
	return body, err
}

// errNoKey says that no alert of a project can be proved.
var errNoKey = errors.New("no alerts are taken for this project")

// key is what a project's alerts are verified with. It is read once for the settings in force.
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

// refuse answers in few words, and says why in the log: once a minute for each reason, since anybody can send.
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
		h.Log.Warn("alert refused", "about", about, "status", code, "why", why, "others_since_last_told", kept)
	}
	http.Error(w, http.StatusText(code), code)
}

// logStored logs a stored alert. Its age is logged, not judged: what is sent again may keep its old timestamp.
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
		h.Log.Error("alert stored, but it cannot be read: look at it in hhrecon_alert",
			append(attrs, "why", a.Note)...)
		return
	}
	h.Log.Info("alert stored", attrs...)
}
