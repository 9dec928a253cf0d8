-- Saves a batch of verdicts in the selection, in one statement.
-- The statement is safe because the caller holds the lease on the run. A verdict is saved only if it belongs to the
-- payin at its position and the payin has no verdict. Columns that the verdict does not change keep the row's exact
-- value, including null or empty.
update hhrecon_selection as s
set outcome = v.outcome,
    causes = v.causes,
    initial_amount = nullif(v.initial_amount, 0),
    old_amount = nullif(v.old_amount, 0),
    paid_amount = nullif(v.paid_amount, 0),
    provider_status = nullif(v.provider_status, ''),
    provider_sub_status = nullif(v.provider_sub_status, ''),
    request_id = nullif(v.request_id, ''),
    expires_at = cast(nullif(v.expires_at, '') as timestamptz),
    status_after = case when v.changes then v.status_after else s.status end,
    sub_status_after = case when not v.changes or v.sub_status_after = coalesce(s.sub_status, '') then s.sub_status
      else nullif(v.sub_status_after, '') end,
    settled_amount_after = case when not v.changes or v.settled_amount_after = coalesce(s.settled_amount, 0) then s.settled_amount
      else nullif(v.settled_amount_after, 0) end,
    changes = v.changes,
    harmful = v.harmful,
    classes = v.classes,
    result = v.result,
    answer_digest = nullif(v.answer_digest, ''),
    reason = v.reason,
    reason_code = v.reason_code,
    reason_args = v.reason_args,
    checked_at = cast(nullif(v.checked_at, '') as timestamptz),
    facts = nullif(v.facts, '')
from unnest(
  cast(:seq as bigint[]), cast(:payment_id as text[]), cast(:outcome as text[]), cast(:causes as text[]),
  cast(:initial_amount as bigint[]), cast(:old_amount as bigint[]), cast(:paid_amount as bigint[]),
  cast(:provider_status as text[]), cast(:provider_sub_status as text[]), cast(:request_id as text[]),
  cast(:expires_at as text[]), cast(:status_after as text[]), cast(:sub_status_after as text[]),
  cast(:settled_amount_after as bigint[]), cast(:changes as boolean[]), cast(:harmful as boolean[]), cast(:classes as bigint[]),
  cast(:result as text[]), cast(:answer_digest as text[]), cast(:reason as text[]),
  cast(:reason_code as text[]), cast(:reason_args as text[]), cast(:checked_at as text[]),
  cast(:facts as text[])
) as v (
  seq, payment_id, outcome, causes, initial_amount, old_amount, paid_amount, provider_status,
  provider_sub_status, request_id, expires_at, status_after, sub_status_after, settled_amount_after,
  changes, harmful, classes, result, answer_digest, reason, reason_code, reason_args, checked_at, facts
)
where s.run_id = :run_id and s.seq = v.seq and s.payment_id = v.payment_id and s.outcome is null
