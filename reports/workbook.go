package reports

import (
	"context"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// WriteWorkbook writes the findings of a scope as one .xlsx. Nothing is written, and the error says
// which figure of which outcome and currency is off, where the findings do not add up to the
// archive's totals.
func WriteWorkbook(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.Scope, o Options) (Summary, error) {
	return writeWorkbook(ctx, w, a, s, o, excelize.TotalRows)
}

// writeWorkbook takes the rows that a worksheet holds, so that a test can make them few.
func writeWorkbook(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.Scope, o Options, maxRows int) (Summary, error) {
	r, err := about(ctx, a, s, o)
	if err != nil {
		return Summary{}, err
	}
	b, err := newBook(r, maxRows)
	if err != nil {
		return Summary{}, err
	}
	defer b.close()
	sums, err := b.stream(ctx, a)
	if err != nil {
		return Summary{}, err
	}
	if err := sums.tie("workbook", r); err != nil {
		return Summary{}, err
	}
	if err := b.coverage.tie(r); err != nil {
		return Summary{}, err
	}
	done := b.summarise(sums)
	if err := b.writeSummary(&done); err != nil {
		return Summary{}, fmt.Errorf("sheet %s: %w", summaryTitle, err)
	}
	if err := b.finish(); err != nil {
		return Summary{}, err
	}
	if err := b.pack(w); err != nil {
		return Summary{}, err
	}
	return done, nil
}

// stream sends every finding through all sheets at once. What left the window and what could not be
// corrected stand first in their sheets, for they are what a person must look at; such corrections are
// rare, and only where the totals know of some is there a pass for them alone.
func (b *book) stream(ctx context.Context, a reconcile.Archive) (tally, error) {
	if err := b.streamLeft(ctx, a); err != nil {
		return nil, err
	}
	if sum := sumOf(b.about.totals); sum.Superseded+sum.Refused > 0 {
		err := eachFinding(ctx, a, b.about.scope, func(f *reconcile.Finding) error {
			if l := (&line{Finding: f, about: b.about}); l.failed() {
				return b.corrections.add(l)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	sums := make(tally)
	return sums, eachFinding(ctx, a, b.about.scope, func(f *reconcile.Finding) error {
		if err := sums.add(f); err != nil {
			return err
		}
		return b.add(f)
	})
}

// streamLeft lists what left the window; it is no part of a correction.
func (b *book) streamLeft(ctx context.Context, a reconcile.Archive) error {
	if !b.about.whole() {
		return nil
	}
	for payin, err := range a.Unresolved(ctx, b.about.scope) {
		if err != nil {
			return fmt.Errorf("read what left the window: %w", err)
		}
		if err := b.addLeft(&payin); err != nil {
			return err
		}
	}
	return nil
}

func eachFinding(ctx context.Context, a reconcile.Archive, s reconcile.Scope, do func(*reconcile.Finding) error) error {
	for f, err := range a.Findings(ctx, s) {
		if err != nil {
			return fmt.Errorf("read the findings: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the findings: %w", err)
		}
		if err := do(&f); err != nil {
			return err
		}
	}
	return nil
}

// summarise says what was written.
func (b *book) summarise(sums tally) Summary {
	done := Summary{
		Totals: sums.totals(), Payins: sums.count(), Unresolved: b.left, Coverage: b.coverage, Waiting: b.waiting,
		Support: b.support.rows,
		Largest: b.largest, Run: b.about.run, Runs: b.about.runs,
	}
	for _, s := range b.sheets() {
		done.Sheets = append(done.Sheets, SheetRows{s.title, s.rows})
	}
	return done
}
