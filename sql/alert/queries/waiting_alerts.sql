-- A project's waiting alerts in the order of their arrival. Safe: it only reads, by the index hhrecon_alert_waiting.
select id, project_id, payment_id, status, sub_status, alert_key as key, version, body, sent_timestamp as timestamp, signature, received_at,
       state, coalesce(run_id, 0) as run_id, note, repeats
from hhrecon_alert
where project_id = :project_id and state = 'waiting'
order by id
limit :limit
