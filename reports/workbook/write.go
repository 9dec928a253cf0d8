// Package workbook writes a report as an .xlsx for those who keep the books, and reads their decisions back from it.
//
// Write makes a workbook of one run or of a period. Each sheet has a file here; findings are streamed into the sheets,
// so memory stays flat. Before a workbook is delivered it is read back, and its totals are compared with the
// database's: a workbook whose totals differ is never delivered. Equal input gives equal bytes.
//
// ReadDecisions returns what people filled in.
package workbook

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

// Summary is what was written, for the caller to show and check.
type Summary struct {
	Totals     []reconcile.Total // as streamed, which is as the database adds them up; in the order of reconcile.Outcomes
	Payins     int64             // findings written
	Unresolved int64             // open payins that left the window
	reports.Coverage
	Waiting  int64               // for a person's decision
	Support  int64               // that HighHelp's support should be asked about
	Largest  []reconcile.Finding // the differences between A and M that are the largest, at most ten, the largest first
	Run      *reconcile.Run      // that the report is about; nil for a period
	Runs     []reconcile.Run     // of a period, newest first
	Sheets   []SheetRows         // in the workbook's order, Summary apart
	Verified *reconcile.Verified // successes of a period
}

// SheetRows is the number of rows of a sheet, without its header.
type SheetRows struct {
	Name string
	Rows int64
}

// Write writes the findings of a scope as one .xlsx. The file is read back before it is delivered. If its totals
// differ from the archive's, nothing is written: the error is a *TotalsMismatchError, which names the total, the
// outcome, the currency, and where the workbook is kept.
func Write(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.ReportScope,
	o reports.Options) (done Summary, err error) {
	defer reports.RecoverPanic("workbook", s, &err)
	return write(ctx, w, a, s, o, testHooks{maxRows: excelize.TotalRows})
}

// testHooks are what tests change.
type testHooks struct {
	maxRows   int                  // that a worksheet holds
	afterPack func(*os.File) error // changes the file before it is read back; may be nil
}

func write(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.ReportScope, o reports.Options,
	t testHooks) (Summary, error) {
	r, err := reports.NewReport(ctx, a, s, o)
	if err != nil {
		return Summary{}, err
	}
	if err := r.ReadSupportMarks(ctx); err != nil {
		return Summary{}, err
	}
	b, err := newWorkbook(r, t.maxRows)
	if err != nil {
		return Summary{}, err
	}
	defer b.close()
	for _, stream := range [...]func(context.Context, reconcile.Archive) error{
		b.readDailyTotals, b.stream, b.streamSince, b.streamHistories, b.streamChanges,
	} {
		if err := stream(ctx, a); err != nil {
			return Summary{}, err
		}
	}
	untied := cmp.Or(r.ReconcileTotals("workbook", b.sums), b.coverage.Reconcile(r))
	for _, write := range [...]func() error{(&controlWriter{b}).write, b.writeDailyTotals, b.writeLegend} {
		if err := write(); err != nil {
			return Summary{}, err
		}
	}
	done := b.summarise()
	if r.Run == nil && r.Verified != nil && r.HasAllFindings() {
		done.Verified = r.Verified(ctx, s.Window, r.Runs...)
	}
	if err := b.writeSummary(&done); err != nil {
		return Summary{}, fmt.Errorf("sheet %s: %w", b.summary, err)
	}
	if err := b.finish(); err != nil {
		return Summary{}, err
	}
	if err := b.deliver(w, untied, t.afterPack); err != nil {
		return Summary{}, err
	}
	return done, nil
}

// stream writes all sheets at once. Payins that left the window and corrections that failed come first in their sheets,
// because a person must look at them. Failed corrections are rare: they are read separately only if the totals have
// some.
func (b *workbook) stream(ctx context.Context, a reconcile.Archive) error {
	if b.report.HasAllFindings() { // what left the window is no part of a correction
		if err := reports.Each("read what left the window", a.Unresolved(ctx, b.report.Scope), b.addLeft); err != nil {
			return err
		}
	}
	if sum := totals.Counts(b.report.Totals); sum.Superseded+sum.Refused+sum.Locked > 0 {
		if err := reports.EachFinding(ctx, a, b.report.Scope, b.addFailed); err != nil {
			return err
		}
	}
	return reports.EachFinding(ctx, a, b.report.Scope, b.add)
}

// summarise returns what was written.
func (b *workbook) summarise() Summary {
	done := Summary{Totals: b.sums.List(), Payins: b.sums.Count(), Unresolved: b.left, Coverage: b.coverage,
		Waiting: b.waiting, Support: b.support.rows, Largest: b.largest, Run: b.report.Run, Runs: b.report.Runs}
	for _, s := range b.sheets() {
		done.Sheets = append(done.Sheets, SheetRows{s.title, s.rows})
	}
	return done
}

// MostLargest is how many of the largest differences a summary has.
const MostLargest = 10

// largest keeps the findings with the largest difference between A and M, the largest first. Equal ones stay in the
// order of the findings.
type largest []reconcile.Finding

func (l *largest) add(f *reconcile.Finding) {
	if distance(f) == 0 {
		return
	}
	place, _ := slices.BinarySearchFunc(*l, distance(f), func(kept reconcile.Finding, d int64) int {
		return cmp.Or(cmp.Compare(d, distance(&kept)), -1)
	})
	if place < MostLargest {
		*l = slices.Insert(*l, place, *f)
		*l = (*l)[:min(len(*l), MostLargest)]
	}
}

// distance is the difference between A and M in thousandths of the major unit, which makes currencies comparable; 0
// if the amounts were not compared.
func distance(f *reconcile.Finding) int64 {
	if !f.Compared() {
		return 0
	}
	d := max(f.PaidAmount-f.Amount, f.Amount-f.PaidAmount) // amounts are at most 10^13, see the rules
	exponent, _ := reconcile.Exponent(f.Currency)
	for ; exponent < 3; exponent++ {
		d *= 10
	}
	return d
}
