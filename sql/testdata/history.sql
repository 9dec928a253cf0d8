-- Fills an empty database with the history of %[1]d projects over %[2]d nights. A night has a run of each project with 9
-- payins. HighHelp reports another amount for 3 payins of two nights. A person has decided about them, except about those
-- of the last 10 nights. Each tenth night has a payin for HighHelp's support, and those older than 30 days are settled.
-- The hashes of the audit log are not valid.
insert into hhrecon_run (project_id, state, dry_run, whole, window_from, window_to, rules, started_at, closed_at,
  owner_token, owner_host, owner_pid, owner_process, beat_at, selected, answered, open, decision, origin)
select 'project-' || p, 'complete', false, true, at - interval '30 days', at, '{}', at, at,
       't', 'h', 1, 'p', at, 9, 9, 9, 'applied', 'schedule'
from (select n, date_trunc('day', now()) - (%[2]d - n) * interval '1 day' as at from generate_series(1, %[2]d) as n) as night,
  generate_series(1, %[1]d) as p
order by n, p;

create temporary table night as select id, project_id, started_at, (id - 1) / %[1]d + 1 as n from hhrecon_run;

insert into hhrecon_finding (run_id, seq, project_id, payment_id, outcome, causes, merchant_amount, initial_amount,
  old_amount, amount, currency, status_before, created_at, updated_at, provider_status, request_id, status_after,
  settled_amount_after, correction, harmful, result, reason, version, reason_code, reason_args, checked_at, chain_seq, hash)
select id, seq, project_id, 'payin-' || n || '-' || seq, outcome, '', 1000, 1000, 1000, 1000, 'KGS', 'pending', started_at,
       started_at, case outcome when 'rejected' then 'decline' else 'success' end, 'req', case outcome when 'different_amount' then 'dispute' else 'success' end,
       1000, 'applied', false, 'answered', 'Paid as asked.', 2, 'payin.confirmed', '', started_at, n * 20 + seq, md5(id || '-' || seq)
from (
  select night.*, seq, case when seq = 1 or seq = 2 and n %% 2 = 0 then 'different_amount'
    when seq = 3 and n %% 10 = 0 then 'rejected' else 'confirmed' end as outcome
  from night, generate_series(1, 9) as seq
) as f
order by id, seq;

insert into hhrecon_action (project_id, chain_seq, kind, run_id, seq, payment_id, currency, status_before, status_after,
  result, reason, version, who, note, acted_at, hash)
select f.project_id, f.chain_seq + 10, 'decide', f.run_id, f.seq, f.payment_id, 'KGS', 'dispute', 'success',
       'applied', '', 2, 'Aida', 'n', n.started_at + interval '1 hour', md5('a' || f.run_id || '-' || f.seq)
from hhrecon_finding as f
join night as n on n.id = f.run_id
where f.outcome = 'different_amount' and n.n <= %[2]d - 10;

insert into hhrecon_support (project_id, payment_id, word, state, who, note, marked_at)
select f.project_id, f.payment_id, '', 'settled', 'Aida', 'n', n.started_at
from hhrecon_finding as f
join night as n on n.id = f.run_id
where f.outcome = 'rejected' and n.n <= %[2]d - 30;

insert into hhrecon_chain (project_id, chain_seq, hash)
select project_id, %[2]d * 20 + 20, '' from night group by project_id;

-- The runs of the last night add the findings that wait.
insert into hhrecon_undecided (project_id, run_id, seq)
select f.project_id, f.run_id, f.seq
from hhrecon_finding as f
join night as n on n.id = f.run_id
where f.outcome = 'different_amount' and n.n > %[2]d - 10;
