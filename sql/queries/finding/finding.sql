-- Returns findings with the rules of their runs. It also returns whether the run is closed and not a dry run. A held
-- correction that a person released has the correction "applied". Other statements read from this statement as from a
-- table, and their conditions use the table's indexes. A subquery looks up the run of each finding. With a join, a
-- planner that expects few findings would choose a slow nested loop.
-- The statement only reads.
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
