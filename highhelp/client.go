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

// DefaultBaseURL is the address of HighHelp's production environment. Ask your manager at HighHelp for the test
// environment.
const DefaultBaseURL = "https://api.hh-processing.com"

// Versions of HTTP. BenchmarkProtocol shows no difference in CPU time or speed between the versions. With HTTP/2, all
// requests share one connection, and a ping detects a dead connection. With HTTP/1.1, each slot has its own connection.
const (
	HTTP1 = 1 // only HTTP/1.1
	HTTP2 = 2 // HTTP/2 if the server offers HTTP/2, else HTTP/1.1
)

// Config contains the settings of a client. ProjectID and Signing are required. All other settings have defaults.
type Config struct {
	BaseURL        string        // default DefaultBaseURL; plain http only to a loopback host
	ProjectID      string        // the project's UUID
	Signing        Signing       // signature variant and keys
	Rate           float64       // maximum requests a second, with retries; reduced after a 429; default 50
	Limiter        Limiter       // rate limit shared with other processes; not used while a 429 reduces Rate; default none
	Concurrency    int           // maximum number of concurrent requests; default 32
	AttemptTimeout time.Duration // limit of one attempt; default 15s
	CallTimeout    time.Duration // limit of a call's attempts and pauses, without waits for a slot; default 45s
	FirstPause     time.Duration // pause before the first retry, ±50%; doubles with each retry; default 500ms
	MaxPause       time.Duration // longest pause, even if Retry-After is longer; default 30s

	Transport http.RoundTripper // default: a new transport that keeps Concurrency connections alive
	HTTP      int               // HTTP1 or HTTP2, for the default Transport; default HTTP2
	Now       func() time.Time  // clock for timestamps and Retry-After; default time.Now
	Logger    *slog.Logger      // one Debug line for each call and each retry; default: nothing is logged
	Observe   func(Observation) // called after each attempt, concurrently; default: not called
}

// Limiter is a rate limit. A limiter is safe for concurrent use.
type Limiter interface {
	// Wait returns nil when a request may be sent, or an error if the context ends first.
	Wait(ctx context.Context) error
}

// Client calls HighHelp's API for one project. A client is safe for concurrent use.
type Client struct {
	cfg       Config // validated, with all defaults set
	rateLimit *rateLimit
	slots     chan struct{} // an attempt has a slot from the wait for the rate to the end of the answer
	signers   chan struct{} // an attempt has a slot while it signs
	header    http.Header   // the headers that all requests share
	http      *http.Client
}

// New validates the settings and returns a client, without sending a request. The error lists all invalid settings and
// how to fix them.
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
			"project id %.60q is not a UUID: copy the project's id from HighHelp's dashboard", cfg.ProjectID))
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
		// The error does not quote the URL, which may contain a password.
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

// ValidProjectID reports whether an ID has the form of a project ID, which is a UUID.
func ValidProjectID(id string) bool { return uuidForm.MatchString(id) }
