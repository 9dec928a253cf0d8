package web

import (
	"sync"
	"time"

	"hhrecon/reconcile"
)

// paceShows is how long a run must have been watched before its own pace counts.
const paceShows = 10 * time.Second

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
	if now.Sub(first.at) < paceShows {
		return 0
	}
	return float64(run.Judged-first.judged) / now.Sub(first.at).Seconds()
}

// forecastOf says when all payins of a run will be asked about: by its own pace, or by its project's rate until that shows.
func (p *page) forecastOf(run reconcile.Run) string {
	now, settings := p.Now(), p.Settings()
	perSecond := p.paces.perSecond(run, now)
	if perSecond == 0 {
		for _, project := range settings.Projects {
			if project.ID == run.ProjectID {
				perSecond = project.Rate
			}
		}
	}
	zone := settings.Zone
	if zone == nil {
		zone = time.UTC
	}
	return reconcile.ForecastOf(run.Selected-run.Judged, perSecond, now).In(zone, now)
}
