-- Reserves the next :slots moments at which a project's requests may leave, for one process. Safe: the row is locked
-- while it is moved on, so no moment is given to two; and none that is past is given at all. A next_at that lies
-- farther ahead than anybody reserves is what a clock that was set back has left, and counts as now.
insert into hhrecon_rate as r (project_id, next_at)
values (:project_id, clock_timestamp() + :slots * make_interval(secs => :space))
on conflict (project_id) do update
set next_at = case when r.next_at > clock_timestamp() + make_interval(secs => :farthest) then clock_timestamp()
                   else greatest(r.next_at, clock_timestamp())
              end + :slots * make_interval(secs => :space)
returning next_at - :slots * make_interval(secs => :space) as first_at, clock_timestamp() as read_at
