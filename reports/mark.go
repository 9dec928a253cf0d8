package reports

import (
	"context"
	"fmt"
	"time"

	"hhrecon/reconcile"
)

// readMarks reads how far people are with what HighHelp's support is asked, where a desk is given.
func (r *subject) readMarks(ctx context.Context) error {
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

// mark is the mark that holds: one about another word of HighHelp's is none.
func (l *line) mark() reconcile.SupportCase {
	m := l.about.marks[reconcile.SupportKey{ProjectID: l.ProjectID, PaymentID: l.PaymentID}]
	if m.Answer != l.SupportAnswer() {
		return reconcile.SupportCase{State: reconcile.SupportNew}
	}
	return m
}

// stateTitle stands over how far a question to HighHelp's support is.
const stateTitle = "column.state"

// supportColumns are those of the sheet for HighHelp's support.
func (r *subject) supportColumns() []column {
	columns := []column{
		colPayment, colRequest, colCurrency, colAmount, colInitial, colOld, colPaid, colProviderStatus, colProviderSubStatus,
		colCreated, utc("column.created", func(l *line) time.Time { return l.CreatedAt }),
		colExpires, utc("column.expires", func(l *line) time.Time { return l.Expiry() }), colAsk,
	}
	if r.Support == nil {
		return columns
	}
	return append(columns,
		plainText(stateTitle, word, func(l *line) string { return string(l.mark().State) }),
		plainText("column.marked_by", word, func(l *line) string { return l.mark().By }),
		local("column.marked_at", func(l *line) time.Time { return l.mark().At }),
		plainText(noteTitle, sentence, func(l *line) string { return l.mark().Note }),
	)
}
