package reports

import (
	"context"
	"fmt"
	"time"

	"hhrecon/reconcile"
)

// ReadSupportMarks reads the saved states of questions to HighHelp's support, if Options.Support is set.
func (r *Report) ReadSupportMarks(ctx context.Context) error {
	if r.Support == nil {
		return nil
	}
	marks, err := r.Support.SupportCases(ctx, r.projectID())
	if err != nil {
		return fmt.Errorf("read the marks: %w", err)
	}
	r.marks = marks
	return nil
}

// mark returns the saved support state for a finding. It ignores a state that was saved for an earlier answer.
func (l *Row) mark() reconcile.SupportCase {
	m := l.Report.marks[reconcile.SupportKey{ProjectID: l.ProjectID, PaymentID: l.PaymentID}]
	if m.Answer != l.SupportAnswer() {
		return reconcile.SupportCase{State: reconcile.SupportNew}
	}
	return m
}

// ColState is the column with the state of a question to HighHelp's support.
var ColState = plainText("column.state", KindWord, func(l *Row) string { return string(l.mark().State) })

// SupportColumns returns the columns of the sheet for HighHelp's support.
func (r *Report) SupportColumns() []Column {
	columns := []Column{
		ColPayment, ColRequest, ColCurrency, ColAmount, ColInitial, ColOld, ColPaid, ColProviderStatus, ColProviderSubStatus,
		ColCreated, utc("column.created", func(l *Row) time.Time { return l.CreatedAt }),
		ColExpires, utc("column.expires", func(l *Row) time.Time { return l.Expiry() }), ColAsk,
	}
	if r.Support == nil {
		return columns
	}
	return append(columns,
		ColState,
		plainText("column.marked_by", KindWord, func(l *Row) string { return l.mark().By }),
		local("column.marked_at", func(l *Row) time.Time { return l.mark().At }),
		plainText(ColNote.Title, KindSentence, func(l *Row) string { return l.mark().Note }),
	)
}
