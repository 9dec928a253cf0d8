package reports

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports/totals"
)

// WriteWorkbook writes the findings of a scope as one .xlsx. What is delivered was read back from the file
// and ties with the archive's totals. Where it does not, nothing is written: the error is an *UntiedError,
// which says which figure of which outcome and currency is off, and where the workbook is kept.
func WriteWorkbook(
	ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.ReportScope, o Options,
) (done Summary, err error) {
	defer caught("workbook", s, &err)
	return writeWorkbook(ctx, w, a, s, o, trial{maxRows: excelize.TotalRows})
}

// trial is what tests change.
type trial struct {
	maxRows int                  // that a worksheet holds
	changed func(*os.File) error // changes the file before it is read back; may be nil
}

func writeWorkbook(
	ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.ReportScope, o Options, t trial,
) (Summary, error) {
	r, err := about(ctx, a, s, o)
	if err != nil {
		return Summary{}, err
	}
	if err := cmp.Or(r.readMarks(ctx), r.readNights(ctx, a)); err != nil {
		return Summary{}, err
	}
	b, err := newBook(r, t.maxRows)
	if err != nil {
		return Summary{}, err
	}
	defer b.close()
	for _, stream := range [...]func(context.Context, reconcile.Archive) error{
		b.stream, b.streamSince, b.streamJourneys, b.streamChanges,
	} {
		if err := stream(ctx, a); err != nil {
			return Summary{}, err
		}
	}
	untied := cmp.Or(r.tie("workbook", b.sums), b.coverage.tie(r))
	for _, write := range [...]func() error{b.writeControl, b.writeNights, b.writeLegend} {
		if err := write(); err != nil {
			return Summary{}, err
		}
	}
	done := b.summarise()
	if r.run == nil && r.Verified != nil && r.whole() {
		done.Verified = r.Verified(ctx, s.Window, r.runs...)
	}
	if err := b.writeSummary(&done); err != nil {
		return Summary{}, fmt.Errorf("sheet %s: %w", b.summary, err)
	}
	if err := b.finish(); err != nil {
		return Summary{}, err
	}
	if err := b.deliver(w, untied, t.changed); err != nil {
		return Summary{}, err
	}
	return done, nil
}

// stream writes all sheets at once. Payins that left the window and corrections that failed come first in their sheets,
// because a person must look at them. Failed corrections are rare: they are read separately only if the totals have
// some.
func (b *book) stream(ctx context.Context, a reconcile.Archive) error {
	if b.about.whole() { // what left the window is no part of a correction
		if err := each("read what left the window", a.Unresolved(ctx, b.about.scope), b.addLeft); err != nil {
			return err
		}
	}
	if sum := totals.Counts(b.about.totals); sum.Superseded+sum.Refused+sum.Locked > 0 {
		if err := eachFinding(ctx, a, b.about.scope, b.addFailed); err != nil {
			return err
		}
	}
	return eachFinding(ctx, a, b.about.scope, b.add)
}

func eachFinding(ctx context.Context, a reconcile.Archive, s reconcile.ReportScope,
	do func(*reconcile.Finding) error) error {
	return each("read the findings", a.Findings(ctx, s), func(f *reconcile.Finding) error {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the findings: %w", err)
		}
		return do(f)
	})
}

// each calls do with all that is read; reading says what that is.
func each[T any](reading string, all iter.Seq2[T, error], do func(*T) error) error {
	for one, err := range all {
		if err != nil {
			return fmt.Errorf("%s: %w", reading, err)
		}
		if err := do(&one); err != nil {
			return err
		}
	}
	return nil
}

// summarise says what was written.
func (b *book) summarise() Summary {
	done := Summary{
		Totals: b.sums.Totals(), Payins: b.sums.Count(), Unresolved: b.left, Coverage: b.coverage, Waiting: b.waiting,
		Support: b.support.rows, Largest: b.largest, Run: b.about.run, Runs: b.about.runs,
	}
	for _, s := range b.sheets() {
		done.Sheets = append(done.Sheets, SheetRows{s.title, s.rows})
	}
	return done
}
