-- Returns the columns of a finding (alias f) except its correction and HighHelp's answer, with zero values for nulls.
-- The statement only reads. Other statements include this statement.
-- An updated_at in 1970 is the version of the row (xmin), not a time.
f.run_id, f.seq, f.project_id, f.payment_id, f.merchant_amount as amount, f.currency, f.status_before as status,
       coalesce(f.sub_status_before, '') as sub_status, coalesce(f.settled_amount_before, 0) as settled_amount,
       coalesce(f.lifetime, 0) as lifetime, f.created_at,
       case when f.updated_at >= '1971-01-01' then f.updated_at end as updated_at,
       coalesce(f.initial_amount, 0) as initial_amount, coalesce(f.old_amount, 0) as old_amount,
       coalesce(f.amount, 0) as paid_amount, coalesce(f.provider_status, '') as provider_status,
       coalesce(f.provider_sub_status, '') as provider_sub_status, coalesce(f.request_id, '') as request_id,
       f.expires_at, f.outcome, f.causes, f.status_after as after_status,
       coalesce(f.sub_status_after, '') as after_sub_status,
       coalesce(f.settled_amount_after, 0) as after_settled_amount, f.correction <> 'none' as changes, f.harmful,
       f.result, f.version, f.reason, f.reason_code, f.reason_args, f.facts, f.checked_at
