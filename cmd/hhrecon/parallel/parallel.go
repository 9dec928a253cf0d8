// Package parallel works on several items side by side: call Do.
package parallel

import "sync"

// ForEach calls do for each of n items, some at once at most, and returns their errors by item. It calls ended for each
// item in the items' order, one at a time, as soon as it and those before it have ended; ended may be nil.
func ForEach(n, atOnce int, do func(i int) error, ended func(i int)) []error {
	var all sync.WaitGroup
	var mu sync.Mutex
	errs, over, first := make([]error, n), make([]bool, n), 0
	slots := make(chan struct{}, max(1, atOnce))
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			errs[i] = do(i)
			mu.Lock()
			defer mu.Unlock()
			for over[i] = true; first < n && over[first]; first++ {
				if ended != nil {
					ended(first)
				}
			}
		})
	}
	all.Wait()
	return errs
}
