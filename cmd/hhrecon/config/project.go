package config

import (
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// Project is one cash register with everything that asking about it needs.
type Project struct {
	reconcile.Project
	Entry          ProjectEntry
	Where          string // where to mend a fault: "schedules.yaml line 4", or the environment
	dir            string // key files are named from here
	Rate           float64
	AttemptTimeout time.Duration
	PayinTimeout   time.Duration
	HTTP           int           // highhelp.HTTP1 or HTTP2
	Retention      time.Duration // 0: everything is kept
}

// NewProject fills an entry, which was validated, with the defaults.
func NewProject(e ProjectEntry, where, dir string) Project {
	p := Project{
		Project: reconcile.DefaultProject(e.ID), Entry: e, Where: where, dir: dir,
		Rate: 50, AttemptTimeout: 15 * time.Second, PayinTimeout: 45 * time.Second, HTTP: highhelp.HTTP2,
	}
	p.Name, p.StatusMap, p.Hold.Sum = e.Name, e.StatusMap, e.HoldAboveSum
	if e.DifferentAmount != "" {
		p.DifferentAmount = reconcile.Policy(e.DifferentAmount)
	}
	for text, into := range map[*string]*time.Duration{
		&e.Window: &p.Window, &e.MinAge: &p.MinAge, &e.Grace: &p.Grace, &e.Recheck: &p.Recheck,
		&e.AttemptTimeout: &p.AttemptTimeout, &e.PayinTimeout: &p.PayinTimeout,
		&e.Outage.Pause: &p.Outage.Pause, &e.Outage.GiveUp: &p.Outage.GiveUp,
	} {
		if length, err := time.ParseDuration(*text); err == nil {
			*into = length
		}
	}
	p.Retention, _ = parseAge(e.Retention)
	fill(&p.Rate, e.Rate)
	fill(&p.Concurrency, e.Concurrency)
	fill(&p.HTTP, e.HTTP)
	fill(&p.Hold.Count, e.HoldAbove.Count)
	fill(&p.Hold.Share, e.HoldAbove.Share)
	fill(&p.Hold.TimesUsual, e.HoldAbove.TimesUsual)
	fill(&p.Outage.Share, e.Outage.Share)
	fill(&p.Outage.Of, e.Outage.Of)
	return p
}

func fill[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}
