package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	maxControlBody = 16 << 20 // enough for tens of thousands of payins
	maxRepeats     = 1000     // the maximum number of copies of one alert
)

// Control returns an http.Handler with which developers control the sandbox. The handler does not check signatures, so
// serve the handler only on an address that other people cannot reach. An unknown field in a body is an error.
//
//	POST   /sandbox/payins        JSON Lines of Payin; stores all of them, or none
//	GET    /sandbox/payins/{id}   a payin's current state and how often it was read
//	POST   /sandbox/faults        JSON Lines of Fault; injects all of them, or none
//	DELETE /sandbox/faults        removes all faults
//	GET    /sandbox/stats         Stats
//	DELETE /sandbox/stats         resets all counts
//	POST   /sandbox/alerts        {"payment_id": …, "times": 1}: sends the alert of its current state
//
// Durations are written like "90s". project_id is optional if the sandbox has only one project. For the GET of a payin,
// project_id is a query parameter.
func (s *Sandbox) Control() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, work func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxControlBody)
			result, err := work(r)
			answer := ok(result)
			if err != nil {
				answer = refuse(codeOf(err), "%v", err)
			}
			w.Header().Set("Content-Type", "application/json")
			write(w, answer.code, append(answer.body, '\n'))
		})
	}
	handle("POST /sandbox/payins", s.controlPut)
	handle("GET /sandbox/payins/{id...}", s.controlPayin) // an ID may contain slashes
	handle("POST /sandbox/faults", s.controlFaults)
	handle("DELETE /sandbox/faults", func(*http.Request) (any, error) {
		s.ClearFaults()
		return map[string]string{"status": "ok"}, nil
	})
	handle("GET /sandbox/stats", func(*http.Request) (any, error) { return s.Stats(), nil })
	handle("DELETE /sandbox/stats", func(*http.Request) (any, error) {
		s.ResetStats()
		return map[string]string{"status": "ok"}, nil
	})
	handle("POST /sandbox/alerts", s.controlAlerts)
	return mux
}

var errNoPayin = errors.New("unknown payin")

func codeOf(err error) int {
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return http.StatusRequestEntityTooLarge
	}
	if errors.Is(err, errNoPayin) {
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

func (s *Sandbox) controlPut(r *http.Request) (any, error) {
	lines, err := decodeLines[controlledPayin](r.Body)
	if err != nil {
		return nil, err
	}
	payins := make([]Payin, len(lines))
	for i, line := range lines {
		if line.Asks != nil {
			return nil, fmt.Errorf("value %d: \"asks\" is a read-only counter: remove it", i+1)
		}
		for _, step := range line.Steps {
			step.Step.After = time.Duration(step.After)
			line.Payin.Steps = append(line.Payin.Steps, step.Step)
		}
		payins[i] = line.Payin
		payins[i].ProjectID = cmp.Or(line.ProjectID, s.onlyProject())
	}
	if err := s.PutAll(payins); err != nil {
		return nil, err
	}
	return map[string]int{"payins": len(payins)}, nil
}

func (s *Sandbox) controlPayin(r *http.Request) (any, error) {
	project, payment := cmp.Or(r.URL.Query().Get("project_id"), s.onlyProject()), r.PathValue("id")
	p, found := s.Payin(project, payment)
	if !found {
		return nil, fmt.Errorf("%w: payment_id %q, project_id %q", errNoPayin, payment, project)
	}
	shown := controlledPayin{Payin: p, Asks: new(s.AskCount(project, payment))}
	for _, step := range p.Steps {
		shown.Steps = append(shown.Steps, controlStep{step, duration(step.After)})
	}
	return shown, nil
}

func (s *Sandbox) controlFaults(r *http.Request) (any, error) {
	lines, err := decodeLines[controlFault](r.Body)
	if err != nil {
		return nil, err
	}
	completed := make([]Fault, len(lines))
	for i, line := range lines {
		line.Fault.Delay = time.Duration(line.Delay)
		if completed[i], err = line.complete(); err != nil {
			return nil, fmt.Errorf("value %d: %w", i+1, err)
		}
	}
	for _, f := range completed {
		s.faults.inject(f)
	}
	return map[string]int{"faults": len(completed)}, nil
}

func (s *Sandbox) controlAlerts(r *http.Request) (any, error) {
	type alertRequest struct {
		ProjectID string `json:"project_id"`
		PaymentID string `json:"payment_id"`
		Times     int    `json:"times"`
	}
	requests, err := decodeLines[alertRequest](r.Body)
	if err != nil {
		return nil, err
	}
	type result struct {
		PaymentID string `json:"payment_id"`
		Statuses  []int  `json:"statuses"` // the HTTP statuses of the receiver's answers
		Error     string `json:"error,omitempty"`
	}
	var results []result
	for i, o := range requests {
		if o.Times < 0 || o.Times > maxRepeats {
			return nil, fmt.Errorf("value %d: times is %d, want 0 to %d", i+1, o.Times, maxRepeats)
		}
		o.ProjectID = cmp.Or(o.ProjectID, s.onlyProject())
		if _, found := s.Payin(o.ProjectID, o.PaymentID); !found {
			return nil, fmt.Errorf("%w: payment_id %q, project_id %q", errNoPayin, o.PaymentID, o.ProjectID)
		}
		statuses, err := s.SendAlert(r.Context(), o.ProjectID, o.PaymentID, max(o.Times, 1))
		sent := result{PaymentID: o.PaymentID, Statuses: statuses}
		if err != nil {
			sent.Error = err.Error()
		}
		results = append(results, sent)
	}
	return results, nil
}

// onlyProject returns the id of the sandbox's only project, or "" if there are several.
func (s *Sandbox) onlyProject() string {
	if len(s.projects) == 1 {
		for id := range s.projects {
			return id
		}
	}
	return ""
}

// duration is a time.Duration with a JSON form like "1m30s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// These types are Payin, Step and Fault with readable durations. The outer field hides the embedded field with the
// same name.
type (
	controlStep struct {
		Step
		After duration `json:"after"`
	}
	controlledPayin struct {
		Payin
		Steps []controlStep `json:"steps,omitempty"`
		Asks  *int          `json:"asks,omitempty"` // only in answers
	}
	controlFault struct {
		Fault
		Delay duration `json:"delay,omitempty"`
	}
)

// decodeLines decodes a sequence of JSON values. The error names the invalid value. A value with an unknown field is
// invalid.
func decodeLines[T any](body io.Reader) ([]T, error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	var values []T
	for {
		var value T
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("value %d: %w", len(values)+1, err)
		}
		values = append(values, value)
	}
	if len(values) == 0 {
		return nil, errors.New("body is empty: write one JSON object on each line")
	}
	return values, nil
}
