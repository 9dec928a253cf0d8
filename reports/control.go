package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// The columns of the Control sheet, from 0.
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
	ties      = "control.ties"
	tiesNot   = "control.does_not_tie"
	everyWord = "control.all"
)

// maxLive is the largest sum, in minor units, that is left to a spreadsheet's own formulas. They add up
// float64s one by one, and beyond it a million of them may be off by the last digit that is shown.
const maxLive = 10_000_000_000_000

// controlSheet proves the sheet of all payins: what the database adds up by itself, what formulas make of
// the sheet, and the difference.
func (b *book) controlSheet() *sheet {
	s := b.table(controlTitle, "", controlDatabase, []heading{
		{colOutcome.title, word}, {colCurrency.title, code}, {"column.figure", state},
		{"column.from_database", amount}, {"column.from_sheets", amount},
		{"column.difference", change}, {"column.result", state},
	})
	s.mark = markUntied
	return s
}

// figure is one control total of an outcome and currency.
type figure struct {
	name  string
	money bool
	of    func(t *reconcile.Total) int64
	sum   *column // what is added up in the sheet of all payins; nil: rows are counted
	all   bool    // over all payins, not only those whose amounts were compared
}

var figures = [...]figure{
	{"column.payins", false, func(t *reconcile.Total) int64 { return t.Count }, nil, true},
	{"column.sum_of_m", true, func(t *reconcile.Total) int64 { return t.Amount }, &colAmount, true},
	{"control.compared_payins", false, func(t *reconcile.Total) int64 { return t.Compared }, nil, false},
	{"control.compared_m", true, func(t *reconcile.Total) int64 { return t.ComparedAmount }, &colAmount, false},
	{"control.compared_i", true, func(t *reconcile.Total) int64 { return t.InitialAmount }, &colInitial, false},
	{"control.compared_o", true, func(t *reconcile.Total) int64 { return t.OldAmount }, &colOld, false},
	{"control.compared_a", true, func(t *reconcile.Total) int64 { return t.PaidAmount }, &colPaid, false},
}

// writeControl fills the Control sheet, when the last row of all others is known.
func (b *book) writeControl() error {
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

// sides are the totals of an outcome and currency as the database and as the rows have them.
type sides struct{ database, sheets reconcile.Total }

func (b *book) bothSides() []sides {
	var all []sides
	for _, t := range b.about.totals {
		s := sides{database: t, sheets: reconcile.Total{Outcome: t.Outcome, Currency: t.Currency}}
		if sum := b.sums[part{t.Outcome, t.Currency}]; sum != nil {
			s.sheets = *sum
		}
		all = append(all, s)
	}
	for _, t := range b.sums.totals() {
		known := slices.ContainsFunc(b.about.totals, func(d reconcile.Total) bool { return d.Outcome == t.Outcome && d.Currency == t.Currency })
		if !known { // in the sheets and not in the database: it must be seen
			all = append(all, sides{database: reconcile.Total{Outcome: t.Outcome, Currency: t.Currency}, sheets: t})
		}
	}
	return all
}

// controlAll counts the rows of all outcomes, so that none is missed for its outcome's being unknown.
func (b *book) controlAll() error {
	formula := b.eachPage(func(p *page) string { return "COUNTA(" + p.span(&colOutcome) + ")" })
	s := b.control
	s.begin(b.about.T(everyWord), b.about.T(everyWord), b.about.T(figures[0].name))
	return s.compare(look{kind: amount}, Sum(b.about.totals).Count, b.sums.count(), formula)
}

func (b *book) controlRow(f *figure, database, sheets *reconcile.Total) error {
	s := b.control
	s.begin(string(database.Outcome), database.Currency, b.about.T(f.name))
	ours, theirs := f.of(database), f.of(sheets)
	l := look{kind: amount}
	if f.money {
		l = lookOf(amount, ours, database.Currency)
		if l.asText || b.texts[part{database.Outcome, database.Currency}] || !live(ours) || !live(theirs) {
			return s.compareTexts(ours, theirs, database.Currency)
		}
	}
	return s.compare(l, ours, theirs, b.formula(f, s.pages[0].last+1, l.exponent))
}

func live(minor int64) bool { return minor <= maxLive && minor >= -maxLive }

// formula makes a figure out of the sheet of all payins, for the outcome and currency of a row.
func (b *book) formula(f *figure, row, exponent int) string {
	sum := b.eachPage(func(p *page) string {
		where := fmt.Sprintf("%s,$A%d,%s,$B%d", p.span(&colOutcome), row, p.span(&colCurrency), row)
		if !f.all {
			where += fmt.Sprintf(`,%s,"<>"`, p.span(&colDifference))
		}
		if f.sum == nil {
			return "COUNTIFS(" + where + ")"
		}
		return "SUMIFS(" + p.span(f.sum) + "," + where + ")"
	})
	if f.sum == nil {
		return sum
	}
	return fmt.Sprintf("ROUND(%s,%d)", sum, exponent)
}

// eachPage adds up what a formula gives for each page of all payins.
func (b *book) eachPage(formula func(p *page) string) string {
	terms := make([]string, len(b.all.pages))
	for i, p := range b.all.pages {
		terms[i] = formula(p)
	}
	return strings.Join(terms, "+")
}

// span names a column's cells below its header.
func (p *page) span(c *column) string {
	name := p.columnName(c.title)
	return fmt.Sprintf("'%s'!$%s$2:$%s$%d", p.name, name, name, max(2, p.last))
}

// begin starts the sheet's next row with the texts of its first cells.
func (s *sheet) begin(outcome, currency, figure string) {
	s.rows++
	s.row.begin(s.pages[0].last + 1)
	s.row.text(outcome)
	s.row.text(currency)
	s.row.text(figure)
}

// compare ends a row with both sides of a figure, the second one live, and their difference.
func (s *sheet) compare(l look, database, sheets int64, formula string) error {
	p, r := s.pages[0], &s.row
	row := strconv.Itoa(p.last + 1)
	style := r.styleOf(l)
	r.value(style, database, l.exponent)
	r.formula(style, formula, sheets, l.exponent)
	r.formula(r.styleOf(look{kind: change, exponent: l.exponent}),
		fmt.Sprintf("ROUND(E%s-D%s,%d)", row, row, l.exponent), sheets-database, l.exponent)
	r.textFormula(fmt.Sprintf(`IF(F%s=0,"%s","%s")`, row, s.book.result(1, 1), s.book.result(1, 2)), s.book.result(database, sheets))
	return p.write(0)
}

// compareTexts ends a row whose sums no formula can make: they are hhrecon's own.
func (s *sheet) compareTexts(database, sheets int64, currency string) error {
	s.row.amount(database, currency)
	s.row.amount(sheets, currency)
	s.row.change(sheets-database, currency)
	s.row.text(s.book.result(database, sheets))
	return s.pages[0].write(0)
}

func (b *book) result(database, sheets int64) string {
	if database == sheets {
		return b.about.T(ties)
	}
	return b.about.T(tiesNot)
}

// markUntied has what does not tie shown in bold on red, beside the words that say so.
func markUntied(p *page) error {
	rule := excelize.ConditionalFormatOptions{Type: "formula", Criteria: `$F2<>0`}
	return p.highlight(fmt.Sprintf("F2:G%d", p.last), excelize.Font{Bold: true, Color: "9C0006"}, alarm, rule)
}
