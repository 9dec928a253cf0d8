// Package reports writes the findings of runs as reports: workbooks for accountants, CSV for spreadsheets, and JSON
// Lines for programs.
//
// Call WriteCSV, WriteJSON or workbook.Write with an archive and a scope: one run, or the latest finding of each
// payin of a period. Save writes a report under a name that is not taken yet. Packages that write another format use
// NewReport and NewRow.
//
// A report streams its findings and adds them up. For each outcome and currency, the totals must equal the totals that
// the database computes. Otherwise the report is not written and an error is returned. Text from outside is written as
// text, never as a formula. Equal input gives equal bytes.
package reports

import (
	"cmp"
	"time"

	"hhrecon/reconcile"
)

// Options are settings of a report.
type Options struct {
	Zone     *time.Location    // of all times and days in the report; nil means UTC
	Projects map[string]string // project id → name
	Version  string            // of the program hhrecon
	Now      time.Time         // when the report is written
	// ReportVersion is 0 for an original report, and n for its n-th correction. A correction has only the differences.
	// Base is the run whose report a correction corrects; nil if it corrects the report of a period.
	ReportVersion int
	Base          *reconcile.Run
	// Language of the workbook and the CSV: en, ru or ky; "" means en. JSON is the same in all languages.
	Language string
	// Password protects the workbook; "" leaves it unprotected. A protected workbook is held in memory while it is
	// encrypted. Its bytes differ each time.
	Password string
	// KeepIn is the folder in which a workbook is kept, under a marked name, if its totals do not tie; "" keeps none.
	KeepIn string
	// Support gives a workbook the states of the questions to HighHelp's support; nil leaves the states out.
	Support reconcile.SupportStore
	// Verified gives a period's workbook the number of verified successes; nil leaves it out.
	Verified reconcile.CountVerified
}

// Location is the zone of all times in the report: Zone or UTC.
func (o *Options) Location() *time.Location { return cmp.Or(o.Zone, time.UTC) }

// ProjectName is a project's name, or its id if it has none.
func (o *Options) ProjectName(id string) string { return cmp.Or(o.Projects[id], id) }
