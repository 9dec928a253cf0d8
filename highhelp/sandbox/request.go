package sandbox

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// The endpoints, as Stats and Fault call them.
const (
	EndpointCreate  = "widget/payin"
	EndpointInfo    = "widget/payin/info"
	EndpointBalance = "balance/info"
)

const apiPrefix = "/api/v1/"

// A request is one whose sender is known and whose signature holds.
type request struct {
	endpoint  string
	project   *project
	found     []leaf
	projectID string
	paymentID string
}

// text gives a field's text, which the form has judged, or "" if it is left out.
func (q *request) text(path string) string {
	text, _ := q.value(path).(string)
	return text
}

// number gives a field's whole number, which the form has judged, or 0 if it is left out.
func (q *request) number(path string) int64 {
	number, _ := q.value(path).(json.Number)
	n, _ := number.Int64()
	return n
}

func (q *request) value(path string) any {
	for _, l := range q.found {
		if l.path == path {
			return l.value
		}
	}
	return nil
}

// A requestRecord is what is counted and logged of one request, good or not.
type requestRecord struct {
	endpoint string
	code     int // HTTP status; 0 while there is no whole answer
	started  time.Time
	request  *request // nil where it was refused
	fault    Fault
}

// ServeHTTP answers one request. It panics with http.ErrAbortHandler where a fault wants the connection closed.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &requestRecord{endpoint: endpointOf(r.URL.Path), started: s.now()}
	s.count.begin(v.started)
	defer s.finish(r.Context(), r, v) // after a broken connection too
	arrived := time.Now()
	q, refusal := s.verify(r, v.endpoint)
	s.delay(r.Context(), arrived)
	if refusal != nil {
		v.code = s.send(w, r, func() *reply { return refusal }, Fault{})
		return
	}
	v.request = q
	if q.endpoint == EndpointInfo {
		s.store.entry(key{q.projectID, q.paymentID}).asks.Add(1)
	}
	v.fault, _ = s.faults.match(q.endpoint, q.projectID, q.paymentID)
	v.code = s.send(w, r, func() *reply { return s.answer(q, v.fault) }, v.fault)
}

// finish counts a request, and logs it where debugging is on.
func (s *Sandbox) finish(ctx context.Context, r *http.Request, v *requestRecord) {
	defer s.count.end(v.endpoint, v.code)
	if !s.options.Logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", v.code),
		slog.Duration("took", s.now().Sub(v.started)),
	}
	if v.request != nil {
		attrs = append(attrs, slog.String("payment_id", v.request.paymentID))
	}
	if v.fault.Name != "" {
		attrs = append(attrs, slog.String("fault", v.fault.Name))
	}
	s.options.Logger.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
}

// endpointOf names the endpoint of a path, or nothing where there is none.
func endpointOf(path string) string {
	endpoint, found := strings.CutPrefix(path, apiPrefix)
	if _, known := fields[endpoint]; !found || !known {
		return ""
	}
	return endpoint
}
