-- Returns the deliveries that processes are sending, oldest first.
-- The statement only reads.
select id, tries, owner_token, owner_host, owner_pid, owner_process, beat_at, :clock as read_at
from hhrecon_delivery
where state = 'sending'
order by next_at, id
