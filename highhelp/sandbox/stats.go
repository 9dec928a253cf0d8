package sandbox

import (
	"maps"
	"sync"
	"time"
)

// Stats are what the stand-in saw since it was made.
type Stats struct {
	// Requests counts by endpoint (EndpointCreate, EndpointInfo, EndpointBalance, or "" for any other path)
	// and HTTP status; status 0 counts requests that a fault left without a whole answer.
	Requests map[string]map[int]int `json:"requests"`

	Total         int `json:"total"`            // requests that came in
	MostInASecond int `json:"most_in_a_second"` // in any second of Options.Now, wherever it begins
	MostAtOnce    int `json:"most_at_once"`     // in work at the same moment
	Payins        int `json:"payins"`           // applications that are known
	AlertsSent    int `json:"alerts_sent"`      // answered with 2xx
	AlertsFailed  int `json:"alerts_failed"`
}

// counter gathers Stats. Its lock is held for a few additions at a time.
type counter struct {
	sync.Mutex
	stats   Stats
	recent  []time.Time // when those of the last second came, the oldest first
	working int
}

func (c *counter) begin(now time.Time) {
	c.Lock()
	defer c.Unlock()
	c.stats.Total++
	c.working++
	c.recent = append(c.recent, now)
	for now.Sub(c.recent[0]) >= time.Second {
		c.recent = c.recent[1:]
	}
	c.stats.MostInASecond = max(c.stats.MostInASecond, len(c.recent))
	c.stats.MostAtOnce = max(c.stats.MostAtOnce, c.working)
}

func (c *counter) end(endpoint string, code int) {
	c.Lock()
	defer c.Unlock()
	c.working--
	if c.stats.Requests == nil {
		c.stats.Requests = map[string]map[int]int{}
	}
	if c.stats.Requests[endpoint] == nil {
		c.stats.Requests[endpoint] = map[int]int{}
	}
	c.stats.Requests[endpoint][code]++
}

func (c *counter) alert(sent bool) {
	c.Lock()
	defer c.Unlock()
	if sent {
		c.stats.AlertsSent++
	} else {
		c.stats.AlertsFailed++
	}
}

// Stats gives a copy of the counts so far. A request is counted under its status once it is answered.
func (s *Sandbox) Stats() Stats {
	s.count.Lock()
	defer s.count.Unlock()
	stats := s.count.stats
	stats.Payins = int(s.store.payins.Load())
	stats.Requests = make(map[string]map[int]int, len(s.count.stats.Requests))
	for endpoint, codes := range s.count.stats.Requests {
		stats.Requests[endpoint] = maps.Clone(codes)
	}
	return stats
}

// ResetStats begins all counts anew. Requests in work are counted once they end.
func (s *Sandbox) ResetStats() {
	s.count.Lock()
	defer s.count.Unlock()
	s.count.stats, s.count.recent = Stats{}, nil
}

// AskCount tells how often payin/info was asked about one payin, with a good signature; repeats
// after a fault count too, and so do questions about a payin that nobody knows.
func (s *Sandbox) AskCount(projectID, paymentID string) int {
	if e := s.store.find(key{projectID, paymentID}); e != nil {
		return int(e.asks.Load())
	}
	return 0
}
