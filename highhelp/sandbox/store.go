package sandbox

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// shardCount keeps two cores with thousands of requests a second from waiting on one lock.
const shardCount = 64

type key struct{ project, payment string }

// An entry is what is known of one payment ID: the application, if there is one, and how often it was asked about.
type entry struct {
	payin atomic.Pointer[Payin] // replaced as a whole, never changed
	asks  atomic.Int64
}

// store holds the applications. A lock is held to find an entry only, never while a request is worked on.
type store struct {
	seed   maphash.Seed
	shards [shardCount]struct {
		sync.RWMutex
		entries map[key]*entry
	}
	payins atomic.Int64
}

func newStore() *store {
	s := &store{seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].entries = map[key]*entry{}
	}
	return s
}

// find gives the entry, or nil where nothing was ever said of this payment ID.
func (s *store) find(k key) *entry {
	shard := &s.shards[maphash.Comparable(s.seed, k)%shardCount]
	shard.RLock()
	defer shard.RUnlock()
	return shard.entries[k]
}

// entry gives the entry, and makes one where there is none.
func (s *store) entry(k key) *entry {
	if e := s.find(k); e != nil {
		return e
	}
	shard := &s.shards[maphash.Comparable(s.seed, k)%shardCount]
	shard.Lock()
	defer shard.Unlock()
	e, ok := shard.entries[k]
	if !ok {
		e = &entry{}
		shard.entries[k] = e
	}
	return e
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
