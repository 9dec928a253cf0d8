-- Returns the actions in a range of positions in a project's audit log. The first seven columns identify the entry and
-- its stored answer. The hash is computed from the other columns in this order, which must never change. Entries of
-- version 1 do not have all columns.
-- The statement only reads.
select chain_seq, hash, coalesce(run_id, 0) as run_id, seq, payment_id, acted_at,
       (
         select a.body from hhrecon_answer as a
         where a.project_id = hhrecon_action.project_id and a.digest = answer_digest
       ) as body,
       version, project_id, run_id, seq, payment_id, currency, status_before, sub_status_before,
       settled_amount_before, updated_at_before, status_after, sub_status_after, settled_amount_after,
       kind, result, answer_digest, reason, reason_code, reason_args, facts, key_id, updated_at_after, who, note, acted_at, chain_seq
from hhrecon_action
where project_id = :project_id and chain_seq between :first and :last
order by chain_seq
