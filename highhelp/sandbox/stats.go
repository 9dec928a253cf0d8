package sandbox

import (
	"maps"
	"sync"
	"time"
)

// Stats are counts since the sandbox was created, or since ResetStats was called.
type Stats struct {
	// Requests counts requests by HTTP status for each endpoint (EndpointCreate, EndpointInfo, EndpointBalance, or ""
	// for any other path). The status 0 counts requests without a complete answer because of a fault.
	Requests map[string]map[int]int `json:"requests"`

	Total         int `json:"total"`            // number of received requests
	MostInASecond int `json:"most_in_a_second"` // maximum number of requests within one second of Options.Now
	MostAtOnce    int `json:"most_at_once"`     // maximum number of concurrent requests
	Payins        int `json:"payins"`           // number of stored payins
	AlertsSent    int `json:"alerts_sent"`      // number of alerts that were answered with 2xx
	AlertsFailed  int `json:"alerts_failed"`
}

// counter contains the data from which Stats is computed.
type counter struct {
	sync.Mutex
	stats   Stats
	recent  []time.Time // arrival times of the requests within the last second, in order
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

// Stats returns a copy of the current counts. Requests counts a request only after the sandbox
// has answered the request.
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

// ResetStats sets all counts to zero. A request in progress is counted at its end.
func (s *Sandbox) ResetStats() {
	s.count.Lock()
	defer s.count.Unlock()
	s.count.stats, s.count.recent = Stats{}, nil
}

// AskCount returns the number of payin/info requests with a valid signature for one payin. The number includes retries
// after a fault and requests for an unknown payin.
func (s *Sandbox) AskCount(projectID, paymentID string) int {
	if e := s.store.find(key{projectID, paymentID}); e != nil {
		return int(e.asks.Load())
	}
	return 0
}
