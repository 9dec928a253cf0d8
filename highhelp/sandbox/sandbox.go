// Package sandbox simulates HighHelp's payin API for development and tests. The sandbox checks requests as strictly
// as the gateway. The sandbox checks the headers, the age of a request, the signature and every field. Errors say
// exactly what is wrong. Payins change their state over time, and the sandbox sends signed alerts. Fault and
// Payin.Quirk produce wrong answers.
//
// Call New with the keys of at least one Project, call Put or Load to add payins, and serve the Sandbox as an
// http.Handler. Run sends alerts until its context ends. Control is a handler that lets developers control the sandbox
// over HTTP.
//
// The package shares no code with hhrecon's client, so it detects mistakes in the client's signatures. All methods of
// Sandbox are safe for concurrent use.
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

// Options are the settings of a Sandbox. Only Projects is required.
type Options struct {
	Projects        []Project
	Now             func() time.Time // clock for payins and timestamps; default time.Now
	Latency         time.Duration    // time from a request's arrival to its answer
	TimestampWindow time.Duration    // maximum difference of x-access-timestamp from Now; default 5 minutes
	Logger          *slog.Logger     // one debug line for each request; default: nothing is logged
	AlertURL        string           // receives alerts of payins that have no callback URL
	AlertTimes      int              // number of copies of each alert, since HighHelp may send duplicates; default 1
	// number of retries of an alert that is not answered with 2xx; default 0, because HighHelp's policy is not known
	AlertRetries int
	AlertPause   time.Duration // pause before each retry; default 10 seconds
	HTTPClient   *http.Client  // sends alerts; default: a client with a time-out of 10 seconds
	// flow of created payins that do not select a flow: see Flows; default success
	CreatedFlow string
}

// A Sandbox is an http.Handler with HighHelp's three payin endpoints. Create it with New.
type Sandbox struct {
	options  Options
	projects map[string]*project
	store    store
	faults   faults
	count    counter
	alerts   alertQueue
	lateness atomic.Int64 // average lateness of timers, in nanoseconds
	closed   chan struct{}
	closing  sync.Once
}

// New returns a sandbox. The error lists all errors in the options.
func New(options Options) (*Sandbox, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	options.TimestampWindow = cmp.Or(options.TimestampWindow, 5*time.Minute)
	options.Logger = cmp.Or(options.Logger, slog.New(slog.DiscardHandler))
	options.CreatedFlow = cmp.Or(options.CreatedFlow, "success")
	options.AlertTimes = cmp.Or(options.AlertTimes, 1)
	options.AlertPause = cmp.Or(options.AlertPause, 10*time.Second)
	if options.HTTPClient == nil { // a separate transport, so Close can close its connections
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
		errs = append(errs, errors.New("no project is configured"))
	}
	if options.AlertTimes < 0 || options.AlertTimes > maxRepeats || options.AlertRetries < 0 || options.AlertPause < 0 {
		const text = "AlertTimes must be from 1 to %d, and AlertRetries and AlertPause must not be negative"
		errs = append(errs, fmt.Errorf(text, maxRepeats))
	}
	if _, err := flowOf(options.CreatedFlow); err != nil {
		errs = append(errs, err)
	}
	for _, r := range options.Projects {
		if err := s.addProject(r); err != nil {
			errs = append(errs, fmt.Errorf("project %q: %w", r.ProjectID, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return s, nil
}

// Close ends Run and all waiting requests. Later requests are answered without waiting.
func (s *Sandbox) Close() {
	s.closing.Do(func() {
		close(s.closed)
		s.options.HTTPClient.CloseIdleConnections()
	})
}

func (s *Sandbox) now() time.Time { return s.options.Now() }

// delay waits until Latency has passed since a request's arrival. Timers fire late on a busy machine. delay subtracts
// the average lateness of timers, so the average latency is correct.
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

// maxLateness is the maximum time that delay subtracts for late timers.
const maxLateness = 2 * time.Millisecond

// wait sleeps in real time. wait returns early if the request ends or the sandbox is closed.
func (s *Sandbox) wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	case <-s.closed:
	}
}
