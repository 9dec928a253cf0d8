-- Plans the release of held corrections in a range of a run's findings. Only this hold keeps back these corrections.
-- :asked contains the payins that HighHelp has just answered. :same contains the payins whose new answer is the same as
-- before. Only the corrections of the payins in :same are written.
-- The statement only reads.
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
