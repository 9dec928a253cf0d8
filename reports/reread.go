package reports

import (
	"archive/zip"
	"fmt"
	"strconv"
	"strings"

	"hhrecon/reconcile"
)

// reader adds up the sheet of all payins from what stands in the file, column by its title, and knows
// nothing of what was meant to be written.
type reader struct {
	about   *subject       // for its language
	titles  map[string]int // of the columns, from 0
	sums    map[part]*reconcile.Total
	columns [len(asked)]int
}

// asked are the columns that a control total needs.
var asked = [...]*column{&colOutcome, &colCurrency, &colAmount, &colInitial, &colOld, &colPaid, &colDifference, &colCorrection}

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

// reread adds up the sheet and its continuations.
func reread(packed *zip.Reader, sheet string, about *subject) ([]reconcile.Total, error) {
	index, err := openPackage(packed)
	if err != nil {
		return nil, err
	}
	r := &reader{about: about, sums: make(map[part]*reconcile.Total)}
	for _, s := range index.sheets {
		if s.Name != sheet && !strings.HasPrefix(s.Name, sheet+" (") {
			continue
		}
		if err := r.page(packed, s.path); err != nil {
			return nil, fmt.Errorf("sheet %s: %w", s.Name, err)
		}
	}
	totals := make([]reconcile.Total, 0, len(r.sums))
	for _, sum := range r.sums {
		totals = append(totals, *sum)
	}
	return inOrder(totals), nil
}

func (r *reader) page(packed *zip.Reader, path string) error {
	file, err := packed.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	ahead := inflateAhead(file)
	defer func() { _ = ahead.Close() }()
	header := true
	return scanRows(ahead, func(cells []rawCell) error {
		if header {
			header = false
			return r.header(cells)
		}
		return r.row(cells)
	})
}

// header finds the columns.
func (r *reader) header(cells []rawCell) error {
	r.titles = make(map[string]int)
	for _, c := range cells {
		r.titles[c.String()] = c.column
	}
	for i, c := range asked {
		title := c.heading(r.about)
		at, found := r.titles[title]
		if !found {
			return fmt.Errorf("there is no column %q", title)
		}
		r.columns[i] = at
	}
	return nil
}

func (r *reader) row(cells []rawCell) error {
	var values [len(asked)]rawCell
	for i, at := range r.columns {
		for _, c := range cells {
			if c.column == at {
				values[i] = c
				break
			}
		}
	}
	if len(values[atOutcome].text) == 0 {
		return nil // the sentence of an empty sheet
	}
	key := part{reconcile.Outcome(values[atOutcome].String()), values[atCurrency].String()}
	sum, ok := r.sums[key]
	if !ok {
		sum = &reconcile.Total{Outcome: key.outcome, Currency: key.currency}
		r.sums[key] = sum
	}
	sum.Count++
	countCorrection(sum, reconcile.Correction(values[atCorrection].String()))
	if err := addMinor(&sum.Amount, values[atAmount], key.currency); err != nil {
		return err
	}
	if len(values[atDifference].text) == 0 {
		return nil
	}
	sum.Compared++
	for _, of := range [...]struct {
		sum  *int64
		from int
	}{{&sum.ComparedAmount, atAmount}, {&sum.InitialAmount, atInitial}, {&sum.OldAmount, atOld}, {&sum.PaidAmount, atPaid}} {
		if err := addMinor(of.sum, values[of.from], key.currency); err != nil {
			return err
		}
	}
	return nil
}

func addMinor(sum *int64, cell rawCell, currency string) error {
	minor, err := minorOf(cell, currency)
	if err != nil {
		return err
	}
	if !plus(sum, minor) {
		return errOverflow
	}
	return nil
}

// minorOf reads a cell's amount back: a decimal in major units, a text with thousands apart, or a text
// in minor units of a currency that nobody knows. A blank one is none.
func minorOf(cell rawCell, currency string) (int64, error) {
	if len(cell.text) == 0 {
		return 0, nil
	}
	exponent, known := reconcile.Exponent(currency)
	digits := string(cell.text)
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
		return 0, fmt.Errorf("%q is no amount", digits)
	}
	return minor, nil
}
