package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// flowPrefix precedes the name of a flow in payment.description or customer.id of a create
// request, for example "sandbox:no_payment".
const flowPrefix = "sandbox:"

// A flow is the sequence of states of a created payin after processing:new.
type flow struct {
	end    Step // the last state; a payin without a status stays in processing
	paid   bool // the customer pays before the last state; if false, the lifetime ends first
	halved bool // the final amount is half of the requested amount
}

var flows = map[string]flow{
	"success":         {end: Step{Status: "success"}, paid: true},
	"appeal":          {end: Step{Status: "success"}, paid: true, halved: true},
	"appeal_dispute":  {end: Step{Status: "dispute", SubStatus: "different_amount"}, paid: true, halved: true},
	"decline":         {end: Step{Status: "decline"}, paid: true},
	"error":           {end: Step{Status: "error"}, paid: true},
	"no_payment":      {end: Step{Status: "dispute", SubStatus: "no_payment"}},
	"confirm_timeout": {end: Step{Status: "dispute", SubStatus: "confirm_timeout"}},
	"requisites":      {end: Step{Status: "dispute", SubStatus: "incorrect_requisites"}, paid: true},
	"stuck":           {},
}

// These are the times from the creation of a payin to the states of a flow.
const (
	afterRequisites = 2 * time.Second
	afterShown      = 5 * time.Second
	afterPaid       = 30 * time.Second
	afterClosed     = 40 * time.Second
)

// steps returns the states of a flow for a payin with the given amount (minor units) and lifetime.
func (t flow) steps(amount int64, life time.Duration) []Step {
	steps := []Step{
		{After: afterRequisites, Status: "processing", SubStatus: "requisites"},
		{After: afterShown, Status: "processing", SubStatus: "awaiting_confirm"},
	}
	end := t.end
	end.After = life
	if t.paid {
		steps = append(steps, Step{After: afterPaid, Status: "processing", SubStatus: "paid"})
		end.After = afterClosed
	}
	if t.halved {
		end.Amount, end.OldAmount = max(amount/2, 1), amount
	}
	if end.Status == "" {
		return steps
	}
	return append(steps, end)
}

// Flows returns the names of all flows that a create request can select, sorted.
func Flows() []string { return slices.Sorted(maps.Keys(flows)) }

func flowOf(name string) (flow, error) {
	found, ok := flows[name]
	if !ok {
		return flow{}, fmt.Errorf("unknown flow %q, want one of %s", name, strings.Join(Flows(), ", "))
	}
	return found, nil
}

// create stores a new payin. A second create request with the same payment_id gets the status 409.
func (s *Sandbox) create(q *request) *reply {
	name := s.options.CreatedFlow
	for _, path := range []string{"customer:id", "payment:description"} {
		if _, wanted, found := strings.Cut(q.text(path), flowPrefix); found {
			name, _, _ = strings.Cut(wanted, " ")
		}
	}
	selected, err := flowOf(name)
	if err != nil {
		return refuse(http.StatusBadRequest, "field payment.description or customer.id: %v", err)
	}
	amount, lifetime := q.number("payment:amount"), cmp.Or(q.number("payment:lifetime"), defaultLifetime)
	p, err := Payin{
		ProjectID: q.projectID, PaymentID: q.paymentID,
		Amount: amount, Currency: q.text("payment:currency"),
		Lifetime: lifetime, WidgetMethod: cmp.Or(q.text("payment:widget_method"), "payin-p2p-card"), Method: "card-p2p",
		Steps: selected.steps(amount, time.Duration(lifetime)*time.Second),
		Callbacks: Callbacks{
			URL:      q.text("general:merchant_callback_url"),
			Success:  q.text("general:merchant_success_callback_url"),
			Decline:  q.text("general:merchant_decline_callback_url"),
			Redirect: q.text("general:redirect_url"),
		},
	}.complete(s.now())
	if err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	if !s.store.create(&p) {
		return refuse(http.StatusConflict, "field general.payment_id: payment %s already exists", q.paymentID)
	}
	s.schedule(&p, p.CreatedAt.Add(-1)) // the first state also causes an alert
	created, _ := p.at(p.CreatedAt)
	return ok(created.createAnswer())
}
