package auth

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"hhrecon/reconcile/username"
)

// These constants limit the failed sign-ins within failureWindow for one name, from one address, and through one peer
// that forwards addresses. Further sign-ins are refused until failureWindow has passed. If a name has signed in from an
// address within knownLoginTime, this pair has its own counter. Other people who try the name from other addresses
// therefore cannot lock out the user.
const (
	failureWindow         = 15 * time.Minute
	knownLoginTime        = 30 * 24 * time.Hour
	MaxFailuresPerName    = 10
	MaxFailuresPerAddress = 30
	MaxFailuresPerPeer    = 300
	maxTracked            = 10_000 // maximum number of counters
)

// LoginLimiter counts failed sign-ins of this process.
type LoginLimiter struct {
	now         func() time.Time
	mu          sync.Mutex
	failures    map[string]failureCount
	knownLogins map[string]time.Time // expiry of a successful sign-in, by name and address
}

// NewLoginLimiter returns a limiter that reads the time with the function now.
func NewLoginLimiter(now func() time.Time) *LoginLimiter {
	return &LoginLimiter{now: now, failures: make(map[string]failureCount), knownLogins: make(map[string]time.Time)}
}

type failureCount struct {
	count   int
	expires time.Time
}

// Begin counts a sign-in before its password is checked, so concurrent sign-ins are counted too. If wait is not zero,
// the caller must refuse the sign-in. The next sign-in is possible after wait.
func (l *LoginLimiter) Begin(name, address, peer string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.forget(now)
	keys := l.keys(name, address, peer)
	for key, most := range keys {
		if c := l.failures[key]; c.count >= most {
			wait = max(wait, c.expires.Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	for key := range keys {
		c := l.failures[key]
		if c.count == 0 {
			c.expires = now.Add(failureWindow)
		}
		c.count++
		l.failures[key] = c
	}
	return 0
}

// keys returns the counters of a sign-in with their limits. If the peer cannot send false client addresses, peer is "".
func (l *LoginLimiter) keys(name, address, peer string) map[string]int {
	name = username.Fold(name)
	if at := name + " at " + address; !l.knownLogins[at].IsZero() {
		return map[string]int{at: MaxFailuresPerName}
	}
	keys := map[string]int{"name " + name: MaxFailuresPerName, "address " + address: MaxFailuresPerAddress}
	if peer != "" {
		keys["peer "+peer] = MaxFailuresPerPeer
	}
	return keys
}

// Succeed subtracts a successful sign-in from its counters, and clears the failures of the name.
func (l *LoginLimiter) Succeed(name, address, peer string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, most := range l.keys(name, address, peer) {
		c := l.failures[key]
		if most == MaxFailuresPerName || c.count <= 1 {
			delete(l.failures, key)
			continue
		}
		c.count--
		l.failures[key] = c
	}
	l.knownLogins[username.Fold(name)+" at "+address] = l.now().Add(knownLoginTime)
}

// forget drops expired counters. If too many counters remain because an attacker tries random names, forget drops the
// counters with the lowest counts.
func (l *LoginLimiter) forget(now time.Time) {
	maps.DeleteFunc(l.failures, func(_ string, c failureCount) bool { return c.count == 0 || !now.Before(c.expires) })
	maps.DeleteFunc(l.knownLogins, func(_ string, ends time.Time) bool { return !now.Before(ends) })
	for most := 1; len(l.failures) > maxTracked; most++ {
		maps.DeleteFunc(l.failures, func(_ string, c failureCount) bool {
			return c.count <= most && len(l.failures) > maxTracked
		})
	}
}

// AddressOf returns the address that a request comes from. This is the address of the peer. If the peer is a listed
// proxy, it is the last address in X-Forwarded-For that is not a listed proxy. An IPv6 address is reduced to its /64
// network. An unlisted peer with a private or loopback address that forwards addresses may also be a proxy. AddressOf
// then returns the forwarded address, and the address of the peer as unlisted.
func AddressOf(r *http.Request, proxies []netip.Prefix) (visitor, unlisted string) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr, ""
	}
	address := peer.Addr().Unmap()
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	last := strings.TrimSpace(hops[len(hops)-1])
	if last != "" && !ours(address) && (address.IsPrivate() || address.IsLoopback()) {
		return fmt.Sprintf("%s (%.50s)", address, last), address.String()
	}
	for i := len(hops) - 1; i >= 0 && ours(address); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = hop.Unmap()
	}
	if address.Is6() {
		if network, err := address.WithZone("").Prefix(64); err == nil {
			return network.String(), ""
		}
	}
	return address.String(), ""
}
