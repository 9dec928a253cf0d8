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
	"bytes"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A Register is one cash register (project) that the stand-in knows.
type Register struct {
	ProjectID string         // a UUID
	PublicKey *rsa.PublicKey // verifies requests; its form is the access token
	Secret    []byte         // accepts HMAC requests too, where given; white space around it is cut off
	Signature Variant        // of requests and alerts

	// Alerts are signed with AlertKey, or else with AlertSecret; without both, none can be sent.
	AlertKey    *rsa.PrivateKey
	AlertSecret []byte

	Balances []Balance // what balance/info answers, as it stands
}

// Options are the settings of a Sandbox. Only Registers must be given.
type Options struct {
	Registers       []Register
	Now             func() time.Time // default time.Now; payins move and timestamps are judged by it
	Latency         time.Duration    // before every answer
	TimestampWindow time.Duration    // how far x-access-timestamp may be from Now, either way; default 5 minutes
	Logger          *slog.Logger     // one line a request at debug level; default none
	AlertURL        string           // where alerts go whose payin names no callback URL
	HTTPClient      *http.Client     // sends alerts; default one with a time-out of 10 seconds
	CreatedStory    string           // how created payins go on unless they say so themselves: see Stories; default success
}

// A Sandbox is an http.Handler with HighHelp's three payin endpoints. Make one with New.
type Sandbox struct {
	options   Options
	registers map[string]*register
	store     *store
	faults    faults
	count     counter
	alerts    alertQueue
	closed    chan struct{}
	closing   sync.Once
}

type register struct {
	Register
	token string
}

// New checks the options, and reports all that is wrong with them at once.
func New(options Options) (*Sandbox, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.TimestampWindow == 0 {
		options.TimestampWindow = 5 * time.Minute
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.HTTPClient == nil {
		options.HTTPClient = &http.Client{Timeout: 10 * time.Second}
	}
	if options.CreatedStory == "" {
		options.CreatedStory = "success"
	}
	s := &Sandbox{
		options:   options,
		registers: map[string]*register{},
		store:     newStore(),
		alerts:    alertQueue{wake: make(chan struct{}, 1)},
		closed:    make(chan struct{}),
	}
	var errs []error
	if len(options.Registers) == 0 {
		errs = append(errs, errors.New("no register is given"))
	}
	if _, err := storyOf(options.CreatedStory); err != nil {
		errs = append(errs, err)
	}
	for _, r := range options.Registers {
		if err := s.register(r); err != nil {
			errs = append(errs, fmt.Errorf("register %q: %w", r.ProjectID, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return s, nil
}

func (s *Sandbox) register(r Register) error {
	switch {
	case !isUUID(r.ProjectID):
		return errors.New("project ID is not a UUID")
	case s.registers[r.ProjectID] != nil:
		return errors.New("is given twice")
	case r.PublicKey == nil:
		return errors.New("has no public key")
	}
	var err error
	if r.Signature, err = r.Signature.complete(); err != nil {
		return err
	}
	r.Secret, r.AlertSecret = bytes.TrimSpace(r.Secret), bytes.TrimSpace(r.AlertSecret)
	token, err := r.Signature.token(r.PublicKey)
	if err != nil {
		return err
	}
	s.registers[r.ProjectID] = &register{r, token}
	return nil
}

// Close ends requests that hang or wait, and Run. Later requests are answered without Latency.
func (s *Sandbox) Close() { s.closing.Do(func() { close(s.closed) }) }

func (s *Sandbox) now() time.Time { return s.options.Now() }

// wait sleeps for a real time, less where the request or the sandbox ends sooner.
func (s *Sandbox) wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.closed:
	}
}

// Put adds a payin, or replaces the one with the same ID. Its states by Steps that are still to come are
// announced by alerts while Run runs.
func (s *Sandbox) Put(p Payin) error {
	p, err := s.prepare(p)
	if err != nil {
		return err
	}
	s.store.put(&p)
	s.schedule(&p, s.now())
	return nil
}

// PutAll puts payins, or none of them where one is wrong.
func (s *Sandbox) PutAll(payins []Payin) error {
	prepared := make([]Payin, len(payins))
	for i, p := range payins {
		var err error
		if prepared[i], err = s.prepare(p); err != nil {
			return err
		}
	}
	for i := range prepared {
		s.store.put(&prepared[i])
		s.schedule(&prepared[i], s.now())
	}
	return nil
}

func (s *Sandbox) prepare(p Payin) (Payin, error) {
	if s.registers[p.ProjectID] == nil {
		return p, fmt.Errorf("payin %q: there is no register %q", p.PaymentID, p.ProjectID)
	}
	return p.complete(s.now())
}

// Payin gives a payin as it is now.
func (s *Sandbox) Payin(projectID, paymentID string) (Payin, bool) {
	p := s.store.payin(key{projectID, paymentID})
	if p == nil {
		return Payin{}, false
	}
	now, _ := p.at(s.now())
	return now, true
}

// isUUID tells whether text is a UUID with hyphens, of any version.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range []byte(text) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if _, err := strconv.ParseUint(string(c), 16, 8); err != nil {
			return false
		}
	}
	return true
}
