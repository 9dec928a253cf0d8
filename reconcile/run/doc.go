// Package run is the engine: it executes runs over the open payins of a project.
//
// Call Engine.Run for one run, and Engine.Resume to continue a run that was interrupted. Engine.Queue leaves a run to
// workers, of which each process has a BatchWorker. AlertProcessor queries the payins that HighHelp's alerts are about.
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
// No correction is written before the decision: all payins are judged, or HoldLimits.CannotExceed has shown that no
// further answer can hold the run. A decision stays, with one exception: if a run was interrupted for so long that its
// unsettled verdicts are dropped (MaxEvidenceAge), it is decided again. Corrections that were written count then too.
//
// The selection in the database is the working memory, so the engine's own memory does not grow with the number of
// payins. A payin leaves the selection in the transaction that stores its finding, so a resumed run repeats no
// correction and leaves no payin out.
//
// What the package promises: a correction is written only while the row is as it was read, and each selected payin has
// a finding once the run is closed.
package run
