package alerts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"hhrecon/reconcile"
)

// Limits of verification. HighHelp may send several thousand alerts from one address within seconds. HighHelp sends an
// alert again if the answer is 429.
const (
	maxVerifications = 4           // concurrent verifications; each needs several milliseconds and megabytes
	slotWait         = time.Second // maximum time that an alert waits for its verification to begin

	addressRate, addressBurst = 100, 3000 // alerts of one project from one address, per second and in a burst
	projectRate, projectBurst = 200, 6000 // alerts from all addresses together whose last alert was invalid
	addressWaiting            = 200       // alerts from one address that wait for a verification
	maxAddresses              = 1000      // addresses of a project with separate limits; all others share one limit

	maxBodies = 64 << 20 // bytes of alert bodies that are stored for a project on one local day
)

// errBusy means that the server is already verifying too many alerts.
var errBusy = errors.New("too many alerts at once")

// limits tracks how many alerts of each project and address may still be verified.
type limits struct {
	slots *semaphore.Weighted

	mu       sync.Mutex
	projects map[string]*project
}

func newLimits() *limits {
	return &limits{slots: semaphore.NewWeighted(maxVerifications), projects: make(map[string]*project)}
}

// project contains the rate limit of one project.
type project struct {
	unverified *rate.Limiter
	senders    map[string]*sender // senders by address
}

// sender contains the rate limit of one address that sends a project's alerts.
type sender struct {
	*rate.Limiter
	waiting  atomic.Int64
	verified atomic.Bool // the last alert was valid, so the limit of unverified addresses does not apply
}

// admit counts an alert, and returns its sender. admit returns nil if a limit is exceeded.
func (l *limits) admit(projectID, address string) *sender {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.projects[projectID]
	if p == nil {
		p = &project{rate.NewLimiter(projectRate, projectBurst), make(map[string]*sender)}
		l.projects[projectID] = p
	}
	s := p.sender(address)
	if !s.Allow() || !s.verified.Load() && !p.unverified.Allow() {
		return nil
	}
	return s
}

func (p *project) sender(address string) *sender {
	if p.senders[address] == nil && len(p.senders) >= maxAddresses {
		maps.DeleteFunc(p.senders, func(_ string, s *sender) bool {
			return s.waiting.Load() == 0 && s.Tokens() >= addressBurst
		})
		if len(p.senders) >= maxAddresses {
			address = ""
		}
	}
	if p.senders[address] == nil {
		p.senders[address] = &sender{Limiter: rate.NewLimiter(addressRate, addressBurst)}
	}
	return p.senders[address]
}

// verify calls f. At most maxVerifications calls run at the same time. verify returns errBusy if f
// cannot start within slotWait.
func (l *limits) verify(ctx context.Context, s *sender, f func() error) error {
	ctx, cancel := context.WithTimeout(ctx, slotWait)
	defer cancel()
	defer s.waiting.Add(-1)
	if s.waiting.Add(1) > addressWaiting || l.slots.Acquire(ctx, 1) != nil {
		return errBusy
	}
	defer l.slots.Release(1)
	err := f()
	s.verified.Store(err == nil)
	return err
}

// bodyLimit limits the total size of the bodies that are stored for a project on one local day.
type bodyLimit struct {
	mu   sync.Mutex
	days map[string]*bodyDay // stored sizes of the current day, by project
}

type bodyDay struct {
	since         time.Time
	stored, added int64 // size according to the database, and bytes that this process has stored since that query
}

// apply drops the body of an alert if the limit of the day is reached. apply reads the database at intervals, because
// other processes also store alerts.
func (b *bodyLimit) apply(ctx context.Context, inbox reconcile.AlertStore, a *reconcile.Alert,
	zone *time.Location) error {
	year, month, day := a.ReceivedAt.In(zone).Date()
	since := time.Date(year, month, day, 0, 0, 0, 0, zone)
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.days[a.ProjectID]
	if d == nil || !d.since.Equal(since) || d.added > maxBodies/8 {
		stored, err := inbox.AlertBytes(ctx, a.ProjectID, since)
		if err != nil {
			return err
		}
		d = &bodyDay{since: since, stored: stored}
		b.days[a.ProjectID] = d
	}
	if size := int64(len(a.Body)); d.stored+d.added+size <= maxBodies {
		d.added += size
		return nil
	}
	a.Body = nil
	note := fmt.Sprintf("%s; its body is not stored: the bodies of this day have %d MB", a.Note, maxBodies>>20)
	a.Note = strings.TrimPrefix(note, "; ")
	return nil
}
