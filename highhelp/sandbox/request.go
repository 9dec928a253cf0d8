package sandbox

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// The names of the endpoints in Stats and Fault.
const (
	EndpointCreate  = "widget/payin"
	EndpointInfo    = "widget/payin/info"
	EndpointBalance = "balance/info"
)

const apiPrefix = "/api/v1/"

// A request is a client's HTTP request after all checks have succeeded.
type request struct {
	endpoint  string
	project   *project
	found     []leaf
	projectID string
	paymentID string
}

// text returns a field's string, or "" if the field is missing. The type of the field was checked before.
func (q *request) text(path string) string {
	text, _ := q.value(path).(string)
	return text
}

// number returns a field's whole number, or 0 if the field is missing. The type of the field was checked before.
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

// A requestRecord contains the details of one HTTP request for the counts and the log. The request may be invalid.
type requestRecord struct {
	endpoint string
	code     int // HTTP status; 0 if the answer was incomplete
	started  time.Time
	request  *request // nil if the request was refused
	fault    Fault
}

// ServeHTTP answers one request. If a fault closes the connection, ServeHTTP panics with http.ErrAbortHandler.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &requestRecord{endpoint: endpointOf(r.URL.Path), started: s.now()}
	s.count.begin(v.started)
	defer s.finish(r.Context(), r, v) // runs also after a panic
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

// finish counts a request and logs it at debug level.
func (s *Sandbox) finish(ctx context.Context, r *http.Request, v *requestRecord) {
	defer s.count.end(v.endpoint, v.code)
	if !s.options.Logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", v.code),
		slog.Duration("took", s.now().Sub(v.started))}
	if v.request != nil {
		attrs = append(attrs, slog.String("payment_id", v.request.paymentID))
	}
	if v.fault.Name != "" {
		attrs = append(attrs, slog.String("fault", v.fault.Name))
	}
	s.options.Logger.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
}

// endpointOf returns the endpoint of a path, or "" if the path has none.
func endpointOf(path string) string {
	endpoint, found := strings.CutPrefix(path, apiPrefix)
	if _, known := fields[endpoint]; !found || !known {
		return ""
	}
	return endpoint
}
