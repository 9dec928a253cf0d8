package main

import (
	"bytes"
	"sync"
)

// sideBySide is how many projects are run at once: one that waits for HighHelp keeps few others waiting.
const sideBySide = 4

// inOrder passes on what projects print and have sent in their order, each as soon as those before it have ended.
type inOrder struct {
	n     *night
	work  []*projectNight
	mu    sync.Mutex
	outs  []bytes.Buffer
	over  []bool
	first int // that has not ended
}

func newInOrder(n *night, work []*projectNight) *inOrder {
	o := &inOrder{n: n, work: work, outs: make([]bytes.Buffer, len(work)), over: make([]bool, len(work))}
	for i, w := range work {
		own := *n
		if own.out = &o.outs[i]; n.outgoing != nil {
			own.outgoing = new([]int64)
		}
		w.night = &own
	}
	return o
}

func (o *inOrder) ended(i int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.over[i] = true; o.first < len(o.work) && o.over[o.first]; o.first++ {
		_, _ = o.outs[o.first].WriteTo(o.n.out)
		if o.n.outgoing != nil {
			*o.n.outgoing = append(*o.n.outgoing, *o.work[o.first].outgoing...)
		}
	}
}

// forEach does something with each item, so many at once, and joins the errors as worstError does.
func forEach[T any](items []T, atOnce int, do func(int, T) error) error {
	failed, slots := make([]error, len(items)), make(chan struct{}, max(1, atOnce))
	var all sync.WaitGroup
	for i, item := range items {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			failed[i] = do(i, item)
		})
	}
	all.Wait()
	var worst worstError
	for _, err := range failed {
		worst.add(err)
	}
	return worst.err
}
