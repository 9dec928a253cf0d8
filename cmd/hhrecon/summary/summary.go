// Package summary prints runs, deliveries and schedules, as a table for people or as a line of JSON.
package summary

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
)

// Run is the summary of one run. Amounts are in minor units.
type Run struct {
	Run         int64       `json:"run"`
	Project     string      `json:"project"`
	ProjectName string      `json:"project_name,omitempty"`
	State       string      `json:"state"`
	Headline    string      `json:"headline"`
	DryRun      bool        `json:"dry_run"`
	Shadow      string      `json:"shadow,omitempty"` // for a shadow run: its result and the number of clean nights
	From        time.Time   `json:"from"`
	To          time.Time   `json:"to"`
	StartedAt   time.Time   `json:"started_at"`
	ClosedAt    *time.Time  `json:"closed_at"`
	Selected    int64       `json:"selected"`
	Judged      int64       `json:"judged"`
	Settled     int64       `json:"settled"`
	Forecast    *Forecast   `json:"forecast,omitempty"` // only for a run in progress
	Answered    int64       `json:"answered"`
	Unresolved  int64       `json:"unresolved"`
	Corrections Corrections `json:"corrections"`
	Outcomes    []Outcome   `json:"outcomes"`
	rows        []totals.Row
	Note        string              `json:"note,omitempty"`
	Shortfall   string              `json:"shortfall,omitempty"`    // why the run is not complete
	QueryFaults []string            `json:"query_faults,omitempty"` // errors in the merchant's queries
	Checklist   []string            `json:"checklist,omitempty"`    // list of things to check; see SetChecklist
	Workbook    string              `json:"workbook,omitempty"`
	AuditHead   string              `json:"audit_head,omitempty"` // N:HASH, for verify --head
	HeldRuns    []int64             `json:"held_runs,omitempty"`  // IDs of the project's held runs
	Verified    *reconcile.Verified `json:"verified,omitempty"`   // successes written on the day before To
}

// Forecast describes the remaining work of a run in progress.
type Forecast struct {
	Payins    int64      `json:"payins"` // number of payins that have no answer yet
	PerSecond float64    `json:"per_second"`
	DoneAt    *time.Time `json:"done_at"` // null if it is unknown

	Text string `json:"-"` // user-facing text
}

// Corrections counts the corrections of a run by their result.
type Corrections struct {
	Applied    int64 `json:"applied"`
	Superseded int64 `json:"superseded"`
	Refused    int64 `json:"refused"` // refused by the merchant's table
	Locked     int64 `json:"locked"`  // locked by another transaction
	Held       int64 `json:"held"`
	DryRun     int64 `json:"dry_run"`
}

// Outcome is the totals of one outcome and currency. Amounts are in minor units.
type Outcome struct {
	Outcome        string        `json:"outcome"`
	Currency       string        `json:"currency"`
	Count          int64         `json:"count"`
	MerchantAmount reconcile.Sum `json:"merchant_amount"`
	Compared       int64         `json:"compared"`
	ComparedAmount reconcile.Sum `json:"compared_merchant_amount"`
	Amount         reconcile.Sum `json:"amount"`
}

// New returns the summary of a run with its control totals and the held runs of its project. Times are in the given
// zone.
func New(run reconcile.Run, all []reconcile.Total, held []reconcile.Run, projectName string, zone *time.Location) *Run {
	text := i18n.English()
	r := &Run{
		Run: run.ID, Project: run.ProjectID, ProjectName: projectName,
		State: string(run.State), Headline: string(run.ResultStatus()), DryRun: run.DryRun,
		From: run.Window.From.In(zone), To: run.Window.To.In(zone), StartedAt: run.StartedAt.In(zone),
		AuditHead: run.Head.String(),
		Selected:  run.Selected, Judged: run.Judged, Settled: run.Settled, Answered: run.Impact.Answered,
		Unresolved: run.Unresolved, Note: text.Clauses(run.Note),
		Shortfall: text.Clauses(run.Shortfall()),
	}
	if !run.ClosedAt.IsZero() {
		closed := run.ClosedAt.In(zone)
		r.ClosedAt = &closed
	}
	r.QueryFaults = reconcile.Map(run.Queries.Faults, func(f reconcile.QueryFault) string {
		return text.Sentence(f.Reason)
	})
	r.HeldRuns = reconcile.Map(held, func(h reconcile.Run) int64 { return h.ID })
	if run.DryRun && !run.Unreported() {
		r.Shadow = reports.DryRunText(text, &run)
	}
	sum := totals.Counts(all)
	r.rows = totals.Rows(all)
	r.Corrections = Corrections{sum.Applied, sum.Superseded, sum.Refused, sum.Locked, sum.Held, sum.DryRun}
	r.Outcomes = reconcile.Map(all, func(t reconcile.Total) Outcome {
		return Outcome{
			Outcome: string(t.Outcome), Currency: t.Currency, Count: t.Count, MerchantAmount: t.Amount,
			Compared: t.Compared, ComparedAmount: t.ComparedAmount, Amount: t.PaidAmount,
		}
	})
	slices.SortFunc(r.Outcomes, func(a, b Outcome) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(rank(a.Outcome), rank(b.Outcome)))
	})
	return r
}

func rank(outcome string) int { return slices.Index(reconcile.Outcomes, reconcile.Outcome(outcome)) }

// Write prints the run as a line of JSON, or as a table for people.
func (r *Run) Write(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	name := r.Project
	if r.ProjectName != "" {
		name = r.ProjectName + " (" + r.Project + ")"
	}
	dry := map[bool]string{true: ", dry run"}[r.DryRun]
	for _, fault := range r.QueryFaults {
		fmt.Fprintf(out, "%s: the proof of the merchant's queries failed: %s\n", console.Paint(out, "ERROR"), fault)
	}
	result := map[bool]string{true: r.State, false: r.Headline}[r.ClosedAt == nil]
	fmt.Fprintf(out, "Run %d, %s: %s%s\n", r.Run, name, console.Paint(out, result), dry)
	if r.From.Year() > 1970 {
		fmt.Fprintf(out, "Payins created from %s to %s\n\n", r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))
	} else {
		fmt.Fprintf(out, "Payins created before %s\n\n", r.To.Format(time.RFC3339))
	}

	r.table(out)
	answered := fmt.Sprintf("%d answered", r.Answered)
	if r.ClosedAt == nil { // the answers are not counted yet
		answered = fmt.Sprintf("%d judged, %d settled", r.Judged, r.Settled)
	}
	fmt.Fprintf(out, "\n%s selected, %s; %s\n", console.Counted(r.Selected, "payin"), answered, r.changes())
	if r.Forecast != nil {
		fmt.Fprintf(out, "Forecast: %s\n", r.Forecast.Text)
	}
	if r.Shortfall != "" {
		fmt.Fprintf(out, "Not complete: %s\n", r.Shortfall)
	}
	if r.Unresolved > 0 {
		fmt.Fprintf(out, "Still open, but older than the project's window: %d (sheet Unresolved of the workbook)\n",
			r.Unresolved)
	}
	if v := r.Verified; v != nil && v.Successes > 0 {
		fmt.Fprintf(out, "Successes in the merchant's table, last 24 hours: %d, %d confirmed by HighHelp, %d never queried\n",
			v.Successes, v.Confirmed, v.NeverAsked)
	}
	if r.Note != "" {
		fmt.Fprintf(out, "Note: %s\n", r.Note)
	}
	if r.Shadow != "" {
		fmt.Fprintln(out, r.Shadow)
	}
	if len(r.Checklist) > 0 {
		fmt.Fprintf(out, "Before the first run that writes, look at three things:\n- %s\n",
			strings.Join(r.Checklist, "\n- "))
	}
	for _, id := range r.HeldRuns {
		fmt.Fprintf(out, "Run %[1]d holds corrections. Run \"hhrecon release %[1]d\" or \"hhrecon discard %[1]d\".\n", id)
	}
	if r.Workbook != "" {
		fmt.Fprintf(out, "Workbook: %s\n", r.Workbook)
	}
	_, err := fmt.Fprintln(out)
	return err
}

// changes describes the corrections of the merchant's rows.
func (r *Run) changes() string {
	c := r.Corrections
	switch {
	case r.ClosedAt == nil:
		return fmt.Sprintf("the run is %s, %s corrected so far", r.State, console.Counted(c.Applied, "row"))
	case r.DryRun && c.DryRun > 0:
		return console.Counted(c.DryRun, "row") + " would be corrected, none was"
	case c.Held > 0 && reconcile.RunState(r.State).HoldEnded():
		return fmt.Sprintf("%s corrected by the run; %s held, and released or discarded by people later",
			console.Counted(c.Applied, "row"), console.Counted(c.Held, "correction"))
	case c.Held > 0:
		return fmt.Sprintf("%s corrected, %s held; the run is %s", console.Counted(c.Applied, "row"),
			console.Counted(c.Held, "correction"), r.State)
	}
	text := console.Counted(c.Applied, "row") + " corrected"
	if c.Applied == 0 {
		text = "no row was changed"
	}
	if r.DryRun {
		text = "no row would be corrected"
	}
	if c.Superseded > 0 {
		text += fmt.Sprintf(", %d skipped because they changed during the run", c.Superseded)
	}
	if c.Refused+c.Locked > 0 {
		text += fmt.Sprintf(", %d REFUSED by the merchant's table, %d LOCKED by another transaction", c.Refused, c.Locked)
	}
	if c == (Corrections{}) && r.Answered > 0 {
		text += ": no answer requires a correction"
	}
	return text
}

// SetChecklist adds a list of the things that a person must check before the first run that writes. These are
// amounts, statuses and holds.
func (r *Run) SetChecklist(run *reconcile.Run, all []reconcile.Total) {
	compared := totals.Counts(all).Compared
	amounts := fmt.Sprintf("amounts: HighHelp has the same amount for %d of %s", compared-run.Impact.Differences,
		console.Counted(compared, "compared payin"))
	statuses, holds := "statuses: each status in the merchant's table is open or final", "holds: nothing would be held"
	var unknown []string
	for word, n := range run.Queries.Unknown {
		unknown = append(unknown, fmt.Sprintf("%q (%s)", word, console.Counted(n, "payin")))
	}
	switch slices.Sort(unknown); {
	case len(unknown) > 0:
		statuses = "statuses: neither open nor final: " + strings.Join(unknown, ", ") +
			"; see status_map, open_statuses and final_statuses"
	case run.Queries.Unknown == nil:
		statuses = "statuses: not counted, because there is no payin_statuses.sql"
	}
	if !run.Note.IsZero() {
		holds = "holds: see the note above"
	}
	r.Checklist = []string{amounts, statuses, holds}
}

// table prints a table of the outcomes of each currency (see totals.Rows).
func (r *Run) table(out io.Writer) {
	currency := console.Column{Name: "Cur."}
	if n := len(r.Outcomes); n > 0 && r.Outcomes[0].Currency == r.Outcomes[n-1].Currency { // sorted by currency
		currency.Drop, currency.Note = 2, " ("+reports.CurrencyName(r.Outcomes[0].Currency)+")"
	}
	t := console.NewTable(out, console.Column{Name: "Outcome"}, currency, console.Column{Name: "Payins", Number: true},
		console.Column{Name: "Merchant", Number: true}, console.Column{Name: "HighHelp", Number: true},
		console.Column{Name: "Difference", Number: true, Drop: 1})
	for _, row := range r.rows {
		label, paid, difference := string(row.Outcome), "", ""
		if row.Compared {
			paid = reconcile.FormatSum(row.HighHelp, row.Currency)
			difference = reconcile.FormatSum(row.Difference(), row.Currency)
		}
		if row.Sum != "" {
			label = strings.ToLower(row.Sum)
			t.Separate()
		}
		t.Add(label, reports.CurrencyName(row.Currency), row.Count, reconcile.FormatSum(row.Merchant, row.Currency), paid,
			difference)
		if row.Sum != "" {
			t.Separate()
		}
	}
	t.Render()
}
