-- Plans the release of a span of a run's held corrections that only this hold keeps back. :asked are the payins that
-- HighHelp has just answered; of these, :same have the same answer as before and are written. Safe: it only reads.
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
