-- Counts the payins of one local day's runs by outcome, each payin once, with its latest finding of that day. Safe: it
-- only reads. :outcomes lists all outcomes, so that the index hhrecon_finding_outcome is enough. :later are the runs
-- that follow another run of their project on that day; usually there are none.
select f.outcome, count(*) as count
from hhrecon_finding as f
where f.outcome in (:outcomes) and f.run_id in (:runs)
  and not exists (
    select 1
    from hhrecon_finding as l
    where l.project_id = f.project_id and l.payment_id = f.payment_id and l.run_id > f.run_id and l.run_id in (:later)
  )
group by f.outcome
