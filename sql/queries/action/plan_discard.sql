-- Plans an action on all corrections of a run.
-- The statement only reads.
select cast(0 as bigint) as seq, r.project_id, '' as payment_id, cast(null as bigint) as amount, '' as currency, cast(null as text) as status,
       cast(null as text) as sub_status, cast(null as bigint) as settled_amount,
       cast(null as timestamptz) as updated_at, cast(null as text) as status_after,
       cast(null as text) as sub_status_after, cast(null as bigint) as settled_amount_after,
       cast(null as timestamptz) as updated_at_after, false as changes, cast(null as text) as reason_code,
       cast(null as text) as reason_args
from hhrecon_run as r
where r.id = :run_id
