package workbook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

const sinceTitle = "sheet.since"

// changesSinceLastRun lists changes since the project's previous run over all open payins.
type changesSinceLastRun struct {
	before reconcile.Run
	sheet  *sheet
	sums   map[sumKey]*countAndSum
}

type (
	// sumKey identifies a sum of payins by currency, and by kind of change or age group.
	sumKey struct{ group, currency string }
	// countAndSum contains a number of payins and the sum of the merchant's amounts of these payins.
	countAndSum struct {
		count int64
		minor reconcile.Sum
	}
)

type ageGroup struct {
	last int64
	name string
}

// ageGroups contains the groups of open payins by age. The field last is the maximum age of payins in the
// group, in whole days.
var ageGroups = []ageGroup{
	{1, "age.days_0_1"},
	{3, "age.days_2_3"},
	{7, "age.days_4_7"},
	{30, "age.days_8_30"},
	{1 << 40, "age.days_over_30"},
}

func (b *workbook) sinceSheet() *sheet {
	return b.table(sinceTitle, "empty.since", 2, []heading{
		{"column.what_happened", reports.KindWord}, {reports.ColPayment.Title, reports.KindID},
		{reports.ColCreated.Title, reports.KindTime},
		{"column.age_days", reports.KindCount}, {"column.age", reports.KindWord},
		{reports.ColCurrency.Title, reports.KindCode},
		{reports.ColAmount.Title, reports.KindAmount},
		{reports.ColOutcome.Title, reports.KindWord}, {"column.row_previous_run", reports.KindWord},
		{"column.row_this_run", reports.KindWord},
	})
}

// streamSince writes the changes of payins since the previous run. Without a previous run the list is empty.
func (b *workbook) streamSince(ctx context.Context, a reconcile.Archive) error {
	if b.sinceLastRun == nil {
		return nil
	}
	before, err := a.WholeRunBefore(ctx, b.report.Run.ID)
	if errors.Is(err, reconcile.ErrNoRun) {
		b.sinceLastRun.sheet.empty = b.report.T("empty.since_no_run_before")
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the previous run: %w", err)
	}
	b.sinceLastRun.before = before
	transitions := a.Transitions(ctx, before, *b.report.Run)
	if err := reports.Each("read the changes since the previous run", transitions, b.sinceLastRun.add); err != nil {
		return err
	}
	return ctx.Err()
}

func (n *changesSinceLastRun) add(s *reconcile.Transition) error {
	about := n.sheet.workbook.report
	step := about.Run.Rules.TransitionKind(s)
	if step == "" {
		return nil
	}
	days := int64(about.Run.StartedAt.Sub(s.CreatedAt) / (24 * time.Hour))
	n.sum(string(step), s)
	age := ""
	if isOpen(step) {
		age = ageOf(days)
		n.sum(age, s)
		age = about.T(age)
	}
	return n.sheet.addRow(func(r *rowCells) {
		r.Text(string(step))
		r.Text(s.PaymentID)
		r.Time(s.CreatedAt.In(about.Location()))
		r.Count(days)
		r.Text(age)
		r.Currency(s.Currency)
		r.Amount(s.Amount, s.Currency)
		if s.Status == "" { // this run did not query the payin
			r.Blank()
		} else {
			r.Text(string(s.Outcome))
		}
		r.Text(s.StatusThen)
		r.Text(s.Status)
	})
}

// sum adds a payin to the total of one kind of change or one age group.
func (n *changesSinceLastRun) sum(group string, s *reconcile.Transition) {
	key := sumKey{group, s.Currency}
	of, ok := n.sums[key]
	if !ok {
		of = &countAndSum{}
		n.sums[key] = of
	}
	of.count++
	of.minor.Add(s.Amount)
}

// isOpen reports whether a payin is open or reversed after the given kind of change.
func isOpen(step reconcile.TransitionKind) bool {
	return step == reconcile.TransitionNew || step == reconcile.TransitionStillOpen || step == reconcile.TransitionCameBack
}

// ageOf returns the key of the group for an age in days.
func ageOf(days int64) string {
	return ageGroups[slices.IndexFunc(ageGroups, func(b ageGroup) bool { return days <= b.last })].name
}

// since writes the totals of the sheet of changes in two tables. The first table is by kind of change and currency. The
// second table is by age group and currency.
func (g *summaryWriter) since() {
	n := g.workbook.sinceLastRun
	if n == nil || n.before.ID == 0 {
		return
	}
	g.put(1, g.T("summary.since", reports.Number(n.before.ID), g.workbook.report.Day(n.before.StartedAt)), headingStyle)
	g.next(1)
	g.header("column.what_happened", "column.currency", ">column.payins", ">column.sum_of_m", "column.meaning")
	for _, step := range reconcile.TransitionKinds {
		g.sums(string(step), string(step), g.T("step."+string(step)))
	}
	g.next(1)
	g.heading("summary.open_by_age")
	g.header("column.age", "column.currency", ">column.payins", ">column.sum_at_risk")
	for _, b := range ageGroups {
		g.sums(b.name, g.T(b.name), "")
	}
	g.next(1)
}

// sums writes the sums of one kind of change or one age group, by currency. If there are no payins, sums writes
// one row with 0.
func (g *summaryWriter) sums(group, name, meaning string) {
	sums := g.workbook.sinceLastRun.sums
	var currencies []string
	for key := range sums {
		if key.group == group {
			currencies = append(currencies, key.currency)
		}
	}
	if currencies == nil {
		currencies = []string{""}
	}
	slices.Sort(currencies)
	for _, currency := range currencies {
		g.put(1, name, plainStyle)
		if of := sums[sumKey{group, currency}]; of != nil {
			g.put(2, reports.CurrencyName(currency), plainStyle)
			g.put(3, of.count, countStyle)
			g.money(4, reports.KindAmount, of.minor, currency, false)
		} else {
			g.put(3, int64(0), countStyle)
		}
		if meaning != "" {
			g.put(5, meaning, plainStyle)
		}
		g.next(1)
	}
}
