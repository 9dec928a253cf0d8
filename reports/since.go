package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hhrecon/reconcile"
)

const sinceTitle = "sheet.since"

// since is what happened since the project's whole run before.
type since struct {
	before reconcile.Run
	sheet  *sheet
	steps  map[standingKey]*amountOf
	aged   map[ageKey]*amountOf
}

type (
	standingKey struct {
		step     reconcile.Step
		currency string
	}
	ageKey struct {
		bucket   int
		currency string
	}
	// amountOf is how many payins there are, and the sum of the merchant's amounts.
	amountOf struct{ count, minor int64 }
)

// buckets are the ages of open payins in whole days, by the last day that is in each.
var buckets = [...]struct {
	last int64
	name string
}{{1, "age.days_0_1"}, {3, "age.days_2_3"}, {7, "age.days_4_7"}, {30, "age.days_8_30"}, {1 << 40, "age.days_over_30"}}

// hasSince tells whether the report is about a run that has one before it: a whole one.
func (r *subject) hasSince() bool { return r.run != nil && r.run.Whole && r.whole() && closed(r.run) }

func (b *book) sinceSheet() *sheet {
	return b.table(sinceTitle, "empty.since", 2, []heading{
		{"column.what_happened", word}, {paymentTitle, id}, {colCreated.title, moment},
		{"column.age_days", count}, {"column.age", word}, {colCurrency.title, code}, {colAmount.title, amount},
		{colOutcome.title, word}, {"column.row_then", word}, {"column.row_now", word},
	})
}

// streamSince lists what happened since the run before; without one there is nothing to list.
func (b *book) streamSince(ctx context.Context, a reconcile.Archive) error {
	if b.since == nil {
		return nil
	}
	before, err := a.WholeRunBefore(ctx, b.about.run.ID)
	if errors.Is(err, reconcile.ErrNoRun) {
		b.since.sheet.empty = b.about.T("empty.since_no_run_before")
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the run before: %w", err)
	}
	b.since.before = before
	for s, err := range a.Standings(ctx, before, *b.about.run) {
		if err != nil {
			return fmt.Errorf("read what happened since the run before: %w", err)
		}
		if step := b.about.run.Rules.Step(&s); step != "" {
			if err := b.since.add(step, &s); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (n *since) add(step reconcile.Step, s *reconcile.Standing) error {
	sheet := n.sheet
	about := sheet.book.about
	days := int64(about.run.StartedAt.Sub(s.CreatedAt) / (24 * time.Hour))
	if err := sum(n.steps, standingKey{step, s.Currency}, s.Amount); err != nil {
		return err
	}
	p, err := sheet.next()
	if err != nil {
		return err
	}
	r := &sheet.row
	r.text(string(step))
	r.text(s.PaymentID)
	r.moment(s.CreatedAt.In(about.zone()))
	r.count(days)
	if isOpen(step) {
		bucket := bucketOf(days)
		if err := sum(n.aged, ageKey{bucket, s.Currency}, s.Amount); err != nil {
			return err
		}
		r.text(about.T(buckets[bucket].name))
	} else {
		r.blank()
	}
	r.text(s.Currency)
	r.amount(s.Amount, s.Currency)
	outcome := s.Outcome
	if s.Status == "" {
		outcome = "" // this run did not ask about it
	}
	r.text(string(outcome))
	r.text(s.StatusThen)
	r.text(s.Status)
	return p.write(r.height())
}

func sum[K comparable](sums map[K]*amountOf, key K, minor int64) error {
	of, ok := sums[key]
	if !ok {
		of = &amountOf{}
		sums[key] = of
	}
	of.count++
	if !plus(&of.minor, minor) {
		return errOverflow
	}
	return nil
}

// isOpen tells whether a payin is at risk after a step.
func isOpen(step reconcile.Step) bool {
	return step == reconcile.StepNew || step == reconcile.StepStillOpen || step == reconcile.StepCameBack
}

func bucketOf(days int64) int {
	for i, b := range buckets {
		if days <= b.last {
			return i
		}
	}
	return len(buckets) - 1
}

// since adds up by step and currency, and by age, what the sheet lists.
func (g *grid) since() {
	n := g.book.since
	if n == nil || n.before.ID == 0 {
		return
	}
	g.put(1, g.T("summary.since", number(n.before.ID), g.book.about.day(n.before.StartedAt)), headingStyle)
	g.next(1)
	g.header("column.what_happened", "column.currency", ">column.payins", ">column.sum_of_m", "column.meaning")
	for _, step := range reconcile.Steps {
		g.amounts(step, n.steps)
	}
	g.next(1)
	g.heading("summary.open_by_age")
	g.header("column.age", "column.currency", ">column.payins", ">column.sum_at_risk")
	for i := range buckets {
		g.aged(i, n.aged)
	}
	g.next(1)
}

func (g *grid) amounts(step reconcile.Step, sums map[standingKey]*amountOf) {
	currencies := keysOf(sums, func(k standingKey) (string, bool) { return k.currency, k.step == step })
	for _, currency := range currencies {
		g.put(1, string(step), plainStyle)
		g.sumRow(currency, sums[standingKey{step, currency}])
		g.put(5, g.T("step."+string(step)), plainStyle)
		g.next(1)
	}
}

func (g *grid) aged(bucket int, sums map[ageKey]*amountOf) {
	currencies := keysOf(sums, func(k ageKey) (string, bool) { return k.currency, k.bucket == bucket })
	for _, currency := range currencies {
		g.put(1, g.T(buckets[bucket].name), plainStyle)
		g.sumRow(currency, sums[ageKey{bucket, currency}])
		g.next(1)
	}
}

// sumRow fills in the columns of a currency; nothing at all is shown as a nought.
func (g *grid) sumRow(currency string, of *amountOf) {
	if of == nil {
		g.put(3, int64(0), countStyle)
		return
	}
	g.put(2, currency, plainStyle)
	g.put(3, of.count, countStyle)
	g.money(4, amount, of.minor, currency, false)
}

// keysOf lists the currencies of some keys by name, or one that is blank where there is none.
func keysOf[K comparable](sums map[K]*amountOf, of func(K) (string, bool)) []string {
	var names []string
	for key := range sums {
		if currency, ok := of(key); ok {
			names = append(names, currency)
		}
	}
	if names == nil {
		return []string{""}
	}
	slices.Sort(names)
	return names
}
