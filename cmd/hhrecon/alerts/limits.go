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

// Limits of verification. HighHelp may send some thousand alerts from one address within seconds. It repeats alerts
// that are answered with 429.
const (
	maxVerifications = 4           // at once; one of 64 KiB costs some milliseconds and megabytes
	slotWait         = time.Second // to wait for a verification

	addressRate, addressBurst = 100, 3000 // of one project: per second, and at once
	projectRate, projectBurst = 200, 6000 // from all addresses whose last alert was not verified
	addressWaiting            = 200       // alerts of one address that wait for a verification
	maxAddresses              = 1000      // of one project; further addresses share one limit

	maxBodies = 64 << 20 // bytes stored for a project and local day
)

// errBusy is returned if too many alerts are being verified.
var errBusy = errors.New("too many alerts at once")

// limits tracks how many alerts projects and addresses may still send.
type limits struct {
	slots *semaphore.Weighted

	mu       sync.Mutex
	projects map[string]*project
}

func newLimits() *limits {
	return &limits{slots: semaphore.NewWeighted(maxVerifications), projects: make(map[string]*project)}
}

// project is the limit of one project.
type project struct {
	unverified *rate.Limiter
	senders    map[string]*sender // by address
}

// sender is an address that sends a project's alerts.
type sender struct {
	*rate.Limiter
	waiting  atomic.Int64
	verified atomic.Bool // its last alert was valid: unverified senders do not use up its limit
}

// admit counts an alert. It returns nil if the limit is exceeded.
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

// verify runs f, as one of at most maxVerifications. It returns errBusy if none is free within slotWait.
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

// bodyLimit limits how many bytes of bodies are stored.
type bodyLimit struct {
	mu   sync.Mutex
	days map[string]*bodyDay // by project
}

type bodyDay struct {
	since         time.Time
	stored, added int64 // as read from the database, and added by this process since
}

// apply drops the body of an alert if the limit of its day is reached. It reads the database at intervals, since other
// processes store alerts too.
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
