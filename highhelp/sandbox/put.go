package sandbox

import "fmt"

// Put adds a payin, or replaces the one with the same ID. Its states by Steps that are still to come are
// announced by alerts while Run runs.
func (s *Sandbox) Put(p Payin) error { return s.PutAll([]Payin{p}) }

// PutAll puts payins, or none of them where one is wrong.
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
		return p, fmt.Errorf("payin %q: there is no register %q", p.PaymentID, p.ProjectID)
	}
	return p.complete(s.now())
}

// Payin gives a payin as it is now.
func (s *Sandbox) Payin(projectID, paymentID string) (Payin, bool) {
	p := s.store.payin(key{projectID, paymentID})
	if p == nil {
		return Payin{}, false
	}
	now, _ := p.at(s.now())
	return now, true
}
