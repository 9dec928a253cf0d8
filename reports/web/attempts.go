package web

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"hhrecon/reconcile/username"
)

// How many sign-ins may go wrong within the span, by name, by address, and by a peer that says for whom it asks; then
// none is tried until it is over. A person who signed in well from an address lately is counted apart there, so that
// strangers who try the name lock only each other out.
const (
	attemptSpan    = 15 * time.Minute
	knownSpan      = 30 * 24 * time.Hour
	triesByName    = 10
	triesByAddress = 30
	triesByPeer    = 300
	mostCounted    = 10_000 // names and addresses that are remembered at once
)

func newDoors(now func() time.Time) (*doors, error) {
	nobody, err := argon2id.CreateHash(rand.Text(), &hashing)
	if err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	return &doors{slots: make(chan struct{}, checks), nobody: nobody, attempts: newAttempts(now)}, nil
}

// attempts counts sign-ins that went wrong, in this process.
type attempts struct {
	now     func() time.Time
	mu      sync.Mutex
	counted map[string]attempt
	known   map[string]time.Time // names at addresses where they signed in well, and until when that counts
}

func newAttempts(now func() time.Time) *attempts {
	return &attempts{now: now, counted: make(map[string]attempt), known: make(map[string]time.Time)}
}

type attempt struct {
	tries int
	ends  time.Time
}

// begin counts a try before it is made, so that many at once are counted too; wait is how long there is none to be
// made.
func (a *attempts) begin(name, address, peer string) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	a.forget(now)
	keys := a.keys(name, address, peer)
	for key, most := range keys {
		if c := a.counted[key]; c.tries >= most {
			wait = max(wait, c.ends.Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	for key := range keys {
		c := a.counted[key]
		if c.tries == 0 {
			c.ends = now.Add(attemptSpan)
		}
		c.tries++
		a.counted[key] = c
	}
	return 0
}

// keys are what a try counts for, and how many there may be. The peer is "" unless it may have made the address up.
func (a *attempts) keys(name, address, peer string) map[string]int {
	name = username.Fold(name)
	if at := name + " at " + address; !a.known[at].IsZero() {
		return map[string]int{at: triesByName}
	}
	keys := map[string]int{"name " + name: triesByName, "address " + address: triesByAddress}
	if peer != "" {
		keys["peer "+peer] = triesByPeer
	}
	return keys
}

// succeeded takes a try back that went well, and with it the name's others: its owner is here.
func (a *attempts) succeeded(name, address, peer string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, most := range a.keys(name, address, peer) {
		c := a.counted[key]
		if most == triesByName || c.tries <= 1 {
			delete(a.counted, key)
			continue
		}
		c.tries--
		a.counted[key] = c
	}
	a.known[username.Fold(name)+" at "+address] = a.now().Add(knownSpan)
}

// forget drops what is over. Where there is still too much, somebody tries names at random: those with few tries go
// first.
func (a *attempts) forget(now time.Time) {
	maps.DeleteFunc(a.counted, func(_ string, c attempt) bool { return c.tries == 0 || !now.Before(c.ends) })
	maps.DeleteFunc(a.known, func(_ string, ends time.Time) bool { return !now.Before(ends) })
	for most := 1; len(a.counted) > mostCounted; most++ {
		maps.DeleteFunc(a.counted, func(_ string, c attempt) bool { return c.tries <= most && len(a.counted) > mostCounted })
	}
}

// AddressOf is where a request comes from: the peer, or, if that is a proxy of ours, the last address before it that is
// none. An IPv6 visitor counts as the network that one is given whole. A peer of the own network that passes addresses
// on and is not listed may be a proxy too, which unlisted names: what it says tells its visitors apart.
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

// address is where a request comes from, and the peer that may be a proxy that is not listed; the first time, the log
// says so.
func address(p *page, r *http.Request) (visitor, proxy string) {
	visitor, proxy = AddressOf(r, p.Settings().Proxies)
	if proxy != "" {
		if _, known := p.proxies.LoadOrStore(proxy, true); !known {
			p.Logger.Warn("X-Forwarded-For comes from an address that page.proxies does not list, so visitors are counted "+
				"by what it says; list it if it is your proxy", "address", proxy)
		}
	}
	return visitor, proxy
}
