package reports

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// WriteWorkbook writes the findings of a scope as one .xlsx. What is delivered was read back from the file
// and ties with the archive's totals. Where it does not, nothing is written: the error is an *UntiedError,
// which says which figure of which outcome and currency is off, and where the workbook is kept.
func WriteWorkbook(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.Scope, o Options) (Summary, error) {
	return writeWorkbook(ctx, w, a, s, o, trial{maxRows: excelize.TotalRows})
}

// trial is what tests change.
type trial struct {
	maxRows int                  // that a worksheet holds
	changed func(*os.File) error // changes the file before it is read back; may be nil
}

func writeWorkbook(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.Scope, o Options, t trial) (Summary, error) {
	r, err := begin(ctx, a, s, o)
	if err != nil {
		return Summary{}, err
	}
	b, err := r.beginBook(ctx, a, t.maxRows)
	if err != nil {
		return Summary{}, err
	}
	defer b.close()
	if err := b.stream(ctx, a.Findings(ctx, s)); err != nil {
		return Summary{}, err
	}
	return b.conclude(ctx, w, a, t.changed)
}

// beginBook begins a workbook: all that can be written before the findings. What left the window stands first in its sheet, for it
// is what a person must look at.
func (r *subject) beginBook(ctx context.Context, a reconcile.Archive, maxRows int) (*book, error) {
	if err := r.readMarks(ctx); err != nil {
		return nil, err
	}
	b, err := newBook(r, maxRows)
	if err != nil {
		return nil, err
	}
	if err := b.streamLeft(ctx, a); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// conclude writes what follows from the findings, packs and proves the workbook, and delivers it.
func (b *book) conclude(ctx context.Context, w io.Writer, a reconcile.Archive, changed func(*os.File) error) (Summary, error) {
	r := b.about
	if err := r.conclude(ctx, a); err != nil {
		return Summary{}, err
	}
	if err := r.readNights(ctx, a); err != nil {
		return Summary{}, err
	}
	if err := b.joinCorrections(); err != nil {
		return Summary{}, err
	}
	if err := b.streamSince(ctx, a); err != nil {
		return Summary{}, err
	}
	if err := b.streamJourneys(ctx, a); err != nil {
		return Summary{}, err
	}
	if err := b.streamChanges(ctx, a); err != nil {
		return Summary{}, err
	}
	untied := b.sums.tie("workbook", r)
	if untied == nil {
		untied = b.coverage.tie(r)
	}
	if err := b.writeControl(); err != nil {
		return Summary{}, err
	}
	if err := b.writeNights(); err != nil {
		return Summary{}, err
	}
	if err := b.writeLegend(); err != nil {
		return Summary{}, err
	}
	done := b.summarise()
	if err := b.writeSummary(&done); err != nil {
		return Summary{}, fmt.Errorf("sheet %s: %w", b.summary, err)
	}
	if err := b.finish(); err != nil {
		return Summary{}, err
	}
	if err := b.deliver(w, untied, changed); err != nil {
		return Summary{}, err
	}
	return done, nil
}

// stream sends every finding through all sheets at once.
func (b *book) stream(ctx context.Context, findings iter.Seq2[reconcile.Finding, error]) error {
	return each(ctx, findings, b.add)
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
	return each(ctx, a.Findings(ctx, s), do)
}

func each(ctx context.Context, findings iter.Seq2[reconcile.Finding, error], do func(*reconcile.Finding) error) error {
	for f, err := range findings {
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
func (b *book) summarise() Summary {
	done := Summary{
		Totals: b.sums.totals(), Payins: b.sums.count(), Unresolved: b.left, Coverage: b.coverage, Waiting: b.waiting,
		Support: b.support.rows,
		Largest: b.largest, Run: b.about.run, Runs: b.about.runs,
	}
	for _, s := range b.sheets() {
		done.Sheets = append(done.Sheets, SheetRows{s.title, s.rows})
	}
	return done
}
