// Package reconcile decides what became of a merchant's open payins and sees a run through.
//
// Judge is the heart: one pure function from the merchant's own row and HighHelp's answer to a
// Verdict. Runner is the night around it. Call Runner.Run for one pass over one project's open
// payins, and Runner.Resume to go on with a pass that broke off.
//
// A run's states, and what is stored at each step:
//
//	   OpenRun: the open payins are selected once, with all of them counted
//	      │
//	      ▼
//	┌─ running ─────────────────────────────────────────────┐
//	│  ask     every selected payin is asked about and      │   stop signal, wrong keys,
//	│          judged; the verdict is kept in the selection │   lost database
//	│  weigh   harmful corrections against the limits       ├──────────────► interrupted
//	│  settle  batch by batch, one transaction each: the    │                    │
//	│          guarded correction, the finding, and the     │◄───────────────────┘
//	│          payin leaves the selection                   │   Resume, or the next run
//	└───────────────┬───────────────────────┬───────────────┘
//	                ▼                       ▼
//	            complete                  held (findings are kept, no row was changed)
//
// Everything is judged before anything is corrected, so that a night that would harm is seen as a
// whole. Memory stays flat because the selection is the working memory, and it lives in the
// database. Resuming is exact because a payin is in the selection until its finding is written, and
// the two change places in one transaction.
//
// What the package promises: a final row is never changed by a run; an answer that cannot be trusted
// never changes a row; a correction is written only while the row is as it was read; a payin that was
// selected is in the run's findings. All amounts are whole minor units in int64.
package reconcile
