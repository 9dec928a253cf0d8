// Package reconcile decides what became of a merchant's open payins and sees a run through.
//
// Judge is the heart: one pure function from the merchant's own row and HighHelp's answer to a
// Verdict. Engine is the night around it. Call Engine.Run for one pass over one project's open
// payins, and Engine.Resume to go on with a pass that broke off.
//
// A run's states, and what is stored at each step:
//
//	   OpenRun: the open payins are selected once, with all of them counted
//	      │
//	      ▼
//	┌─ running ─────────────────────────────────────────────┐
//	│  ask     every selected payin is asked about and      │   stop signal, wrong keys,
//	│          judged; the verdict is kept in the selection │   lost database
//	│  weigh   harmful corrections against the limits: as   ├──────────────► interrupted
//	│          soon as no answer could pass them any more,  │                    │
//	│          and else once all are there                  │◄───────────────────┘
//	│  settle  batch by batch, one transaction each: the    │   Resume, or the next run
//	│          guarded correction, the finding, and the     │
//	│          payin leaves the selection; beside asking,   │
//	│          where the run was weighed before its end     │
//	└───────────────┬───────────────────────┬───────────────┘
//	                ▼                       ▼
//	            complete                  held (findings are kept, no row was changed)
//
// Nothing is corrected before it is certain that the night as a whole does not harm: either all is judged, or
// HoldLimits.Certain has shown that even the worst of answers to what is left would not hold the run. A held run so
// has written nothing. A decision that was made stands, with one exception: where a run broke off for so long
// that verdicts which wait are taken back (MaxEvidenceAge), it is weighed anew, with what was applied by then counted
// as what it was found to be. What was applied stays applied; the rest waits until it is certain again, and is held if
// it comes to that.
//
// Memory stays flat because the selection is the working memory, and it lives in the
// database. Resuming is exact because a payin is in the selection until its finding is written, and
// the two change places in one transaction.
//
// What the package promises: a final row is never changed by a run; an answer that cannot be trusted
// never changes a row; a correction is written only while the row is as it was read; a payin that was
// selected is in the run's findings. All amounts are whole minor units in int64.
package reconcile
