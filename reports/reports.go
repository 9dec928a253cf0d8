// Package reports makes what leaves for people out of what runs have left: a workbook for those who
// keep the books, CSV for other people's tables, JSON Lines for other people's programs.
//
// Call WriteCSV, WriteJSON or workbook.Write with an archive and a scope: one run, or the latest finding of each
// payin of a period. Save writes a report under a name that is not taken yet. NewReport and NewRow are for packages
// that write another format.
//
// Findings are streamed and added up on the way. The totals must equal those that the database computes, for each
// outcome and currency; otherwise nothing is written and an error is returned.
// Text from outside is shown as text, never as a formula. Equal input gives equal bytes.
package reports

import (
	"cmp"
	"time"

	"hhrecon/reconcile"
)

// Options are settings of a report.
type Options struct {
	Zone     *time.Location    // of every time and day that people read; nil is UTC
	Projects map[string]string // project id → name
	Version  string            // of hhrecon
	Now      time.Time         // when the report is made
	// Edition is the number of a correction, whose scope has the differences only; 0 if it is not one.
	// Base is the run whose report it is to, which also names its file; nil where that is a period's.
	Edition int
	Base    *reconcile.Run
	// Language is the workbook's and the CSV's: en, ru or ky; "" is en. JSON has none.
	Language string
	// Password opens the workbook; empty: everybody can. A protected workbook is in memory whole while it is
	// encrypted, and no two have the same bytes.
	Password string
	// KeepIn is the folder where a workbook that does not tie is kept, marked; empty keeps none.
	KeepIn string
	// Support has a workbook say how far people are with what HighHelp's support is asked; nil: it does not.
	Support reconcile.SupportStore
	// Verified is for a period's workbook, which says nothing of verified successes if it is nil.
	Verified reconcile.CountVerified
}

// Location is the zone of all times in the report.
func (o *Options) Location() *time.Location { return cmp.Or(o.Zone, time.UTC) }

// ProjectName is a project's name, or its id if it has none.
func (o *Options) ProjectName(id string) string { return cmp.Or(o.Projects[id], id) }
