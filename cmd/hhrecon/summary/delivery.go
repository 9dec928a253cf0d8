package summary

import (
	"fmt"
	"io"
	"time"

	"hhrecon/cmd/hhrecon/console"
	"hhrecon/reconcile"
)

// WriteDeliveries prints a table of deliveries, with times in a zone.
func WriteDeliveries(out io.Writer, deliveries []reconcile.Delivery, zone *time.Location) {
	w := console.NewTable(out, console.Column{Name: "Report", Wrap: true}, console.Column{Name: "To", Wrap: true},
		console.Column{Name: "State", Wrap: true}, console.Column{Name: "Tries", Number: true, Drop: 1},
		console.Column{Name: "When", Drop: 2}, console.Column{Name: "Why", Wrap: true})
	for _, d := range deliveries {
		when := d.NextAt
		if d.State == reconcile.DeliverySent {
			when = d.SentAt
		}
		state := string(d.State)
		if d.Doubtful {
			state += ", perhaps twice"
		}
		shown := ""
		if d.State != reconcile.DeliveryGivenUp {
			shown = when.In(zone).Format(time.DateTime)
		}
		w.Add(reportName(&d.Report, zone), d.Recipient.Address, state, d.Tries, shown, d.Note)
	}
	w.Render()
}

// reportName returns a report's name for the table of deliveries.
func reportName(r *reconcile.Report, zone *time.Location) string {
	name := fmt.Sprintf("run %d", r.Scope.RunID)
	if r.Scope.RunID == 0 {
		from, last := r.Scope.Window.From, r.Scope.Window.To.Add(-time.Nanosecond)
		name = fmt.Sprintf("%s, %s to %s", r.Job, from.In(zone).Format(time.DateOnly), last.In(zone).Format(time.DateOnly))
	}
	if r.Version > 0 {
		name += fmt.Sprintf(", correction %d", r.Version)
	}
	return name
}

// Unsent returns a text about the state of a delivery that was not sent.
func Unsent(d *reconcile.Delivery) string {
	what := fmt.Sprintf("the report of run %d to %s", d.Report.Scope.RunID, d.Recipient.Address)
	if d.Report.Scope.RunID == 0 {
		what = fmt.Sprintf("the report of %q to %s", d.Report.Job, d.Recipient.Address)
	}
	why := ""
	if d.Note != "" {
		why = ": " + d.Note
	}
	switch d.State {
	case reconcile.DeliverySending:
		return what + " is being sent by another process"
	case reconcile.DeliveryGivenUp:
		return what + " will not be sent" + why
	}
	return what + " waits" + why
}
