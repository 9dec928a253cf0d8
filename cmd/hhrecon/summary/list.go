package summary

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// WriteRuns prints a table of runs, with projects by name and times in a zone. A closed run's state is its headline.
func WriteRuns(out io.Writer, runs []reconcile.Run, projects map[string]string, zone *time.Location) {
	id, layout := "%s", time.DateTime
	if width := console.Width(out); width > 0 && width < 160 {
		id, layout = "%.8s…", "2006-01-02 15:04"
	}
	w := console.NewTable(out, console.Column{Name: "Run", Number: true}, console.Column{Name: "Project", Wrap: true},
		console.Column{Name: "Started"}, console.Column{Name: "State"}, console.Column{Name: "Kind", Drop: 1},
		console.Column{Name: "Selected", Number: true, Drop: 2}, console.Column{Name: "Judged", Number: true, Drop: 5},
		console.Column{Name: "Settled", Number: true, Drop: 4}, console.Column{Name: "Changes", Number: true, Drop: 3},
		console.Column{Name: "Note", Wrap: true, Drop: 6})
	for i := range runs {
		r := &runs[i]
		state := string(r.ResultStatus())
		if r.ClosedAt.IsZero() {
			state = string(r.State)
		}
		kinds := map[string]bool{
			"dry run": r.Unreported(), "shadow": r.DryRun && r.Rules.Shadow,
			"alert": r.Origin.Trigger == reconcile.TriggerAlert, "abandoned": r.Abandoned(),
			string(r.State): r.State.HoldEnded(),
		}
		maps.DeleteFunc(kinds, func(_ string, is bool) bool { return !is })
		w.Add(r.ID, cmp.Or(projects[r.ProjectID], fmt.Sprintf(id, r.ProjectID)), r.StartedAt.In(zone).Format(layout), state,
			strings.Join(slices.Sorted(maps.Keys(kinds)), ", "), r.Selected, r.Judged, r.Settled, r.Impact.Changes,
			i18n.English().Clauses(r.Note))
	}
	w.Render()
}

// WriteCases prints a table of questions for HighHelp support, with times in a zone.
func WriteCases(out io.Writer, cases []reports.Case, zone *time.Location) {
	w := console.NewTable(out, console.Column{Name: "Payin"}, console.Column{Name: "State"},
		console.Column{Name: "Merchant", Number: true, Drop: 1}, console.Column{Name: "HighHelp", Number: true, Drop: 2},
		console.Column{Name: "Marked", Wrap: true, Drop: 3}, console.Column{Name: "Question", Wrap: true})
	for i := range cases {
		k := &cases[i]
		marked, paid := "", ""
		if k.State != reconcile.SupportNew {
			marked = k.Mark.At.In(zone).Format(time.DateOnly) + " " + k.Mark.By
		}
		if k.PaidAmount != 0 {
			paid = reconcile.FormatAmount(k.PaidAmount, k.Currency)
		}
		w.Add(k.PaymentID, string(k.State), reconcile.FormatAmount(k.Amount, k.Currency), paid, marked, k.Question)
	}
	w.Render()
}
