-- Reserves the next :slots times at which one process may send a project's requests.
-- The statement is safe because the row is locked while next_at moves forward, so no time is reserved twice and no time
-- is in the past. If next_at is farther ahead than any process reserves, the clock was set back. The current time then
-- replaces next_at.
insert into hhrecon_rate as r (project_id, next_at)
values (:project_id, clock_timestamp() + :slots * make_interval(secs => :space))
on conflict (project_id) do update
set next_at = case when r.next_at > clock_timestamp() + make_interval(secs => :farthest) then clock_timestamp()
                   else greatest(r.next_at, clock_timestamp())
              end + :slots * make_interval(secs => :space)
returning next_at - :slots * make_interval(secs => :space) as first_at, clock_timestamp() as read_at
