package reports

import (
	"slices"
	"strings"
	"time"

	"hhrecon/reconcile"
)

// NoDecision is the text of the Decision cell in rows that need no decision.
const NoDecision = "–"

// Columns that occur in several sheets of the workbook.
var (
	ColRun     = Column{"column.run", KindCount, func(c Cells, l *Row) { c.Count(l.RunID) }}
	ColProject = plainText("column.project", KindWord, func(l *Row) string { return l.Report.ProjectName(l.ProjectID) })
	ColSeq     = Column{"column.number", KindCount, func(c Cells, l *Row) { c.Count(l.Seq) }}

	ColPayment  = plainText("column.payment_id", KindID, func(l *Row) string { return l.PaymentID })
	ColCreated  = local("column.created", func(l *Row) time.Time { return l.CreatedAt })
	ColCurrency = Column{"column.currency", KindCode, func(c Cells, l *Row) { c.Currency(l.Currency) }}
	ColAmount   = Column{"column.merchant_amount", KindAmount, func(c Cells, l *Row) { c.Amount(l.Amount, l.Currency) }}
	ColInitial  = money("column.initial_amount", func(l *Row) int64 { return l.InitialAmount })
	ColOld      = money("column.old_amount", func(l *Row) int64 { return l.OldAmount })
	ColPaid     = money("column.paid_amount", func(l *Row) int64 { return l.PaidAmount })

	ColDifference = step("column.difference_a_m", func(l *Row) int64 { return l.PaidAmount - l.Amount })
	ColRecord     = step("column.record_i_m", func(l *Row) int64 { return l.InitialAmount - l.Amount })
	ColReprice    = step("column.reprice_o_i", func(l *Row) int64 { return l.OldAmount - l.InitialAmount })
	ColAppeal     = step("column.appeal_a_o", func(l *Row) int64 { return l.PaidAmount - l.OldAmount })

	ColOutcome = plainText("column.outcome", KindWord, func(l *Row) string { return string(l.Outcome) })
	ColCauses  = plainText("column.causes", KindList, func(l *Row) string {
		return strings.Join(l.Causes.Names(), ", ")
	})
	ColProviderStatus    = plainText("column.highhelp_status", KindWord, func(l *Row) string { return l.ProviderStatus })
	ColProviderSubStatus = plainText("column.highhelp_sub_status", KindWord, func(l *Row) string {
		return l.ProviderSubStatus
	})
	ColProvider = plainText("column.highhelp_says", KindState, func(l *Row) string {
		return reconcile.StatusText(l.ProviderStatus, l.ProviderSubStatus)
	})
	ColRequest = plainText("column.request_id", KindID, func(l *Row) string { return l.RequestID })
	ColExpires = local("column.expires", func(l *Row) time.Time { return l.Expiry() })

	ColBefore = plainText("column.row_before", KindState, func(l *Row) string {
		return reconcile.StatusText(l.Status, l.SubStatus)
	})
	ColAfter = plainText("column.row_after", KindState, func(l *Row) string {
		return reconcile.StatusText(l.After.Status, l.After.SubStatus)
	})
	ColStatusBefore    = plainText("column.status_before", KindWord, func(l *Row) string { return l.Status })
	ColSubStatusBefore = plainText("column.sub_status_before", KindWord, func(l *Row) string { return l.SubStatus })
	ColSettledBefore   = money("column.settled_before", func(l *Row) int64 { return l.SettledAmount })
	ColStatusAfter     = plainText("column.status_after", KindWord, func(l *Row) string { return l.After.Status })
	ColSubStatusAfter  = plainText("column.sub_status_after", KindWord, func(l *Row) string { return l.After.SubStatus })
	ColSettledAfter    = money("column.settled_after", func(l *Row) int64 { return l.After.SettledAmount })
	ColCorrection      = plainText("column.correction", KindWord, func(l *Row) string { return string(l.Correction) })

	ColUnwritten = plainText("column.not_written_because", KindSentence, func(l *Row) string { return l.unwritten() })

	ColDecision = Column{"column.decision", KindChoice, func(c Cells, l *Row) {
		if l.Undecided {
			c.Field(KindChoice)
			return
		}
		c.Text(NoDecision)
	}}
	ColNote = Column{"column.note", KindEntry, func(c Cells, l *Row) {
		if l.Undecided {
			c.Field(KindEntry)
			return
		}
		c.Blank()
	}}
	ColRow = Column{"column.row", KindCount, func(c Cells, l *Row) { c.Count(l.Seq) }}

	ColUpdated = local("column.row_changed", func(l *Row) time.Time { return l.UpdatedAt })
	ColChecked = local("column.checked", func(l *Row) time.Time { return l.CheckedAt })
	ColReason  = plainText("column.reason", KindSentence, func(l *Row) string { return l.ReasonText() })
	ColWhy     = plainText("column.why", KindSentence, func(l *Row) string { return l.Why })
	ColAsk     = plainText("column.question", KindSentence, func(l *Row) string { return l.Question })

	ColLate = Column{"column.minutes_late", KindCount, func(c Cells, l *Row) {
		late := l.Report.judgedAt(l.Finding).Sub(l.Expiry())
		if late < 0 {
			c.Blank()
			return
		}
		c.Count(int64(late / time.Minute))
	}}
)

// unwrapped returns a copy of a column that wraps a sentence only if the sentence is longer than a line.
func unwrapped(c Column) Column {
	c.Kind = KindRemark
	return c
}

// AllColumns contains the columns of the sheet of all payins and of the CSV.
var AllColumns = []Column{
	ColSeq, ColPayment, ColCreated, ColCurrency, ColAmount, ColInitial, ColOld, ColPaid,
	ColDifference, ColRecord, ColReprice, ColAppeal, ColOutcome, ColCauses,
	ColProviderStatus, ColProviderSubStatus,
	ColStatusBefore, ColSubStatusBefore, ColSettledBefore, ColStatusAfter, ColSubStatusAfter, ColSettledAfter,
	ColCorrection, ColRequest, ColExpires, ColChecked, unwrapped(ColReason),
}

// Columns returns the columns for this report. A report about several runs begins with the columns Run and Project.
func (r *Report) Columns(columns []Column) []Column {
	if r.Run != nil {
		return columns
	}
	all := []Column{ColRun, r.ProjectColumn()}
	for _, c := range columns {
		if c.Title != ColRun.Title {
			all = append(all, c)
		}
	}
	return all
}

// ProjectColumn returns the column of projects. If a project has no name, the column is wide enough for an id.
func (r *Report) ProjectColumn() Column {
	c := ColProject
	if slices.ContainsFunc(r.Runs, func(run reconcile.Run) bool { return r.Projects[run.ProjectID] == "" }) {
		c.Kind = KindID
	}
	return c
}

// Differs reports whether the finding belongs to the sheet of different amounts. The finding then has the outcome
// different_amount or unequal amounts.
func (l *Row) Differs() bool {
	const steps = reconcile.CauseAppeal | reconcile.CauseReprice | reconcile.CauseRecord
	return l.Outcome == reconcile.DifferentAmount || l.Outcome == reconcile.Reversed || l.Causes&steps != 0
}
