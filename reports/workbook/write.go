// Package workbook writes a report as an .xlsx file for accountants, and reads their decisions back from the file.
//
// Call Write for a workbook of one run or of a period. Findings are streamed into the sheets, so memory use does not
// grow. Write reads the file back and compares its totals with the database's totals. Write never delivers a workbook
// with different totals. The same input always gives the same bytes.
//
// Call ReadDecisions to read the decisions that people filled in.
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

// Summary contains the numbers of a written workbook. Callers show and check these numbers.
type Summary struct {
	Totals     []reconcile.Total // totals of the streamed findings, in the order of reconcile.Outcomes
	Payins     int64             // number of written findings
	Unresolved int64             // open payins that became too old for the period
	reports.Coverage
	Waiting  int64               // payins that wait for a person's decision
	Support  int64               // payins to ask HighHelp's support about
	Largest  []reconcile.Finding // at most ten findings with the largest differences between A and M, the largest first
	Run      *reconcile.Run      // the report's run; nil for a period
	Runs     []reconcile.Run     // the runs of a period, newest first
	Sheets   []SheetRows         // all sheets except the Summary, in the workbook's order
	Verified *reconcile.Verified // verified successes of a period
}

// SheetRows is the number of rows of a sheet, without its header.
type SheetRows struct {
	Name string
	Rows int64
}

// Write writes the findings of a scope as one .xlsx. Write reads the file back before it delivers the file. If the
// totals differ from the archive's totals, Write writes nothing and returns a *TotalsMismatchError. The error names the
// total, the outcome, the currency, and the path of the kept workbook.
func Write(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.ReportScope,
	o reports.Options) (done Summary, err error) {
	defer reports.RecoverPanic("workbook", s, &err)
	return write(ctx, w, a, s, o, testHooks{maxRows: excelize.TotalRows})
}

// testHooks has settings that only tests change.
type testHooks struct {
	maxRows   int                  // maximum number of rows of a worksheet
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

// stream writes the rows of all sheets in one pass. Payins that left the period and failed corrections come first in
// their sheets, because a person must check them. Failed corrections are rare, so they are read separately only if the
// totals contain any.
func (b *workbook) stream(ctx context.Context, a reconcile.Archive) error {
	if b.report.HasAllFindings() { // a correction omits open payins that became too old for the period
		if err := reports.Each("read the payins that left the "+
			"window", a.Unresolved(ctx, b.report.Scope), b.addLeft); err != nil {
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

// summarise returns the numbers that the written sheets contain.
func (b *workbook) summarise() Summary {
	return Summary{Totals: b.sums.List(), Payins: b.sums.Count(), Unresolved: b.left, Coverage: b.coverage,
		Waiting: b.waiting, Support: b.support.rows, Largest: b.largest, Run: b.report.Run, Runs: b.report.Runs,
		Sheets: reconcile.Map(b.sheets(), func(s *sheet) SheetRows { return SheetRows{s.title, s.rows} })}
}

// MaxLargest is the maximum number of findings in Summary.Largest.
const MaxLargest = 10

// largest keeps the findings with the largest differences between A and M, the largest first. Findings with equal
// differences stay in their order.
type largest []reconcile.Finding

func (l *largest) add(f *reconcile.Finding) {
	if distance(f) == 0 {
		return
	}
	place, _ := slices.BinarySearchFunc(*l, distance(f), func(kept reconcile.Finding, d int64) int {
		return cmp.Or(cmp.Compare(d, distance(&kept)), -1)
	})
	if place < MaxLargest {
		*l = slices.Insert(*l, place, *f)
		*l = (*l)[:min(len(*l), MaxLargest)]
	}
}

// distance returns the difference between A and M in thousandths of the major unit, to compare currencies. It returns 0
// if the amounts were not compared.
func distance(f *reconcile.Finding) int64 {
	if !f.Compared() {
		return 0
	}
	d := max(f.PaidAmount-f.Amount, f.Amount-f.PaidAmount) // cannot overflow: the rules limit amounts to 10^13
	exponent, _ := reconcile.Exponent(f.Currency)
	for ; exponent < 3; exponent++ {
		d *= 10
	}
	return d
}
