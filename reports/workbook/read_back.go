package workbook

import (
	"archive/zip"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
	"hhrecon/reports/xlsx"
)

// reader adds up the sheet of all payins in the packed file. It finds the columns by their titles.
type reader struct {
	report  *reports.Report // the language of the titles in the sheet
	sums    totals.Totals
	columns [len(totalColumns)]int
}

// totalColumns lists the columns that control totals need.
var totalColumns = [...]*reports.Column{&reports.ColOutcome, &reports.ColCurrency, &reports.ColAmount,
	&reports.ColInitial, &reports.ColOld, &reports.ColPaid, &reports.ColDifference, &reports.ColCorrection}

const (
	atOutcome = iota
	atCurrency
	atAmount
	atInitial
	atOld
	atPaid
	atDifference
	atCorrection
)

// sumSheet adds up a sheet and its continuations.
func sumSheet(index *xlsx.Book, sheet string, about *reports.Report) (totals.Totals, error) {
	r := &reader{report: about, sums: make(totals.Totals)}
	for _, s := range index.Sheets {
		if s.Name != sheet && !strings.HasPrefix(s.Name, sheet+" (") {
			continue
		}
		part, err := index.Part(s.Path)
		if err == nil {
			err = r.page(part)
		}
		if err != nil {
			return nil, fmt.Errorf("sheet %s: %w", s.Name, err)
		}
	}
	return r.sums, nil
}

func (r *reader) page(part *zip.File) error {
	file, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	ahead := xlsx.InflateAhead(file)
	defer func() { _ = ahead.Close() }()
	header := true
	return xlsx.ScanRows(ahead, func(cells []xlsx.RawCell) error {
		if header {
			header = false
			return r.header(cells)
		}
		return r.row(cells)
	})
}

// header finds the columns.
func (r *reader) header(cells []xlsx.RawCell) error {
	for i, c := range totalColumns {
		title := c.Heading(r.report)
		at := slices.IndexFunc(cells, func(cell xlsx.RawCell) bool { return cell.String() == title })
		if at < 0 {
			return fmt.Errorf("there is no column %q", title)
		}
		r.columns[i] = cells[at].Column
	}
	return nil
}

func (r *reader) row(cells []xlsx.RawCell) error {
	var values [len(totalColumns)]xlsx.RawCell
	for i, at := range r.columns {
		for _, c := range cells {
			if c.Column == at {
				values[i] = c
				break
			}
		}
	}
	if len(values[atOutcome].Text) == 0 {
		return nil // the row contains the text of an empty sheet
	}
	var f reconcile.Finding
	f.Outcome, f.Currency = reconcile.Outcome(values[atOutcome].String()), values[atCurrency].String()
	f.Correction = reconcile.Correction(values[atCorrection].String())
	amounts := []struct {
		to   *int64
		from int
	}{{&f.Amount, atAmount}, {&f.InitialAmount, atInitial}, {&f.OldAmount, atOld}, {&f.PaidAmount, atPaid}}
	if len(values[atDifference].Text) == 0 {
		amounts = amounts[:1] // the other amounts were not compared
	}
	for _, of := range amounts {
		var err error
		if *of.to, err = minorOf(values[of.from], f.Currency); err != nil {
			return err
		}
	}
	r.sums.Add(&f)
	return nil
}

// minorOf reads an amount from a cell. The cell contains a decimal in major units, a text with spaces between
// thousands, or a text in minor units of an unknown currency. A blank cell is zero.
func minorOf(cell xlsx.RawCell, currency string) (int64, error) {
	if len(cell.Text) == 0 {
		return 0, nil
	}
	exponent, known := reconcile.Exponent(currency)
	digits := string(cell.Text)
	if !known {
		digits, _, _ = strings.Cut(digits, " ")
		exponent = 0
	}
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(digits, " ", ""), ".")
	if len(fraction) > exponent {
		return 0, fmt.Errorf("%q has more decimals than %s", digits, currency)
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", exponent-len(fraction)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not an amount", digits)
	}
	return minor, nil
}
