// Package merchant loads, checks, proves, times and applies the merchant's own queries. Only these statements know the
// merchant's table of payins. Call New first, then CheckQueries and ProveQueries. OpenQuery and FinalQuery select
// payins. A CorrectionBatch writes corrections into the merchant's rows and reads each one back.
//
// # The merchant's own queries
//
// The default queries use the table payins (see sample/). For another table, put files with the same names into the
// folder HHRECON_SQL_DIR. Each file is optional. A file contains one statement with parameters written :name. It may
// end in a semicolon and contain comments, literals with colons and casts with ::. CheckQueries reports the errors of
// all files at once, with remedies. CheckQueries also runs correct_payins.sql on a real row, to check that rows are not
// changed wrongly. CheckQueries rolls that transaction back.
//
// open_payins.sql selects the open payins of a project that were created in a time window. It must use :project_id,
// :from (inclusive) and :to (exclusive). It may use :open_statuses, the merchant's statuses of open payins, as in:
// status in (:open_statuses).
//
// final_payins.sql selects the final payins that changed at or after :from. It must use :project_id and :from, and may
// use :final_statuses. hhrecon uses this query only if the project's setting recheck is set.
//
// Both queries return these columns in any order. Other columns are ignored:
//
//	project_id, payment_id   text, never null; a payment_id is unique
//	amount                   bigint, never null, in minor units; for a column in major units:
//	                         cast(round(amount * 100) as bigint)
//	currency, status         text, never null; for an enum: cast(status as text), also in comparisons:
//	                         cast(status as text) in (:open_statuses)
//	sub_status               text
//	settled_amount           bigint, in minor units
//	lifetime                 an integer, in seconds; for an interval: cast(extract(epoch from lifetime) as bigint)
//	created_at, updated_at   timestamptz, never null; for a timestamp: created_at at time zone 'UTC';
//	                         in SQLite text as 2006-01-02T15:04:05.000000Z
//
// correct_payins.sql writes a batch of corrections. It must use :run_id, :first and :last, and may use :now. It joins
// hhrecon_selection. The planned rows have run_id = :run_id, a seq between :first and :last, and the value true in the
// column changes. Their columns are the row as it was read (project_id, payment_id, amount, currency, status,
// sub_status, settled_amount, updated_at) and as it should be (status_after, sub_status_after, settled_amount_after).
// If updated_at_after is not null, this value is the new updated_at. An undo sets updated_at_after, because an undo
// restores the old value.
//
// The statement must not write a row that has changed since it was read. It returns payment_id and updated_at of the
// rows that it wrote. If it returns only payment_id, :now is taken as updated_at. Releases, undos and decisions use the
// same statement with a negative :run_id. A trigger of the table may set updated_at. An undo then expects the trigger's
// value in the row, and does not restore the old value. An example for a table orders with major units and an enum:
//
//	update orders as o
//	set state = cast(s.status_after as order_state),
//	    note = s.sub_status_after,
//	    paid = s.settled_amount_after / 100.0,
//	    changed_at = coalesce(s.updated_at_after, :now)
//	from hhrecon_selection as s
//	where s.run_id = :run_id and s.seq between :first and :last and s.changes
//	  and o.shop = s.project_id and o.number = s.payment_id
//	  and cast(o.state as text) = s.status and o.note is not distinct from s.sub_status
//	  and cast(o.paid * 100 as bigint) is not distinct from s.settled_amount
//	  and o.changed_at is not distinct from s.updated_at
//	  and cast(round(o.sum * 100) as bigint) is not distinct from s.amount and o.currency = s.currency
//	returning o.number as payment_id, o.changed_at as updated_at
//
// A table without updated_at returns null, or the row's version (xmin) as a time in 1970. The statement then
// does not write updated_at.
//
// Do not compare changed_at with "=". PostgreSQL could then look up each row in an index on changed_at, which thousands
// of rows may share. Before a person's action, open_payins.sql and final_payins.sql read the row's current values, for
// all times and all known statuses.
package merchant
