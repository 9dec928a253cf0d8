-- Returns the findings in a range of positions in a project's audit log. The first seven columns identify the entry and
-- its stored answer, as the view hhrecon_finding_answer returns it. The hash is computed from the other columns in this
-- order, which must never change. Entries of version 1 do not have all columns. The statement only reads.
select chain_seq, hash, run_id, seq, payment_id, checked_at,
       (
         select v.answer from hhrecon_finding_answer as v
         where v.run_id = hhrecon_finding.run_id and v.seq = hhrecon_finding.seq
       ) as body,
       version, run_id, seq, project_id, payment_id, outcome, causes, merchant_amount, initial_amount, old_amount,
       amount, currency, status_before, sub_status_before, settled_amount_before, lifetime, created_at,
       updated_at, provider_status, provider_sub_status, request_id, expires_at, status_after,
       sub_status_after, settled_amount_after, harmful, result, answer, answer_digest, checked_at, reason,
       reason_code, reason_args, facts, key_id, correction, corrected_at, chain_seq
from hhrecon_finding
where project_id = :project_id and chain_seq between :first and :last
order by chain_seq
