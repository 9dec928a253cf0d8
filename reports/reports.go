// Package reports makes what leaves for people out of what runs have left: a workbook for those who
// keep the books, CSV for other people's tables, JSON Lines for other people's programs.
//
// Call WriteWorkbook, WriteCSV or WriteJSON with an archive and a scope: one run, or the last word on
// each payin of a period. Save writes a report under a name that nothing has yet.
//
// What the package promises: nothing is delivered that does not tie. The findings are streamed and
// added up on the way, and those sums must be the ones that the database gives by itself, for every
// outcome and currency; the workbook is read back from its file and added up once more. Otherwise there
// is an error and not one byte. Findings are never all in memory.
// Whatever came from outside is shown as text and is never a formula. Equal input gives equal bytes.
package reports

import (
	"cmp"
	"time"

	"hhrecon/reconcile"
)

// Options are what a report needs beside the findings.
type Options struct {
	Zone     *time.Location    // of every time and day that people read; nil is UTC
	Projects map[string]string // project id → name
	Version  string            // of hhrecon
	Now      time.Time         // when the report is made
	// Edition is the number of a correction, whose scope has the differences only; 0 is a report of its own.
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

func (o *Options) Location() *time.Location { return cmp.Or(o.Zone, time.UTC) }

// project is what people call a project: its name, or its id where it has none.
func (o *Options) ProjectName(id string) string { return cmp.Or(o.Projects[id], id) }
