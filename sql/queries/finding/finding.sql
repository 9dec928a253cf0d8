-- Findings as they stand, with the rules of their runs: nulls as zeroes, and a held correction that a person has
-- released as applied; and whether the run counts, being closed and no dry run. Other statements read from it as from a
-- table, and what they ask for reaches the indexes. The run is looked up for each finding: joined, a planner that expects
-- few findings would compare all with all. Safe: it only reads.
select f.run_id, f.seq, f.project_id, f.payment_id, f.outcome, f.causes, f.merchant_amount,
       coalesce(f.initial_amount, 0) as initial_amount, coalesce(f.old_amount, 0) as old_amount,
       coalesce(f.amount, 0) as amount, f.currency, f.status_before,
       coalesce(f.sub_status_before, '') as sub_status_before,
       coalesce(f.settled_amount_before, 0) as settled_amount_before, coalesce(f.lifetime, 0) as lifetime,
       f.created_at, f.updated_at, coalesce(f.provider_status, '') as provider_status,
       coalesce(f.provider_sub_status, '') as provider_sub_status, coalesce(f.request_id, '') as request_id,
       f.expires_at, f.status_after, coalesce(f.sub_status_after, '') as sub_status_after,
       coalesce(f.settled_amount_after, 0) as settled_amount_after,
       case when f.correction = 'held' and 0 < (
           select count(*) from hhrecon_action as a
           where a.run_id = f.run_id and a.seq = f.seq and a.kind = 'release' and a.result = 'applied'
         ) then 'applied' else f.correction end as correction, f.harmful, f.result,
       coalesce(f.answer, '') as answer, f.reason, f.checked_at,
       (select r.rules from hhrecon_run as r where r.id = f.run_id) as rules,
       (select r.closed_at is not null and not r.dry_run from hhrecon_run as r where r.id = f.run_id) as counts
from hhrecon_finding as f
