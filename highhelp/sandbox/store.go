package sandbox

import (
	"sync"
	"sync/atomic"
)

type key struct{ project, payment string }

// An entry is what is known of one payment ID: the application, if there is one, and how often it was asked about.
type entry struct {
	payin atomic.Pointer[Payin] // replaced as a whole, never changed
	asks  atomic.Int64
}

// store holds the applications by key.
type store struct {
	entries sync.Map // of key to *entry
	payins  atomic.Int64
}

// find gives the entry, or nil if nothing was ever said of this payment ID.
func (s *store) find(k key) *entry {
	e, _ := s.entries.Load(k)
	found, _ := e.(*entry)
	return found
}

// entry gives the entry, and makes one if there is none.
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

// create puts the payin where there is none under its ID; of two at once, one wins.
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
