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

// DefaultBaseURL is HighHelp's production address; the manager gives that of the
// test environment.
const DefaultBaseURL = "https://api.hh-processing.com"

// The versions of HTTP. In BenchmarkProtocol neither takes less CPU or is faster than the other beyond chance; over
// HTTP/2 the gateway has one connection to keep in place of one a slot, and a dead one is found by a ping.
const (
	HTTP1 = 1 // HTTP/1.1 alone
	HTTP2 = 2 // HTTP/2 where the server offers it, HTTP/1.1 elsewhere
)

// Config is what a client needs. Only ProjectID and Signing have no default.
type Config struct {
	BaseURL        string        // default DefaultBaseURL; plain http only to a loopback host
	ProjectID      string        // UUID of the cash register
	Signing        Signing       // how it signs
	Rate           float64       // requests a second at most, retries included; fewer after a 429; default 50
	Limiter        Limiter       // lets requests leave while there is no 429: one that other processes share
	Concurrency    int           // requests under way at once at most; default 32
	AttemptTimeout time.Duration // one try; default 15s
	// all tries and pauses of one call, without its waits for a slot and for Rate; default 45s
	CallTimeout time.Duration
	FirstPause  time.Duration     // before the second try, give or take half; doubles from try to try; default 500ms
	MaxPause    time.Duration     // the longest pause, a longer Retry-After included; default 30s
	Transport   http.RoundTripper // default: one of its own that keeps Concurrency connections alive
	HTTP        int               // HTTP1 or HTTP2, of the default Transport; default HTTP2
	Now         func() time.Time  // for timestamps and Retry-After dates; default time.Now
	Logger      *slog.Logger      // one Debug line a call, one a retry; default: nothing is logged
	Observe     func(Observation) // called after each try, by many goroutines at once; default: nobody is told
}

// Limiter says when the next request may leave; safe for use by many goroutines.
type Limiter interface {
	// Wait returns nil when a request may leave at once, and an error where it cannot before the context ends.
	Wait(ctx context.Context) error
}

// Client talks to HighHelp for one cash register; safe for use by many goroutines.
type Client struct {
	cfg       Config // checked, with every default filled in
	rateLimit *rateLimit
	slots     chan struct{} // held from the wait for the rate to the end of its answer
	signers   chan struct{} // held while signing
	header    http.Header   // of every request, without what is signed
	http      *http.Client
}

// New checks the settings and makes a client; it sends nothing. The error names every
// fault with its cure.
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
			// The signature is for this host alone.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Close closes idle connections. Calls under way go on.
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
			"project id %.60q is no UUID: copy the cash register's id from the cabinet", cfg.ProjectID))
	}
	if cfg.Rate < 0 || math.IsNaN(cfg.Rate) {
		faults = append(faults, fmt.Errorf("rate is %v: give requests a second, above 0", cfg.Rate))
	}
	if cfg.Concurrency < 0 {
		faults = append(faults, fmt.Errorf("concurrency is %d: give requests at once, 1 or more", cfg.Concurrency))
	}
	if cfg.HTTP != HTTP1 && cfg.HTTP != HTTP2 {
		faults = append(faults, fmt.Errorf("HTTP is %d: give 1 or 2", cfg.HTTP))
	}
	for name, d := range map[string]time.Duration{
		"attempt timeout": cfg.AttemptTimeout, "call timeout": cfg.CallTimeout,
		"first pause": cfg.FirstPause, "max pause": cfg.MaxPause,
	} {
		if d < 0 {
			faults = append(faults, fmt.Errorf("%s is %s: give a time above 0", name, d))
		}
	}
	return errors.Join(faults...)
}

// checkBaseURL gives the URL without a slash at its end.
func checkBaseURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		// What was written is not shown: it may hold a password.
		return "", fmt.Errorf("the base URL is no address: write it like %s", DefaultBaseURL)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("base URL of %s has a user, a query or a fragment: leave only the address, like %s", u.Host,
			DefaultBaseURL)
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return "", fmt.Errorf("base URL %q would carry payments unprotected: write https:// (plain http:// is for "+
			"loopback hosts such as 127.0.0.1)", text)
	}
	return strings.TrimRight(text, "/"), nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// ValidProjectID tells whether an id has the form of a cash register's: a UUID.
func ValidProjectID(id string) bool { return uuidForm.MatchString(id) }
