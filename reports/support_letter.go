package reports

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// Case is a payin about which a person must ask HighHelp's support.
type Case struct {
	reconcile.Finding // the payin's latest finding
	Question          string
	State             reconcile.SupportState
	Mark              reconcile.SupportCase // the latest saved support state; it may belong to an earlier answer
}

// MarkAs returns the case with a new support state for HighHelp's current answer.
func (c *Case) MarkAs(state reconcile.SupportState, by, note string, at time.Time) reconcile.SupportCase {
	return reconcile.SupportCase{ProjectID: c.ProjectID, PaymentID: c.PaymentID, Answer: c.SupportAnswer(), State: state,
		By: by, Note: note, At: at}
}

// SupportCases lists the payins of a scope about which a person must ask HighHelp's support, with their support states.
// It omits payins that HighHelp has settled.
func SupportCases(ctx context.Context, a reconcile.Archive, d reconcile.SupportStore,
	s reconcile.ReportScope) ([]Case, error) {
	found, err := a.FindingsOf(ctx, s, askedOutcomes)
	if err != nil {
		return nil, fmt.Errorf("read the findings: %w", err)
	}
	key := func(f reconcile.Finding) reconcile.SupportKey {
		return reconcile.SupportKey{ProjectID: f.ProjectID, PaymentID: f.PaymentID}
	}
	marks, err := d.SupportCasesOf(ctx, reconcile.Map(found, key))
	if err != nil {
		return nil, fmt.Errorf("read the marks: %w", err)
	}
	var cases []Case
	for i := range found {
		f := &found[i]
		if ask := question(i18n.English(), reconcile.FormatAmount, f); ask != "" {
			mark := marks[key(*f)]
			cases = append(cases, Case{*f, ask, mark.StateOf(f), mark})
		}
	}
	return cases, nil
}

// WriteSupportLetter writes a text to send to HighHelp's support. For each payin, the text contains the IDs, all
// amounts, the question, and the times in the report's zone and in UTC.
func WriteSupportLetter(w io.Writer, cases []Case, o Options) error {
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	say("Hello,\n\nwe have questions about %d of your payins.", len(cases))
	project := ""
	for i := range cases {
		c := &cases[i]
		if c.ProjectID != project {
			project = c.ProjectID
			say("\nproject_id %s", project)
		}
		money := func(minor int64) string {
			if minor == 0 {
				return "–"
			}
			return reconcile.FormatAmount(minor, c.Currency) + " " + c.Currency
		}
		say("\n%d. payment_id %s\n   request_id %s", i+1, OneLine(c.PaymentID), cmp.Or(OneLine(c.RequestID), "–"))
		say("   your status: %s", cmp.Or(OneLine(reconcile.StatusText(c.ProviderStatus, c.ProviderSubStatus)), "–"))
		say("   our amount: %s; yours: initial %s, old %s, paid %s", money(c.Amount), money(c.InitialAmount),
			money(c.OldAmount), money(c.PaidAmount))
		say("   created %s; expires %s; asked %s", o.both(c.CreatedAt), o.both(c.ExpiresAt), o.both(c.CheckedAt))
		say("   %s", c.Question)
	}
	say("\nThank you.")
	_, err := io.WriteString(w, text.String())
	return err
}

// WriteSupportCSV writes the cases as a table in the format of WriteCSV.
func WriteSupportCSV(w io.Writer, cases []Case, o Options) error {
	out, err := newCSV(w, o)
	if err != nil {
		return err
	}
	here := o.Location().String()
	rows := [][]string{{
		"State", "Marked by", "Note", "Project", "payment_id", "request_id", "Status", "Currency",
		"Our amount (M)", "Initial (I)", "Old (O)", "Amount (A)",
		"Created, " + here, "Created, UTC", "Expires, " + here, "Expires, UTC", "Asked, " + here, "Asked, UTC", "Question",
	}}
	for i := range cases {
		c := &cases[i]
		var row textCells
		row.Text(string(c.State))
		row.Text(c.Mark.By)
		row.Text(c.Mark.Note)
		row.Text(c.ProjectID)
		row.Text(c.PaymentID)
		row.Text(c.RequestID)
		row.Text(reconcile.StatusText(c.ProviderStatus, c.ProviderSubStatus))
		row.Text(c.Currency)
		row.Amount(c.Amount, c.Currency)
		for _, minor := range []int64{c.InitialAmount, c.OldAmount, c.PaidAmount} {
			AmountIfAny(&row, minor, c.Currency)
		}
		for _, at := range []time.Time{c.CreatedAt, c.ExpiresAt, c.CheckedAt} {
			row.Time(at.In(o.Location()))
			row.Time(at.UTC())
		}
		row.Text(c.Question)
		rows = append(rows, row)
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the CSV: %w", err)
	}
	return nil
}

// both formats a time in the report's zone and in UTC.
func (o *Options) both(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return fmt.Sprintf("%s (%s UTC)", t.In(o.Location()).Format(time.RFC3339), t.UTC().Format(time.DateTime))
}
