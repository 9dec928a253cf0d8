package workbook

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

// These constants are the columns of the Control sheet. The first column is 0.
const (
	controlOutcome = iota
	controlCurrency
	controlFigure
	controlDatabase
	controlSheets
	controlDifference
	controlResult
)

const (
	ties       = "control.ties"
	doesNotTie = "control.does_not_tie"
	everyWord  = "control.all"
)

// maxLive is the largest sum, in minor units, that the sheet computes by formula. Formulas add up float64 numbers.
// Above maxLive, the last digit of a sum of a million amounts may be wrong.
const maxLive = 10_000_000_000_000

// controlSheet compares the sheet of all payins with the database. The Control sheet shows the database's totals, the
// totals computed by formulas, and the differences.
func (b *workbook) controlSheet() *sheet {
	s := b.table(controlTitle, "", controlDatabase, []heading{
		{reports.ColOutcome.Title, reports.KindWord}, {reports.ColCurrency.Title, reports.KindCode},
		{"column.figure", reports.KindState},
		{"column.from_database", reports.KindAmount}, {"column.from_sheets", reports.KindAmount},
		{"column.difference", reports.KindChange}, {"column.result", reports.KindState},
	})
	s.mark = markMismatch
	return s
}

// figure is one control total, such as a count or a sum, of an outcome and currency.
type figure struct {
	name  string
	money bool
	of    func(t *reconcile.Total) reconcile.Sum
	sum   *reports.Column // the column to add up in the sheet of all payins; if nil, the rows are counted
	all   bool            // include payins whose amounts were not compared
}

var figures = [...]figure{
	{"column.payins", false, func(t *reconcile.Total) reconcile.Sum { return reconcile.SumOf(t.Count) }, nil, true},
	{"column.sum_of_m", true, merchantSum, &reports.ColAmount, true},
	{"control.compared_payins", false, func(t *reconcile.Total) reconcile.Sum { return reconcile.SumOf(t.Compared) }, nil,
		false},
	{"control.compared_m", true, comparedSum, &reports.ColAmount, false},
	{"control.compared_i", true, initialSum, &reports.ColInitial, false},
	{"control.compared_o", true, oldSum, &reports.ColOld, false},
	{"control.compared_a", true, paidSum, &reports.ColPaid, false},
}

// controlWriter writes the Control sheet.
type controlWriter struct{ *workbook }

// write fills the Control sheet. Call write after all rows of the other sheets are written.
func (b *controlWriter) write() error {
	if err := b.controlAll(); err != nil {
		return err
	}
	for _, pair := range b.bothSides() {
		for i := range figures {
			if err := b.controlRow(&figures[i], &pair.database, &pair.sheets); err != nil {
				return err
			}
		}
	}
	return nil
}

// comparison contains the totals of an outcome and currency from the database and from the sheets.
type comparison struct{ database, sheets reconcile.Total }

func (b *controlWriter) bothSides() []comparison {
	database := make(map[totals.Key]reconcile.Total)
	for _, t := range b.report.Totals {
		database[totals.KeyOf(&t)] = t
	}
	all := slices.Clone(b.report.Totals)
	for _, t := range b.sums.List() {
		if _, known := database[totals.KeyOf(&t)]; !known { // the sheet also shows totals that the database does not have
			all = append(all, t)
		}
	}
	pairs := make([]comparison, len(all))
	for i, t := range all {
		none := reconcile.Total{Outcome: t.Outcome, Currency: t.Currency}
		pairs[i] = comparison{cmp.Or(database[totals.KeyOf(&t)], none), none}
		if sum := b.sums[totals.KeyOf(&t)]; sum != nil {
			pairs[i].sheets = *sum
		}
	}
	return pairs
}

// controlAll counts the rows of all outcomes, including unknown outcomes.
func (b *controlWriter) controlAll() error {
	formula := b.eachPage(func(p *sheetPart) string { return "COUNTA(" + p.span(&reports.ColOutcome) + ")" })
	s := b.control
	s.begin(b.report.T(everyWord), b.report.T(everyWord), b.report.T(figures[0].name))
	return s.compare(cellStyle{kind: reports.KindAmount}, totals.Counts(b.report.Totals).Count, b.sums.Count(), formula)
}

func (b *controlWriter) controlRow(f *figure, database, sheets *reconcile.Total) error {
	s, currency := b.control, database.Currency
	s.begin(string(database.Outcome), reports.CurrencyName(currency), b.report.T(f.name))
	_, known := reconcile.Exponent(currency)
	if !f.money {
		currency = reports.NoDecimals
	}
	ours, live := liveSum(f.of(database))
	theirs, liveToo := liveSum(f.of(sheets))
	l := amountStyle(reports.KindAmount, ours, currency)
	if !known || !live || !liveToo || f.money && b.texts[totals.KeyOf(database)] {
		return s.compareSums(f.of(database), f.of(sheets), currency)
	}
	return s.compare(l, ours, theirs, b.formula(f, s.pages[0].last+1, l.exponent))
}

// liveSum returns a sum as a number, and reports whether formulas can compute it.
func liveSum(s reconcile.Sum) (int64, bool) {
	minor, fits := s.Int64()
	return minor, fits && minor <= maxLive && minor >= -maxLive
}

// formula computes a figure from the sheet of all payins, for the outcome and currency of a row.
func (b *controlWriter) formula(f *figure, row, exponent int) string {
	sum := b.eachPage(func(p *sheetPart) string {
		terms := fmt.Sprintf("--EXACT(%s,$A%d),--EXACT(%s,$B%d)", p.span(&reports.ColOutcome), row,
			p.span(&reports.ColCurrency), row)
		if !f.all {
			terms += fmt.Sprintf(",--(LEN(%s)>0)", p.span(&reports.ColDifference))
		}
		if f.sum != nil {
			terms += "," + p.span(f.sum)
		}
		return "SUMPRODUCT(" + terms + ")"
	})
	if f.sum == nil {
		return sum
	}
	return fmt.Sprintf("ROUND(%s,%d)", sum, exponent)
}

// eachPage adds up a formula over all worksheets of the sheet of all payins.
func (b *controlWriter) eachPage(formula func(p *sheetPart) string) string {
	return strings.Join(reconcile.Map(b.all.pages, formula), "+")
}

// span returns the cell reference of a column without its header.
func (p *sheetPart) span(c *reports.Column) string {
	name := p.columnName(c.Title)
	return fmt.Sprintf("'%s'!$%s$2:$%s$%d", p.name, name, name, max(2, p.last))
}

// begin starts the next row and writes texts to the first cells.
func (s *sheet) begin(outcome, currency, figure string) {
	s.rows++
	s.row.begin(s.pages[0].last + 1)
	s.row.Text(outcome)
	s.row.Text(currency)
	s.row.Text(figure)
}

// compare writes the last cells of a row. These are the database's value of a figure, the formula for the value of the
// sheets, and the difference.
func (s *sheet) compare(l cellStyle, database, sheets int64, formula string) error {
	p, r := s.pages[0], &s.row
	row := strconv.Itoa(p.last + 1)
	style := r.styleOf(l)
	r.value(style, database, l.exponent)
	r.formula(style, formula, sheets, l.exponent)
	r.formula(r.styleOf(cellStyle{kind: reports.KindChange, exponent: l.exponent}),
		fmt.Sprintf("ROUND(E%s-D%s,%d)", row, row, l.exponent), sheets-database, l.exponent)
	r.textFormula(fmt.Sprintf(`IF(F%s=0,"%s","%s")`, row, result(s.workbook.report, true),
		result(s.workbook.report, false)),
		result(s.workbook.report, database == sheets))
	return p.write(0)
}

// compareSums writes the last cells of a row with sums that formulas cannot compute. hhrecon computes both sums.
func (s *sheet) compareSums(database, sheets reconcile.Sum, currency string) error {
	s.row.sum(reports.KindAmount, database, currency)
	s.row.sum(reports.KindAmount, sheets, currency)
	s.row.sum(reports.KindChange, sheets.Minus(database), currency)
	s.row.Text(result(s.workbook.report, database == sheets))
	return s.pages[0].write(0)
}

func result(r *reports.Report, same bool) string {
	if same {
		return r.T(ties)
	}
	return r.T(doesNotTie)
}

// markMismatch formats totals that do not agree in bold on red. The result column also says that these totals differ.
func markMismatch(p *sheetPart) error {
	rule := excelize.ConditionalFormatOptions{Type: "formula", Criteria: `$F2<>0`}
	return p.highlight(fmt.Sprintf("F2:G%d", p.last), excelize.Font{Bold: true, Color: "9C0006"}, alarm, rule)
}
