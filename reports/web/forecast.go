package web

import (
	"context"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// paces remembers how far the runs that people watch were when they were first looked at.
type paces struct {
	mu    sync.Mutex
	first map[int64]glance
}

// glance is one look at a run.
type glance struct {
	judged int64
	at     time.Time
}

// watched bounds how many runs are remembered: those that nobody watches any more are forgotten with the rest.
const watched = 100

// perSecond is how many payins a second a run has judged since it was first looked at; 0 where that is too short a time.
func (p *paces) perSecond(run reconcile.Run, now time.Time) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	first, seen := p.first[run.ID]
	if !seen || run.Judged < first.judged { // answers that were too old are asked for again
		if p.first == nil || len(p.first) >= watched {
			p.first = make(map[int64]glance)
		}
		p.first[run.ID] = glance{run.Judged, now}
		return 0
	}
	if now.Sub(first.at) < reconcile.PaceShows {
		return 0
	}
	return float64(run.Judged-first.judged) / now.Sub(first.at).Seconds()
}

// forecastOf says when all payins of a run will be asked about: by its own pace, or by its project's rate and its last
// run's pace until that shows. late says why that is not in time, where it is sure.
func (p *page) forecastOf(ctx context.Context, run reconcile.Run) (text, late string) {
	now, settings := p.Now(), p.Settings()
	left := run.Selected - run.Judged
	forecast := reconcile.ForecastOf(left, p.paces.perSecond(run, now), now)
	sure := forecast
	if forecast.PerSecond == 0 {
		var pace reconcile.Pace
		for _, project := range settings.Projects {
			if project.ID == run.ProjectID {
				pace.Rate = project.Rate
			}
		}
		sure = reconcile.ForecastOf(left, pace.PerSecond(), now)
		if last, err := p.Store.WholeRunBefore(ctx, run.ID); err == nil {
			pace.Last = last.Pace()
		}
		forecast = reconcile.ForecastOf(left, pace.PerSecond(), now)
	}
	zone := settings.Zone
	if zone == nil {
		zone = time.UTC
	}
	if settings.Deadline != nil {
		if by, why := settings.Deadline(run, now); sure.Late(by) > 0 {
			late = why
		}
	}
	return forecast.In(zone, now), late
}
