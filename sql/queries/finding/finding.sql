-- Findings as they stand, with the rules of their runs: a held correction that a person has released is applied; and
-- whether the run counts, being closed and no dry run. Other statements read from it as from a table, and what they ask
-- for reaches the indexes. The run is looked up for each finding: joined, a planner that expects few findings would
-- compare all with all. Safe: it only reads.
select :finding_columns, coalesce((
         select a.answer from hhrecon_finding_answer as a where a.run_id = f.run_id and a.seq = f.seq
       ), '') as answer,
       case when f.correction = 'held' and 0 < (
           select count(*) from hhrecon_action as a
           where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release' and a.result = 'applied'
         ) then 'applied' else f.correction end as correction,
       (select r.rules from hhrecon_run as r where r.id = f.run_id) as rules,
       (select r.closed_at is not null and not r.dry_run from hhrecon_run as r where r.id = f.run_id) as counts
from hhrecon_finding as f
