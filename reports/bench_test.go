package reports

import (
	"context"
	"fmt"
	"io"
	"iter"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// long is an archive of so many findings that holds only a few, and gives them again and again.
type long struct {
	shelf
	rows int
}

func newLong(rows int) *long {
	s := everything()
	s.findings = s.findings[:len(s.findings)-2] // the hostile ones are not what nights are made of
	s.run.Selected, s.run.Weight.Answered = int64(rows), int64(rows)
	return &long{*s, rows}
}

func (l *long) Findings(context.Context, reconcile.Scope) iter.Seq2[reconcile.Finding, error] {
	return func(yield func(reconcile.Finding, error) bool) {
		for i := range l.rows {
			// Nine in ten are confirmed, as on most nights.
			f := l.findings[0]
			if i%10 == 0 {
				f = l.findings[i/10%len(l.findings)]
			}
			f.Seq = int64(i + 1)
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (l *long) Totals(ctx context.Context, scope reconcile.Scope) ([]reconcile.Total, error) {
	sums := make(tally)
	for f, err := range l.Findings(ctx, scope) {
		if err != nil {
			return nil, err
		}
		if err := sums.add(&f); err != nil {
			return nil, err
		}
	}
	return sums.totals(), nil
}

// BenchmarkWriteWorkbook sets the whole workbook beside excelize's bare stream writer with the same
// values of the sheet of all payins alone, in one run.
func BenchmarkWriteWorkbook(b *testing.B) {
	for _, rows := range []int{1_000, 100_000} {
		l := newLong(rows)
		b.Run(fmt.Sprintf("workbook/%d", rows), func(b *testing.B) {
			measured(b, rows, func() error {
				_, err := WriteWorkbook(context.Background(), io.Discard, l, one(&l.shelf), bishkek())
				return err
			})
		})
		b.Run(fmt.Sprintf("bare/%d", rows), func(b *testing.B) {
			measured(b, rows, func() error { return bare(l) })
		})
		b.Run(fmt.Sprintf("csv/%d", rows), func(b *testing.B) {
			measured(b, rows, func() error {
				return WriteCSV(context.Background(), io.Discard, l, one(&l.shelf), bishkek())
			})
		})
	}
}

// bare writes the cells of all payins with nothing of ours around them.
func bare(l *long) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	stream, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	about := &subject{Options: bishkek(), exponent: 2}
	row := rowCells{styles: newStyles(f), exponent: 2}
	n := 0
	for finding, err := range l.Findings(context.Background(), one(&l.shelf)) {
		if err != nil {
			return err
		}
		n++
		row.values = row.values[:0]
		for i := range allColumns {
			allColumns[i].put(&row, &line{Finding: &finding, about: about})
		}
		if err := stream.SetRow(fmt.Sprintf("A%d", n), row.values); err != nil {
			return err
		}
	}
	if err := stream.Flush(); err != nil {
		return err
	}
	return f.Write(io.Discard)
}

// measured reports the time and the allocations of a row, and the most memory that was in use above
// what was in use before.
func measured(b *testing.B, rows int, write func() error) {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse))
			}
		}
	}()
	for b.Loop() {
		if err := write(); err != nil {
			b.Fatal(err)
		}
	}
	close(done)
	<-stopped
	runtime.ReadMemStats(&now)
	all := float64(b.N) * float64(rows)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/all, "ns/row")
	b.ReportMetric(float64(now.Mallocs-before.Mallocs)/all, "allocs/row")
	if top := peak.Load(); top > before.HeapInuse {
		b.ReportMetric(float64(top-before.HeapInuse)/(1<<20), "peak-MB")
	}
}
