-- Returns the columns of an action (alias a), with zero values for nulls.
-- The statement only reads. Other statements include this statement.
a.chain_seq as id, a.kind, a.project_id, a.run_id, a.seq, a.payment_id, a.currency,
       coalesce(a.status_before, '') as before_status, coalesce(a.sub_status_before, '') as before_sub_status,
       coalesce(a.settled_amount_before, 0) as before_settled_amount,
       coalesce(a.status_after, '') as after_status, coalesce(a.sub_status_after, '') as after_sub_status,
       coalesce(a.settled_amount_after, 0) as after_settled_amount,
       a.result, a.reason, a.reason_code, a.reason_args, a.who as "by", a.note, a.acted_at as at, a.facts
