package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// Draft is the workbook of a run that is under way: its rows are written as its findings come, so that little is left to do once
// the run is closed. It is for one goroutine at a time.
type Draft struct {
	archive reconcile.Archive
	book    *book
}

// ErrMarked says that marks of HighHelp's support changed after a draft had rows with them.
var ErrMarked = errors.New("how far HighHelp's support is was marked anew while the workbook was written: write it again")

// BeginWorkbook begins the workbook of a run that is under way, as it will be once the run is closed. Call Add with all its
// findings, Finish once it is closed, and Discard in any case.
func BeginWorkbook(ctx context.Context, a reconcile.Archive, runID int64, o Options) (*Draft, error) {
	return beginDraft(ctx, a, runID, o, excelize.TotalRows)
}

func beginDraft(ctx context.Context, a reconcile.Archive, runID int64, o Options, maxRows int) (*Draft, error) {
	r, err := begin(ctx, a, reconcile.Scope{RunID: runID}, o)
	if err != nil {
		return nil, err
	}
	r.follows = true
	b, err := r.beginBook(ctx, a, maxRows)
	if err != nil {
		return nil, err
	}
	return &Draft{archive: a, book: b}, nil
}

// Add writes findings: those of the run, each once, in the order of their selection.
func (d *Draft) Add(ctx context.Context, findings iter.Seq2[reconcile.Finding, error]) error {
	return d.book.stream(ctx, findings)
}

// Finish writes what follows from the findings, and delivers the workbook: the bytes are those that WriteWorkbook would give at that
// moment. Like WriteWorkbook it delivers nothing that does not tie; findings that were not added are seen by that. It returns ErrMarked
// where a row shows a mark that no longer is the last one, and an error where the run is not closed.
func (d *Draft) Finish(ctx context.Context, w io.Writer, now time.Time) (Summary, error) {
	r := d.book.about
	written := r.marks
	if err := r.readMarks(ctx); err != nil {
		return Summary{}, err
	}
	if !sameMarks(written, r.marks) {
		return Summary{}, fmt.Errorf("finish the workbook of run %d: %w", r.run.ID, ErrMarked)
	}
	r.Now = now
	return d.book.conclude(ctx, w, d.archive, nil)
}

// Discard gives back the disk that the draft took. It may be called after Finish, and again.
func (d *Draft) Discard() { d.book.close() }
