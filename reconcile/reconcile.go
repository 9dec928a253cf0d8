// Package reconcile has the rules by which a merchant's open payins are compared with HighHelp's answers.
//
// Call Judge first: a pure function from the merchant's row, HighHelp's answer and a project's rules to one Verdict.
// NewFinding returns the verdict with its evidence. Project.ChooseMode decides which corrections of a run wait for a
// person. Package run executes a run by these rules; package sql stores what it finds.
//
// What the package promises: the same row, answer and rules give the same verdict at any time. A run never changes a
// final row. An answer that cannot be trusted never changes a row. All amounts are whole minor units in int64.
package reconcile
