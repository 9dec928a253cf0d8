package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"iter"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// findingRow is a finding as the statements read it, nulls as zeroes.
type findingRow struct {
	RunID               int64  `db:"run_id"`
	Seq                 int64  `db:"seq"`
	ProjectID           string `db:"project_id"`
	PaymentID           string `db:"payment_id"`
	Outcome             string `db:"outcome"`
	Causes              string `db:"causes"`
	MerchantAmount      int64  `db:"merchant_amount"`
	InitialAmount       int64  `db:"initial_amount"`
	OldAmount           int64  `db:"old_amount"`
	Amount              int64  `db:"amount"`
	Currency            string `db:"currency"`
	StatusBefore        string `db:"status_before"`
	SubStatusBefore     string `db:"sub_status_before"`
	SettledAmountBefore int64  `db:"settled_amount_before"`
	Lifetime            int64  `db:"lifetime"`
	CreatedAt           moment `db:"created_at"`
	UpdatedAt           moment `db:"updated_at"`
	ProviderStatus      string `db:"provider_status"`
	ProviderSubStatus   string `db:"provider_sub_status"`
	RequestID           string `db:"request_id"`
	ExpiresAt           moment `db:"expires_at"`
	StatusAfter         string `db:"status_after"`
	SubStatusAfter      string `db:"sub_status_after"`
	SettledAmountAfter  int64  `db:"settled_amount_after"`
	Correction          string `db:"correction"`
	Harmful             bool   `db:"harmful"`
	Result              string `db:"result"`
	Answer              string `db:"answer"`
	Version             int64  `db:"version"`
	reasonColumns
	CheckedAt moment `db:"checked_at"`
}

// reasonColumns are those of a reason. The sentence is read only if there is no code: of an entry of version 1.
type reasonColumns struct {
	Sentence   string `db:"reason"`
	ReasonCode string `db:"reason_code"`
	ReasonArgs string `db:"reason_args"`
}

func (r *reasonColumns) reason() reconcile.Reason {
	return reconcile.ParseReason(r.ReasonCode, r.ReasonArgs, r.Sentence)
}

// finding makes a finding of a row. Doubt is not stored; the reason says it.
func (r *findingRow) finding() (reconcile.Finding, error) {
	causes, err := reconcile.ParseCauses(r.Causes)
	if err != nil {
		return reconcile.Finding{}, faultf("finding %d of run %d: %v", r.Seq, r.RunID, err)
	}
	f := reconcile.Finding{
		RunID: r.RunID, Seq: r.Seq,
		Payin: reconcile.Payin{
			ProjectID: r.ProjectID, PaymentID: r.PaymentID, Amount: r.MerchantAmount, Currency: r.Currency,
			Status: r.StatusBefore, SubStatus: r.SubStatusBefore, SettledAmount: r.SettledAmountBefore,
			Lifetime: r.Lifetime, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
		},
		InitialAmount: r.InitialAmount, OldAmount: r.OldAmount, PaidAmount: r.Amount,
		ProviderStatus: r.ProviderStatus, ProviderSubStatus: r.ProviderSubStatus,
		RequestID: r.RequestID, ExpiresAt: r.ExpiresAt.Time,
		Verdict: reconcile.Verdict{
			Outcome: reconcile.Outcome(r.Outcome), Causes: causes,
			After:   reconcile.State{Status: r.StatusAfter, SubStatus: r.SubStatusAfter, SettledAmount: r.SettledAmountAfter},
			Changes: r.Correction != string(reconcile.CorrectionNone), Harmful: r.Harmful,
		},
		Correction: reconcile.Correction(r.Correction), Answer: r.Answer, Result: reconcile.Result(r.Result),
		Reason: r.reason(), CheckedAt: r.CheckedAt.Time,
	}
	if r.Version == 1 {
		f.Reason = f.FirstFormatReason(r.Sentence)
	}
	return f, nil
}

// page is how many rows are read at once. Pages keep memory flat and each statement short, however slow
// the reader is; one transaction around them keeps them to one moment. A page is a span of seq, which has
// no gaps, so that its cost does not depend on the planner's statistics.
const page = 1000

// Findings streams the scope's findings in the order of their selection (by run, then by Seq). The first
// error is the last pair. Whoever stops early leaves nothing open.
func (s *Store) Findings(ctx context.Context, scope reconcile.Scope) iter.Seq2[reconcile.Finding, error] {
	st := findingsOfRunQuery.in(s.dialect)
	switch {
	case scope.Correction != 0:
		st = findingsOfCorrectionQuery.in(s.dialect)
	case scope.RunID == 0:
		st = findingsOfPeriodQuery.in(s.dialect)
	}
	return stream(ctx, s, scope, st, func(r runRow) int64 { return r.Selected }, (*findingRow).finding)
}

// Unresolved streams the open payins that left the window with the scope's runs; of a correction, none.
func (s *Store) Unresolved(ctx context.Context, scope reconcile.Scope) iter.Seq2[reconcile.Payin, error] {
	if scope.Correction != 0 {
		return func(func(reconcile.Payin, error) bool) {}
	}
	st := unresolvedOfRunQuery.in(s.dialect)
	return stream(ctx, s, scope, st, func(r runRow) int64 { return r.Unresolved },
		func(r *payinRow) (reconcile.Payin, error) { return r.payin(), nil })
}

// stream reads a statement page by page for each run of a scope. Row is what a page has, T what is
// yielded; length tells how long a run's list is, and of makes a T of a Row.
func stream[Row, T any](ctx context.Context, s *Store, scope reconcile.Scope, st *statement,
	length func(runRow) int64, of func(*Row) (T, error),
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := s.read(ctx, func(tx *sqlx.Tx) error {
			runs, err := s.runsOf(ctx, tx, scope)
			if err != nil {
				return err
			}
			for _, run := range runs {
				for first := int64(1); first <= length(run); first += page {
					a := scopeArgs(scope)
					a["answers"] = scope.Answers
					a["run_id"], a["first"], a["last"] = run.ID, first, first+page-1
					a["oldest"], a["newest"] = runs[0].ID, runs[len(runs)-1].ID
					var rows []Row
					if err := s.list(ctx, tx, &rows, st, a); err != nil {
						return err
					}
					for i := range rows {
						value, err := of(&rows[i])
						if err != nil {
							return err
						}
						if !yield(value, nil) {
							return errStopped
						}
					}
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			var none T
			yield(none, s.explain(ctx, err))
		}
	}
}

// runsOf lists the runs whose findings a scope can have, oldest first.
func (s *Store) runsOf(ctx context.Context, tx *sqlx.Tx, scope reconcile.Scope) ([]runRow, error) {
	if err := s.whole(ctx, tx, scope); err != nil {
		return nil, err
	}
	st, a := runsOfScopeQuery.in(s.dialect), scopeArgs(scope)
	if scope.Correction != 0 {
		if err := s.checkCorrection(ctx, tx, scope); err != nil {
			return nil, err
		}
		st, a = runsOfCorrectionQuery.in(s.dialect), args{"correction": scope.Correction}
	}
	var runs []runRow
	err := s.list(ctx, tx, &runs, st, a)
	return runs, err
}

// LastFinding is the last word on a payin in the closed runs that were no dry runs, or
// reconcile.ErrNoFinding.
func (s *Store) LastFinding(ctx context.Context, projectID, paymentID string) (reconcile.Finding, error) {
	f, err := s.lastFinding(ctx, s.db, projectID, paymentID)
	return f, s.explain(ctx, err)
}

func (s *Store) lastFinding(ctx context.Context, db sqlx.QueryerContext, projectID, paymentID string) (reconcile.Finding, error) {
	var row foundRow
	err := s.get(ctx, db, &row, lastFindingQuery.in(s.dialect),
		args{"project_id": projectID, "payment_id": paymentID})
	if errors.Is(err, stdsql.ErrNoRows) {
		err = reconcile.ErrNoFinding
	}
	if err != nil {
		return reconcile.Finding{}, err
	}
	return row.finding()
}

// errStopped ends a stream whose reader has had enough.
var errStopped = errors.New("stopped")

// scopeArgs leaves a window open where it has no end.
func scopeArgs(scope reconcile.Scope) args {
	to := scope.Window.To
	if to.IsZero() {
		to = endOfTime
	}
	return args{
		"run_id": scope.RunID, "project_id": scope.ProjectID,
		"from": stamp(scope.Window.From), "to": stamp(to), "correction": scope.Correction,
	}
}
