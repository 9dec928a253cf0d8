// Package merchant loads, checks, proves, times and applies the merchant's own queries: the only statements that know
// the merchant's table of payins. New comes first, then CheckQueries and ProveQueries. OpenQuery and FinalQuery select
// payins; a CorrectionBatch writes corrections into the merchant's rows and reads each one back.
//
// # The merchant's own queries
//
// The default queries expect the table payins (see sample/). A merchant with other tables puts files of
// the same names into the folder that HHRECON_SQL_DIR names; any of the three may be left out. A file holds
// one statement, with parameters written :name. It may end in a semicolon and have comments, literals
// with colons and casts with two. CheckQueries says, for all files at once, what is wrong and how it is cured;
// and it proves on a real row, in a transaction that is rolled back, that correct_payins.sql leaves alone what it must.
//
// open_payins.sql selects the open payins of one project that were created in a window. It must use
// :project_id, :from (inside) and :to (not inside), and may use :open_statuses, the merchant's words for
// an open payin, as in "status in (:open_statuses)".
//
// final_payins.sql selects the final payins that changed at or after :from; it must use :project_id and
// :from, and may use :final_statuses. It is asked only where a project's recheck is set.
//
// Both return, in any order, these columns; nothing else is looked at:
//
//	project_id, payment_id   text, never null; a payment_id once only
//	amount                   bigint, never null, in minor units: cast(round(amount * 100) as bigint) where the
//	                         table has major ones
//	currency, status         text, never null; an enum is cast(status as text), also to be compared:
//	                         cast(status as text) in (:open_statuses)
//	sub_status               text
//	settled_amount           bigint, in minor units
//	lifetime                 an integer, in seconds: cast(extract(epoch from lifetime) as bigint) of an interval
//	created_at, updated_at   timestamptz, never null: created_at at time zone 'UTC', say;
//	                         in SQLite text as 2006-01-02T15:04:05.000000Z
//
// correct_payins.sql writes one batch of corrections. It must use :run_id, :first and :last, may use :now,
// and joins hhrecon_selection itself: the planned rows are those with run_id = :run_id, seq between :first
// and :last, and changes. They have the row as it was read (project_id, payment_id, amount, currency,
// status, sub_status, settled_amount, updated_at) and as it should be (status_after, sub_status_after,
// settled_amount_after; null stands for none), and in updated_at_after what updated_at should be where it is not
// null: an undo puts the old
// one back. It must leave alone a row that is no longer as it was read. Of the rows that it wrote it returns
// the columns payment_id and updated_at; or payment_id only, and then updated_at is taken to be :now. The same
// statement releases, undoes and decides, with a :run_id below zero. A trigger of the table's that sets updated_at
// itself is fine: an undo then finds the row by what the trigger wrote, and leaves what it writes again. For a
// table orders with major units and an enum:
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
// (With "=", PostgreSQL may look for each row by an index on changed_at, which thousands of rows may share.)
// What a row says now, when a person orders something about it, is read by open_payins.sql and final_payins.sql, over
// all times and under all statuses that are known.
package merchant
