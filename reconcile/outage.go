package reconcile

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// OutageLimits say when HighHelp counts as down, and how long a run waits for it.
type OutageLimits struct {
	Share  float64       // of the last Of payins without a usable answer
	Of     int           // fewer tell nothing
	Pause  time.Duration // before HighHelp is tried again, with one payin
	GiveUp time.Duration // the run asks no more, once it has waited so long
}

// gate stands between those who ask and a gateway that may be down. While too many payins go without
// an answer it is shut: one payin after the other is sent to see whether HighHelp is back, and the
// others wait. Payins that fall into an outage are asked about again afterwards, since its
// silence says nothing about them.
type gate struct {
	limits OutageLimits
	log    *slog.Logger

	mu     sync.Mutex
	last   []bool // of the last payins, which had no usable answer; a ring
	next   int
	failed int // of last
	shut   time.Time
	opened chan struct{} // closed when the gate opens; nil while it is open
	scout  chan struct{} // who holds its token goes to look; waiters take turns
	gaveUp bool
}

func newGate(l OutageLimits, log *slog.Logger) *gate {
	return &gate{limits: l, log: log, last: make([]bool, 0, max(1, l.Of)), scout: make(chan struct{}, 1)}
}

// newGate is for a run, as far as this process asks about its payins.
func (r *Runner) newGate(run Run) *gate {
	return newGate(r.Project.Outage, r.Logger.With("run", run.ID, "project", run.ProjectID))
}

// ticket lets one payin be asked about.
type ticket struct {
	ok    bool
	scout bool // sent to see whether HighHelp is back
}

// pass waits until a payin may be asked about. The ticket is not ok once the run has waited for HighHelp
// as long as it may, or is stopped. After one that is comes result, exactly once.
func (g *gate) pass(ctx context.Context) ticket {
	for {
		g.mu.Lock()
		opened, gaveUp := g.opened, g.gaveUp
		g.mu.Unlock()
		switch {
		case gaveUp || ctx.Err() != nil:
			return ticket{}
		case opened == nil:
			return ticket{ok: true}
		}
		select {
		case <-ctx.Done():
			return ticket{}
		case <-opened:
		case g.scout <- struct{}{}:
			if g.look(ctx) {
				return ticket{ok: true, scout: true}
			}
			<-g.scout
		}
	}
}

// look waits the pause out, and tells whether there is still something to look for.
func (g *gate) look(ctx context.Context) bool {
	g.mu.Lock()
	opened, shut := g.opened, g.shut
	g.mu.Unlock()
	if opened == nil {
		return false
	}
	if time.Since(shut) >= g.limits.GiveUp {
		g.giveUp()
		return false
	}
	timer := time.NewTimer(g.limits.Pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (g *gate) giveUp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gaveUp {
		return
	}
	g.gaveUp = true
	close(g.opened)
	g.opened = nil
	g.log.Error("HighHelp did not come back: the run asks no more", "waited", time.Since(g.shut).Round(time.Second))
}

// result notes what asking about a payin came to. It returns true where the payin must be asked
// about again, because HighHelp is down.
func (g *gate) result(t ticket, answered bool) (again bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.scout {
		<-g.scout
	}
	switch {
	case g.gaveUp || answered && g.opened != nil && !t.scout:
		return false
	case answered && g.opened != nil:
		g.log.Info("HighHelp is back", "after", time.Since(g.shut).Round(time.Second))
		close(g.opened)
		g.opened, g.last, g.next, g.failed = nil, g.last[:0], 0, 0
		return false
	case g.opened != nil:
		return true
	}
	g.note(!answered)
	if len(g.last) < cap(g.last) || float64(g.failed) < g.limits.Share*float64(len(g.last)) {
		return false
	}
	g.opened, g.shut = make(chan struct{}), time.Now()
	g.log.Warn("HighHelp seems down: the run stops asking and waits", "unanswered", g.failed, "of", len(g.last), "pause", g.limits.Pause)
	return !answered
}

// note keeps the ring of the last results.
func (g *gate) note(failed bool) {
	if len(g.last) < cap(g.last) {
		g.last = append(g.last, failed)
	} else {
		if g.last[g.next] {
			g.failed--
		}
		g.last[g.next] = failed
		g.next = (g.next + 1) % len(g.last)
	}
	if failed {
		g.failed++
	}
}
