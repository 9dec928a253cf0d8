package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Fault changes the answers to valid requests. The sandbox refuses a request with an invalid signature before
// it applies faults. Only the first matching fault that is not used up applies to a request. Faults for the
// request's payment_id come first, then all other faults. Both groups are in the order of injection, so several
// faults can form a sequence.
type Fault struct {
	// Name is one of faultNames:
	//	status        an error with StatusCode (default 503), RetryAfter and Description; the request is not executed
	//	delay         the correct answer, after Delay
	//	hang          no answer until the client disconnects or the sandbox is closed
	//	cut           half of the body with the Content-Length of the complete body; then the connection closes
	//	drop          the connection closes without an answer; the request is not executed
	//	no_json       200 (or StatusCode) with an HTML page
	//	body          200 (or StatusCode) with exactly Body and Header, such as a firewall's page
	//	forget        payin/info answers that the payin is unknown
	//	other_payin   payin/info answers about another payin
	//	changed_amount payin/info answers with Amount (default: one minor unit more)
	//	huge          200 with a JSON body of HugeBody bytes
	//	redirect      302 (or StatusCode) to another path of the same host
	//	wrong_signature an alert with an invalid signature
	Name string `json:"name"`

	ProjectID string `json:"project_id,omitempty"` // empty means every project
	PaymentID string `json:"payment_id,omitempty"` // empty means every payin
	Endpoint  string `json:"endpoint,omitempty"`   // EndpointCreate, …; empty means every endpoint except alerts
	Times     int    `json:"times,omitempty"`      // the number of requests that the fault changes; 0 means no limit
	After     int    `json:"after,omitempty"`      // the number of matching requests before the fault begins

	StatusCode  int           `json:"status_code,omitempty"`
	RetryAfter  string        `json:"retry_after,omitempty"` // sent without change: seconds or an HTTP date
	Description string        `json:"description,omitempty"` // status_description in the answer of the fault status
	Delay       time.Duration `json:"delay,omitempty"`
	Amount      int64         `json:"amount,omitempty"`

	Body   string            `json:"body,omitempty"`
	Header map[string]string `json:"header,omitempty"`
}

// HugeBody is the length of the body of the fault huge, in bytes.
const HugeBody = 32 << 20

var faultNames = []string{"body", "changed_amount", "cut", "delay", "drop", "forget", "hang", "huge", "no_json",
	"other_payin", "redirect", "status", "wrong_signature"}

// EndpointAlert selects faults that change alerts, which are the sandbox's own requests to the merchant.
const EndpointAlert = "alert"

func (f Fault) complete() (Fault, error) {
	if !slices.Contains(faultNames, f.Name) {
		return f, fmt.Errorf("unknown fault %q, want one of %s", f.Name, strings.Join(faultNames, ", "))
	}
	wrong := func(text string) (Fault, error) { return f, fmt.Errorf("fault %s: %s", f.Name, text) }
	if f.StatusCode == 0 {
		f.StatusCode = map[string]int{"status": 503, "redirect": http.StatusFound}[f.Name]
	}
	switch {
	case f.Times < 0 || f.After < 0:
		return wrong("times and after must not be negative")
	case f.Delay < 0:
		return wrong("delay must not be negative")
	case f.Name == "delay" && f.Delay == 0:
		return wrong("delay must be given")
	case f.StatusCode != 0 && (f.StatusCode < 200 || f.StatusCode > 599):
		return wrong("status_code must be from 200 to 599")
	case f.Name == "redirect" && f.StatusCode/100 != 3:
		return wrong("status_code must be from 300 to 399")
	case strings.ContainsAny(f.RetryAfter, "\r\n"):
		return wrong("retry_after must be one line")
	case f.Endpoint != "" && !slices.Contains([]string{EndpointCreate, EndpointInfo, EndpointBalance, EndpointAlert},
		f.Endpoint):
		return wrong(fmt.Sprintf("endpoint must be %s, %s, %s or %s", EndpointCreate, EndpointInfo, EndpointBalance,
			EndpointAlert))
	}
	only := map[string]string{
		"forget": EndpointInfo, "other_payin": EndpointInfo, "changed_amount": EndpointInfo, "wrong_signature": EndpointAlert,
	}[f.Name]
	switch {
	case only != "" && f.Endpoint != "" && f.Endpoint != only:
		return wrong("works on " + only + " only")
	case only == "" && f.Endpoint == EndpointAlert:
		return wrong("does not work on " + EndpointAlert)
	}
	f.Endpoint = cmp.Or(only, f.Endpoint)
	return f, nil
}

// faults has the active faults by payment_id, with "" for all payins. With this index, a lookup is fast even
// with thousands of faults.
type faults struct {
	sync.Mutex
	byPayment map[string][]*faultUse
}

type faultUse struct {
	Fault
	seen int // the number of matching requests so far
}

func (f *faults) inject(fault Fault) {
	f.Lock()
	defer f.Unlock()
	if f.byPayment == nil {
		f.byPayment = map[string][]*faultUse{}
	}
	f.byPayment[fault.PaymentID] = append(f.byPayment[fault.PaymentID], &faultUse{Fault: fault})
}

// match returns the fault that applies to a request and counts its use.
func (f *faults) match(endpoint, projectID, paymentID string) (Fault, bool) {
	f.Lock()
	defer f.Unlock()
	for _, id := range slices.Compact([]string{paymentID, ""}) {
		for _, use := range f.byPayment[id] {
			everywhere := use.Endpoint == "" && endpoint != EndpointAlert
			if !everywhere && use.Endpoint != endpoint || use.ProjectID != "" && use.ProjectID != projectID {
				continue
			}
			if use.Times > 0 && use.seen >= use.After+use.Times {
				continue
			}
			use.seen++
			if use.seen > use.After {
				return use.Fault, true
			}
		}
	}
	return Fault{}, false
}

// Inject adds a fault. The error says what is wrong with the fault.
func (s *Sandbox) Inject(fault Fault) error {
	fault, err := fault.complete()
	if err != nil {
		return err
	}
	s.faults.inject(fault)
	return nil
}

// ClearFaults removes all faults. Requests that already hang continue to hang.
func (s *Sandbox) ClearFaults() {
	s.faults.Lock()
	defer s.faults.Unlock()
	s.faults.byPayment = nil
}
