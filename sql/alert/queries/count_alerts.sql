-- Counts alerts by project and state.
-- The statement only reads, using the index hhrecon_alert_state.
select project_id, state, count(*) as count, min(received_at) as oldest
from hhrecon_alert
group by project_id, state
order by project_id, state
