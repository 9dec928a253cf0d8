package sandbox

import (
	"bytes"
	"cmp"
	"net/http"
	"strconv"
)

// answer executes a verified request. With the fault "status", answer returns an error instead
// of executing the request.
func (s *Sandbox) answer(q *request, fault Fault) *reply {
	if fault.Name == "status" {
		text := cmp.Or(fault.Description, "the fault status answers "+strconv.Itoa(fault.StatusCode))
		refusal := refuse(fault.StatusCode, "%s", text)
		if fault.RetryAfter != "" {
			refusal.header = map[string]string{"Retry-After": fault.RetryAfter}
		}
		return refusal
	}
	switch q.endpoint {
	case EndpointCreate:
		return s.create(q)
	case EndpointInfo:
		return s.info(q, fault)
	default:
		return s.balance(q)
	}
}

// send writes the answer, changed by the fault if there is one, and returns the HTTP status.
func (s *Sandbox) send(w http.ResponseWriter, r *http.Request, respond func() *reply, fault Fault) int {
	switch fault.Name {
	case "drop":
		panic(http.ErrAbortHandler)
	case "hang":
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		panic(http.ErrAbortHandler)
	case "delay":
		s.wait(r.Context(), fault.Delay)
	case "no_json":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		return write(w, cmp.Or(fault.StatusCode, http.StatusOK),
			[]byte("<html><head><title>Checking your browser</title></head><body>…</body></html>\n"))
	case "body":
		for name, value := range fault.Header {
			w.Header().Set(name, value)
		}
		return write(w, cmp.Or(fault.StatusCode, http.StatusOK), []byte(fault.Body))
	case "redirect":
		w.Header().Set("Location", "/elsewhere"+r.URL.Path)
		return write(w, fault.StatusCode, nil)
	case "huge":
		return writeHuge(w)
	}
	answer := respond()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	if fault.Name == "cut" {
		write(w, answer.code, answer.body[:len(answer.body)/2])
		_ = http.NewResponseController(w).Flush() // send the first half before the connection closes
		panic(http.ErrAbortHandler)
	}
	return write(w, answer.code, answer.body)
}

// write writes an answer, and ignores the error if the client has disconnected.
func write(w http.ResponseWriter, code int, body []byte) int {
	w.WriteHeader(code)
	_, _ = w.Write(body)
	return code
}

// writeHuge writes valid JSON of HugeBody bytes. A client should stop reading before the end.
func writeHuge(w http.ResponseWriter) int {
	const head, tail = `{"status":"success","status_description":"`, `"}`
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(HugeBody))
	write(w, http.StatusOK, []byte(head))
	chunk := bytes.Repeat([]byte("huge"), 16<<10)
	for left := HugeBody - len(head) - len(tail); left > 0; left -= len(chunk) {
		chunk = chunk[:min(left, len(chunk))]
		if _, err := w.Write(chunk); err != nil {
			return http.StatusOK
		}
	}
	_, _ = w.Write([]byte(tail))
	return http.StatusOK
}
