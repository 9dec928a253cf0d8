-- Lists runs, newest first. An :id or :before of 0 and an empty :project_id or :state do not limit the result. Runs
-- whose deletion has begun are left out. CloseRun has checked that all payins of a closed run are settled, so the
-- payins of closed runs are not counted again.
-- The statement only reads. Because of "+ 0", held runs are looked up in the small index hhrecon_run_unended.
select r.id, r.project_id, r.state, r.dry_run, r.whole, r.window_from, r.window_to,
       r.rules, r.started_at, r.closed_at, r.owner_token, r.owner_host, r.owner_pid, r.owner_process,
       r.beat_at as heartbeat_at,
       r.selected, r.unresolved, r.answered as impact_answered, r.open as impact_open, r.changes as impact_changes,
       r.harmful as impact_harmful, r.classes, r.decision as correction_mode,
       (select count(distinct h.seq) from hhrecon_costly as h where h.run_id = r.id and h.state = 'held') as held,
       case when r.state = 'held' then (
         select count(*) from (
           select distinct h.run_id, h.seq from hhrecon_costly as h where h.hold_id = r.id and h.state = 'held'
         ) as w
       ) else 0 end as hold_size,
       r.origin as origin_trigger, r.begun_by as origin_by, r.due as origin_occurrence, r.announce as unpublished, r.no_email,
       case when r.state = 'interrupted' then r.broken else r.note end as note,
       case when r.state = 'interrupted' then r.broken_code else r.note_code end as note_code,
       case when r.state = 'interrupted' then r.broken_args else r.note_args end as note_args,
       :clock as read_at, r.tally as counts, r.query_check as queries,
       exists (
         select 1 from hhrecon_run as h where h.project_id = r.project_id and h.state = 'held' and h.id + 0 < r.id
       ) as hold_waits,
       coalesce((select c.chain_seq from hhrecon_chain as c where c.project_id = r.project_id), 0) as head_entries,
       coalesce((select c.hash from hhrecon_chain as c where c.project_id = r.project_id), '') as head_hash,
       case when r.closed_at is not null then r.selected
            else (select count(*) from hhrecon_finding as f where f.run_id = r.id)
       end as settled,
       case when r.closed_at is not null then 0
            else (select count(*) from hhrecon_selection as s where s.run_id = r.id and s.outcome is not null)
       end as waiting
from hhrecon_run as r
where r.thinned_at is null
  and (cast(:id as bigint) = 0 or r.id = :id)
  and (cast(:project_id as text) = '' or r.project_id = :project_id)
  and (cast(:state as text) = '' or r.state = :state)
  and (cast(:before as bigint) = 0 or r.id < :before)
  and (not :no_alerts or r.origin <> 'alert')
order by r.id desc
limit :limit
