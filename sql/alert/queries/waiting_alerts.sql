-- Returns a project's waiting alerts in the order of arrival, without their bodies.
-- The statement only reads, using the index hhrecon_alert_waiting.
select id, project_id, payment_id, status, sub_status, coalesce(amount, 0) as amount, coalesce(old_amount, 0) as old_amount,
       coalesce(initial_amount, 0) as initial_amount, coalesce(text_digest, '') as text_digest, received_at, state,
       coalesce(run_id, 0) as run_id, note
from hhrecon_alert
where project_id = :project_id and state = 'waiting'
order by id
limit :limit
