-- Counts the payins of the runs of one local day by outcome, each once, with its last word that day. Safe: it only reads. The
-- outcomes are all that there are: with them the index hhrecon_finding_outcome tells, and no finding is read; :later are those of the
-- runs that follow another of their project, mostly none.
select f.outcome, count(*) as count
from hhrecon_finding as f
where f.outcome in (:outcomes) and f.run_id in (:runs)
  and not exists (
    select 1
    from hhrecon_finding as l
    where l.project_id = f.project_id and l.payment_id = f.payment_id and l.run_id > f.run_id and l.run_id in (:later)
  )
group by f.outcome
