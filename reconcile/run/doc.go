// Package run implements the engine. The engine executes runs over the open payins of a project.
//
// Call Engine.Run for one run, and Engine.Resume to continue an interrupted run. Engine.Queue opens a run for the
// workers of several processes. Each of these processes has a BatchWorker. AlertProcessor queries the payins of
// HighHelp's alerts.
//
// The states of a run, and what is stored at each step:
//
//	   OpenRun: selects the open payins once, and counts all of them
//	      │
//	      ▼
//	┌─ running ─────────────────────────────────────────────┐
//	│  query   asks HighHelp about each payin, judges the   │   stop signal,
//	│          answer, stores the verdict in the selection  │   lost database
//	│  decide  compares the corrections with the hold       ├──────────────► interrupted
//	│          limits: as soon as no further answer could   │                    │
//	│          exceed them, or else after the last answer   │◄───────────────────┘
//	│  settle  in batches, one transaction each: writes the │   Resume, or the next run
//	│          correction and the finding, and removes the  │
//	│          payin from the selection; concurrent with    │
//	│          query if the decision allows it              │
//	└───────────────┬───────────────────────┬───────────────┘
//	                ▼                       ▼
//	            complete                  held (the held corrections wait for a person)
//
// No correction is written before the decision. At that time all payins are judged, or HoldLimits.CannotExceed has
// shown that no further answer can make the run exceed a hold limit. The decision is final, with one exception. If a
// run was interrupted for longer than MaxEvidenceAge, its unsettled verdicts are dropped and the run decides again. The
// new decision also counts the corrections that the run has already written.
//
// The database stores the selection, so the engine's memory use does not depend on the number of payins. The
// transaction that stores a payin's finding also removes the payin from the selection. A resumed run therefore repeats
// no correction and omits no payin.
//
// The package promises that a correction is written only if the row is unchanged since the run read it. The package
// also promises that each selected payin has a finding once the run is closed.
package run
