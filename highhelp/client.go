package highhelp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// DefaultBaseURL is HighHelp's production address. HighHelp's manager gives you the address of the test environment.
const DefaultBaseURL = "https://api.hh-processing.com"

// The versions of HTTP. BenchmarkProtocol finds no difference in CPU time or speed. With HTTP/2, all requests share one
// connection instead of one for each slot, and a ping detects a dead connection.
const (
	HTTP1 = 1 // only HTTP/1.1
	HTTP2 = 2 // HTTP/2 if the server offers it, else HTTP/1.1
)

// Config is the settings of a client. ProjectID and Signing are required; every other setting has a default.
type Config struct {
	BaseURL        string        // default DefaultBaseURL; plain http only to a loopback host
	ProjectID      string        // the project's UUID
	Signing        Signing       // signature variant and keys
	Rate           float64       // most requests a second, retries included; lower after a 429; default 50
	Limiter        Limiter       // a rate limit that other processes share; not used while slowed by a 429; default none
	Concurrency    int           // most requests at the same time; default 32
	AttemptTimeout time.Duration // limit of one attempt; default 15s
	CallTimeout    time.Duration // limit of all attempts and pauses of a call, without waits for a slot; default 45s
	FirstPause     time.Duration // pause before the first retry, ±50%; doubles with each retry; default 500ms
	MaxPause       time.Duration // longest pause, also if Retry-After asks for more; default 30s

	Transport http.RoundTripper // default: a new transport that keeps Concurrency connections alive
	HTTP      int               // HTTP1 or HTTP2, for the default Transport; default HTTP2
	Now       func() time.Time  // for timestamps and Retry-After dates; default time.Now
	Logger    *slog.Logger      // one Debug line for each call and each retry; default: nothing is logged
	Observe   func(Observation) // called after each attempt, from many goroutines at once; default: not called
}

// Limiter is a rate limit. It is safe for use by many goroutines.
type Limiter interface {
	// Wait returns nil when a request may be sent, or an error if this cannot happen before the context ends.
	Wait(ctx context.Context) error
}

// Client talks to HighHelp for one project. It is safe for use by many goroutines.
type Client struct {
	cfg       Config // validated, with all defaults set
	rateLimit *rateLimit
	slots     chan struct{} // held from the wait for the rate to the end of the answer
	signers   chan struct{} // held while signing
	header    http.Header   // the headers that are the same in every request
	http      *http.Client
}

// New validates the settings and returns a client. It sends nothing. The error names every fault and how to fix it.
func New(cfg Config) (*Client, error) {
	cfg.fill()
	base, baseErr := checkBaseURL(cfg.BaseURL)
	token, tokenErr := cfg.Signing.token()
	if err := errors.Join(baseErr, cfg.check(), cfg.Signing.Validate(), tokenErr); err != nil {
		return nil, fmt.Errorf("highhelp client: %w", err)
	}
	cfg.BaseURL, cfg.Signing.AccessToken = base, token
	if cfg.Transport == nil {
		cfg.Transport = newTransport(cfg.Concurrency, cfg.HTTP)
	}
	return &Client{
		cfg:       cfg,
		rateLimit: newRateLimit(&cfg),
		slots:     make(chan struct{}, cfg.Concurrency),
		signers:   make(chan struct{}, runtime.GOMAXPROCS(0)),
		header:    cfg.Signing.fixedHeader(cfg.ProjectID),
		http: &http.Client{
			Transport: cfg.Transport,
			// A redirect would send the signature to another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Close closes idle connections. Calls in progress continue.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (cfg *Config) fill() {
	cfg.BaseURL = cmp.Or(cfg.BaseURL, DefaultBaseURL)
	cfg.Rate = cmp.Or(cfg.Rate, 50)
	cfg.Concurrency = cmp.Or(cfg.Concurrency, 32)
	cfg.AttemptTimeout = cmp.Or(cfg.AttemptTimeout, 15*time.Second)
	cfg.CallTimeout = cmp.Or(cfg.CallTimeout, 45*time.Second)
	cfg.FirstPause = cmp.Or(cfg.FirstPause, 500*time.Millisecond)
	cfg.MaxPause = cmp.Or(cfg.MaxPause, 30*time.Second)
	cfg.HTTP = cmp.Or(cfg.HTTP, HTTP2)
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
}

func (cfg *Config) check() error {
	var faults []error
	if !ValidProjectID(cfg.ProjectID) {
		faults = append(faults, fmt.Errorf(
			"project id %.60q is not a UUID: copy the project's id from the cabinet", cfg.ProjectID))
	}
	if cfg.Rate < 0 || math.IsNaN(cfg.Rate) {
		faults = append(faults, fmt.Errorf("rate is %v: set it to more than 0 requests a second", cfg.Rate))
	}
	if cfg.Concurrency < 0 {
		faults = append(faults, fmt.Errorf("concurrency is %d: set it to 1 or more", cfg.Concurrency))
	}
	if cfg.HTTP != HTTP1 && cfg.HTTP != HTTP2 {
		faults = append(faults, fmt.Errorf("HTTP is %d: set it to 1 or 2", cfg.HTTP))
	}
	for name, d := range map[string]time.Duration{
		"attempt timeout": cfg.AttemptTimeout, "call timeout": cfg.CallTimeout,
		"first pause": cfg.FirstPause, "max pause": cfg.MaxPause,
	} {
		if d < 0 {
			faults = append(faults, fmt.Errorf("%s is %s: set it to more than 0", name, d))
		}
	}
	return errors.Join(faults...)
}

// checkBaseURL validates the base URL and returns it without a slash at the end.
func checkBaseURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		// The error does not quote the URL: it may contain a password.
		return "", fmt.Errorf("the base URL is not a web address: write it like %s", DefaultBaseURL)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("base URL of %s has a user, a query or a fragment: write only the address, like %s", u.Host,
			DefaultBaseURL)
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return "", fmt.Errorf("base URL %q would send payments unencrypted: write https:// (http:// is allowed for "+
			"loopback hosts such as 127.0.0.1)", text)
	}
	return strings.TrimRight(text, "/"), nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// ValidProjectID reports whether an id has the form of a project id: a UUID.
func ValidProjectID(id string) bool { return uuidForm.MatchString(id) }
