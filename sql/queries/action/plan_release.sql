-- A span of a run's corrections that a hold has, and no other class holds: those that HighHelp gave an answer about just
-- now (:asked), of which only :same, whose answer is the same, are to be written. Safe: it only reads.
select f.seq, f.project_id, f.payment_id, f.merchant_amount as amount, f.currency, f.status_before as status,
       f.sub_status_before as sub_status, f.settled_amount_before as settled_amount, f.updated_at, f.status_after,
       f.sub_status_after, f.settled_amount_after, cast(null as timestamptz) as updated_at_after,
       coalesce(f.seq in (:same), false) as changes, cast(null as text) as reason_code, cast(null as text) as reason_args
from hhrecon_finding as f
where f.run_id = :run_id and f.seq between :first and :last and f.correction = 'held' and f.seq in (:asked)
  and exists (
    select 1 from hhrecon_costly as h
    where h.run_id = f.run_id and h.seq = f.seq and h.state = 'held' and h.hold_id = :hold_id
      and (cast(:class as bigint) = 0 or h.class = :class)
  )
