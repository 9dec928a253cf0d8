// Package sandbox is a stand-in for HighHelp's payin API, to develop and test against. It is as strict as the
// gateway: it checks headers, the age of a request, its signature and every field, and says exactly what
// was wrong. It keeps payins that move through their states, sends signed alerts, and spoils its answers
// on request: see Fault and Payin.Quirk.
//
// Call New with the keys of at least one Register, Put or Load some payins, and serve the Sandbox as an http.Handler.
// Run sends alerts for as long as its context lives; Control is for developers to steer it over HTTP.
//
// The package shares no code with hhrecon's client, so that a mistake in signing shows here as a refusal.
// All of a Sandbox's methods may be called at the same time.
package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the settings of a Sandbox. Only Registers must be given.
type Options struct {
	Projects        []Project
	Now             func() time.Time // default time.Now; payins move and timestamps are judged by it
	Latency         time.Duration    // from a request's arrival to its answer
	TimestampWindow time.Duration    // how far x-access-timestamp may be from Now, either way; default 5 minutes
	Logger          *slog.Logger     // one line a request at debug level; default none
	AlertURL        string           // where alerts go whose payin names no callback URL
	AlertTimes      int              // how often each alert is sent, as HighHelp may do; default 1
	// how often more where an alert is not answered with 2xx; default 0: HighHelp's policy is not known
	AlertRetries int
	AlertPause   time.Duration // before each of those; default 10 seconds
	HTTPClient   *http.Client  // sends alerts; default one with a time-out of 10 seconds
	// how created payins go on unless they say so themselves: see Stories; default success
	CreatedFlow string
}

// A Sandbox is an http.Handler with HighHelp's three payin endpoints. Make one with New.
type Sandbox struct {
	options  Options
	projects map[string]*project
	store    store
	faults   faults
	count    counter
	alerts   alertQueue
	lateness atomic.Int64 // of its timers, on average; nanoseconds
	closed   chan struct{}
	closing  sync.Once
}

// New checks the options, and reports all that is wrong with them at once.
func New(options Options) (*Sandbox, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	options.TimestampWindow = cmp.Or(options.TimestampWindow, 5*time.Minute)
	options.Logger = cmp.Or(options.Logger, slog.New(slog.DiscardHandler))
	options.CreatedFlow = cmp.Or(options.CreatedFlow, "success")
	options.AlertTimes = cmp.Or(options.AlertTimes, 1)
	options.AlertPause = cmp.Or(options.AlertPause, 10*time.Second)
	if options.HTTPClient == nil { // with connections of its own, so that Close can close them
		options.HTTPClient = &http.Client{Timeout: 10 * time.Second,
			Transport: http.DefaultTransport.(*http.Transport).Clone()}
	}
	s := &Sandbox{
		options:  options,
		projects: map[string]*project{},
		alerts:   alertQueue{wake: make(chan struct{}, 1)},
		closed:   make(chan struct{}),
	}
	var errs []error
	if len(options.Projects) == 0 {
		errs = append(errs, errors.New("no register is given"))
	}
	if options.AlertTimes < 0 || options.AlertTimes > maxRepeats || options.AlertRetries < 0 || options.AlertPause < 0 {
		errs = append(errs, fmt.Errorf("AlertTimes must be from 1 to %d, AlertRetries and AlertPause not negative",
			maxRepeats))
	}
	if _, err := flowOf(options.CreatedFlow); err != nil {
		errs = append(errs, err)
	}
	for _, r := range options.Projects {
		if err := s.addProject(r); err != nil {
			errs = append(errs, fmt.Errorf("register %q: %w", r.ProjectID, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return s, nil
}

// Close ends requests that hang or wait, and Run. Later requests are answered without Latency.
func (s *Sandbox) Close() {
	s.closing.Do(func() {
		close(s.closed)
		s.options.HTTPClient.CloseIdleConnections()
	})
}

func (s *Sandbox) now() time.Time { return s.options.Now() }

// delay waits until Latency after a request's arrival: what checking took is a part of it. Timers fire a little late,
// the more so on a busy machine; what they were late by before is taken off, so that the latency is right on average.
func (s *Sandbox) delay(ctx context.Context, arrived time.Time) {
	began := time.Now()
	d := s.options.Latency - began.Sub(arrived) - time.Duration(s.lateness.Load())
	if d <= 0 {
		return
	}
	s.wait(ctx, d)
	late := min(time.Since(began)-d, maxLateness)
	s.lateness.Add(int64(late-time.Duration(s.lateness.Load())) / 16)
}

// maxLateness bounds what is taken off a latency.
const maxLateness = 2 * time.Millisecond

// wait sleeps for a real time, less where the request or the sandbox ends sooner.
func (s *Sandbox) wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	case <-s.closed:
	}
}
