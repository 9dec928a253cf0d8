-- The columns of a finding f but HighHelp's answer, nulls as zeroes. Safe: they only read. They are a part of other statements.
f.run_id, f.seq, f.project_id, f.payment_id, f.outcome, f.causes, f.merchant_amount,
       coalesce(f.initial_amount, 0) as initial_amount, coalesce(f.old_amount, 0) as old_amount,
       coalesce(f.amount, 0) as amount, f.currency, f.status_before,
       coalesce(f.sub_status_before, '') as sub_status_before,
       coalesce(f.settled_amount_before, 0) as settled_amount_before, coalesce(f.lifetime, 0) as lifetime,
       f.created_at, f.updated_at, coalesce(f.provider_status, '') as provider_status,
       coalesce(f.provider_sub_status, '') as provider_sub_status, coalesce(f.request_id, '') as request_id,
       f.expires_at, f.status_after, coalesce(f.sub_status_after, '') as sub_status_after,
       coalesce(f.settled_amount_after, 0) as settled_amount_after, f.correction, f.harmful, f.result,
       f.version, f.reason, f.reason_code, f.reason_args, f.checked_at
