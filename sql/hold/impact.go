// Package hold stores which corrections are in a costly class (reconcile.Class), how many corrections of each class
// runs wrote, and which class each run holds. The table hhrecon_costly has one row for each class of each
// correction that was written or held. The column hhrecon_run.classes contains the totals with which a run decides
// whether to hold corrections.
//
// Summarise and Usual return the numbers with which a run decides whether to hold corrections. Batch.Save stores a
// settled batch. The methods of Hold serve a person's release or discard of a hold, which may have corrections of
// several runs.
package hold

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// savedImpact is the JSON in column classes of hhrecon_run.
type savedImpact struct {
	Day         string                                        `json:"day"`
	Trusted     int64                                         `json:"trusted"`
	Classes     [len(reconcile.Classes)]reconcile.ClassImpact `json:"classes"`
	Corrected   int64                                         `json:"corrected,omitempty"`
	Differences int64                                         `json:"differences,omitempty"`
	Factor      int64                                         `json:"factor,omitempty"`
}

// Encode returns a run's impact as JSON for the column classes.
func Encode(w reconcile.ImpactSummary) string {
	text, err := json.Marshal(savedImpact{w.Day, w.Trusted, w.Classes, w.Corrected, w.Differences, w.Factor})
	if err != nil {
		panic(fmt.Sprintf("sql/hold: encode impact: %v", err)) // cannot happen, because the values are numbers and a date
	}
	return string(text)
}

// Decode sets the fields of w that Encode stored in the text. If a run did not decide by class, the text is empty and
// Decode sets no field.
func Decode(text string, w *reconcile.ImpactSummary) error {
	if text == "" {
		return nil
	}
	var kept savedImpact
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return fmt.Errorf("decode column classes of a run: %w", err)
	}
	w.Day, w.Trusted, w.Classes, w.Corrected = kept.Day, kept.Trusted, kept.Classes, kept.Corrected
	w.Differences, w.Factor = kept.Differences, kept.Factor
	return nil
}

// Summarise adds the totals of each class to the impact of a run. If corrected is true, Summarise also adds the
// number of all corrections.
func Summarise(ctx context.Context, d *db.DB, run *reconcile.Run, w *reconcile.ImpactSummary, since time.Time,
	corrected bool) error {
	a := db.Args{"run_id": run.ID, "project_id": run.ProjectID, "whole": run.Whole, "since": db.FormatTime(since)}
	var rows []struct{ Class, Added, Count, High, Low int64 }
	if err := d.List(ctx, d.Conn, &rows, query("summarise_classes").In(d.Dialect), a); err != nil {
		return err
	}
	for _, row := range rows {
		c := w.Class(reconcile.Class(row.Class))
		c.Added, c.Count = c.Added+row.Added, c.Count+row.Count
		c.Sum = max(c.Sum, sumOf(row.High, row.Low)) // the sum of the currency with the largest sum
	}
	var holds []struct{ Class, HoldID int64 }
	if err := d.List(ctx, d.Conn, &holds, query("holds").In(d.Dialect), a); err != nil {
		return err
	}
	for _, h := range holds {
		w.Class(reconcile.Class(h.Class)).Hold = h.HoldID
	}
	if !corrected {
		return nil
	}
	return d.Get(ctx, d.Conn, &w.Corrected, query("count_corrected").In(d.Dialect), a)
}

// sumOf adds up the two parts of a sum: the number of billions and the remainder. If the sum is too large for int64,
// sumOf returns the maximum.
func sumOf(high, low int64) int64 {
	if sum, fits := reconcile.SumOfParts(high, low).Int64(); fits {
		return sum
	}
	return math.MaxInt64
}

// Usual returns the totals of each class on the last n dates before a day. Usual uses the dates on which a run over all
// open payins closed and did not fail.
func Usual(ctx context.Context, d *db.DB, projectID, day string, n int) (usual reconcile.ProjectUsual, err error) {
	var runs []struct {
		Classes  string
		Selected int64
	}
	project := db.Args{"project_id": projectID}
	if err = d.List(ctx, d.Conn, &runs, query("usual_runs").In(d.Dialect), project); err != nil {
		return usual, err
	}
	var days []string
	for i := range runs {
		var w reconcile.ImpactSummary
		if err := Decode(runs[i].Classes, &w); err != nil {
			return usual, err
		}
		if w.Day >= day || w.Failed(runs[i].Selected) || len(days) > 0 && w.Day >= days[len(days)-1] {
			continue
		}
		if days = append(days, w.Day); len(days) > n {
			days = days[:n]
			break
		}
		for c := range usual {
			share := float64(w.Classes[c].Count) / math.Max(1, float64(w.Corrected))
			usual[c].Shares = append(usual[c].Shares, share)
		}
	}
	if len(days) == 0 {
		return usual, nil
	}
	var counts []struct {
		Day          string
		Class, Count int64
	}
	a := db.Args{"project_id": projectID, "first": days[len(days)-1], "last": days[0]}
	if err := d.List(ctx, d.Conn, &counts, query("usual_counts").In(d.Dialect), a); err != nil {
		return usual, err
	}
	byDay := make(map[string]*reconcile.ImpactSummary, len(days))
	for _, one := range days {
		byDay[one] = &reconcile.ImpactSummary{}
	}
	for _, count := range counts {
		if w := byDay[count.Day]; w != nil {
			w.Class(reconcile.Class(count.Class)).Count = count.Count
		}
	}
	since := daysBetween(days[0], day)
	for c := range usual {
		usual[c].Days = since
		for _, one := range days {
			usual[c].Counts = append(usual[c].Counts, byDay[one].Classes[c].Count)
		}
	}
	return usual, nil
}

// daysBetween returns the number of days between two dates, at least 1.
func daysBetween(one, other string) int64 {
	from, err := time.Parse(time.DateOnly, one)
	to, err2 := time.Parse(time.DateOnly, other)
	if err != nil || err2 != nil {
		return 1
	}
	return max(1, int64(to.Sub(from)/(24*time.Hour)))
}
