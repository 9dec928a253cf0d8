package reconcile

import "time"

// DailyTotals is what the whole runs of one local day found. Where a project had several that day, a payin counts once,
// with the last word on it; where several projects had one, their payins are added up.
type DailyTotals struct {
	Day    time.Time // the midnight at which it began
	Runs   int64
	Counts map[Outcome]int64 // payins; an outcome that did not occur is not there
}

// Payins is how many payins the night has.
func (n *DailyTotals) Payins() int64 {
	var all int64
	for _, count := range n.Counts {
		all += count
	}
	return all
}
