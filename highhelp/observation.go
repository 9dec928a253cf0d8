package highhelp

import (
	"errors"
	"net/http"
	"time"
)

// Observation is the result of one attempt, for metrics, without the payin's ID.
type Observation struct {
	Call   string        // CallPayinInfo, …
	Result string        // ObservedAnswer, …
	Took   time.Duration // time from sending the request to the end of the answer
}

// The values of Observation.Call.
const (
	CallPayinInfo   = "payin info"
	CallCreatePayin = "create payin"
	CallBalance     = "balance"
)

// The values of Observation.Result.
const (
	ObservedAnswer      = "answer"       // the answer has the documented form
	ObservedNotFound    = "not_found"    // HighHelp does not know the payin
	ObservedKeysRefused = "keys_refused" // 401 or 403 in JSON
	ObservedThrottled   = "throttled"    // 429
	ObservedRefused     = "refused"      // any other 4xx in JSON
	ObservedMalformed   = "malformed"    // JSON that does not have the documented form
	ObservedFailed      = "failed"       // 5xx, a redirect, or a body that is incomplete, too large or not JSON
	ObservedNoAnswer    = "no_answer"    // connection or TLS error, or time-out
	ObservedStopped     = "stopped"      // the caller's context ended
)

// Results lists all values of Observation.Result.
var Results = []string{ObservedAnswer, ObservedNotFound, ObservedKeysRefused, ObservedThrottled, ObservedRefused,
	ObservedMalformed, ObservedFailed, ObservedNoAnswer, ObservedStopped}

// observe reports an attempt to Config.Observe, unless the attempt had no slot.
func (c *Client) observe(r *request, tried reply) {
	if c.cfg.Observe != nil && tried.hadSlot {
		c.cfg.Observe(Observation{Call: r.name, Result: tried.result(), Took: tried.took})
	}
}

func (r *reply) result() string {
	switch {
	case r.stopped != nil:
		return ObservedStopped
	case r.err == nil:
		return ObservedAnswer
	case r.status == 0:
		return ObservedNoAnswer
	case r.status == http.StatusTooManyRequests:
		return ObservedThrottled
	}
	for kind, result := range map[error]string{
		ErrNotFound: ObservedNotFound, ErrUnauthorized: ObservedKeysRefused, ErrRefused: ObservedRefused,
		ErrMalformed: ObservedMalformed,
	} {
		if errors.Is(r.err, kind) {
			return result
		}
	}
	return ObservedFailed
}
