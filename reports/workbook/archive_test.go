package workbook

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
	"hhrecon/reports"
)

// testArchive is an archive in memory that computes totals without the program's code.
type testArchive struct {
	run         reconcile.Run
	findings    []reconcile.Finding
	left        []reconcile.Payin
	before      *reconcile.Run
	transitions []reconcile.Transition
	days        []reconcile.DailyTotals
	histories   []reconcile.PayinHistory
	reported    map[string]reconcile.Reported // earlier reports, by payment ID
	tamper      func(*reconcile.Finding)      // changes the streamed findings, but not the totals
}

func (s *testArchive) Run(context.Context, int64) (reconcile.Run, error) { return s.run, nil }

func (s *testArchive) Runs(context.Context, string, int) ([]reconcile.Run, error) {
	return []reconcile.Run{s.run}, nil
}

func (s *testArchive) Totals(context.Context, reconcile.ReportScope) ([]reconcile.Total, error) {
	var totals []reconcile.Total
next:
	for _, f := range s.findings {
		for i := range totals {
			if totals[i].Outcome == f.Outcome && totals[i].Currency == f.Currency {
				sumUp(&totals[i], &f)
				continue next
			}
		}
		totals = append(totals, reconcile.Total{Outcome: f.Outcome, Currency: f.Currency})
		sumUp(&totals[len(totals)-1], &f)
	}
	return totals, nil
}

func sumUp(t *reconcile.Total, f *reconcile.Finding) {
	t.Count++
	t.Amount.Add(f.Amount)
	if f.PaidAmount != 0 && f.ProviderStatus != "decline" && f.ProviderStatus != "error" {
		t.Compared++
		t.ComparedAmount.Add(f.Amount)
		t.InitialAmount.Add(f.InitialAmount)
		t.OldAmount.Add(f.OldAmount)
		t.PaidAmount.Add(f.PaidAmount)
	}
	if f.Correction == reconcile.CorrectionDryRun {
		t.DryRunAmount.Add(f.Amount)
	}
	for correction, n := range map[reconcile.Correction]*int64{
		reconcile.CorrectionApplied: &t.Applied, reconcile.CorrectionSuperseded: &t.Superseded,
		reconcile.CorrectionHeld: &t.Held, reconcile.CorrectionDryRun: &t.DryRun,
		reconcile.CorrectionRefused: &t.Refused,
	} {
		if f.Correction == correction {
			*n++
		}
	}
}

func (s *testArchive) FindingsOf(
	_ context.Context, _ reconcile.ReportScope, outcomes []reconcile.Outcome,
) ([]reconcile.Finding, error) {
	return slices.DeleteFunc(slices.Clone(s.findings), func(f reconcile.Finding) bool {
		return !slices.Contains(outcomes, f.Outcome)
	}), nil
}

func (s *testArchive) Findings(context.Context, reconcile.ReportScope) iter.Seq2[reconcile.Finding, error] {
	return func(yield func(reconcile.Finding, error) bool) {
		for _, f := range s.findings {
			if s.tamper != nil {
				s.tamper(&f)
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (s *testArchive) Unresolved(context.Context, reconcile.ReportScope) iter.Seq2[reconcile.Payin, error] {
	return func(yield func(reconcile.Payin, error) bool) {
		for _, p := range s.left {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (s *testArchive) WholeRunBefore(context.Context, int64) (reconcile.Run, error) {
	if s.before == nil {
		return reconcile.Run{}, reconcile.ErrNoRun
	}
	return *s.before, nil
}

func (s *testArchive) Transitions(
	context.Context, reconcile.Run, reconcile.Run,
) iter.Seq2[reconcile.Transition, error] {
	return func(yield func(reconcile.Transition, error) bool) {
		for _, transition := range s.transitions {
			if !yield(transition, nil) {
				return
			}
		}
	}
}

func (s *testArchive) DailyTotals(
	context.Context, reconcile.ReportScope, *time.Location, int,
) ([]reconcile.DailyTotals, error) {
	return s.days, nil
}

func (s *testArchive) PayinHistories(context.Context, reconcile.ReportScope) iter.Seq2[reconcile.PayinHistory, error] {
	return func(yield func(reconcile.PayinHistory, error) bool) {
		for _, j := range s.histories {
			if !yield(j, nil) {
				return
			}
		}
	}
}

func (s *testArchive) Changes(context.Context, reconcile.ReportScope) iter.Seq2[reconcile.Change, error] {
	return func(yield func(reconcile.Change, error) bool) {
		for _, f := range s.findings {
			c := reconcile.Change{ProjectID: f.ProjectID, PaymentID: f.PaymentID, Was: s.reported[f.PaymentID],
				Is: reconcile.Reported{
					RunID: f.RunID, Currency: f.Currency, Outcome: f.Outcome,
					Amount: f.Amount, PaidAmount: f.PaidAmount, SettledAmount: f.After.SettledAmount,
				}}
			if !yield(c, nil) {
				return
			}
		}
	}
}

const (
	somProject = "57aff4db-b45d-42bf-bc5f-b7a499a01782"
	runStart   = "2026-11-01T02:30:00+06:00"
)

func at(rfc3339 string) time.Time {
	t, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		panic(err)
	}
	return t
}

func bishkek() reports.Options {
	zone, err := time.LoadLocation("Asia/Bishkek")
	if err != nil {
		panic(err)
	}
	return reports.Options{
		Zone:     zone,
		Projects: map[string]string{somProject: "Som widget"},
		Version:  "1.0.0",
		Now:      at("2026-11-01T02:41:07+06:00"),
	}
}

// add judges a payin as a run does, and stores the finding.
func (s *testArchive) add(
	p reconcile.Payin, info *highhelp.PayinInfo, result reconcile.Result, reason string,
) *reconcile.Finding {
	rules := reconcile.DefaultProject(p.ProjectID).Rules(at(runStart))
	seq := int64(len(s.findings) + 1)
	f := reconcile.Finding{
		RunID: s.run.ID, Seq: seq, Payin: p, Result: result,
		Verdict:   reconcile.Judge(&p, &reconcile.Answer{Result: result, Info: info}, &rules),
		CheckedAt: at(runStart).Add(time.Duration(seq) * time.Second),
	}
	if info != nil && f.Outcome.Trusted() {
		f.ProviderStatus, f.ProviderSubStatus, f.RequestID = info.Status, info.SubStatus, info.RequestID
		if i := info.PaymentInfo; i != nil {
			f.InitialAmount, f.OldAmount, f.PaidAmount = i.InitialAmount, i.OldAmount, i.Amount
			f.ExpiresAt = time.Unix(i.ExpirationDate, 0).UTC()
		}
	}
	f.Correction = reconcile.CorrectionNone
	if f.Changes {
		f.Correction = reconcile.CorrectionApplied
	}
	f.Reason = f.FirstFormatReason(reason)
	s.findings = append(s.findings, f)
	s.run.Selected++
	s.run.Impact.Answered++
	return &s.findings[len(s.findings)-1]
}

// payin returns the n-th sample payin.
func payin(n int, amount int64, currency string) reconcile.Payin {
	created := at("2026-10-31T17:50:00Z").Add(time.Duration(n) * 97 * time.Second) // before and after midnight in Bishkek
	return reconcile.Payin{
		ProjectID: somProject, PaymentID: fmt.Sprintf("PAYMENT-%s-%06d", currency, 123456+n),
		Amount: amount, Currency: currency, Status: "processing", SubStatus: "awaiting_confirm",
		Lifetime: 600, CreatedAt: created, UpdatedAt: created.Add(time.Minute),
	}
}

// theirs returns HighHelp's answer about a payin.
func theirs(p reconcile.Payin, status, subStatus string, initial, old, paid int64) *highhelp.PayinInfo {
	return &highhelp.PayinInfo{
		Status: status, SubStatus: subStatus, ProjectID: p.ProjectID, PaymentID: p.PaymentID,
		RequestID: fmt.Sprintf("16a10539-fcb3-4ff5-a3e2-%012x", p.CreatedAt.Unix()),
		PaymentInfo: &highhelp.PaymentInfo{
			InitialAmount: initial, OldAmount: old, Amount: paid, Currency: p.Currency, Type: "payin",
			ExpirationDate: p.CreatedAt.Add(10 * time.Minute).Unix(),
		},
	}
}

// newTestArchive returns an archive with a closed run without payins.
func newTestArchive() *testArchive {
	return &testArchive{run: reconcile.Run{
		ID: 7, ProjectID: somProject, State: reconcile.Complete, Whole: true,
		Window:    reconcile.Window{From: at("2026-10-02T02:30:00+06:00"), To: at("2026-11-01T02:15:00+06:00")},
		StartedAt: at(runStart), ClosedAt: at("2026-11-01T02:34:12+06:00"),
	}}
}

// everything returns an archive with a run that has every outcome, three currencies, and harmful texts.
func everything() *testArchive {
	s := newTestArchive()
	answer := func(
		p reconcile.Payin, status, subStatus string, initial, old, paid int64, reason string,
	) *reconcile.Finding {
		return s.add(p, theirs(p, status, subStatus, initial, old, paid), reconcile.ResultAnswered, reason)
	}
	for n := range 6 {
		p := payin(n, 150000, "KGS")
		answer(p, "success", "", 150000, 150000, 150000, "Paid as asked: 1 500.00 KGS.")
	}
	p := payin(6, 300000, "KGS")
	answer(p, "success", "", 300000, 500000, 700000,
		"HighHelp has 7 000.00 KGS where the merchant's row has 3 000.00 KGS (+133.3 %): the application was changed to "+
			"5 000.00 KGS before any appeal, an appeal changed 5 000.00 KGS to 7 000.00 KGS.")
	p = payin(7, 1000000, "KGS")
	answer(p, "dispute", "different_amount", 1000000, 1000000, 999900,
		"HighHelp has 9 999.00 KGS where the merchant's row has 10 000.00 KGS (-0.0 %): "+
			"an appeal changed 10 000.00 KGS to 9 999.00 KGS.")
	p = payin(8, 2500, "KGS")
	answer(p, "processing", "paid", 250000, 250000, 250000,
		"HighHelp has 2 500.00 KGS where the merchant's row has 25.00 KGS: HighHelp was asked for 2 500.00 KGS "+
			"(100 times as much: minor and major units were mixed up).")
	p = payin(9, 80000, "KGS")
	answer(p, "dispute", "no_payment", 80000, 80000, 80000, "The customer did not pay within the lifetime.")
	p = payin(10, 80000, "KGS")
	answer(p, "dispute", "confirm_timeout", 80000, 80000, 90000,
		"The time to confirm the payment ran out; HighHelp has 900.00 KGS where the merchant's row has 800.00 KGS "+
			"(+12.5 %): an appeal changed 800.00 KGS to 900.00 KGS.")
	p = payin(11, 42000, "KGS")
	answer(p, "processing", "awaiting_confirm", 42000, 42000, 42000,
		"HighHelp never closed this payin (processing: awaiting_confirm), 132 minutes after it expired.")
	p = payin(12, 12000, "KGS")
	disputed := answer(p, "dispute", "incorrect_requisites", 12000, 12000, 12000,
		"HighHelp holds this payin in dispute (incorrect_requisites).")
	disputed.Correction = reconcile.CorrectionSuperseded
	p = payin(13, 13000, "KGS")
	answer(p, "decline", "", 13000, 13000, 13000, "HighHelp declined this payin.")
	p = payin(14, 14000, "KGS")
	refused := answer(p, "error", "", 14000, 14000, 14000,
		"HighHelp ended this payin with an error; it must not be credited.")
	refused.Correction = reconcile.CorrectionRefused
	refused.Reason = refused.Reason.With(reconcile.Because("row.refused", "no such word"))
	p = payin(15, 15000, "KGS")
	p.CreatedAt = at("2026-11-01T02:14:00+06:00")
	answer(p, "processing", "requisites", 15000, 15000, 15000, "Still under way at HighHelp (requisites).")
	p = payin(16, 16000, "KGS")
	p.Status, p.SubStatus, p.SettledAmount = "success", "", 16000
	answer(p, "success", "", 16000, 16000, 20000,
		"The merchant's row is final (success, settled 160.00 KGS), but HighHelp now says success, 200.00 KGS; "+
			"a person must decide.")
	p = payin(17, 17000, "KGS")
	s.add(p, nil, reconcile.ResultNotFound, "HighHelp does not know this payin.")
	p = payin(18, 18000, "KGS")
	other := theirs(p, "success", "", 18000, 18000, 18000)
	other.PaymentInfo.Currency = "RUB"
	s.add(p, other, reconcile.ResultAnswered, "").Reason = reconcile.Because("payin.not_trusted",
		reconcile.Because("doubt.currency", `"RUB"`, `"KGS"`))
	p = payin(19, 19000, "KGS")
	s.add(p, nil, reconcile.ResultUnreachable, "").Reason = reconcile.Because("payin.unreachable",
		reconcile.Words("503 Service Unavailable after 6 tries"))
	s.run.Impact.Answered--

	p = payin(20, 15000, "JPY")
	answer(p, "success", "", 15000, 15000, 15000, "Paid as asked: 15 000 JPY.")
	p = payin(21, 12345678, "KWD")
	answer(p, "success", "", 12345678, 12345678, 12345679,
		"HighHelp has 12 345.679 KWD where the merchant's row has 12 345.678 KWD.")
	p = payin(22, 10_000_000_000_000, "KGS")
	answer(p, "success", "", 10_000_000_000_000, 10_000_000_000_000, 10_000_000_000_000,
		"Paid as asked: 100 000 000 000.00 KGS.")

	s.addHarmfulTexts()

	old := payin(25, 70000, "KGS")
	old.CreatedAt, old.UpdatedAt = at("2026-10-01T23:59:59+06:00"), at("2026-10-02T00:05:00+06:00")
	old.Status, old.SubStatus = "dispute", "different_amount"
	s.left = append(s.left, old)
	s.run.Unresolved = 1
	return s
}

// addHarmfulTexts adds payins whose texts a spreadsheet, a terminal or XML could interpret.
func (s *testArchive) addHarmfulTexts() {
	p := payin(23, 900, "KGS")
	p.PaymentID, p.SubStatus = "=1+1", "@SUM(A1)"
	s.add(p, nil, reconcile.ResultNotFound, "+cmd|' /C calc'!A0")
	p = payin(24, 900, "XXX")
	p.PaymentID = "-2+3\u202Egpj.exe\x00<&>\"'_x0041_"
	s.add(p, nil, reconcile.ResultUnreachable, strings.Repeat("long ", 10_000))
	s.run.Impact.Answered--
}

func one(s *testArchive) reconcile.ReportScope { return reconcile.ReportScope{RunID: s.run.ID} }
