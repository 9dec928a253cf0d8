// Package sql keeps runs, selections and findings in PostgreSQL or SQLite, and corrects the merchant's rows. It is
// the only package that knows the tables. Package db below it opens connections, runs statements and transactions,
// and translates errors.
//
// Call Open first. Then call Migrate once, or CheckSchema, and CheckQueries. A Store implements the storage interfaces
// of package reconcile. It embeds one store for each subject: runs, reports, findings, actions and pruning. It also
// embeds the stores of the packages in this folder.
//
// A run is opened, a batch is settled and a run is closed in one transaction each. A transaction that writes to a run
// first checks that the run still belongs to the caller. Otherwise it returns reconcile.ErrRunLost and writes nothing.
// At most one run of a project is running. A unique index enforces this limit. PgBouncer in transaction pooling mode
// would lose a session lock, but not the index.
//
// A merchant's row is written only while its status, sub_status, settled_amount, updated_at, amount and currency have
// the values that were read. The rule applies to corrections by runs and by people. Errors are plain text for users,
// without the drivers' types and without passwords.
//
// Findings and actions of a project form one audit log. Each entry has a position, from 1 without gaps. Its hash covers
// the previous entry's hash and all its own columns. Every transaction that adds entries locks the end of the log
// (hhrecon_chain), after the run and before the merchant's rows. Triggers reject changes and deletions of entries. The
// migration 003_finding.sql explains how the owner of the tables can change entries. Verify finds changed entries. It
// cannot detect a log that was rewritten up to the end, unless the hash of an earlier entry was saved elsewhere.
package sql
