package reports

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// long is an archive of so many findings that holds only a few, and gives them again and again, each
// under ids of its own.
type long struct {
	shelf
	rows int
}

func newLong(rows int) *long {
	s := everything()
	s.findings = s.findings[:len(s.findings)-2] // the hostile ones are not what nights are made of
	l := &long{*s, rows}
	l.run.Selected, l.run.Weight.Answered = int64(rows), 0
	for f, err := range l.Findings(context.Background(), reconcile.Scope{}) {
		if err == nil && f.Outcome != reconcile.Unreachable {
			l.run.Weight.Answered++
		}
	}
	return l
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
			number := strconv.Itoa(10_000_000 + i*7919%89_999_999)
			f.PaymentID = "KG-20261101-" + number
			f.RequestID = "16a10539-" + number[:4] + "-4ff5-a3e2-" + number + "dead"
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

// BenchmarkBesideBare sets the whole workbook beside excelize's bare stream writer with the same values
// of the sheet of all payins alone, turn by turn in one run. Of the workbook's time, everything counts:
// styles, charts, and the totals.
func BenchmarkBesideBare(b *testing.B) {
	for _, rows := range []int{100_000, 1_000_000} {
		b.Run(strconv.Itoa(rows), func(b *testing.B) {
			l := newLong(rows)
			var ours, theirs time.Duration
			var written int64
			for b.Loop() {
				start := time.Now()
				done, err := WriteWorkbook(context.Background(), io.Discard, l, one(&l.shelf), bishkek())
				if err != nil {
					b.Fatal(err)
				}
				ours += time.Since(start)
				for _, sheet := range done.Sheets {
					written += sheet.Rows
				}
				start = time.Now()
				if err := bare(l); err != nil {
					b.Fatal(err)
				}
				theirs += time.Since(start)
			}
			row := float64(ours.Nanoseconds()) / float64(written)
			bareRow := float64(theirs.Nanoseconds()) / float64(b.N*rows)
			b.ReportMetric(row, "ns/row")
			b.ReportMetric(bareRow, "bare-ns/row")
			b.ReportMetric(row/bareRow, "of-bare")
			b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N*rows), "ns/payin")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkWriteCSV(b *testing.B) {
	const rows = 100_000
	l := newLong(rows)
	for b.Loop() {
		if err := WriteCSV(context.Background(), io.Discard, l, one(&l.shelf), bishkek()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}

// BenchmarkPeakMemory has a process of its own write each workbook, and asks the system for the most
// memory that it had.
func BenchmarkPeakMemory(b *testing.B) {
	var peaks []float64
	for _, rows := range []int{100_000, 1_000_000} {
		b.Run(strconv.Itoa(rows), func(b *testing.B) {
			var peak float64
			for b.Loop() {
				peak = peakOf(b, rows)
			}
			b.ReportMetric(peak, "peak-MB")
			peaks = append(peaks, peak)
			if n := len(peaks); n > 1 {
				b.ReportMetric(peak/peaks[0], "of-first")
			}
		})
	}
}

const rowsVariable = "HHRECON_BENCHMARK_ROWS"

func peakOf(tb testing.TB, rows int) float64 {
	tb.Helper()
	writer := exec.Command(os.Args[0], "-test.run=^TestWriteAlone$", "-test.v")
	writer.Env = append(os.Environ(), rowsVariable+"="+strconv.Itoa(rows))
	out, err := writer.CombinedOutput()
	if err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	_, after, found := strings.Cut(string(out), "VmHWM:")
	if !found {
		tb.Skip("this system does not tell a process's peak of memory")
	}
	kilobytes, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		tb.Fatal(err)
	}
	return kilobytes / 1024
}

// TestWriteAlone is what BenchmarkPeakMemory starts.
func TestWriteAlone(t *testing.T) {
	rows, err := strconv.Atoi(os.Getenv(rowsVariable))
	if err != nil {
		t.Skip("BenchmarkPeakMemory starts it")
	}
	l := newLong(rows)
	if _, err := WriteWorkbook(t.Context(), io.Discard, l, one(&l.shelf), bishkek()); err != nil {
		t.Fatal(err)
	}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		t.Log(string(status))
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
	if about.words, err = about.Options.words(); err != nil {
		return err
	}
	var row anyCells
	n := 0
	for finding, err := range l.Findings(context.Background(), one(&l.shelf)) {
		if err != nil {
			return err
		}
		n++
		row = row[:0]
		for i := range allColumns {
			allColumns[i].put(&row, &line{Finding: &finding, about: about})
		}
		if err := stream.SetRow(fmt.Sprintf("A%d", n), row); err != nil {
			return err
		}
	}
	if err := stream.Flush(); err != nil {
		return err
	}
	return f.Write(io.Discard)
}

// anyCells are a row's values as excelize takes them.
type anyCells []any

func (r *anyCells) blank()        { *r = append(*r, nil) }
func (r *anyCells) field(kind)    { r.blank() }
func (r *anyCells) count(n int64) { *r = append(*r, n) }
func (r *anyCells) text(s string) {
	if s == "" {
		r.blank()
		return
	}
	*r = append(*r, clean(s))
}

func (r *anyCells) amount(minor int64, currency string) {
	value, _ := moneyValue(amount, minor, currency)
	*r = append(*r, value)
}
func (r *anyCells) change(minor int64, currency string) { r.amount(minor, currency) }

func (r *anyCells) moment(t time.Time) {
	parts, ok := serialOf(t)
	if !ok {
		r.blank()
		return
	}
	*r = append(*r, float64(parts)/serialScale)
}
