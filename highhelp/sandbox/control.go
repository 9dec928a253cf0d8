package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	maxControlBody = 16 << 20 // enough for tens of thousands of payins
	maxRepeats     = 1000     // of one alert, so that a slip of the finger floods nobody
)

// Control is an http.Handler by which developers steer the sandbox from outside. It checks no signature, so serve it
// where only they can reach it. What it takes is decoded strictly: an unknown field is an error.
//
//	POST   /sandbox/payins        JSON Lines of Payin; all are put, or none
//	GET    /sandbox/payins/{id}   a payin as it is now, with how often it was asked about
//	POST   /sandbox/faults        JSON Lines of Fault; all are injected, or none
//	DELETE /sandbox/faults        ends all faults
//	GET    /sandbox/stats         Stats
//	DELETE /sandbox/stats         begins all counts anew
//	POST   /sandbox/alerts        {"payment_id": …, "times": 1}: sends the alert of its present state now
//
// Durations are written like "90s". A project_id may be left out where the sandbox has only one register;
// the GET takes it as a query parameter.
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
	handle("GET /sandbox/payins/{id...}", s.controlPayin) // an ID may hold slashes
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

var errNoPayin = errors.New("there is no such payin")

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
			return nil, fmt.Errorf("value %d: asks is counted, not set", i+1)
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
	type order struct {
		ProjectID string `json:"project_id"`
		PaymentID string `json:"payment_id"`
		Times     int    `json:"times"`
	}
	orders, err := decodeLines[order](r.Body)
	if err != nil {
		return nil, err
	}
	type outcome struct {
		PaymentID string `json:"payment_id"`
		Statuses  []int  `json:"statuses"` // of the receiver's answers
		Error     string `json:"error,omitempty"`
	}
	var outcomes []outcome
	for i, o := range orders {
		if o.Times < 0 || o.Times > maxRepeats {
			return nil, fmt.Errorf("value %d: times is %d, not from 0 to %d", i+1, o.Times, maxRepeats)
		}
		o.ProjectID = cmp.Or(o.ProjectID, s.onlyProject())
		if _, found := s.Payin(o.ProjectID, o.PaymentID); !found {
			return nil, fmt.Errorf("%w: payment_id %q, project_id %q", errNoPayin, o.PaymentID, o.ProjectID)
		}
		statuses, err := s.SendAlert(r.Context(), o.ProjectID, o.PaymentID, max(o.Times, 1))
		result := outcome{PaymentID: o.PaymentID, Statuses: statuses}
		if err != nil {
			result.Error = err.Error()
		}
		outcomes = append(outcomes, result)
	}
	return outcomes, nil
}

// onlyProject is the project that is meant where none is named, or nothing where there are several.
func (s *Sandbox) onlyProject() string {
	if len(s.projects) == 1 {
		for id := range s.projects {
			return id
		}
	}
	return ""
}
