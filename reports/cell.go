package reports

import (
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// rowCells makes a row's values into what excelize's stream writer takes. Values are plain where the
// column's style fits, since a style a cell costs memory; an amount of another currency brings its own.
type rowCells struct {
	styles   *styles
	exponent int // the decimals that the columns of amounts show
	values   []any
	err      error
}

func (r *rowCells) blank() { r.values = append(r.values, nil) }

// field brings its style along, for it must be seen where something can be filled in.
func (r *rowCells) field(k kind) {
	style, err := r.styles.cell(look{kind: k, field: true})
	if err != nil {
		r.err = err
	}
	r.values = append(r.values, excelize.Cell{StyleID: style})
}

func (r *rowCells) count(n int64) { r.values = append(r.values, n) }

// text adds a string cell. excelize writes it as an inline string, so that =1+1 is text and stays text.
func (r *rowCells) text(s string) {
	if s == "" {
		r.blank()
		return
	}
	r.values = append(r.values, clean(s))
}

func (r *rowCells) amount(minor int64, currency string) { r.money(amount, minor, currency) }
func (r *rowCells) change(minor int64, currency string) { r.money(change, minor, currency) }

func (r *rowCells) money(k kind, minor int64, currency string) {
	value, l := moneyValue(k, minor, currency)
	if !l.asText && l.exponent == r.exponent {
		r.values = append(r.values, value)
		return
	}
	style, err := r.styles.cell(l)
	if err != nil {
		r.err = err
	}
	r.values = append(r.values, excelize.Cell{StyleID: style, Value: value})
}

// moneyValue is an amount as a cell holds it: a number in major units, or a text where the currency is
// unknown or the amount has more digits than a cell keeps.
func moneyValue(k kind, minor int64, currency string) (any, look) {
	if minor == 0 { // the same in every currency
		exponent, _ := reconcile.Exponent(currency)
		return 0.0, look{kind: k, exponent: exponent}
	}
	if exponent, known := reconcile.Exponent(currency); known {
		if value, exact := major(minor, exponent); exact {
			return value, look{kind: k, exponent: exponent}
		}
	}
	return clean(reconcile.FormatAmount(minor, currency)), look{kind: k, asText: true}
}

func (r *rowCells) moment(t time.Time) {
	if t.IsZero() {
		r.blank()
		return
	}
	if serial, ok := serialOf(t); ok {
		r.values = append(r.values, serial)
		return
	}
	r.values = append(r.values, t.Format(time.RFC3339))
}

// excelEpoch is day 0 of Excel's calendar for every day from 1 March 1900 on.
var excelEpoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// serialOf converts a wall clock into Excel's count of days, which knows no zone. It goes up to the next
// 10^-10 of a day, 9 microseconds: excelize keeps 15 digits and drops the rest, and a time that is too
// early by as little is shown a second early by programs that cut where Excel rounds. Midnight is exact.
func serialOf(t time.Time) (float64, bool) {
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	seconds := wall.Unix() - excelEpoch.Unix()
	days, rest := seconds/86400, seconds%86400
	if days < 61 || days > 99_999 { // 1 March 1900 to 2173
		return 0, false
	}
	const scale = 10_000_000_000
	parts := days * scale
	if rest > 0 {
		parts += rest*scale/86400 + 1
	}
	return float64(parts) / scale, true
}
