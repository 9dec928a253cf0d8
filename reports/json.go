package reports

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
)

// record is the JSON form of a finding. Members have the names of the columns of hhrecon_finding. Amounts are in minor
// units, times are in UTC, and a missing value is null.
type record struct {
	RunID             int64      `json:"run_id"`
	Seq               int64      `json:"seq"`
	ProjectID         string     `json:"project_id"`
	PaymentID         string     `json:"payment_id"`
	Lifetime          *int64     `json:"lifetime"`
	CreatedAt         *time.Time `json:"created_at"`
	UpdatedAt         *time.Time `json:"updated_at"`
	Outcome           string     `json:"outcome"`
	Causes            []string   `json:"causes"`
	Currency          string     `json:"currency"`
	MerchantAmount    int64      `json:"merchant_amount"`
	InitialAmount     *int64     `json:"initial_amount"`
	OldAmount         *int64     `json:"old_amount"`
	Amount            *int64     `json:"amount"`
	StatusBefore      string     `json:"status_before"`
	SubStatusBefore   *string    `json:"sub_status_before"`
	SettledBefore     *int64     `json:"settled_amount_before"`
	ProviderStatus    *string    `json:"provider_status"`
	ProviderSubStatus *string    `json:"provider_sub_status"`
	StatusAfter       string     `json:"status_after"`
	SubStatusAfter    *string    `json:"sub_status_after"`
	SettledAfter      *int64     `json:"settled_amount_after"`
	Correction        string     `json:"correction"`
	RequestID         *string    `json:"request_id"`
	ExpiresAt         *time.Time `json:"expires_at"`
	Harmful           bool       `json:"harmful"`
	Result            string     `json:"result"`
	Reason            string     `json:"reason"`
	CheckedAt         *time.Time `json:"checked_at"`
}

// WriteJSON writes all findings of a scope as JSON Lines, without HighHelp's answers. If the totals differ from the
// archive's totals, WriteJSON writes nothing and returns an error.
func WriteJSON(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.ReportScope, o Options) (err error) {
	defer RecoverPanic("JSON", s, &err)
	r, err := NewReport(ctx, a, s, o)
	if err != nil {
		return err
	}
	return spooled(w, func(w io.Writer) error {
		sums := make(totals.Totals)
		err := EachFinding(ctx, a, s, func(f *reconcile.Finding) error {
			if err := WriteFindingJSON(w, f); err != nil {
				return err
			}
			sums.Add(f)
			return nil
		})
		if err != nil {
			return err
		}
		return r.ReconcileTotals("JSON", sums)
	})
}

// WriteFindingJSON writes one finding in the format of WriteJSON.
func WriteFindingJSON(w io.Writer, f *reconcile.Finding) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	if err := out.Encode(recordOf(f)); err != nil {
		return fmt.Errorf("write the JSON: %w", err)
	}
	return nil
}

func recordOf(f *reconcile.Finding) record {
	causes := f.Causes.Names()
	if causes == nil {
		causes = []string{}
	}
	return record{
		RunID: f.RunID, Seq: f.Seq, ProjectID: f.ProjectID, PaymentID: f.PaymentID,
		Lifetime: orNull(f.Lifetime), CreatedAt: utcOrNull(f.CreatedAt), UpdatedAt: utcOrNull(f.UpdatedAt),
		Outcome: string(f.Outcome), Causes: causes,
		Currency: f.Currency, MerchantAmount: f.Amount,
		InitialAmount: orNull(f.InitialAmount), OldAmount: orNull(f.OldAmount), Amount: orNull(f.PaidAmount),
		StatusBefore: f.Status, SubStatusBefore: orNull(f.SubStatus), SettledBefore: orNull(f.SettledAmount),
		ProviderStatus: orNull(f.ProviderStatus), ProviderSubStatus: orNull(f.ProviderSubStatus),
		StatusAfter: f.After.Status, SubStatusAfter: orNull(f.After.SubStatus), SettledAfter: orNull(f.After.SettledAmount),
		Correction: string(f.Correction), RequestID: orNull(f.RequestID), ExpiresAt: utcOrNull(f.ExpiresAt),
		Harmful: f.Harmful, Result: string(f.Result), Reason: i18n.English().Sentence(f.Reason),
		CheckedAt: utcOrNull(f.CheckedAt),
	}
}

// orNull returns nil for the zero value, because zero means "no value" in a finding.
func orNull[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}

func utcOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
