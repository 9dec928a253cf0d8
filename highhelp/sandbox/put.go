package sandbox

import "fmt"

// Put adds a payin, or replaces the payin with the same id. Run sends alerts for its future Steps. It is an error if
// the project is unknown or the payin is invalid.
func (s *Sandbox) Put(p Payin) error { return s.PutAll([]Payin{p}) }

// PutAll puts all payins. If one is invalid, it puts none.
func (s *Sandbox) PutAll(payins []Payin) error {
	prepared := make([]Payin, len(payins))
	for i, p := range payins {
		var err error
		if prepared[i], err = s.prepare(p); err != nil {
			return err
		}
	}
	for i := range prepared {
		s.store.put(&prepared[i])
		s.schedule(&prepared[i], s.now())
	}
	return nil
}

func (s *Sandbox) prepare(p Payin) (Payin, error) {
	if s.projects[p.ProjectID] == nil {
		return p, fmt.Errorf("payin %q: unknown project %q", p.PaymentID, p.ProjectID)
	}
	return p.complete(s.now())
}

// Payin returns a payin's current state; ok is false if the payin is unknown.
func (s *Sandbox) Payin(projectID, paymentID string) (_ Payin, ok bool) {
	p := s.store.payin(key{projectID, paymentID})
	if p == nil {
		return Payin{}, false
	}
	now, _ := p.at(s.now())
	return now, true
}
