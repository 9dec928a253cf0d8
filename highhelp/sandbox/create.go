package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// storyMark stands before a story's name in payment.description or customer.id of a creation: "sandbox:no_payment".
const storyMark = "sandbox:"

// stories are the ways that a created payin can go, after processing:new. Amount is what it was created
// for, life its lifetime.
var stories = map[string]func(amount int64, life time.Duration) []Step{
	"success":         paid(Step{Status: "success"}),
	"appeal":          appealed(Step{Status: "success"}),
	"appeal_dispute":  appealed(Step{Status: "dispute", SubStatus: "different_amount"}),
	"decline":         paid(Step{Status: "decline"}),
	"error":           paid(Step{Status: "error"}),
	"no_payment":      expired(Step{Status: "dispute", SubStatus: "no_payment"}),
	"confirm_timeout": expired(Step{Status: "dispute", SubStatus: "confirm_timeout"}),
	"requisites":      paid(Step{Status: "dispute", SubStatus: "incorrect_requisites"}),
	"stuck":           func(int64, time.Duration) []Step { return begun() },
}

// Times of a story: short enough to watch, in the order of a real payment.
const (
	afterRequisites = 2 * time.Second
	afterShown      = 5 * time.Second
	afterPaid       = 30 * time.Second
	afterClosed     = 40 * time.Second
)

func begun(more ...Step) []Step {
	return append([]Step{
		{After: afterRequisites, Status: "processing", SubStatus: "requisites"},
		{After: afterShown, Status: "processing", SubStatus: "awaiting_confirm"},
	}, more...)
}

func paid(end Step) func(int64, time.Duration) []Step {
	return func(int64, time.Duration) []Step {
		end := end
		end.After = afterClosed
		return begun(Step{After: afterPaid, Status: "processing", SubStatus: "paid"}, end)
	}
}

// appealed ends with half of what was asked for.
func appealed(end Step) func(int64, time.Duration) []Step {
	return func(amount int64, life time.Duration) []Step {
		end := end
		end.Amount, end.OldAmount = max(amount/2, 1), amount
		return paid(end)(amount, life)
	}
}

func expired(end Step) func(int64, time.Duration) []Step {
	return func(_ int64, life time.Duration) []Step {
		end := end
		end.After = life
		return begun(end)
	}
}

// Stories lists the names that a creation may ask for, sorted.
func Stories() []string { return slices.Sorted(maps.Keys(stories)) }

func storyOf(name string) (func(int64, time.Duration) []Step, error) {
	story, ok := stories[name]
	if !ok {
		return nil, fmt.Errorf("unknown story %q, not one of %s", name, strings.Join(Stories(), ", "))
	}
	return story, nil
}

// create makes an application. The same payment_id a second time is refused with 409, whatever else it
// says, since two applications under one ID could not be told apart afterwards.
func (s *Sandbox) create(q *request) reply {
	name := s.options.CreatedStory
	for _, path := range []string{"customer:id", "payment:description"} {
		if _, wish, found := strings.Cut(q.text(path), storyMark); found {
			name, _, _ = strings.Cut(wish, " ")
		}
	}
	story, err := storyOf(name)
	if err != nil {
		return refuse(http.StatusBadRequest, "field payment.description or customer.id: %v", err)
	}
	amount, lifetime := q.number("payment:amount"), cmp.Or(q.number("payment:lifetime"), defaultLifetime)
	p, err := Payin{
		ProjectID: q.projectID, PaymentID: q.paymentID,
		Amount: amount, Currency: q.text("payment:currency"),
		Lifetime: lifetime, WidgetMethod: cmp.Or(q.text("payment:widget_method"), "payin-p2p-card"), Method: "card-p2p",
		Steps: story(amount, time.Duration(lifetime)*time.Second),
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
		return refuse(http.StatusConflict, "field general.payment_id: payment %s exists already", q.paymentID)
	}
	s.schedule(&p, p.CreatedAt.Add(-1)) // from the first state on
	created, _ := p.at(p.CreatedAt)
	return ok(created.createAnswer())
}

// number gives a field's whole number, which the form has judged, or 0 where it is left out.
func (q *request) number(path string) int64 {
	for _, l := range q.found {
		if number, ok := l.value.(json.Number); ok && l.path == path {
			n, _ := number.Int64()
			return n
		}
	}
	return 0
}
