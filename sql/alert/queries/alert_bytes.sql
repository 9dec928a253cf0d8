-- Returns the total size of the bodies of a project's alerts since a time, in bytes.
-- The statement only reads. The statement lists every state, so PostgreSQL can use the index hhrecon_alert_state.
select coalesce(sum(length(body)), 0)
from hhrecon_alert
where project_id = :project_id and state in ('waiting', 'done', 'no_payin', 'unreadable') and received_at >= :since
