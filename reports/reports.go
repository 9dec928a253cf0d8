// Package reports writes the findings of runs as reports: workbooks for accountants, CSV for spreadsheets, and JSON
// Lines for programs.
//
// Call WriteCSV, WriteJSON or workbook.Write with an archive and a scope. A scope is one run, or the latest findings
// about the payins of a period. Save writes a report under a name that is not taken yet. Packages that write another
// format use NewReport and NewRow.
//
// A report adds up its findings while it writes them. For each outcome and currency, the totals must equal the totals
// that the database computes. Otherwise the report is not written and an error is returned. Untrusted text is written
// as text and never as a formula. The same input always gives the same bytes.
package reports

import (
	"cmp"
	"time"

	"hhrecon/reconcile"
)

// Options are settings of a report.
type Options struct {
	Zone     *time.Location    // time zone of all times and days in the report; nil means UTC
	Projects map[string]string // names of projects by project ID
	Version  string            // version of the program hhrecon
	Now      time.Time         // the time at which the report is written
	// ReportVersion is 0 for an original report, and n for its n-th corrected version. A corrected report contains only
	// differences. Base is the run of the original report; nil if the original report is about a period.
	ReportVersion int
	Base          *reconcile.Run
	// Language is the language of the workbook and the CSV. It is en, ru or ky; "" means en. JSON is the same in all
	// languages.
	Language string
	// CSV is the form of a CSV.
	CSV CSVFormat
	// Password protects the workbook; "" leaves it unprotected. The encryption needs the whole workbook in memory. The
	// bytes of a protected workbook differ each time.
	Password string
	// KeepIn is the folder for workbooks with wrong totals. The file names of such workbooks end with a warning. If KeepIn
	// is "", such workbooks are not kept.
	KeepIn string
	// Support is the store of the states of questions to HighHelp's support. If it is nil, the workbook omits the states.
	Support reconcile.SupportStore
	// Verified counts the verified successes for the workbook of a period. If it is nil, the workbook omits the number.
	Verified reconcile.CountVerified
}

// Location returns the time zone of all times in the report. It is Zone, or UTC if Zone is nil.
func (o *Options) Location() *time.Location { return cmp.Or(o.Zone, time.UTC) }

// ProjectName returns the name of a project, or its ID if the project has no name.
func (o *Options) ProjectName(id string) string { return cmp.Or(o.Projects[id], id) }
