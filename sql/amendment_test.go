package sql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// lateFinding contains a payin's finding in the month's report, and a later finding by a run of the next month.
type lateFinding struct {
	what            string
	reported, found func(reconcile.Finding) reconcile.Finding
	corrects        bool
}

func outcome(o reconcile.Outcome, more int64) func(reconcile.Finding) reconcile.Finding {
	return func(p reconcile.Finding) reconcile.Finding {
		p = unchanged(p)
		p.Outcome = o
		p.PaidAmount += more
		return p
	}
}

var lateFindings = []lateFinding{
	{"confirmed, the same again", outcome(reconcile.Confirmed, 0), outcome(reconcile.Confirmed, 0), false},
	{"confirmed, then an appeal", outcome(reconcile.Confirmed, 0), outcome(reconcile.Reversed, 700), true},
	{"confirmed, then another outcome of the same amount", outcome(reconcile.Confirmed, 0), outcome(reconcile.Declined, 0),
		true},
	{"confirmed, then no answer", outcome(reconcile.Confirmed, 0), unanswered, false},
	{"a different amount, then yet another", outcome(reconcile.DifferentAmount, 500),
		outcome(reconcile.DifferentAmount, 700), true},
	{"a timeout that was paid after all", outcome(reconcile.Timeout, 0), outcome(reconcile.Confirmed, 0), true},
	{"pending, then confirmed", outcome(reconcile.Pending, 0), outcome(reconcile.Confirmed, 0), false},
	{"pending, then declined", outcome(reconcile.Pending, 0), declined, false},
	{"pending, then an appeal", outcome(reconcile.Pending, 0), outcome(reconcile.DifferentAmount, 700), true},
	{"disputed, then confirmed", outcome(reconcile.Disputed, 0), outcome(reconcile.Confirmed, 0), false},
	{"no answer, then confirmed", unanswered, outcome(reconcile.Confirmed, 0), false},
	{"not known, then confirmed", outcome(reconcile.NotFound, 0), outcome(reconcile.Confirmed, 0), false},
}

// Findings of the next month's run that contradict the month's report correct the report once. The totals of the
// correction agree with the findings. Payins of the next month are not included.
func TestLateFindings(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(len(lateFindings))...)
		number := func(p *reconcile.Finding) int {
			var n int
			_, err := fmt.Sscanf(strings.TrimPrefix(p.PaymentID, "payin-"), "%d", &n)
			f.must(err)
			return n
		}
		first := f.closed(project, 28,
			func(p reconcile.Finding) reconcile.Finding { return lateFindings[number(&p)].reported(p) })
		end := midnight.AddDate(0, 1, 0)
		month := reconcile.ReportScope{ProjectID: project, Window: reconcile.Window{From: midnight, To: end}}
		say := func(late reconcile.Window) (reconcile.Report, bool) {
			r, made, err := f.s.PublishReport(f.ctx, reconcile.Publication{Scope: month, Job: "month-end", Amendments: late,
				Recipients: to("a@b.example"), Now: acting})
			f.must(err)
			return r, made
		}
		ids := func(r reconcile.Report) string {
			var some []string
			for _, one := range f.listed(r.Scope) {
				some = append(some, fmt.Sprint(one.RunID, ":", number(&one)))
			}
			return strings.Join(some, " ")
		}
		base, made := say(reconcile.Window{})
		equal(f, "the month", []any{made, base.Version}, []any{true, 0})

		f.save(payin(40)) // a payin of the next month
		// Rows that are final by now are queried again, as in a recheck.
		second := f.closed(project, 33, func(p reconcile.Finding) reconcile.Finding {
			if n := number(&p); n < len(lateFindings) {
				return lateFindings[n].found(p)
			}
			return outcome(reconcile.DifferentAmount, 900)(p)
		})
		late := reconcile.Window{From: first.StartedAt, To: second.StartedAt.Add(time.Second)}
		_, made = say(reconcile.Window{From: late.To, To: late.To.AddDate(0, 1, 0)})
		equal(f, "by the word of runs after that", made, false)
		correction, made := say(late)
		equal(f, "correction", []any{made, correction.Version, correction.BaseID}, []any{true, 1, base.ID})
		var want []string
		for n, c := range lateFindings {
			if c.corrects {
				want = append(want, fmt.Sprint(second.ID, ":", n))
			}
		}
		equal(f, "what it says", ids(correction), strings.Join(want, " "))
		again, made := say(late)
		equal(f, "again", []any{made, again.ID}, []any{false, correction.ID})

		// The next run has the same findings except for two payins. A finding that was never reported stays in
		// November. A reported finding is reported again.
		third := f.closed(project, 34, func(p reconcile.Finding) reconcile.Finding {
			switch n := number(&p); n {
			case 1: // the same as in the month's report
				return outcome(reconcile.Confirmed, 0)(p)
			case 6: // confirmed and later declined in November
				return declined(p)
			default:
				if n < len(lateFindings) {
					return lateFindings[n].found(p)
				}
				return outcome(reconcile.Confirmed, 0)(p)
			}
		})
		late = reconcile.Window{From: second.StartedAt, To: third.StartedAt.Add(time.Second)}
		correction, made = say(late)
		equal(f, "second correction", []any{made, correction.Version, ids(correction)},
			[]any{true, 2, fmt.Sprint(third.ID, ":1")})
		equal(f, "recipients", f.sentTo(correction.ID), "a@b.example/")
		_, made = say(reconcile.Window{From: midnight, To: late.To})
		equal(f, "all runs since", made, false)

		bases, err := f.s.BaseReports(f.ctx, "month-end", project, midnight)
		f.must(err)
		equal(f, "reported", bases, []reconcile.Report{base})
		for _, none := range []struct{ job, project string }{{"another", project}, {"month-end", ""}} {
			bases, err := f.s.BaseReports(f.ctx, none.job, none.project, midnight)
			f.must(err)
			equal(f, "reported by others", len(bases), 0)
		}
		if bases, err = f.s.BaseReports(f.ctx, "month-end", project, end); err != nil || len(bases) != 0 {
			f.Errorf("reported after: %+v, %v", bases, err)
		}
	})
}
