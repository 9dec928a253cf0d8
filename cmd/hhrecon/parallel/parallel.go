// Package parallel runs functions concurrently: ForEach over items, TaskGroup in the background. Recover turns panics
// into errors.
package parallel

import "sync"

// ForEach calls do for each of n items, at most limit at once, and returns the errors in the order of the items. When
// an item and all items before it are done, ForEach calls ended for that item, unless ended is nil.
func ForEach(n, limit int, do func(i int) error, ended func(i int)) []error {
	var all sync.WaitGroup
	var mu sync.Mutex
	errs, over, first := make([]error, n), make([]bool, n), 0
	slots := make(chan struct{}, max(1, limit))
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
