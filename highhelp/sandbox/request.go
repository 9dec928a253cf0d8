package sandbox

import (
	"log/slog"
	"net/http"
	"strings"
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
	register  *register
	found     []leaf
	projectID string
	paymentID string
}

func (q *request) text(path string) string {
	for _, l := range q.found {
		if l.path == path {
			text, _ := l.value.(string)
			return text
		}
	}
	return ""
}

// ServeHTTP answers one request. It panics with http.ErrAbortHandler where a fault wants the connection closed.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := s.now()
	s.count.begin(started)
	endpoint, code := endpointOf(r.URL.Path), 0
	var (
		q       *request
		refusal *reply
		fault   Fault
	)
	defer func() { // after a broken connection too
		if s.options.Logger.Enabled(r.Context(), slog.LevelDebug) {
			s.logRequest(r, q, fault, code, started)
		}
		s.count.end(endpoint, code)
	}()
	s.wait(r.Context(), s.options.Latency)
	q, refusal = s.verify(r, endpoint)
	if refusal == nil {
		if endpoint == EndpointInfo {
			s.store.entry(key{q.projectID, q.paymentID}).asks.Add(1)
		}
		fault, _ = s.faults.match(endpoint, q.projectID, q.paymentID)
	}
	respond := func() reply {
		if refusal != nil {
			return *refusal
		}
		return s.answer(q, fault)
	}
	code = s.send(w, r, respond, fault)
}

// endpointOf names the endpoint of a path, or nothing where there is none.
func endpointOf(path string) string {
	switch endpoint := strings.TrimPrefix(path, apiPrefix); endpoint {
	case EndpointCreate, EndpointInfo, EndpointBalance:
		if endpoint != path {
			return endpoint
		}
	}
	return ""
}
