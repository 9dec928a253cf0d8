package run

import (
	"context"
	"strconv"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

const (
	testProject = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	testPayment = "KG-20261122-000123"
)

// now is the time of every run in these tests. The sample payin expired half an hour before.
var now = time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC)

func samplePayin() reconcile.Payin {
	return reconcile.Payin{
		ProjectID: testProject, PaymentID: testPayment, Amount: 500000, Currency: "KGS", Status: "pending",
		Lifetime: 600, CreatedAt: now.Add(-40 * time.Minute), UpdatedAt: now.Add(-39 * time.Minute),
	}
}

func sampleInfo(status, sub string) *highhelp.PayinInfo {
	return &highhelp.PayinInfo{
		Status: status, SubStatus: sub, ProjectID: testProject, PaymentID: testPayment, RequestID: "16a10539",
		PaymentInfo: &highhelp.PaymentInfo{
			Amount: 500000, OldAmount: 500000, InitialAmount: 500000, Currency: "KGS", Lifetime: 600,
			ExpirationDate: now.Add(-10 * time.Minute).Unix(), Type: "payin",
		},
	}
}

func sampleRules() reconcile.Rules {
	return reconcile.Rules{Now: now, Grace: 15 * time.Minute, DifferentAmount: reconcile.Hold}
}

// statusFunc is a gateway. It calls the function with a payin's number, and answers with the returned
// status after a delay.
type statusFunc func(payin int) (status string, delay time.Duration)

func (f statusFunc) PayinInfo(ctx context.Context, paymentID string) (*highhelp.PayinInfo, error) {
	n, _ := strconv.Atoi(paymentID)
	status, delay := f(n)
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	info := sampleInfo(status, "")
	info.PaymentID = paymentID
	return info, nil
}

// always returns a gateway that answers with the same status for all payins, after a second.
func always(status string) statusFunc {
	return func(int) (string, time.Duration) { return status, time.Second }
}

// states is a gateway with a fixed status for each payin.
type states map[string]string

func (s states) PayinInfo(_ context.Context, id string) (*highhelp.PayinInfo, error) {
	info := sampleInfo(s[id], "")
	info.PaymentID = id
	return info, nil
}
