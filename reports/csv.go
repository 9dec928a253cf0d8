package reports

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"hhrecon/reconcile"
	"hhrecon/reports/totals"
)

// byteOrderMark at the start of a CSV file makes Excel read the file as UTF-8.
const byteOrderMark = "\uFEFF"

// WriteCSV writes all findings of a scope as CSV (RFC 4180) with a byte order mark. Amounts are plain decimals in major
// units. Times are local times of the report's zone. If a text begins with = + - @, a tab or a line break, WriteCSV
// puts an apostrophe before it. Otherwise a spreadsheet program would read the text as a formula. If the totals differ
// from the archive's totals, WriteCSV writes nothing and returns an error.
func WriteCSV(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.ReportScope, o Options) (err error) {
	defer RecoverPanic("CSV", s, &err)
	r, err := NewReport(ctx, a, s, o)
	if err != nil {
		return err
	}
	return spooled(w, func(w io.Writer) error {
		out, err := newCSV(w)
		if err != nil {
			return err
		}
		columns := r.Columns(AllColumns)
		if err := out.Write(titles(columns, r)); err != nil {
			return fmt.Errorf("write the CSV: %w", err)
		}
		sums, row := make(totals.Totals), make(textCells, 0, len(columns))
		err = EachFinding(ctx, a, s, func(f *reconcile.Finding) error {
			row = row[:0]
			l := &Row{Finding: f, Report: r}
			for i := range columns {
				columns[i].Put(&row, l)
			}
			if err := out.Write(row); err != nil {
				return fmt.Errorf("write the CSV: %w", err)
			}
			sums.Add(f)
			return nil
		})
		if err != nil {
			return err
		}
		out.Flush()
		if err := out.Error(); err != nil {
			return fmt.Errorf("write the CSV: %w", err)
		}
		return r.ReconcileTotals("CSV", sums)
	})
}

func newCSV(w io.Writer) (*csv.Writer, error) {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, fmt.Errorf("write the CSV: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return out, nil
}

func titles(columns []Column, r *Report) []string {
	return reconcile.Map(columns, func(c Column) string { return c.Heading(r) })
}

// textCells collects a row's values as fields of a CSV.
type textCells []string

func (r *textCells) Blank()                              { *r = append(*r, "") }
func (r *textCells) Field(Kind)                          { r.Blank() }
func (r *textCells) Count(n int64)                       { *r = append(*r, Number(n)) }
func (r *textCells) Text(s string)                       { *r = append(*r, guarded(s)) }
func (r *textCells) Currency(code string)                { r.Text(code) }
func (r *textCells) Amount(minor int64, currency string) { *r = append(*r, decimal(minor, currency)) }

// Change writes an amount. The amount needs no apostrophe, because a minus sign before a number is not a formula.
func (r *textCells) Change(minor int64, currency string) { r.Amount(minor, currency) }

func (r *textCells) Time(t time.Time) {
	if t.IsZero() {
		r.Blank()
		return
	}
	*r = append(*r, t.Format(time.DateTime))
}

// guarded calls Clean, and puts an apostrophe before a text that a spreadsheet program would read as a formula. With
// East Asian settings, spreadsheet programs treat full-width signs like ASCII signs.
func guarded(s string) string {
	s = Clean(s)
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune("=+-@\t\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}
