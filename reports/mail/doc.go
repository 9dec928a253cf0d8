// Package mail brings reports to people by email: the workbook attached, and what it comes to as a body that can be
// read without it.
//
// Call Mailer.Deliver, which takes what is due from the ledger, builds each report's workbook once, and sends it to
// one recipient after the other. ParseServer reads the mail server's URL, Check signs in there and sends nothing.
//
// A delivery's way, and what a reader sees of it:
//
//	waiting ── claimed ──► sending ── the server took it ───────────────────────────► sent
//	   ▲                      │
//	   ├── 4xx, no connection ┤   after a pause, which grows; for three days, and loudly given up then
//	   ├── no reply after all of the message was handed over: it may have arrived. The next try has the
//	   │   same Message-ID and says so
//	   └── the process died ──┤   found by the next one; it may have arrived too
//	                          └── 5xx about this message or its recipient ─────────► given_up, loudly
//
// What the package promises: nothing is marked sent that the server did not take, and nothing that it may have
// taken is repeated without saying so. A workbook that does not tie is never sent. What came from outside is shown
// as text, in headers as in both bodies.
package mail
