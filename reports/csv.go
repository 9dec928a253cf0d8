package reports

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"hhrecon/reconcile"
	"hhrecon/reports/totals"
)

// byteOrderMark at the start of a CSV file makes Excel read the file as UTF-8.
const byteOrderMark = "\uFEFF"

// CSVFormat is the form of a CSV. The zero value is what a spreadsheet program expects in the report's language.
type CSVFormat struct {
	Separator rune // 0 means a semicolon in ru and ky, and a comma in en
	CP1251    bool // write Windows-1251 without a byte order mark; other characters are written as &#1257;
}

// WriteCSV writes all findings of a scope as CSV (RFC 4180). Amounts are plain decimals in major units, with the
// language's decimal mark. Times are local times of the report's zone. WriteCSV puts an apostrophe before a text that a
// spreadsheet program would read as a formula, or as a number or date that it would show differently. If the totals
// differ from the archive's totals, WriteCSV writes nothing and returns an error.
func WriteCSV(ctx context.Context, w io.Writer, a reconcile.Archive, s reconcile.ReportScope, o Options) (err error) {
	defer RecoverPanic("CSV", s, &err)
	r, err := NewReport(ctx, a, s, o)
	if err != nil {
		return err
	}
	return spooled(w, func(w io.Writer) error {
		out, err := newCSV(w, r.Options)
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
				if _, known := reconcile.Exponent(f.Currency); known && o.decimalComma() && columns[i].Kind.IsNumber() {
					row[i] = strings.Replace(row[i], ".", ",", 1)
				}
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

func newCSV(w io.Writer, o Options) (*csv.Writer, error) {
	if o.CSV.CP1251 {
		w = encoding.HTMLEscapeUnsupported(charmap.Windows1251.NewEncoder()).Writer(w)
	} else if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, fmt.Errorf("write the CSV: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if out.Comma = ','; o.CSV.Separator != 0 {
		out.Comma = o.CSV.Separator
	} else if o.decimalComma() {
		out.Comma = ';'
	}
	return out, nil
}

// decimalComma reports whether decimals of the report's language have a comma.
func (o *Options) decimalComma() bool { return o.Language == "ru" || o.Language == "ky" }

func titles(columns []Column, r *Report) []string {
	return reconcile.Map(columns, func(c Column) string {
		if r.CSV.CP1251 {
			return strings.ReplaceAll(c.Heading(r), "−", "-") // Windows-1251 has no minus sign
		}
		return c.Heading(r)
	})
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

// Spreadsheet programs read texts like numberLike as numbers, dates, times or truth values, and show most of them
// differently. They show a whole number of at most 15 digits as it is.
var (
	numberLike = regexp.MustCompile(`(?i)^[\s.($€]*\p{Nd}[\p{Nd}\s.,:/e+()%$€-]*([ap]m)?$|^(true|false|истина|ложь)$|` +
		`^\d[\d., /-]*` + month + `[\d., /:-]*$|^` + month + `[., /-]*\d[\d., /:-]*$`)
	keptNumber = regexp.MustCompile(`^(0|[1-9]\d{0,14})$`)
)

const month = `(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)\pL*`

// guarded calls Clean, and puts an apostrophe before a text that a spreadsheet program would read as a formula, or as a
// number that it would show differently. With East Asian settings, spreadsheet programs treat full-width signs like
// ASCII signs.
func guarded(s string) string {
	s = Clean(s)
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune("=+-@\t\n＝＋－＠", first) ||
		len(s) < 100 && numberLike.MatchString(s) && !keptNumber.MatchString(s) {
		return "'" + s
	}
	return s
}
