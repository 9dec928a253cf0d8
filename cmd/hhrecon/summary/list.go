package summary

import (
	"cmp"
	"io"
	"regexp"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

var uuid = regexp.MustCompile(`^([0-9a-f]{8})-[0-9a-f-]{27}$`)

// shorten cuts the id of a project without a name to 8 characters.
func shorten(project string) string { return uuid.ReplaceAllString(project, "$1…") }

func withoutSeconds(t string) string { return t[:len("2006-01-02 15:04")] }

// WriteRuns prints a table of runs, with projects by name and times in a zone. A closed run's state is its headline.
func WriteRuns(out io.Writer, runs []reconcile.Run, projects map[string]string, zone *time.Location) {
	w := console.NewTable(out, console.Column{Name: "Run", Number: true},
		console.Column{Name: "Project", Wrap: true, Shorten: shorten},
		console.Column{Name: "Started", Shorten: withoutSeconds}, console.Column{Name: "State"},
		console.Column{Name: "Kind", Drop: 1},
		console.Column{Name: "Selected", Number: true, Drop: 2}, console.Column{Name: "Judged", Number: true, Drop: 5},
		console.Column{Name: "Settled", Number: true, Drop: 4}, console.Column{Name: "Changes", Number: true, Drop: 3},
		console.Column{Name: "Note", Wrap: true, Drop: 6})
	for i := range runs {
		r := &runs[i]
		state, kind := string(r.ResultStatus()), []string(nil)
		if r.ClosedAt.IsZero() {
			state = string(r.State)
		}
		if r.DryRun {
			kind = append(kind, "dry run")
		}
		if r.Origin.Trigger == reconcile.TriggerAlert {
			kind = append(kind, "alert")
		}
		if r.State == reconcile.Released || r.State == reconcile.Discarded {
			kind = append(kind, string(r.State))
		} else if r.Abandoned() {
			kind = append(kind, "abandoned")
		}
		w.Add(r.ID, cmp.Or(projects[r.ProjectID], r.ProjectID), r.StartedAt.In(zone).Format(time.DateTime), state,
			strings.Join(kind, ", "), r.Selected, r.Judged, r.Settled, r.Impact.Changes, i18n.English().Clauses(r.Note))
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
