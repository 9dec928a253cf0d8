package sandbox

import (
	"sync"
	"sync/atomic"
)

type key struct{ project, payment string }

// An entry has the payin of one payment_id, if it exists, and the number of requests that read it.
type entry struct {
	payin atomic.Pointer[Payin] // replaced on each change, never modified
	asks  atomic.Int64
}

// store holds the payins by key.
type store struct {
	entries sync.Map // maps key to *entry
	payins  atomic.Int64
}

// find returns the entry of a key, or nil.
func (s *store) find(k key) *entry {
	e, _ := s.entries.Load(k)
	found, _ := e.(*entry)
	return found
}

// entry returns the entry of a key. If there is no entry, the function creates the entry.
func (s *store) entry(k key) *entry {
	if e := s.find(k); e != nil {
		return e
	}
	e, _ := s.entries.LoadOrStore(k, &entry{})
	return e.(*entry)
}

func (s *store) put(p *Payin) {
	if s.entry(key{p.ProjectID, p.PaymentID}).payin.Swap(p) == nil {
		s.payins.Add(1)
	}
}

// create stores the payin and returns true, or returns false if a payin with the same ID exists. If two calls are
// concurrent, only one succeeds.
func (s *store) create(p *Payin) bool {
	created := s.entry(key{p.ProjectID, p.PaymentID}).payin.CompareAndSwap(nil, p)
	if created {
		s.payins.Add(1)
	}
	return created
}

func (s *store) payin(k key) *Payin {
	if e := s.find(k); e != nil {
		return e.payin.Load()
	}
	return nil
}
