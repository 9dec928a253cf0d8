package sql

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
)

// UnjudgedPayins returns the next payins in a range of the selection that have no verdict, in the order of the
// selection. An empty result means that all payins are judged. In the result, only Seq and Payin are set.
func (s *runStore) UnjudgedPayins(ctx context.Context, runID int64, span reconcile.Span,
	limit int) ([]reconcile.Finding, error) {
	var findings []reconcile.Finding
	err := s.Retry(ctx, db.RetryLost, func() error { // safe to repeat, because the function only reads
		findings = nil
		a := db.Args{"run_id": runID, "after": span.After, "to": orLast(span.To), "limit": limit}
		err := s.List(ctx, s.Conn, &findings, query("run/unjudged_payins").In(s.Dialect), a)
		if err != nil || len(findings) == 0 {
			return err
		}
		return s.addDecisions(ctx, runID, findings)
	})
	return findings, s.WrapError(ctx, err)
}

// addDecisions adds to each payin the answer on which a person's decision about the payin is based. The payins are in
// the order of the selection.
func (s *runStore) addDecisions(ctx context.Context, runID int64, findings []reconcile.Finding) error {
	var decided []reconcile.Finding
	err := s.List(ctx, s.Conn, &decided, query("action/decided_payins").In(s.Dialect), db.Args{
		"run_id": runID, "first": findings[0].Seq, "last": findings[len(findings)-1].Seq,
		"kept_since": db.FormatTime(time.Now().Add(-reconcile.KeepFor)),
	})
	for i := range decided {
		at, found := slices.BinarySearchFunc(findings, decided[i].Seq, func(f reconcile.Finding, seq int64) int {
			return cmp.Compare(f.Seq, seq)
		})
		if found {
			findings[at].Facts.Decided = decided[i].AnswerText()
		}
	}
	return err
}

// orLast returns the last position of a range. If the range has the last position 0, orLast returns the
// end of the selection.
func orLast(to int64) int64 {
	if to == 0 {
		return math.MaxInt64
	}
	return to
}

// SaveVerdicts saves verdicts in the selection. The first verdict on a payin stays, even if another worker saves one
// later. If a payin is not in the selection and has no finding, SaveVerdicts returns an error. The database may reject
// a batch, for example because its encoding lacks a character. SaveVerdicts then saves each verdict alone, if necessary
// with its free text escaped. If even that fails, the verdict is saved as unverifiable.
func (s *runStore) SaveVerdicts(ctx context.Context, l reconcile.Lease, findings []reconcile.Finding) error {
	err := s.saveVerdicts(ctx, l, findings, false)
	if _, refused := db.Refusal(err); !refused {
		return s.WrapError(ctx, err)
	}
	s.Log.WarnContext(ctx, "a batch of verdicts was not saved; each verdict is saved alone", "run", l.RunID, "reason",
		s.Describe(err))
	for i := range findings {
		for try, one := range []reconcile.Finding{findings[i], findings[i], unstorable(findings[i])} {
			err = s.saveVerdicts(ctx, l, []reconcile.Finding{one}, try > 0)
			if _, refused := db.Refusal(err); !refused {
				break
			}
		}
		if err != nil {
			return s.WrapError(ctx, err)
		}
	}
	return nil
}

// unstorable makes a finding unverifiable, because the merchant's table cannot store the answer.
func unstorable(f reconcile.Finding) reconcile.Finding {
	said := db.ASCII(f.ProviderStatus + ":" + f.ProviderSubStatus)
	f.Outcome, f.Causes, f.Changes, f.Harmful = reconcile.Unverifiable, 0, false, false
	f.Reason = reconcile.Because("payin.not_trusted", reconcile.Because("doubt.sub_status", said))
	f.InitialAmount, f.OldAmount, f.PaidAmount, f.ProviderStatus, f.ProviderSubStatus = 0, 0, 0, "", ""
	f.After = reconcile.State{Status: f.Status, SubStatus: f.SubStatus, SettledAmount: f.SettledAmount}
	return f
}

// saveVerdicts saves verdicts in one transaction. With escape, saveVerdicts saves one verdict with
// its free text escaped.
func (s *runStore) saveVerdicts(ctx context.Context, l reconcile.Lease, findings []reconcile.Finding,
	escape bool) error {
	// Repeating is safe, because verdicts whose commit was not confirmed are already saved.
	return s.WithTx(ctx, db.RetryLost, func(tx *sqlx.Tx) error {
		if err := s.RequireLease(ctx, tx, l); err != nil || len(findings) == 0 {
			return err
		}
		if escape {
			findings[0].Answer = db.ASCII(findings[0].Answer)
		}
		verdicts := verdictColumns(findings, s.sentence)
		for _, free := range []string{"request_id", "provider_status", "provider_sub_status", "reason", "reason_args"} {
			if text := verdicts[free].([]string); escape {
				text[0] = db.ASCII(text[0])
			}
		}
		if err := s.SaveAnswers(ctx, tx, findings, verdicts["answer_digest"].([]string)); err != nil {
			return err
		}
		saved, err := s.SaveEach(ctx, tx, query("run/save_verdicts"), db.Args{"run_id": l.RunID}, len(findings), verdicts)
		if err != nil || saved == int64(len(findings)) {
			return err
		}
		return s.judgedBefore(ctx, tx, l.RunID, findings)
	})
}

// judgedBefore returns an error if a payin has neither a verdict nor a finding.
func (s *runStore) judgedBefore(ctx context.Context, tx *sqlx.Tx, runID int64, findings []reconcile.Finding) error {
	type place struct {
		Seq       int64  `db:"seq"`
		PaymentID string `db:"payment_id"`
	}
	first, last := findings[0].Seq, findings[0].Seq
	for i := range findings {
		first, last = min(first, findings[i].Seq), max(last, findings[i].Seq)
	}
	var rows []place
	err := s.List(ctx, tx, &rows, query("run/judged_payins").In(s.Dialect),
		db.Args{"run_id": runID, "first": first, "last": last})
	if err != nil {
		return err
	}
	judged := make(map[place]bool, len(rows))
	for _, row := range rows {
		judged[row] = true
	}
	missing := 0
	for i := range findings {
		if !judged[place{findings[i].Seq, findings[i].PaymentID}] {
			missing++
		}
	}
	if missing > 0 {
		return db.Errorf("%d of %d payins are not in the selection", missing, len(findings))
	}
	return nil
}

func verdictColumns(findings []reconcile.Finding, sentence func(reconcile.Reason) string) db.Columns {
	of := func(text func(f *reconcile.Finding) string) []string { return db.Column(findings, text) }
	number := func(value func(f *reconcile.Finding) int64) []int64 { return db.Column(findings, value) }
	return db.Columns{
		"seq":                  number(func(f *reconcile.Finding) int64 { return f.Seq }),
		"payment_id":           of(func(f *reconcile.Finding) string { return f.PaymentID }),
		"outcome":              of(func(f *reconcile.Finding) string { return string(f.Outcome) }),
		"causes":               of(func(f *reconcile.Finding) string { return f.Causes.String() }),
		"initial_amount":       number(func(f *reconcile.Finding) int64 { return f.InitialAmount }),
		"old_amount":           number(func(f *reconcile.Finding) int64 { return f.OldAmount }),
		"paid_amount":          number(func(f *reconcile.Finding) int64 { return f.PaidAmount }),
		"provider_status":      of(func(f *reconcile.Finding) string { return db.CleanText(f.ProviderStatus) }),
		"provider_sub_status":  of(func(f *reconcile.Finding) string { return db.CleanText(f.ProviderSubStatus) }),
		"request_id":           of(func(f *reconcile.Finding) string { return db.CleanText(f.RequestID) }),
		"expires_at":           of(func(f *reconcile.Finding) string { return db.FormatTimeOrEmpty(f.ExpiresAt) }),
		"status_after":         of(func(f *reconcile.Finding) string { return db.CleanText(f.After.Status) }),
		"sub_status_after":     of(func(f *reconcile.Finding) string { return db.CleanText(f.After.SubStatus) }),
		"settled_amount_after": number(func(f *reconcile.Finding) int64 { return f.After.SettledAmount }),
		"changes":              db.Column(findings, func(f *reconcile.Finding) bool { return f.Changes }),
		"harmful":              db.Column(findings, func(f *reconcile.Finding) bool { return f.Harmful }),
		"classes":              number(func(f *reconcile.Finding) int64 { return int64(f.Classes) }),
		"result":               of(func(f *reconcile.Finding) string { return string(f.Result) }),
		"answer_digest":        of(func(f *reconcile.Finding) string { return audit.AnswerDigest(db.CleanText(f.Answer)) }),
		"reason":               of(func(f *reconcile.Finding) string { return db.CleanText(sentence(f.Reason)) }),
		"reason_code":          of(func(f *reconcile.Finding) string { return f.Reason.Code }),
		"reason_args":          of(func(f *reconcile.Finding) string { return db.CleanText(f.Reason.Data()) }),
		"checked_at":           of(func(f *reconcile.Finding) string { return db.FormatTimeOrEmpty(f.CheckedAt) }),
		"facts":                of(func(f *reconcile.Finding) string { return f.Facts.String() }),
	}
}
