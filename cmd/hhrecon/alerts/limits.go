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

// The limits of what is verified. HighHelp may send some thousand alerts from one address within seconds, and sends
// again what is answered 429.
const (
	maxVerifications = 4           // verifications: of 64 KiB each costs some milliseconds and megabytes
	slotWait         = time.Second // for one of them

	addressRate, addressBurst = 100, 3000 // of one project, a second and at once
	projectRate, projectBurst = 200, 6000 // from addresses whose last alert was not proved
	addressWaiting            = 200       // for a verification
	maxAddresses              = 1000      // of one project that are remembered; further ones share one limit

	maxBodies = 64 << 20 // bytes of a project and local day that are kept
)

// errBusy says that too many alerts are being verified.
var errBusy = errors.New("too many alerts at once")

// limits are what projects and addresses have left.
type limits struct {
	slots *semaphore.Weighted

	mu       sync.Mutex
	projects map[string]*project
}

func newLimits() *limits {
	return &limits{slots: semaphore.NewWeighted(maxVerifications), projects: make(map[string]*project)}
}

// project is what may be sent to a project.
type project struct {
	unverified *rate.Limiter
	senders    map[string]*sender // by address
}

// sender is an address that sends a project's alerts.
type sender struct {
	*rate.Limiter
	waiting  atomic.Int64
	verified atomic.Bool // its last alert was HighHelp's: strangers do not use up what is left for it
}

// admit counts an alert, and returns nil if it is one too many.
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

// verify runs f as one of a few at once, or returns errBusy if there is no room soon.
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

// bodyLimit counts the bytes that are kept.
type bodyLimit struct {
	mu   sync.Mutex
	days map[string]*bodyDay // by project
}

type bodyDay struct {
	since         time.Time
	stored, added int64 // when the database was asked, and by this process after that
}

// apply leaves the body of an alert out if its day has enough of them. The database is asked now and then, since other
// processes keep alerts too.
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
	note := fmt.Sprintf("%s; its body is not kept: its day has %d MB of them", a.Note, maxBodies>>20)
	a.Note = strings.TrimPrefix(note, "; ")
	return nil
}
