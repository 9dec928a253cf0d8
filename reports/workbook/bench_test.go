package workbook

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
	"hhrecon/reports/xlsx"
)

// long is an archive of many findings. It stores only a few findings, and returns each of them many
// times with different ids.
type long struct {
	testArchive
	rows int
}

func newLong(rows int) *long {
	s := everything()
	s.findings = s.findings[:len(s.findings)-2] // without harmful texts, because real runs rarely contain such texts
	l := &long{*s, rows}
	l.run.Selected, l.run.Impact.Answered = int64(rows), 0
	for f, err := range l.Findings(context.Background(), reconcile.ReportScope{}) {
		if err == nil && f.Outcome != reconcile.Unreachable {
			l.run.Impact.Answered++
		}
	}
	return l
}

func (l *long) Findings(context.Context, reconcile.ReportScope) iter.Seq2[reconcile.Finding, error] {
	return func(yield func(reconcile.Finding, error) bool) {
		for i := range l.rows {
			// In most runs, about nine of ten payins are confirmed.
			f := l.findings[0]
			if i%10 == 0 {
				f = l.findings[i/10%len(l.findings)]
			}
			f.Seq = int64(i + 1)
			number := strconv.Itoa(10_000_000 + i*7919%89_999_999)
			f.PaymentID = "KG-20261101-" + number
			f.RequestID = "16a10539-" + number[:4] + "-4ff5-a3e2-" + number + "dead"
			moved := time.Duration(i*7919%86_400) * time.Second
			f.CreatedAt, f.CheckedAt = f.CreatedAt.Add(moved), f.CheckedAt.Add(time.Duration(i)*time.Millisecond)
			if !f.ExpiresAt.IsZero() {
				f.ExpiresAt = f.ExpiresAt.Add(moved)
			}
			if f.Outcome == reconcile.Confirmed {
				paid := int64(10_000 + i*7919%1_000_000)
				f.Amount, f.InitialAmount, f.OldAmount, f.PaidAmount, f.After.SettledAmount = paid, paid, paid, paid, paid
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (l *long) FindingsOf(context.Context, reconcile.ReportScope, []reconcile.Outcome) ([]reconcile.Finding, error) {
	return nil, errors.New("a workbook reads all findings")
}

func (l *long) Totals(ctx context.Context, scope reconcile.ReportScope) ([]reconcile.Total, error) {
	sums := make(totals.Totals)
	for f, err := range l.Findings(ctx, scope) {
		if err != nil {
			return nil, err
		}
		sums.Add(&f)
	}
	return sums.List(), nil
}

// BenchmarkRows compares the cost of a row with other writers: excelize's stream writer, and libxlsxwriter (in C) in
// its constant-memory mode. The writers run in turn, each in a separate process. Each writer writes the 27 columns of
// the sheet of all payins. "workbook" is Write with all sheets, totals and verification. "rows" is only the sheet that
// the other writers write. HHRECON_ROWS is the number of rows; the default is 50 000. of-tenth is the peak memory
// divided by the peak memory for a tenth of the rows.
func BenchmarkRows(b *testing.B) {
	rows := 50_000
	if n, err := strconv.Atoi(os.Getenv("HHRECON_ROWS")); err == nil {
		rows = n
	}
	measured := make(map[string]cost)
	c := compiledC(b)
	for b.Loop() {
		for _, writer := range slices.Sorted(maps.Keys(alone)) {
			measured[writer] = measured[writer].plus(costAlone(b, writer, rows))
		}
		measured["tenth"] = measured["tenth"].plus(costAlone(b, "workbook", rows/10))
		if c != "" {
			measured["libxlsxwriter"] = measured["libxlsxwriter"].plus(costOfC(b, c, rows))
		}
	}
	for _, writer := range slices.Sorted(maps.Keys(measured)) {
		m := measured[writer]
		if writer == "tenth" {
			b.ReportMetric(measured["workbook"].peak/m.peak, "of-tenth")
			continue
		}
		b.ReportMetric(m.ns/m.rows, writer+"-ns/row")
		b.ReportMetric(m.peak/1024, writer+"-peak-MB")
		if other := measured[writer]; writer == "excelize" || writer == "libxlsxwriter" {
			b.ReportMetric(measured["workbook"].ns/other.ns, "workbook/"+writer)
			b.ReportMetric(measured["rows"].ns/other.ns, "rows/"+writer)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// cost is the time for writing rows, and the peak memory of the process.
type cost struct{ rows, ns, peak float64 }

func (c cost) plus(other cost) cost {
	return cost{c.rows + other.rows, c.ns + other.ns, max(c.peak, other.peak)}
}

// alone maps names to the writers that TestWriteAlone can run.
var alone = map[string]func(l *long) error{"workbook": whole, "rows": oneSheet, "excelize": bare}

const writerVariable, rowsVariable = "HHRECON_BENCHMARK_WRITER", "HHRECON_BENCHMARK_ROWS"

// costAlone writes the rows in a new process.
func costAlone(tb testing.TB, writer string, rows int) cost {
	tb.Helper()
	process := exec.Command(os.Args[0], "-test.run=^TestWriteAlone$", "-test.v")
	process.Env = append(os.Environ(), writerVariable+"="+writer, rowsVariable+"="+strconv.Itoa(rows))
	return costOf(tb, process)
}

func costOf(tb testing.TB, process *exec.Cmd) cost {
	tb.Helper()
	out, err := process.CombinedOutput()
	if err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	var c cost
	_, said, _ := strings.Cut(string(out), "rows ")
	if _, err := fmt.Sscanf(said, "%g ns %g peak-kB %g", &c.rows, &c.ns, &c.peak); err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	return c
}

// TestWriteAlone writes rows for BenchmarkRows. BenchmarkRows starts the test in a separate process.
func TestWriteAlone(t *testing.T) {
	rows, err := strconv.Atoi(os.Getenv(rowsVariable))
	if err != nil {
		t.Skip("only BenchmarkRows runs it")
	}
	l := newLong(rows)
	begun := time.Now()
	if err := alone[os.Getenv(writerVariable)](l); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begun)
	t.Logf("rows %d ns %d peak-kB %s", rows, took.Nanoseconds(), peak())
}

// peak returns the peak memory of this process in kB, or "0" if the system does not report it.
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	_, after, found := strings.Cut(string(status), "VmHWM:")
	if err != nil || !found {
		return "0"
	}
	return strings.Fields(after)[0]
}

func whole(l *long) error {
	_, err := Write(context.Background(), io.Discard, l, one(&l.testArchive), bishkek())
	return err
}

// oneSheet writes and packs only the sheet of all payins, with this package's writer.
func oneSheet(l *long) error {
	about := &reports.Report{Options: bishkek(), Printer: i18n.English(), Scope: one(&l.testArchive), Run: &l.run}
	b, err := newWorkbook(about, excelize.TotalRows)
	if err != nil {
		return err
	}
	defer b.close()
	for f, err := range l.Findings(context.Background(), about.Scope) {
		if err != nil {
			return err
		}
		if err := b.all.add(&reports.Row{Finding: &f, Report: about}); err != nil {
			return err
		}
	}
	if err := b.finish(); err != nil {
		return err
	}
	return b.pack(io.Discard)
}

// compiledC compiles testdata/libxlsxwriter/rows.c and returns the path of the program. It returns "" if the compiler
// or the library is missing.
func compiledC(tb testing.TB) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "rows")
	if out, err := exec.Command("cc", "-O2", "-o", name, "testdata/libxlsxwriter/rows.c",
		"-lxlsxwriter").CombinedOutput(); err != nil {
		tb.Logf("libxlsxwriter is left out, for it does not compile here (apt-get install gcc libxlsxwriter-dev): %v: %.200s",
			err, out)
		return ""
	}
	return name
}

func costOfC(tb testing.TB, program string, rows int) cost {
	tb.Helper()
	dir := tb.TempDir()
	cells := filepath.Join(dir, "cells.txt")
	if err := writeCells(cells, newLong(rows)); err != nil {
		tb.Fatal(err)
	}
	return costOf(tb, exec.Command(program, cells, filepath.Join(dir, "out.xlsx")))
}

// writeCells writes the rows to a text file, which the C program testdata/libxlsxwriter/rows.c reads.
func writeCells(name string, l *long) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriter(file)
	formats := make([]string, len(reports.AllColumns))
	for i, c := range reports.AllColumns {
		formats[i] = cellStyle{kind: c.Kind, exponent: 2}.format()
	}
	fmt.Fprintln(out, strings.Join(formats, "\t"))
	err = eachBareRow(l, func(_ int, row anyCells) error {
		for i, value := range row {
			if i > 0 {
				fmt.Fprint(out, "\t")
			}
			switch v := value.(type) {
			case string:
				fmt.Fprint(out, "s", v)
			case float64:
				fmt.Fprint(out, "n", strconv.FormatFloat(v, 'f', -1, 64))
			case int64:
				fmt.Fprint(out, "n", v)
			}
		}
		fmt.Fprintln(out)
		return nil // Flush returns the error
	})
	return errors.Join(err, out.Flush())
}

func BenchmarkWriteCSV(b *testing.B) {
	const rows = 100_000
	l := newLong(rows)
	for b.Loop() {
		if err := reports.WriteCSV(context.Background(), io.Discard, l, one(&l.testArchive), bishkek()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}

// bare writes only the sheet of all payins with excelize's stream writer.
func bare(l *long) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	stream, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	err = eachBareRow(l, func(n int, row anyCells) error { return stream.SetRow(fmt.Sprintf("A%d", n), row) })
	if err != nil {
		return err
	}
	if err := stream.Flush(); err != nil {
		return err
	}
	return f.Write(io.Discard)
}

// eachBareRow passes the values of each row of the sheet of all payins to the function each. Row numbers begin at 1.
// The values are valid until the next call.
func eachBareRow(l *long, each func(n int, row anyCells) error) error {
	about := &reports.Report{Options: bishkek(), Printer: i18n.English()}
	var row anyCells
	n := 0
	for finding, err := range l.Findings(context.Background(), one(&l.testArchive)) {
		if err != nil {
			return err
		}
		n++
		row = row[:0]
		for i := range reports.AllColumns {
			reports.AllColumns[i].Put(&row, &reports.Row{Finding: &finding, Report: about})
		}
		if err := each(n, row); err != nil {
			return err
		}
	}
	return nil
}

// anyCells contains the values of a row in the form that excelize needs.
type anyCells []any

func (r *anyCells) Blank()               { *r = append(*r, nil) }
func (r *anyCells) Field(reports.Kind)   { r.Blank() }
func (r *anyCells) Count(n int64)        { *r = append(*r, n) }
func (r *anyCells) Currency(code string) { r.Text(reports.CurrencyName(code)) }
func (r *anyCells) Text(s string) {
	if s == "" {
		r.Blank()
		return
	}
	*r = append(*r, reports.Clean(s))
}

func (r *anyCells) Amount(minor int64, currency string) {
	value, _ := moneyValue(i18n.Printer{}, reports.KindAmount, reconcile.SumOf(minor), currency)
	*r = append(*r, value)
}
func (r *anyCells) Change(minor int64, currency string) { r.Amount(minor, currency) }

func (r *anyCells) Time(t time.Time) {
	parts, ok := xlsx.Serial(t)
	if !ok {
		r.Blank()
		return
	}
	*r = append(*r, float64(parts)/xlsx.SerialScale)
}
