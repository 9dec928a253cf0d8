-- Counts the payins of one local day's runs by outcome. Each payin counts once, with its latest finding of that day.
-- The statement only reads. :outcomes lists all outcomes, so PostgreSQL can read only the index
-- hhrecon_finding_outcome. :later contains the runs that follow another run of the same project on that day. Usually
-- :later is empty.
select f.outcome, count(*) as count
from hhrecon_finding as f
where f.outcome in (:outcomes) and f.run_id in (:runs)
  and not exists (
    select 1
    from hhrecon_finding as l
    where l.project_id = f.project_id and l.payment_id = f.payment_id and l.run_id > f.run_id and l.run_id in (:later)
  )
group by f.outcome
