// Package mail sends reports by email. The workbook is attached, and the body summarises it.
//
// Call Mailer.Deliver to send all due deliveries. Deliver writes each report's workbook once for each language. Deliver
// then sends the workbook to the recipients, one after the other. ParseServer reads the URL of the mail server. Check
// signs in without sending anything.
//
// The states of a delivery:
//
//	waiting ── claimed ──► sending ── the server accepts the message ───────────────► sent
//	   ▲                      │
//	   ├── 4xx or no connection   a retry with backoff; after three days given_up, with an error in the log
//	   ├── no answer after the whole message was sent: it may have arrived. The retry has the same Message-ID, and
//	   │   its text says that it may be a duplicate
//	   └── the process dies       another process retries in the same way
//	                          └── 5xx about the message or its recipient ───────────► given_up, with an error in the log
//
// A delivery is saved as sent only if the server accepted its message. If an earlier message may have arrived, the next
// message says so. The mailer never sends a workbook with totals that differ from the database. Untrusted text is
// escaped in headers and in both bodies.
package mail
