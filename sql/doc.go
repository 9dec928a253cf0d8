// Package sql keeps runs, selections and findings in PostgreSQL or SQLite, and corrects the merchant's
// rows there. It is the only package that knows the tables. Connections, statements, transactions and errors are those
// of the package db below it.
//
// Open comes first, then Migrate once, or CheckSchema, and CheckQueries. The Store then is a
// reconcile.Store, Archive, ActionStore, AlertStore, ScheduleStore, DeliveryStore and Finder; Sessions are those of the
// page.
//
// What the package promises: a run is opened, a batch is settled, and a run is closed in one transaction
// each. Whatever writes to a run first finds that the run is its caller's, in the same transaction; else it
// comes back with reconcile.ErrRunLost and nothing is written. At most one run of a project is running,
// which a unique index sees to and no lock of a session, so that it holds behind a transaction-pooling
// PgBouncer too. A merchant's row is written only while its status, sub_status, settled_amount, updated_at, amount and
// currency are as they were read, by runs and by people alike. Errors come back in words, without the drivers' types
// and without passwords.
//
// Findings and actions are one audit trail a project: each has its place, from 1 without gaps, and a hash over the
// hash before and all its columns. The trail's end, in hhrecon_chain, is locked in every transaction that adds
// to it, after the run and before the merchant's rows. Triggers refuse to change or delete what is there (the
// migration 003_finding.sql says how their owner does it nevertheless); Verify finds what was changed. It cannot
// know a trail that somebody wrote anew to its end, unless the hash of an earlier entry was kept elsewhere.
package sql
