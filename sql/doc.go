// Package sql keeps runs, selections and findings in PostgreSQL or SQLite, and corrects the merchant's rows. Only
// package sql and the packages in its folder use the tables. Package db opens connections, runs statements and
// transactions, and translates errors.
//
// Call Open first. Then call Migrate once, or CheckSchema, and CheckQueries. A Store implements the storage interfaces
// of package reconcile. A Store embeds one store each for runs, reports, findings, actions and pruning. A Store also
// embeds the stores of the packages in this folder.
//
// A run is opened, a batch is settled and a run is closed in one transaction each. A transaction that writes to a run
// first checks that the run still belongs to the caller. If the run belongs to another process, the transaction returns
// reconcile.ErrRunLost and writes nothing. At most one run of a project is running. A unique index enforces this limit.
// A session-level advisory lock would not work behind PgBouncer in transaction pooling mode.
//
// A merchant's row is written only while its status, sub_status, settled_amount, updated_at, amount and currency have
// the values that were read. This rule applies both to corrections by runs and to people's actions. Errors are plain
// text for users, without the drivers' types and without passwords.
//
// Findings and actions of a project form one audit log. The positions of the entries are 1, 2, 3 and so on, without
// gaps. The hash of an entry is computed from the previous entry's hash and from all columns of the entry. Every
// transaction that adds entries locks the end of the log (hhrecon_chain), after the run and before the merchant's rows.
// Triggers reject changes and deletions of entries. The migration 003_finding.sql explains how the owner of the tables
// can change entries. Verify finds changed entries. If all entries from one position to the end were rewritten, Verify
// detects the change only if the hash of an earlier entry was saved elsewhere.
package sql
