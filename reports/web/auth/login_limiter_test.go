package auth

import (
	"net/http"
	"net/netip"
	"strconv"
	"testing"
	"time"
)

// TestAttempts checks the counters by name and by address, the expiry of counters, and their maximum number.
func TestAttempts(t *testing.T) {
	if testing.Short() {
		t.Skip("-short skips tests that take seconds")
	}
	now := time.Now()
	a := NewLoginLimiter(func() time.Time { return now })
	for range MaxFailuresPerName {
		if wait := a.Begin("Aida", "192.0.2.1", ""); wait != 0 {
			t.Fatalf("wait %s", wait)
		}
	}
	if wait := a.Begin("aida", "192.0.2.2", ""); wait != failureWindow {
		t.Errorf("wait %s, want %s", wait, failureWindow)
	}
	for i := range MaxFailuresPerAddress - MaxFailuresPerName {
		if wait := a.Begin("x"+strconv.Itoa(i), "192.0.2.1", ""); wait != 0 {
			t.Fatalf("wait %s", wait)
		}
	}
	if wait := a.Begin("bakyt", "192.0.2.1", ""); wait == 0 {
		t.Error("the address is not counted")
	}
	now = now.Add(failureWindow)
	if wait := a.Begin("aida", "192.0.2.1", ""); wait != 0 {
		t.Errorf("wait %s after the window", wait)
	}
	a.Succeed("aida", "192.0.2.1", "")
	for i := range 3 * maxTracked {
		a.Begin("name "+strconv.Itoa(i), "address "+strconv.Itoa(i), "")
	}
	if len(a.failures) > maxTracked+2 {
		t.Errorf("%d counters are kept", len(a.failures))
	}
}

// TestKnownLogin checks that a user can still sign in from a known address after other people have tried the name from
// other addresses, or other names from the same address.
func TestKnownLogin(t *testing.T) {
	now := time.Now()
	a := NewLoginLimiter(func() time.Time { return now })
	a.Begin("Aida", "192.0.2.1", "")
	a.Succeed("Aida", "192.0.2.1", "")
	for i := range MaxFailuresPerName {
		a.Begin("aida", "198.51.100."+strconv.Itoa(i), "")
	}
	if wait := a.Begin("aida", "203.0.113.9", ""); wait == 0 {
		t.Error("the attempts of strangers from many addresses are not limited")
	}
	for i := range MaxFailuresPerAddress {
		a.Begin("x"+strconv.Itoa(i), "192.0.2.1", "")
	}
	for i := range MaxFailuresPerName {
		if wait := a.Begin("aida", "192.0.2.1", ""); wait != 0 {
			t.Fatalf("the user waits %s at attempt %d", wait, i)
		}
	}
	if wait := a.Begin("aida", "192.0.2.1", ""); wait == 0 {
		t.Error("the attempts from a known address are not limited")
	}
	now = now.Add(knownLoginTime)
	if a.Begin("aida", "192.0.2.1", ""); len(a.knownLogins) > 0 {
		t.Error("a known address does not expire")
	}
}

// TestAddress checks that X-Forwarded-For is trusted only if it comes from a listed proxy.
func TestAddress(t *testing.T) {
	proxies := []string{"127.0.0.1/32", "10.0.0.0/8"}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.168.1.4:1", "203.0.113.7", "192.168.1.4 (203.0.113.7)"},
		{"192.168.1.4:1", "", "192.168.1.4"},
		{"192.0.2.9:1", "203.0.113.7", "192.0.2.9"},
		{"127.0.0.1:1", "203.0.113.7", "203.0.113.7"},
		{"127.0.0.1:1", "198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"},
		{"127.0.0.1:1", "", "127.0.0.1"},
		{"127.0.0.1:1", "nonsense", "127.0.0.1"},
		{"[2001:db8::1:2]:1", "", "2001:db8::/64"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got, _ := AddressOf(r, prefixes(t, proxies)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestPeerAttempts checks the counter of failed sign-ins through a peer that can send false client addresses. Users who
// signed in through this peer before are not locked out.
func TestPeerAttempts(t *testing.T) {
	a := NewLoginLimiter(time.Now)
	a.Begin("Aida", "10.0.0.9 (192.0.2.1)", "10.0.0.9")
	a.Succeed("Aida", "10.0.0.9 (192.0.2.1)", "10.0.0.9")
	for i := range MaxFailuresPerPeer {
		n := strconv.Itoa(i)
		if wait := a.Begin("x"+n, "10.0.0.9 ("+n+")", "10.0.0.9"); wait != 0 {
			t.Fatalf("wait %s at attempt %d", wait, i)
		}
	}
	if wait := a.Begin("bakyt", "10.0.0.9 (192.0.2.2)", "10.0.0.9"); wait == 0 {
		t.Error("the attempts of a peer that always names another address are not limited")
	}
	if wait := a.Begin("aida", "10.0.0.9 (192.0.2.1)", "10.0.0.9"); wait != 0 {
		t.Errorf("a user who signed in through the peer before waits %s", wait)
	}
}

func prefixes(t *testing.T, texts []string) []netip.Prefix {
	t.Helper()
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}
