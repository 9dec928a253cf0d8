package reports

import (
	"slices"
	"strings"
	"time"

	"hhrecon/reconcile"
)

// The columns that sheets choose from.
var (
	colRun     = column{runTitle, count, func(c cells, l *line) { c.count(l.RunID) }}
	colProject = plainText("column.project", word, func(l *line) string { return l.about.project(l.ProjectID) })
	colSeq     = column{"column.number", count, func(c cells, l *line) { c.count(l.Seq) }}

	colPayment  = plainText(paymentTitle, id, func(l *line) string { return l.PaymentID })
	colCreated  = local("column.created", func(l *line) time.Time { return l.CreatedAt })
	colCurrency = column{"column.currency", code, func(c cells, l *line) { c.currency(l.Currency) }}
	colAmount   = column{"column.merchant_amount", amount, func(c cells, l *line) { c.amount(l.Amount, l.Currency) }}
	colInitial  = money("column.initial_amount", func(l *line) int64 { return l.InitialAmount })
	colOld      = money("column.old_amount", func(l *line) int64 { return l.OldAmount })
	colPaid     = money("column.paid_amount", func(l *line) int64 { return l.PaidAmount })

	colDifference = step("column.difference_a_m", func(l *line) int64 { return l.PaidAmount - l.Amount })
	colRecord     = step("column.record_i_m", func(l *line) int64 { return l.InitialAmount - l.Amount })
	colReprice    = step("column.reprice_o_i", func(l *line) int64 { return l.OldAmount - l.InitialAmount })
	colAppeal     = step("column.appeal_a_o", func(l *line) int64 { return l.PaidAmount - l.OldAmount })

	colOutcome = plainText("column.outcome", word, func(l *line) string { return string(l.Outcome) })
	colCauses  = plainText("column.causes", list, func(l *line) string {
		return strings.Join(l.Causes.Names(), ", ")
	})
	colProviderStatus    = plainText("column.highhelp_status", word, func(l *line) string { return l.ProviderStatus })
	colProviderSubStatus = plainText("column.highhelp_sub_status", word, func(l *line) string {
		return l.ProviderSubStatus
	})
	colProvider = plainText("column.highhelp_says", state, func(l *line) string {
		return reconcile.StatusText(l.ProviderStatus, l.ProviderSubStatus)
	})
	colRequest = plainText("column.request_id", id, func(l *line) string { return l.RequestID })
	colExpires = local("column.expires", func(l *line) time.Time { return l.Expiry() })

	colBefore = plainText("column.row_before", state, func(l *line) string {
		return reconcile.StatusText(l.Status, l.SubStatus)
	})
	colAfter = plainText("column.row_after", state, func(l *line) string {
		return reconcile.StatusText(l.After.Status, l.After.SubStatus)
	})
	colStatusBefore    = plainText("column.status_before", word, func(l *line) string { return l.Status })
	colSubStatusBefore = plainText("column.sub_status_before", word, func(l *line) string { return l.SubStatus })
	colSettledBefore   = money("column.settled_before", func(l *line) int64 { return l.SettledAmount })
	colStatusAfter     = plainText("column.status_after", word, func(l *line) string { return l.After.Status })
	colSubStatusAfter  = plainText("column.sub_status_after", word, func(l *line) string { return l.After.SubStatus })
	colSettledAfter    = money("column.settled_after", func(l *line) int64 { return l.After.SettledAmount })
	colCorrection      = plainText("column.correction", word, func(l *line) string { return string(l.Correction) })

	colUnwritten = plainText("column.not_written_because", sentence, func(l *line) string { return l.unwritten() })

	colDecision = column{decisionTitle, choice, func(c cells, l *line) {
		if l.waits {
			c.field(choice)
			return
		}
		c.text(noDecision)
	}}
	colNote = column{noteTitle, entry, func(c cells, l *line) {
		if l.waits {
			c.field(entry)
			return
		}
		c.blank()
	}}
	colRow = column{rowTitle, count, func(c cells, l *line) { c.count(l.Seq) }}

	colUpdated = local("column.row_changed", func(l *line) time.Time { return l.UpdatedAt })
	colChecked = local("column.checked", func(l *line) time.Time { return l.CheckedAt })
	colReason  = plainText("column.reason", sentence, func(l *line) string { return l.reason() })
	colWhy     = plainText("column.why", sentence, func(l *line) string { return l.why })
	colAsk     = plainText("column.question", sentence, func(l *line) string { return l.ask })

	colLate = column{"column.minutes_late", count, func(c cells, l *line) {
		late := l.about.moment(l.Finding).Sub(l.Expiry())
		if late < 0 {
			c.blank()
			return
		}
		c.count(int64(late / time.Minute))
	}}
)

// unwrapped is a column of sentences for long sheets.
func unwrapped(c column) column {
	c.kind = remark
	return c
}

// allColumns is all that a report tells of a finding: the sheet of all payins and the CSV.
var allColumns = []column{
	colSeq, colPayment, colCreated, colCurrency, colAmount, colInitial, colOld, colPaid,
	colDifference, colRecord, colReprice, colAppeal, colOutcome, colCauses,
	colProviderStatus, colProviderSubStatus,
	colStatusBefore, colSubStatusBefore, colSettledBefore, colStatusAfter, colSubStatusAfter, colSettledAfter,
	colCorrection, colRequest, colExpires, colChecked, unwrapped(colReason),
}

// columnsOf puts the run and the project first, and nowhere else, where a report is about several.
func (r *subject) columnsOf(columns []column) []column {
	if r.run != nil {
		return columns
	}
	all := []column{colRun, r.projectColumn()}
	for _, c := range columns {
		if c.title != colRun.title {
			all = append(all, c)
		}
	}
	return all
}

// projectColumn has the room for an id where a project has no name.
func (r *subject) projectColumn() column {
	c := colProject
	if slices.ContainsFunc(r.runs, func(run reconcile.Run) bool { return r.Projects[run.ProjectID] == "" }) {
		c.kind = id
	}
	return c
}

// differs tells whether a finding belongs among the different amounts: by its outcome, or by a step
// from M to A that is not zero.
func (l *line) differs() bool {
	const steps = reconcile.CauseAppeal | reconcile.CauseReprice | reconcile.CauseRecord
	return l.Outcome == reconcile.DifferentAmount || l.Outcome == reconcile.Reversed || l.Causes&steps != 0
}
